/* Reads the configuration and the files that it names, whole, and checks them before
 * anything is applied, so that a wrong configuration changes nothing. */
#include "config_file.h"

#include "base/mem.h"
#include "base/str.h"
#include "config/source.h"
#include "cure.h"
#include "directory.h"
#include "policy/access.h"
#include "policy/privs.h"
#include "proto/http_answer.h"
#include "proto/name.h"
#include "proto/utf8.h"
#include "store/store_gdbm.h"
#include "text_file.h"

#include <errno.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define MOTD_MAX (64u << 10) /* bytes of a message of the day */

/* The configuration without a file: only this machine can connect, and a user that
 * tries the server out opens several clients. */
static const char built_in[] = "exempt \"127.0.0.0/8\" { from = { \"connections\" } }\n"
                               "exempt \"::1/128\" { from = { \"connections\" } }\n";

const struct config_words config_file_words = {.privileges = privs_names,
                                               .host_mask = access_host_mask,
                                               .channel = name_is_channel,
                                               .embed = http_answer_embed};

/* Makes the path in *slot, which may be empty, relative to the working directory or
 * absolute. */
static bool
resolve_path(const char *config, char **slot, char *err, size_t errlen)
{
    char where[PATH_MAX];
    if (**slot == '\0')
        return true;
    if (!directory_beside(config, *slot, where, sizeof where)) {
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
    if (directory_beside(path, file, where, sizeof where))
        out->motd = text_file_read(where, MOTD_MAX, why, sizeof why);
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

/* `at`: the line of the fault in the joined text; 0: no line. */
static void
tell_fault(config_fault *fault, void *ctx, const struct config_source *source, int at,
           const char *err)
{
    char line[2 * PATH_MAX + 512], place[240];
    struct str s;
    str_init(&s, line, sizeof line);
    str_addf(&s, "%s: %s", config_place(source, at, place, sizeof place), err);
    config_trail(source, at, &s);
    fault(ctx, line);
}

static bool
check_passwords(const struct config *c, config_fault *fault, void *ctx)
{
    static const char what[] =
        "the password is no whole argon2id string; `ircd --hash-password` makes one";
    char line[PATH_MAX];
    bool fine = true;
    for (size_t i = 0; i < c->n_oper; i++) {
        if (c->oper[i].password == NULL || is_usable_hash(c->oper[i].password))
            continue;
        str_format(line, sizeof line, "oper \"%s\": %s", c->oper[i].name, what);
        tell_fault(fault, ctx, &c->source, c->oper[i].line, line);
        fine = false;
    }
    if (c->server.password[0] == '\0' || is_usable_hash(c->server.password))
        return fine;
    str_format(line, sizeof line, "server.password: %s", what);
    tell_fault(fault, ctx, &c->source, c->password_line, line);
    return false;
}

/* The text of the configuration file itself; NULL with the reason. Standard input is read
 * once, and its text is kept: it cannot be read again. */
static char *
read_main_text(const char *path, char *err, size_t errlen)
{
    static char *standard;
    if (path == NULL)
        return xstrdup(built_in);
    if (strcmp(path, CONFIG_FILE_STANDARD) != 0)
        return text_file_read(path, CONFIG_SOURCE_MAX, err, errlen);
    if (standard == NULL)
        standard = text_file_read(NULL, CONFIG_SOURCE_MAX, err, errlen);
    return standard != NULL ? xstrdup(standard) : NULL;
}

/* Reads and joins the text; NULL after at least one call of fault. keep_faulty: NULL only
 * if the configuration itself cannot be read. */
static char *
read_joined(const char *path, config_fault *fault, void *ctx, struct config_file *out,
            struct config_source *source, bool keep_faulty)
{
    char err[PATH_MAX + 256], line[PATH_MAX + 512];
    const char *name = path ? path : "(built-in)";
    if (config_file_is_standard(path))
        name = "(standard input)";
    char *text = read_main_text(path, err, sizeof err);
    if (text == NULL) {
        bool missing = access(name, F_OK) != 0 && errno == ENOENT;
        str_format(line, sizeof line, "%s: %s%s", name, err,
                   missing ? "; `ircd --setup` makes one" : "");
        fault(ctx, line);
        return NULL;
    }
    struct includes in = {.config = path, .found = &out->includes};
    struct config_files files = includes_files(&in);
    files.keep_faulty = keep_faulty;
    char *joined = config_join(name, text, &files, source, fault, ctx);
    mem_free_secret(text);
    return joined;
}

bool
config_file_is_standard(const char *path)
{
    return path != NULL && strcmp(path, CONFIG_FILE_STANDARD) == 0;
}

bool
config_file_load(const char *path, config_fault *fault, void *ctx,
                 struct config_file *out)
{
    char err[PATH_MAX + 256];
    struct config_source source;
    *out = (struct config_file){0};
    out->text = read_joined(path, fault, ctx, out, &source, false);
    if (out->text != NULL)
        out->config =
            config_parse_joined(&source, out->text, &config_file_words, fault, ctx);
    if (out->config == NULL) {
        config_file_clear(out);
        return false;
    }
    bool fine = check_passwords(out->config, fault, ctx);
    char *written = xstrdup(out->config->database.path);
    if (!resolve_paths(path, out->config, err, sizeof err)) {
        tell_fault(fault, ctx, &out->config->source, 0, err);
        fine = false;
    }
    out->left_data = find_left_data(written, out->config->database.path);
    free(written);
    if (!load_motd(path, out, err, sizeof err)) {
        tell_fault(fault, ctx, &out->config->source, out->config->motd_line, err);
        fine = false;
    }
    if (!fine)
        config_file_clear(out);
    return fine;
}

/* Keeps the first fault: the reason if nothing can be read. */
static void
keep_first_fault(void *ctx, const char *text)
{
    struct str *first = ctx;
    if (first->len == 0)
        str_add(first, text);
}

bool
config_file_find_data(const char *path, char *dir, size_t dirlen, bool *faulty,
                      char *err, size_t errlen)
{
    struct config_words words = config_file_words;
    struct config_file loaded = {0};
    struct config_source source;
    struct str first;
    str_init(&first, err, errlen);
    words.keep_faulty = true;
    loaded.text = read_joined(path, keep_first_fault, &first, &loaded, &source, true);
    if (loaded.text != NULL)
        loaded.config =
            config_parse_joined(&source, loaded.text, &words, keep_first_fault, &first);
    *faulty = first.len > 0;
    bool found = loaded.config != NULL &&
                 resolve_path(path, &loaded.config->database.path, err, errlen);
    if (found)
        str_format(dir, dirlen, "%s", loaded.config->database.path);
    config_file_clear(&loaded);
    return found;
}

void
config_file_print_fault(void *ctx, const char *text)
{
    (void)ctx;
    char line[2 * PATH_MAX];
    str_format(line, sizeof line, "%s", text);
    cure_add(line, sizeof line);
    fprintf(stderr, "%s\n", line);
}

void
config_file_clear(struct config_file *loaded)
{
    config_free(loaded->config);
    mem_free_secret(loaded->text); /* it holds hashes of passwords */
    free(loaded->motd);
    free(loaded->motd_file);
    free(loaded->left_data);
    includes_clear(&loaded->includes);
    *loaded = (struct config_file){0};
}
