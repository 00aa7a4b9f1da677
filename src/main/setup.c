/* ircd --setup: the way from an installed program to a configuration that starts. The
 * password of the operator is random: it is printed once, and only its hash is stored. The
 * configuration is written last, so that one that exists is whole. This file must never
 * overwrite a file, nor leave a part of its work behind after a failure. */
#include "setup.h"

#include "base/attr.h"
#include "base/str.h"
#include "config/config.h"
#include "config_file.h"
#include "net/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ANSWER 256
#define MADE_MAX 6
#define PASSWORD_BYTES 15
#define DEFAULT_USER "ircd"

struct setup {
    const char *directory;
    char name[ANSWER], network[ANSWER], oper[ANSWER], email[ANSWER], user[ANSWER];
    char data[PATH_MAX], log[PATH_MAX]; /* directories; no log: standard error */
    bool root;
    bool system; /* data and log are in /var, because the directory is in /etc */
    uid_t uid;
    gid_t gid;
    /* files and directories, in the order in which they were made */
    char made[MADE_MAX][PATH_MAX];
    size_t n_made;
};

/* One question. */
struct question {
    const char *prompt, *flag;
    const char *given;  /* by the command line; NULL: it was not given */
    const char *preset; /* an empty answer means it; NULL: an answer is needed */
    char *answer;       /* ANSWER bytes */
    /* a configuration that has a fault if the answer cannot be used */
    const char *trial;
};

static int refuse_setup(int code, const char *fmt, ...) ATTR_PRINTF(2, 3);

/* Prints a sentence, and returns the exit code. */
static int
refuse_setup(int code, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    fputs("ircd: ", stderr);
    vfprintf(stderr, fmt, ap);
    fputc('\n', stderr);
    va_end(ap);
    return code;
}

/* Removes what this run has made, the newest first. */
static void
undo_setup(struct setup *s)
{
    while (s->n_made > 0) {
        s->n_made--;
        if (unlink(s->made[s->n_made]) != 0)
            rmdir(s->made[s->n_made]);
    }
}

/* Keeps the reason of the first fault, without its place. */
static void
keep_reason(void *ctx, const char *text)
{
    char *reason = ctx;
    const char *at = strstr(text, ": ");
    if (*reason == '\0')
        str_format(reason, 1024, "%s", at != NULL ? at + 2 : text);
}

/* False after a sentence: the answer cannot be used. */
static bool
check_answer(const struct question *q)
{
    char text[2 * ANSWER], reason[1024] = "";
    const char *bad = strpbrk(q->answer, "\"\\$");
    if (bad != NULL) {
        refuse_setup(1, "--%s: the character %c cannot be used here", q->flag, *bad);
        return false;
    }
    str_format(text, sizeof text, "%.*s%s%s", (int)(strchr(q->trial, '%') - q->trial),
               q->trial, q->answer, strchr(q->trial, '%') + 1);
    struct config *c = config_parse("-", text, &config_file_words, keep_reason, reason);
    config_free(c);
    if (c != NULL)
        return true;
    refuse_setup(1, "--%s: %s", q->flag, reason);
    return false;
}

/* Reads the answer to a question from the terminal; false: the input has ended. */
static bool
read_answer(const struct question *q)
{
    if (q->preset != NULL)
        fprintf(stderr, "%s [%s]: ", q->prompt, q->preset);
    else
        fprintf(stderr, "%s: ", q->prompt);
    if (fgets(q->answer, ANSWER, stdin) == NULL)
        return false;
    q->answer[strcspn(q->answer, "\r\n")] = '\0';
    if (*q->answer == '\0' && q->preset != NULL)
        str_format(q->answer, ANSWER, "%s", q->preset);
    return true;
}

/* Gets one answer: from the command line, the terminal or the preset. */
static bool
get_answer(const struct question *q)
{
    bool terminal = isatty(STDIN_FILENO);
    if (q->given != NULL && strlen(q->given) >= ANSWER) {
        refuse_setup(1, "--%s: longer than %d bytes", q->flag, ANSWER - 1);
        return false;
    }
    if (q->given != NULL || (!terminal && q->preset != NULL)) {
        str_format(q->answer, ANSWER, "%s", q->given != NULL ? q->given : q->preset);
        return check_answer(q);
    }
    if (!terminal) {
        refuse_setup(1, "--setup needs --%s, because there is no terminal to ask",
                     q->flag);
        return false;
    }
    do
        if (!read_answer(q)) {
            refuse_setup(1, "the input has ended before the last question");
            return false;
        }
    while (!check_answer(q));
    return true;
}

/* "irc.example.org" is of the network "example". */
static void
guess_network(const char *name, char out[ANSWER])
{
    const char *end = strrchr(name, '.'), *at = end;
    while (at != NULL && at > name && at[-1] != '.')
        at--;
    str_format(out, ANSWER, "%.*s", (int)(at != NULL ? end - at : 0), at ? at : "");
    if (*out == '\0')
        str_format(out, ANSWER, "Local");
}

static bool
ask_all(struct setup *s, const struct args *args)
{
    char network[ANSWER];
    const struct question first = {
        "Name of the server, as clients see it (irc.example.org)",
        "name",
        args->setup.name,
        NULL,
        s->name,
        "server { name = \"%\" }"};
    if (!get_answer(&first))
        return false;
    guess_network(s->name, network);
    const struct question others[] = {
        {"Name of the network, one word", "network", args->setup.network, network,
         s->network, "server { network = \"%\" }"},
        {"Name of the operator, for /oper", "oper", args->setup.oper, NULL, s->oper,
         "oper \"%\" { certfp = "
         "{ \"3c4d8b1f0a9e7d6c5b4a39281706f5e4d3c2b1a0998877665544332211000fed\" } "
         "hosts = { \"*@*\" } privileges = { \"all\" } }"},
        {"Mail address for banned users (may be empty)", "email", args->setup.email, "",
         s->email, "admin { email = \"%\" }"},
        {"User of the machine that the server becomes", "user", args->setup.user,
         DEFAULT_USER, s->user, "process { user = \"%\" }"},
    };
    size_t n = sizeof others / sizeof *others;
    if (!s->root && args->setup.user != NULL && *args->setup.user != '\0') {
        refuse_setup(1, "--user: only root can give the server another user");
        return false;
    }
    for (size_t i = 0; i < n - !s->root; i++)
        if (!get_answer(&others[i]))
            return false;
    if (strchr(s->oper, '/') == NULL && s->oper[0] != '.')
        return true;
    refuse_setup(1,
                 "--oper: the name becomes the name of a file, so it has no / and does "
                 "not begin with a dot");
    return false;
}

/* Finds the user. The server of a user other than root has that user. */
static bool
find_server_user(struct setup *s)
{
    s->uid = geteuid();
    s->gid = getegid();
    if (!s->root || *s->user == '\0')
        return true;
    const struct passwd *user = getpwnam(s->user);
    if (user == NULL) {
        refuse_setup(1,
                     "the user %s does not exist; make it with: useradd --system "
                     "--home-dir /var/lib/ircd --shell /usr/sbin/nologin %s",
                     s->user, s->user);
        return false;
    }
    s->uid = user->pw_uid;
    s->gid = user->pw_gid;
    return true;
}

static bool
remember_made(struct setup *s, const char *path)
{
    str_format(s->made[s->n_made++], PATH_MAX, "%s", path);
    return true;
}

/* Makes a directory of the user unless it is there; `own`: its owner is the user. */
static bool
make_directory(struct setup *s, const char *path, mode_t mode, bool own)
{
    struct stat st;
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        return true;
    if (mkdir(path, 0700) != 0) {
        refuse_setup(2, "cannot make the directory %s: %s", path, strerror(errno));
        return false;
    }
    remember_made(s, path);
    if (chmod(path, mode) == 0 &&
        (!own || !s->root || chown(path, s->uid, s->gid) == 0))
        return true;
    refuse_setup(2, "cannot give the directory %s to the user: %s", path,
                 strerror(errno));
    return false;
}

/* Writes a new file that the user can read. */
static bool
make_file(struct setup *s, const char *path, const char *text)
{
    size_t n = strlen(text);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        refuse_setup(2, "cannot make %s: %s", path, strerror(errno));
        return false;
    }
    remember_made(s, path);
    bool fine = write(fd, text, n) == (ssize_t)n &&
                (!s->root || fchown(fd, 0, s->gid) == 0) &&
                fchmod(fd, s->root ? 0640 : 0600) == 0 && fsync(fd) == 0;
    int error = errno;
    fine = close(fd) == 0 && fine;
    if (!fine)
        refuse_setup(2, "cannot write %s: %s", path, strerror(error));
    return fine;
}

/* Makes a password that is easy to type, and its hash with LF. */
static bool
make_password(char password[static 64], char hash[static WORKER_HASH + 1])
{
    unsigned char bytes[PASSWORD_BYTES];
    randombytes_buf(bytes, sizeof bytes);
    sodium_bin2base64(password, 64, bytes, sizeof bytes,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_memzero(bytes, sizeof bytes);
    if (!worker_hash(password, hash)) {
        refuse_setup(2, "not enough memory to hash a password");
        return false;
    }
    size_t n = strlen(hash);
    hash[n] = '\n';
    hash[n + 1] = '\0';
    return true;
}

/* The paths of the files. */
struct setup_files {
    char config[PATH_MAX], hash[PATH_MAX], motd[PATH_MAX];
};

/* False after a sentence: a path is too long, or a file is there already. */
static bool
choose_paths(struct setup *s, struct setup_files *f)
{
    const char *at = s->directory;
    if (strlen(at) + ANSWER > PATH_MAX / 2) {
        refuse_setup(1, "the path of the directory is too long");
        return false;
    }
    struct stat st;
    s->system = strncmp(at, "/etc/", 5) == 0;
    str_format(f->config, PATH_MAX, "%s/ircd.conf", at);
    str_format(f->hash, PATH_MAX, "%s/%s.hash", at, s->oper);
    str_format(f->motd, PATH_MAX, "%s/motd.txt", at);
    str_format(s->data, PATH_MAX, "%s%s", s->system ? "" : at,
               s->system ? "/var/lib/ircd" : "/var");
    str_format(s->log, PATH_MAX, "%s%s", s->system ? "" : at,
               s->system ? "/var/log/ircd" : "/log");
    /* In a container the server is not root, and its output is the log. */
    if (s->system && !s->root && stat(s->log, &st) != 0)
        s->log[0] = '\0';
    const char *const files[] = {f->config, f->hash, f->motd};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (lstat(files[i], &st) == 0) {
            refuse_setup(1, "%s is there already, and --setup overwrites nothing",
                         files[i]);
            return false;
        }
    return true;
}

static void
print_fault(void *ctx, const char *text)
{
    (void)ctx;
    fprintf(stderr, "ircd: %s\n", text);
}

/* Writes all files, the configuration last, and reads it as the server will. */
static bool
make_all(struct setup *s, const struct setup_files *f, const char *hash)
{
    struct config_file loaded;
    struct config_minimal values = {.name = s->name,
                                    .network = s->network,
                                    .oper = s->oper,
                                    .email = s->email,
                                    .user = s->user,
                                    .data = s->system ? s->data : "var",
                                    .log = !s->log[0]  ? NULL
                                           : s->system ? "/var/log/ircd/ircd.log"
                                                       : "log/ircd.log"};
    if (!make_directory(s, s->directory, 0755, false) ||
        !make_directory(s, s->data, 0700, true) ||
        (s->log[0] && !make_directory(s, s->log, 0750, true)) ||
        !make_file(s, f->hash, hash) || !make_file(s, f->motd, "Welcome.\n"))
        return false;
    char *text = config_minimal(&values);
    bool fine = make_file(s, f->config, text);
    free(text);
    if (!fine || !config_file_load(f->config, print_fault, NULL, &loaded))
        return false;
    config_file_clear(&loaded);
    return true;
}

static void
print_next(const struct setup *s, const struct setup_files *f, const char *password)
{
    bool manager = s->root && strcmp(f->config, "/etc/ircd/ircd.conf") == 0 &&
                   access("/run/systemd/system", F_OK) == 0;
    printf("Written: %s (the configuration), %s (the hash of the operator's password), "
           "%s (the message of the day).\n",
           f->config, f->hash, f->motd);
    printf("Data: %s. Log: %s%s.\n\n", s->data, s->log[0] ? s->log : "standard error",
           s->log[0] ? "/ircd.log" : "");
    printf("Run next:\n");
    printf("    ircd -c %s -t      # check the configuration on this machine\n",
           f->config);
    if (manager)
        printf("    systemctl enable --now ircd\n");
    else if (!s->log[0])
        printf(
            "    ircd -c %s      # start the server; in a container: start the image\n",
            f->config);
    else
        printf("    ircd -c %s -d      # start the server in the background\n",
               f->config);
    printf("\nThen connect to %s, port 6697, with TLS, and type:\n"
           "    /oper %s %s\n"
           "The password is stored nowhere; note it now.\n",
           s->name, s->oper, password);
}

int
setup_command(const struct args *args)
{
    static struct setup s;
    static struct setup_files f;
    char password[64] = "", hash[WORKER_HASH + 1];
    s = (struct setup){.directory = args->setup.directory, .root = geteuid() == 0};
    if (!ask_all(&s, args) || !find_server_user(&s) || !choose_paths(&s, &f))
        return 1;
    bool fine = make_password(password, hash) && make_all(&s, &f, hash);
    if (fine)
        print_next(&s, &f, password);
    fine = fine && fflush(stdout) == 0;
    sodium_memzero(password, sizeof password);
    if (!fine)
        undo_setup(&s);
    return fine ? 0 : 2;
}
