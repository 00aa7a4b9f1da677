/* ircd --dump-bans and --load-bans: the bans of a server that does not run, as text.
 *
 * A server without clients is made on the store. The code that loads and sets its bans
 * is that of a server that serves, but only records of bans are read. Standard output
 * gets the bans, or the report of a load; standard error gets the errors. A ban must
 * not be reported as saved before the store has reported it. */
#include "bans_file.h"

#include "args.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "config_file.h"
#include "directory.h"
#include "enact/ban_import.h"
#include "net/loop.h"
#include "policy/class.h"
#include "policy/gateway.h"
#include "policy/host.h"
#include "policy/policy.h"
#include "state/record.h"
#include "state/server.h"
#include "state/subsystem.h"
#include "store/store_gdbm.h"
#include "store_choice.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define NAP_NS 2000000 /* nanoseconds between two looks at the store's news */

/* The subsystems that bans need. Cursors are among them because the removal of a ban
 * moves the cursors that point to it. */
static const struct subsystem *const rows[] = {
    &policy_subsystem, &class_subsystem,  &host_subsystem,
    &ban_subsystem,    &cursor_subsystem, NULL,
};

struct bans_file {
    struct log log;
    struct store_choice choice;
    struct server *srv;
    size_t refused; /* records of bans that cannot be read */
};

static void
print_log_line(void *ctx, const char *line, size_t n)
{
    (void)ctx;
    fwrite(line, 1, n, stderr);
}

/* No loop runs that could be woken: wait_saved looks at the news itself. */
static void
ignore_news(void *ctx)
{
    (void)ctx;
}

static void
take_ban_record(void *ctx, const void *key, size_t key_len, const void *value, size_t n)
{
    struct bans_file *b = ctx;
    struct record_reader in;
    char err[128];
    const struct record_kind *kind = record_open(&in, value, n, err, sizeof err)
                                         ? record_kind_find(ban_records, in.kind)
                                         : NULL;
    if (kind == NULL || !kind->load(b->srv, &in, key, key_len))
        b->refused++;
}

/* Whether there is a database: a misspelt path must not look like a server without
 * bans. */
static bool
has_database(const char *dir)
{
    if (store_gdbm_exists(dir))
        return true;
    fprintf(stderr, "ircd: there is no database in %s (database.path)\n", dir);
    return false;
}

static bool
open_ban_store(struct bans_file *b, const char *path, bool look)
{
    char err[2048] = "";
    if ((look ? store_choice_look : store_choice_open)(
            &b->choice, path, &b->log, ignore_news, NULL, err, sizeof err))
        return true;
    fprintf(stderr, "ircd: %s\n", err);
    if (b->choice.busy)
        fputs("ircd: --dump-bans and --load-bans need a stopped server; while it runs, "
              "use `ircd ctl bans export` and `ircd ctl bans import FILE`\n",
              stderr);
    return false;
}

/* Loads the bans of the database. `must_exist`: the database is only read. Returns 0 or
 * the exit code. */
static int
begin_bans(struct bans_file *b, const struct args *args, bool must_exist)
{
    struct config_file loaded;
    struct hash_key hash_key;
    if (!config_file_load(args->config, config_file_print_fault, NULL, &loaded))
        return 1;
    if (loaded.left_data)
        fprintf(stderr, "ircd: warning: %s\n", loaded.left_data);
    struct config *config = loaded.config;
    loaded.config = NULL; /* server_new or config_free takes it */
    config_file_clear(&loaded);
    const char *path = config->database.path;
    *b = (struct bans_file){
        .log = {.level = LOG_LEVEL_INFO, .wall = loop_wall(), .write = print_log_line}};
    if (*path == '\0')
        fputs("ircd: database.path is empty: no bans are kept on disk\n", stderr);
    char err[256];
    bool own = directory_check_data(path, args->config, err, sizeof err);
    if (!own)
        fprintf(stderr, "ircd: %s\n", err);
    bool ok = *path && own && (!must_exist || has_database(path)) &&
              open_ban_store(b, path, must_exist);
    if (!ok) {
        int code = *path && own ? 2 : 1;
        config_free(config);
        return code;
    }
    randombytes_buf(&hash_key, sizeof hash_key);
    b->srv =
        server_new(config, &b->log, b->choice.store, NULL, &hash_key, 0, b->log.wall);
    b->srv->subsystems = rows;
    subsystems_init(b->srv, NULL);
    for (const struct record_kind *kind = ban_records; kind->letter != 0; kind++)
        b->choice.store->ops->scan(b->choice.store, &kind->letter, 1, take_ban_record,
                                   b);
    /* A dump changes nothing. */
    (must_exist ? ban_drop_stale_records : ban_loaded)(b->srv);
    if (b->refused)
        fprintf(stderr, "ircd: %zu ban%s in the database cannot be read\n", b->refused,
                b->refused == 1 ? "" : "s");
    return 0;
}

/* Closes the store and frees the server. True if all changes are saved. */
static bool
close_bans(struct bans_file *b)
{
    bool saved = store_choice_close(&b->choice);
    subsystems_free(b->srv);
    server_free(b->srv);
    return saved;
}

/* --- out --- */

static int
compare_bans(const void *a, const void *b)
{
    const struct ban *x = *(const struct ban *const *)a;
    const struct ban *y = *(const struct ban *const *)b;
    return x->kind != y->kind ? (int)x->kind - (int)y->kind : strcmp(x->key, y->key);
}

static size_t
count_bans(const struct server *srv)
{
    size_t n = 0;
    for (int k = 0; k < BAN_KINDS; k++)
        n += srv->policy->n_bans[k];
    return n;
}

/* The bans that have not ended, by kind and mask. The caller frees the array. */
static const struct ban **
sorted_bans(const struct server *srv, size_t *n)
{
    const struct ban **bans = xcalloc(count_bans(srv) + 1, sizeof(*bans));
    *n = 0;
    for (int k = 0; k < BAN_KINDS; k++)
        LIST_EACH(&srv->policy->kinds[k], node) {
            const struct ban *ban = LIST_ENTRY(node, struct ban, link);
            if (!ban_is_expired(ban, srv->wall))
                bans[(*n)++] = ban;
        }
    qsort(bans, *n, sizeof(*bans), compare_bans);
    return bans;
}

int
bans_dump(const struct args *args)
{
    struct bans_file b;
    char line[BAN_TEXT_LINE], why[256];
    size_t n;
    int code = begin_bans(&b, args, true);
    if (code != 0)
        return code;
    const struct ban **bans = sorted_bans(b.srv, &n);
    puts(BAN_TEXT_HEAD "\n" BAN_TEXT_FIELDS);
    for (size_t i = 0; i < n; i++) {
        bool forced =
            gateway_needs_force(b.srv, bans[i]->kind, &bans[i]->mask, why, sizeof why);
        ban_text_format(bans[i], forced, line);
        puts(line);
    }
    printf(BAN_TEXT_END "%zu\n", n);
    free(bans);
    code = b.refused || b.choice.damaged ? 2 : 0;
    return close_bans(&b) ? code : 2;
}

/* --- in --- */

/* Reads one line without its LF and keeps at most `size` bytes of it (*whole: all).
 * False at the end of the file. */
static bool
read_ban_line(FILE *from, char *line, size_t size, size_t *len, bool *whole)
{
    int c = getc_unlocked(from);
    *len = 0;
    *whole = true;
    if (c == EOF)
        return false;
    for (; c != EOF && c != '\n'; c = getc_unlocked(from)) {
        if (*len < size)
            line[(*len)++] = (char)c;
        else
            *whole = false;
    }
    return true;
}

/* Why the first line of a file shows that it is not a text of bans; NULL: it may be
 * one. */
static const char *
explain_not_text(const char *line, size_t len)
{
    static const char sqlite[] = "SQLite format 3";
    if (len >= sizeof sqlite - 1 && memcmp(line, sqlite, sizeof sqlite - 1) == 0)
        return "an SQLite database, as of solanum's bandb: \"bantool -e\" writes it as "
               "kline.conf, dline.conf, xline.conf and resv.conf, which can be loaded";
    if (memchr(line, '\0', len))
        return "not a text file; expected what --dump-bans writes, a kline.conf or an "
               "xline.db";
    return NULL;
}

static void
print_line(void *ctx, const char *text)
{
    (void)ctx;
    puts(text);
}

/* Returns 0 or the exit code. */
static int
read_bans(struct ban_import *im, FILE *from)
{
    char line[BAN_IMPORT_LINE + 2];
    size_t len;
    bool whole;
    while (read_ban_line(from, line, sizeof line, &len, &whole)) {
        const char *why = im->line == 0 ? explain_not_text(line, len) : NULL;
        if (why) {
            fprintf(stderr, "ircd: %s: %s\n", im->file, why);
            return 1;
        }
        ban_import_line(im, line, len, whole);
    }
    if (ferror(from)) {
        fprintf(stderr, "ircd: %s: %s; nothing behind line %lu was read\n", im->file,
                strerror(errno), im->line);
        im->refused++;
    }
    ban_import_end(im);
    return 0;
}

/* Waits until the store has reported the last change. False with the reason if it has
 * failed. */
static bool
wait_saved(struct store_choice *choice, store_ticket last, char *why, size_t size)
{
    struct store_news news = {0};
    while (news.upto < last) {
        while (news.upto < last && choice->news(choice->store, &news)) {
            if (news.why == NULL)
                continue;
            str_format(why, size, "%s", news.why);
            return false;
        }
        nanosleep(&(struct timespec){.tv_nsec = NAP_NS}, NULL);
    }
    return true;
}

static int
load_bans_from(struct bans_file *b, struct ban_import *im, FILE *from)
{
    char where[4096], why[200] = "the disk does not answer";
    str_format(where, sizeof where, "%s", b->choice.where);
    int code = read_bans(im, from);
    if (code != 0) {
        close_bans(b);
        return code;
    }
    size_t n = count_bans(b->srv);
    bool waited = wait_saved(&b->choice, im->last, why, sizeof why);
    if (!close_bans(b)) {
        fprintf(stderr,
                "ircd: NOT saved: %s; some or none of the bans may be in %s. Loading "
                "the file again is harmless\n",
                waited ? "the store cannot be closed" : why, where);
        return 2;
    }
    bool all = ban_import_report(im, print_line, NULL);
    printf("saved: %zu ban%s in %s\n", n, n == 1 ? "" : "s", where);
    return all ? 0 : 1;
}

/* Opens a file to load. NULL with errno: also for a directory, which opens but cannot
 * be read. */
static FILE *
open_bans_text(const char *path)
{
    struct stat st;
    FILE *from = fopen(path, "re");
    if (from == NULL || fstat(fileno(from), &st) != 0 || !S_ISDIR(st.st_mode))
        return from;
    fclose(from);
    errno = EISDIR;
    return NULL;
}

int
bans_load(const struct args *args)
{
    struct ban_import *import = xmalloc(sizeof *import); /* too large for the stack */
    struct bans_file b;
    bool standard = strcmp(args->bans_file, "-") == 0;
    FILE *from = standard ? stdin : open_bans_text(args->bans_file);
    int code = 1;
    if (from == NULL) {
        fprintf(stderr, "ircd: cannot read %s: %s\n", args->bans_file, strerror(errno));
        free(import);
        return 1;
    }
    code = begin_bans(&b, args, false);
    if (code == 0) {
        ban_import_init(import, b.srv, standard ? "(standard input)" : args->bans_file);
        import->fault = config_file_print_fault;
        code = load_bans_from(&b, import, from);
    }
    if (!standard)
        fclose(from);
    free(import);
    return code;
}
