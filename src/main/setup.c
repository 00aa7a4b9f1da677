/* ircd --setup: the way from an installed program to a configuration that starts. The
 * password of the operator is random: it is printed once, and only its hash is stored. The
 * configuration is written last, so that one that exists is whole. This file must never
 * overwrite a file, nor leave a part of its work behind after a failure or a signal. */
#include "setup.h"

#include "base/attr.h"
#include "base/str.h"
#include "config/config.h"
#include "config_file.h"
#include "net/worker.h"
#include "questions.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <signal.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MADE_MAX 8
#define PASSWORD_BYTES 15
#define SERVICE_USER "ircd" /* the user of contrib/systemd/ircd.service */

struct setup {
    const char *program; /* as the user called it */
    char directory[PATH_MAX / 2];
    struct answers answers;
    bool root;
    bool system; /* data and log are in /var, because the directory is in /etc */
    bool signed_by_authority; /* a certificate is there */
    uid_t uid;
    gid_t gid;
    char config[PATH_MAX], hash[PATH_MAX], motd[PATH_MAX], parts[PATH_MAX];
    char data[PATH_MAX], log[PATH_MAX]; /* directories; log "": standard error */
    /* files and directories, in the order in which they were made */
    char made[MADE_MAX][PATH_MAX];
    size_t n_made;
    /* after a failure */
    char err[2 * PATH_MAX];
    int code;
};

static bool fail_setup(struct setup *s, int code, const char *fmt, ...)
    ATTR_PRINTF(3, 4);

/* Keeps a sentence and the exit code. Returns false. */
static bool
fail_setup(struct setup *s, int code, const char *fmt, ...)
{
    struct str text;
    va_list ap;
    str_init(&text, s->err, sizeof s->err);
    va_start(ap, fmt);
    str_addv(&text, fmt, ap);
    va_end(ap);
    s->code = code;
    return false;
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

/* A signal takes effect when all or nothing is there, and a write beyond a limit of the
 * size of files is an error code. */
static void
hold_signals(int how)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        sigaddset(&set, signals[i]);
    sigprocmask(how, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
}

static bool
refuse_existing(struct setup *s, const char *path)
{
    struct stat st;
    return lstat(path, &st) != 0 ||
           fail_setup(s, 1,
                      "%s is there already, and --setup overwrites nothing; "
                      "to begin anew, move it away",
                      path);
}

/* The paths that no answer changes. */
static bool
choose_directory(struct setup *s, const char *at)
{
    size_t n = strlen(at);
    while (n > 1 && at[n - 1] == '/')
        n--;
    if (n + 2 * ANSWER >= sizeof s->directory)
        return fail_setup(s, 1, "the path of the directory is too long");
    str_format(s->directory, sizeof s->directory, "%.*s", (int)n, at);
    at = s->directory;
    s->system = strncmp(at, "/etc/", 5) == 0;
    str_format(s->config, PATH_MAX, "%s/ircd.conf", at);
    str_format(s->motd, PATH_MAX, "%s/motd.txt", at);
    str_format(s->parts, PATH_MAX, "%s/conf.d", at);
    str_format(s->data, PATH_MAX, "%s%s", s->system ? "" : at,
               s->system ? "/var/lib/ircd" : "/var");
    str_format(s->log, PATH_MAX, "%s%s", s->system ? "" : at,
               s->system ? "/var/log/ircd" : "/log");
    /* In a container the server is not root, and its output is the log. */
    if (s->system && !s->root && access(s->log, W_OK) != 0)
        s->log[0] = '\0';
    return refuse_existing(s, s->config) && refuse_existing(s, s->motd);
}

/* The paths and the user that the answers give. The server of a user other than root has
 * that user. */
static bool
use_answers(struct setup *s)
{
    const struct answers *a = &s->answers;
    const struct passwd *user = *a->user != '\0' ? getpwnam(a->user) : NULL;
    char pem[PATH_MAX];
    s->uid = user != NULL ? user->pw_uid : geteuid();
    s->gid = user != NULL ? user->pw_gid : getegid();
    str_format(s->hash, PATH_MAX, "%s/%s.hash", s->directory, a->oper);
    str_format(pem, PATH_MAX, "%s/tls/%s/fullchain.pem", s->directory, a->name);
    s->signed_by_authority = access(pem, F_OK) == 0;
    return refuse_existing(s, s->hash);
}

static void
remember_made(struct setup *s, const char *path)
{
    str_format(s->made[s->n_made++], PATH_MAX, "%s", path);
}

/* Gives a new directory its mode and owner. Another user that owns the directory above
 * could put a link in its place, and a link is not followed. */
static bool
give_directory(const struct setup *s, const char *path, mode_t mode, bool own)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool fine =
        fchmod(fd, mode) == 0 && (!own || !s->root || fchown(fd, s->uid, s->gid) == 0);
    int error = errno;
    close(fd);
    errno = error;
    return fine;
}

/* Makes a directory unless it is there; `own`: its owner is the user. */
static bool
make_directory(struct setup *s, const char *path, mode_t mode, bool own)
{
    struct stat st;
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        return true;
    if (mkdir(path, 0700) != 0)
        return fail_setup(s, 2, "cannot make the directory %s: %s", path,
                          strerror(errno));
    remember_made(s, path);
    if (give_directory(s, path, mode, own))
        return true;
    return fail_setup(s, 2, "cannot give the directory %s to the user: %s", path,
                      strerror(errno));
}

/* Writes all bytes; false with errno. */
static bool
write_text(int fd, const char *text)
{
    for (size_t left = strlen(text); left > 0;) {
        ssize_t n = write(fd, text, left);
        if (n <= 0)
            return false;
        text += n;
        left -= (size_t)n;
    }
    return true;
}

/* Writes a new file that the user can read. */
static bool
make_file(struct setup *s, const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return fail_setup(s, 2, "cannot make %s: %s", path, strerror(errno));
    remember_made(s, path);
    bool fine = write_text(fd, text) && (!s->root || fchown(fd, 0, s->gid) == 0) &&
                fchmod(fd, s->root ? 0640 : 0600) == 0 && fsync(fd) == 0;
    int error = errno;
    if (close(fd) != 0 && fine) {
        error = errno;
        fine = false;
    }
    return fine || fail_setup(s, 2, "cannot write %s: %s", path, strerror(error));
}

/* Makes a password that is easy to type, and its hash with LF. */
static bool
make_password(struct setup *s, char password[static 64],
              char hash[static WORKER_HASH + 1])
{
    unsigned char bytes[PASSWORD_BYTES];
    randombytes_buf(bytes, sizeof bytes);
    sodium_bin2base64(password, 64, bytes, sizeof bytes,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_memzero(bytes, sizeof bytes);
    if (!worker_hash(password, hash))
        return fail_setup(s, 2, "not enough memory to hash a password");
    size_t n = strlen(hash);
    hash[n] = '\n';
    hash[n + 1] = '\0';
    return true;
}

static void
keep_load_fault(void *ctx, const char *text)
{
    struct setup *s = ctx;
    if (s->code == 0)
        fail_setup(s, 2, "%s", text);
}

/* Writes the configuration, and reads it as the server will. */
static bool
make_config(struct setup *s)
{
    const struct answers *a = &s->answers;
    const struct config_minimal values = {.name = a->name,
                                          .network = a->network,
                                          .oper = a->oper,
                                          .email = a->email,
                                          .user = a->user,
                                          .certificate = s->signed_by_authority,
                                          .data = s->system ? s->data : "var",
                                          .log = s->log[0] == '\0' ? NULL
                                                 : s->system ? "/var/log/ircd/ircd.log"
                                                             : "log/ircd.log"};
    struct config_file loaded;
    char *text = config_minimal(&values);
    bool fine = make_file(s, s->config, text);
    free(text);
    if (!fine || !config_file_load(s->config, keep_load_fault, s, &loaded))
        return false;
    config_file_clear(&loaded);
    return true;
}

/* Writes all files, the configuration last. */
static bool
make_all(struct setup *s, const char *hash)
{
    return make_directory(s, s->directory, 0755, false) &&
           make_directory(s, s->parts, 0755, false) &&
           make_directory(s, s->data, 0700, true) &&
           (s->log[0] == '\0' || make_directory(s, s->log, 0750, true)) &&
           make_file(s, s->hash, hash) && make_file(s, s->motd, "Welcome.\n") &&
           make_config(s);
}

/* Prints a word so that a shell takes it as one. */
static void
print_word(const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./+,:@%";
    if (word[strspn(word, plain)] == '\0') {
        fputs(word, stdout);
        return;
    }
    putchar('\'');
    for (; *word != '\0'; word++)
        if (*word == '\'')
            fputs("'\\''", stdout);
        else
            putchar(*word);
    putchar('\'');
}

static void
print_command(const struct setup *s, const char *option, const char *what)
{
    fputs("    ", stdout);
    print_word(s->program);
    fputs(" -c ", stdout);
    print_word(s->config);
    printf("%s      # %s\n", option, what);
}

/* True if systemd runs and has the unit, for which the configuration is. */
static bool
has_service(const struct setup *s)
{
    static const char *const units[] = {"/etc/systemd/system/ircd.service",
                                        "/usr/local/lib/systemd/system/ircd.service",
                                        "/usr/lib/systemd/system/ircd.service",
                                        "/lib/systemd/system/ircd.service"};
    bool found = false;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        found = found || access(units[i], F_OK) == 0;
    return found && s->root && strcmp(s->config, "/etc/ircd/ircd.conf") == 0 &&
           strcmp(s->answers.user, SERVICE_USER) == 0 &&
           access("/run/systemd/system", F_OK) == 0;
}

static void
print_next(const struct setup *s, const char *password)
{
    printf("Written:\n"
           "    %s (the configuration)\n"
           "    %s (the hash of the operator's password)\n"
           "    %s (the message of the day; edit it as you like)\n",
           s->config, s->hash, s->motd);
    printf("Data: %s. Log: %s%s.\n\nRun next:\n", s->data,
           s->log[0] ? s->log : "standard error", s->log[0] ? "/ircd.log" : "");
    print_command(s, " -t", "check the configuration on this machine");
    if (has_service(s))
        puts("    systemctl enable ircd && systemctl restart ircd      # start the "
             "server, now and after each boot");
    else if (s->log[0] == '\0')
        print_command(s, "", "start the server; in a container: start the image");
    else
        print_command(s, " -d", "start the server in the background");
    printf("\nThen connect to %s, port 6697, with TLS, and type:\n"
           "    /oper %s %s\n"
           "The password is stored nowhere; note it now.\n",
           s->answers.name, s->answers.oper, password);
    if (!s->signed_by_authority)
        puts("Until there is a certificate of an authority, clients ask whether they "
             "may trust this\nserver, or refuse it: irssi needs -notls_verify or "
             "-tls_pinned_cert.");
}

int
setup_command(const struct args *args)
{
    static struct setup s;
    char password[64] = "", hash[WORKER_HASH + 1];
    s = (struct setup){.root = geteuid() == 0, .program = args->argv[0]};
    bool fine = choose_directory(&s, args->setup.directory);
    if (fine && !questions_ask(args, s.root, &s.answers, s.err, sizeof s.err)) {
        s.code = 1;
        fine = false;
    }
    fine = fine && use_answers(&s) && make_password(&s, password, hash);
    hold_signals(SIG_BLOCK);
    if (fine && make_all(&s, hash)) {
        print_next(&s, password);
        if (fflush(stdout) != 0)
            fail_setup(&s, 2, "cannot print the password: %s", strerror(errno));
    }
    sodium_memzero(password, sizeof password);
    if (s.code != 0) {
        fprintf(stderr, "ircd: %s%s\n", s.err,
                s.n_made > 0 ? "; what was written is removed again" : "");
        undo_setup(&s);
    }
    hold_signals(SIG_UNBLOCK);
    return s.code;
}
