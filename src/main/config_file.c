/* Reads the configuration and the files that it names, whole, and checks them before
 * anything is applied, so that a wrong configuration changes nothing. It must never
 * take a part of a file for the whole. */
#include "config_file.h"

#include "base/mem.h"
#include "base/str.h"
#include "policy/access.h"
#include "policy/privs.h"
#include "proto/utf8.h"
#include "store/store_gdbm.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define CONFIG_MAX (4u << 20) /* bytes of a configuration */
#define MOTD_MAX (64u << 10)  /* bytes of a message of the day */

/* The configuration without a file: only this machine can connect, and a user that
 * tries the server out opens several clients. */
static const char built_in[] = "exempt \"127.0.0.0/8\" { from = { \"connections\" } }\n"
                               "exempt \"::1/128\" { from = { \"connections\" } }\n";

const struct config_words config_file_words = {.privileges = privs_names,
                                               .host_mask = access_host_mask};

/* Reads to the end of the file. Returns the number of bytes, or -1 with errno; EFBIG:
 * they are more than max. */
static ssize_t
read_all(int fd, char *buffer, size_t max)
{
    size_t n = 0;
    for (;;) {
        ssize_t got = read(fd, buffer + n, max + 1 - n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            return (ssize_t)n;
        n += (size_t)got;
        if (n > max) {
            errno = EFBIG;
            return -1;
        }
    }
}

/* Opens a file that can be read from its beginning to its end; -1 with the reason. A
 * FIFO would block the server until another process writes, and could not be read
 * again. */
static int
open_text_file(const char *path, char *err, size_t errlen)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd >= 0 && fstat(fd, &st) == 0 && !S_ISFIFO(st.st_mode) && !S_ISBLK(st.st_mode))
        return fd;
    str_format(err, errlen, "%s",
               fd < 0 ? strerror(errno) : "it is not a regular file");
    if (fd >= 0)
        close(fd);
    return -1;
}

/* Explains the NUL byte in a text of n bytes: Windows saves UTF-16 as "Unicode". */
static void
explain_nul(const char *text, size_t n, char *err, size_t errlen)
{
    size_t at = strlen(text), line = 1;
    bool marked = n >= 2 && (memcmp(text, "\xff\xfe", 2) == 0 ||
                             memcmp(text, "\xfe\xff", 2) == 0);
    if (marked || at < 2) {
        str_format(err, errlen, "it is UTF-16; save it as UTF-8");
        return;
    }
    for (size_t i = 0; i < at; i++)
        line += text[i] == '\n';
    str_format(err, errlen, "there is a NUL byte in line %zu", line);
}

/* Reads a whole text file, which the caller frees. NULL with the reason. */
static char *
read_text(const char *path, size_t max, char *err, size_t errlen)
{
    int fd = open_text_file(path, err, errlen);
    if (fd < 0)
        return NULL;
    char *text = xmalloc(max + 1);
    ssize_t n = read_all(fd, text, max);
    int error = errno;
    close(fd);
    if (n >= 0 && memchr(text, '\0', (size_t)n) == NULL) {
        text[n] = '\0';
        return xrealloc(text, (size_t)n + 1);
    }
    if (n < 0 && error == EFBIG)
        str_format(err, errlen, "larger than %zu KiB", max / 1024);
    else if (n < 0)
        str_format(err, errlen, "%s", strerror(error));
    else
        explain_nul(text, (size_t)n, err, errlen);
    free(text);
    return NULL;
}

/* The path of `file`, which may be relative to the directory of the configuration file.
 * False if it is too long. */
static bool
path_beside(const char *config, const char *file, char *out, size_t size)
{
    const char *slash = config && *file != '/' ? strrchr(config, '/') : NULL;
    struct str s;
    str_init(&s, out, size);
    if (slash)
        str_addn(&s, config, (size_t)(slash - config) + 1);
    str_add(&s, file);
    return !s.cut;
}

/* Makes the path in *slot, which may be empty, relative to the working directory or
 * absolute. */
static bool
resolve_path(const char *config, char **slot, char *err, size_t errlen)
{
    char where[PATH_MAX];
    if (**slot == '\0')
        return true;
    if (!path_beside(config, *slot, where, sizeof where)) {
        str_format(err, errlen, "the path %s is too long", SHOWN(*slot));
        return false;
    }
    xreplace(slot, where);
    return true;
}

/* The kernel takes fewer bytes for the path of a socket than for other paths. */
static bool
resolve_socket(const char *config, struct config_listen *l, char *err, size_t errlen)
{
    size_t most = sizeof((struct sockaddr_un *)NULL)->sun_path - 1;
    if (l->path == NULL)
        return true;
    if (!resolve_path(config, &l->path, err, errlen))
        return false;
    if (strlen(l->path) <= most)
        return true;
    str_format(
        err, errlen,
        "listen \"%s\": the path of the socket is %zu bytes long, and the kernel "
        "takes %zu; write a shorter one",
        SHOWN(l->text), strlen(l->path), most);
    return false;
}

/* Resolves paths relative to the configuration file: they must not depend on the
 * directory in which the server is started. Without a configuration file they stay
 * relative to that directory. */
static bool
resolve_paths(const char *path, struct config *config, char *err, size_t errlen)
{
    char **const slots[] = {&config->database.path, &config->log.file,
                            &config->log.trace, &config->log.journal};
    for (size_t i = 0; i < sizeof slots / sizeof *slots; i++)
        if (!resolve_path(path, slots[i], err, errlen))
            return false;
    for (size_t i = 0; i < config->n_tls; i++)
        if (!resolve_path(path, &config->tls[i].certificate, err, errlen) ||
            !resolve_path(path, &config->tls[i].key, err, errlen))
            return false;
    for (size_t i = 0; i < config->n_listen; i++)
        if (!resolve_socket(path, &config->listen[i], err, errlen))
            return false;
    return true;
}

/* A warning if the database is in the working directory, where a relative path began up
 * to version 0.3.0: after an upgrade the server would start without its bans.
 * `written`: the path as the configuration file has it. NULL: no database is left
 * there. */
static char *
find_left_data(const char *written, const char *now)
{
    char text[3 * PATH_MAX];
    if (*now == '\0' || strcmp(written, now) == 0 || store_gdbm_exists(now) ||
        !store_gdbm_exists(written))
        return NULL;
    str_format(
        text, sizeof text,
        "database.path: there is no database in %s, but one in %s of the working "
        "directory, where version 0.3.0 looked for it; move that directory, or "
        "write its full path",
        now, written);
    return xstrdup(text);
}

static bool
load_motd(const char *path, struct config_file *out, char *err, size_t errlen)
{
    const char *file = out->config->server.motd;
    char where[PATH_MAX], why[128] = "the path is too long";
    if (file == NULL || *file == '\0')
        return true;
    if (path_beside(path, file, where, sizeof where))
        out->motd = read_text(where, MOTD_MAX, why, sizeof why);
    if (out->motd && !utf8_valid(out->motd, strlen(out->motd))) {
        str_format(err, errlen, "server.motd: %s is not UTF-8", where);
        free(out->motd);
        out->motd = NULL;
        return false;
    }
    if (out->motd == NULL) {
        str_format(err, errlen, "server.motd: cannot read %s: %s", where, why);
        return false;
    }
    out->motd_file = xstrdup(where);
    return true;
}

/* The parser checks the beginning of an argon2id string; libsodium checks the rest. */
static bool
is_usable_hash(const char *hash)
{
    return crypto_pwhash_str_needs_rehash(hash, crypto_pwhash_OPSLIMIT_INTERACTIVE,
                                          crypto_pwhash_MEMLIMIT_INTERACTIVE) != -1;
}

static bool
check_passwords(const struct config *c, const char *name, config_fault *fault,
                void *ctx)
{
    static const char what[] =
        "the password is no whole argon2id string; `ircd --hash-password` makes one";
    char line[PATH_MAX + 512];
    bool fine = true;
    for (size_t i = 0; i < c->n_oper; i++) {
        if (c->oper[i].password == NULL || is_usable_hash(c->oper[i].password))
            continue;
        str_format(line, sizeof line, "%s:%d: oper \"%s\": %s", name, c->oper[i].line,
                   c->oper[i].name, what);
        fault(ctx, line);
        fine = false;
    }
    if (c->server.password[0] == '\0' || is_usable_hash(c->server.password))
        return fine;
    str_format(line, sizeof line, "%s:%d: server.password: %s", name, c->password_line,
               what);
    fault(ctx, line);
    return false;
}

/* `at`: the line of the fault; 0: no line. */
static void
tell_fault(config_fault *fault, void *ctx, const char *path, int at, const char *err)
{
    char line[PATH_MAX + 512], number[16] = "";
    if (at > 0)
        str_format(number, sizeof number, ":%d", at);
    str_format(line, sizeof line, "%s%s: %s", path, number, err);
    fault(ctx, line);
}

bool
config_file_load(const char *path, config_fault *fault, void *ctx,
                 struct config_file *out)
{
    char err[PATH_MAX + 256];
    const char *name = path ? path : "(built-in)";
    *out = (struct config_file){0};
    char *text =
        path ? read_text(path, CONFIG_MAX, err, sizeof err) : xstrdup(built_in);
    if (text == NULL) {
        tell_fault(fault, ctx, name, 0, err);
        return false;
    }
    out->config = config_parse(name, text, &config_file_words, fault, ctx);
    out->text = text;
    if (out->config == NULL) {
        config_file_clear(out);
        return false;
    }
    bool fine = check_passwords(out->config, name, fault, ctx);
    char *written = xstrdup(out->config->database.path);
    if (!resolve_paths(path, out->config, err, sizeof err)) {
        tell_fault(fault, ctx, name, 0, err);
        fine = false;
    }
    out->left_data = find_left_data(written, out->config->database.path);
    free(written);
    if (!load_motd(path, out, err, sizeof err)) {
        tell_fault(fault, ctx, name, out->config->motd_line, err);
        fine = false;
    }
    if (!fine)
        config_file_clear(out);
    return fine;
}

void
config_file_print_fault(void *ctx, const char *text)
{
    (void)ctx;
    fprintf(stderr, "%s\n", text);
}

void
config_file_clear(struct config_file *loaded)
{
    config_free(loaded->config);
    mem_free_secret(loaded->text); /* it holds hashes of passwords */
    free(loaded->motd);
    free(loaded->motd_file);
    free(loaded->left_data);
    *loaded = (struct config_file){0};
}
