/* The store that the shell passes to the core. It owns the directory with its lock, the
 * image in memory, the pair of files and the thread that writes them.
 *
 * The lock is a file of its own, because the database files are replaced by renaming: a
 * lock on one of them would stay with the old file. It is a lock of flock, because a
 * lock of fcntl does not exclude a second open in the same process, and is lost when
 * any other descriptor of the file is closed.
 *
 * This file must never open a directory that another server uses. */
#define _DEFAULT_SOURCE /* flock */
#include "store/store_gdbm.h"

#include "base/mem.h"
#include "base/str.h"
#include "image.h"
#include "look.h"
#include "pair.h"
#include "writer.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

struct store_gdbm {
    struct store store; /* must be first: gdbm_store_of casts it */
    int lock;           /* descriptor of the lock file; -1: not open */
    char *dir;          /* absolute: the process may change its directory */
    struct image image;
    struct pair pair;
    struct writer *writer; /* NULL: nothing can be written */
};

static struct store_gdbm *
gdbm_store_of(struct store *s)
{
    return (struct store_gdbm *)s;
}

static store_ticket
put_disk(struct store *s, const void *key, size_t key_len, const void *value,
         size_t value_len)
{
    return writer_put(gdbm_store_of(s)->writer, s->grouping > 0, key, key_len, value,
                      value_len);
}

static void
commit_disk(struct store *s)
{
    if (gdbm_store_of(s)->writer)
        writer_commit(gdbm_store_of(s)->writer);
}

/* Needs no lock, because the thread does not change the image before the first put. */
static void
scan_disk(struct store *s, const void *prefix, size_t prefix_len, store_fn *fn,
          void *ctx)
{
    for (struct item *it = gdbm_store_of(s)->image.items; it != NULL; it = it->hh.next)
        if (it->value != NULL &&
            store_has_prefix(it->key, it->key_len, prefix, prefix_len))
            fn(ctx, it->key, it->key_len, it->value, it->value_len);
}

static struct mem_sum
count_disk(struct store *s)
{
    return gdbm_store_of(s)->writer ? writer_held(gdbm_store_of(s)->writer)
                                    : image_held(&gdbm_store_of(s)->image);
}

static const struct store_ops ops = {
    .put = put_disk, .commit = commit_disk, .scan = scan_disk, .count = count_disk};

static void
release_store(struct store_gdbm *g)
{
    if (g->lock >= 0)
        close(g->lock);
    image_clear(&g->image);
    free(g->dir);
    free(g);
}

bool
store_gdbm_make_directory(const char *dir, bool *made, char *err, size_t errlen)
{
    *made = mkdir(dir, 0700) == 0;
    if (!*made && errno != EEXIST) {
        str_format(err, errlen, "cannot make the data directory %s: %s", dir,
                   strerror(errno));
        return false;
    }
    if (*made) {
        char *parent = dbfile_join(dir, "/..");
        dbfile_sync_dir(parent);
        free(parent);
    }
    return true;
}

bool
store_gdbm_exists(const char *dir)
{
    struct pair pair;
    struct stat st;
    bool found = false;
    pair_name(&pair, dir);
    for (int i = 0; i < PAIR_FILES; i++)
        found |= stat(pair.file[i].path, &st) == 0;
    pair_close(&pair);
    return found;
}

/* Makes the directory if `make` is true, and sets g->dir to its absolute path. */
static bool
find_directory(struct store_gdbm *g, const char *dir, bool make, char *err,
               size_t errlen)
{
    bool made;
    if (make && !store_gdbm_make_directory(dir, &made, err, errlen))
        return false;
    g->dir = realpath(dir, NULL);
    if (g->dir == NULL)
        str_format(err, errlen, "cannot use the data directory %s: %s", dir,
                   strerror(errno));
    return g->dir != NULL;
}

/* Locks the directory. False with errno, which is EWOULDBLOCK if another server holds
 * the lock. */
static bool
take_lock(struct store_gdbm *g, int flags)
{
    char *path = dbfile_join(g->dir, "/lock");
    g->lock = open(path, flags | O_CLOEXEC, 0600);
    int error = errno;
    free(path);
    errno = error;
    return g->lock >= 0 && flock(g->lock, LOCK_EX | LOCK_NB) == 0;
}

/* Takes the lock if its file exists and can be opened. A directory without a lock file
 * is a copy that no server has used. */
static bool
take_lock_to_look(struct store_gdbm *g, const struct store_hooks *hooks)
{
    char text[600];
    if (take_lock(g, O_RDONLY))
        return true;
    if (g->lock >= 0 || (errno != EACCES && errno != ENOENT))
        return false;
    if (errno == ENOENT)
        return true;
    str_format(text, sizeof text,
               "cannot open %s/lock (%s): read as it is, without excluding a server",
               g->dir, strerror(errno));
    hooks_tell(hooks, STORE_INFO, text);
    return true;
}

/* Makes sure that no other server uses the directory. */
static bool
lock_directory(struct store_gdbm *g, const struct store_gdbm_options *o,
               const struct store_hooks *hooks, char *err, size_t errlen)
{
    if (o->look ? take_lock_to_look(g, hooks) : take_lock(g, O_RDWR | O_CREAT))
        return true;
    if (o->busy != NULL)
        *o->busy = errno == EWOULDBLOCK;
    if (errno == EWOULDBLOCK)
        str_format(err, errlen, "another server is using the data directory %s",
                   g->dir);
    else
        str_format(err, errlen, "cannot lock the data directory %s: %s", g->dir,
                   strerror(errno));
    return false;
}

/* Sends a note if users other than the owner have access to the directory. */
static void
check_directory_mode(const struct store_gdbm *g, const struct store_hooks *hooks)
{
    char text[600];
    struct stat st;
    if (stat(g->dir, &st) < 0 || (st.st_mode & 077) == 0)
        return;
    str_format(
        text, sizeof text,
        "the data directory %s is open to other users (mode %03o; 0700 is advised)",
        g->dir, (unsigned)st.st_mode & 0777);
    hooks_tell(hooks, STORE_INFO, text);
}

struct store *
store_gdbm_open(const struct store_gdbm_options *o, char *err, size_t errlen)
{
    struct store_gdbm *g = xcalloc(1, sizeof *g);
    struct store_hooks hooks = {.note = o->note, .is_ban = o->is_ban, .ctx = o->ctx};
    *g = (struct store_gdbm){.store = {.ops = &ops, .durable = true}, .lock = -1};
    image_init(&g->image);
    signal(SIGXFSZ, SIG_IGN);
    if (!find_directory(g, o->dir, !o->look, err, errlen) ||
        !lock_directory(g, o, &hooks, err, errlen))
        goto fail;
    check_directory_mode(g, &hooks);
    if (o->look && pair_look(&g->pair, g->dir, &g->image, &hooks, err, errlen))
        return &g->store;
    if (o->look || !pair_open(&g->pair, g->dir, &g->image, &hooks, err, errlen))
        goto fail;
    g->writer = writer_start(&g->image, &g->pair, o->wake, o->ctx, o->retry_ms);
    if (g->writer != NULL)
        return &g->store;
    str_format(err, errlen, "cannot start the store's thread: %s", strerror(errno));
    pair_close(&g->pair);
fail:
    release_store(g);
    return NULL;
}

bool
store_gdbm_news(struct store *s, struct store_news *news)
{
    return gdbm_store_of(s)->writer && writer_news(gdbm_store_of(s)->writer, news);
}

unsigned long
store_gdbm_syncs(struct store *s)
{
    return gdbm_store_of(s)->writer ? writer_syncs(gdbm_store_of(s)->writer) : 0;
}

void
store_gdbm_stats(struct store *s, struct store_stats *out)
{
    *out = (struct store_stats){.saves = {.bounds = histogram_of_saves}};
    if (gdbm_store_of(s)->writer)
        writer_stats(gdbm_store_of(s)->writer, out);
}

bool
store_gdbm_close(struct store *s, unsigned timeout_ms)
{
    bool saved;
    if (s == NULL)
        return true;
    struct store_gdbm *g = gdbm_store_of(s);
    saved = true;
    if (g->writer && !writer_stop(g->writer, timeout_ms, &saved))
        return false;
    pair_close(&g->pair);
    release_store(g);
    return saved;
}
