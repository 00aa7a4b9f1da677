/* The stores of the store tests; see box.h. */
#include "box.h"

#include "store/store_gdbm.h"
#include "test.h"

#include <dirent.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* In memory where there is such a place: no test here can see whether an fsync has
 * reached a disk, and ten thousand of them would wait for it. kill -9 leaves the same
 * there; IRCD_TEST_DIR names another place. */
static const char *
place(void)
{
    const char *wanted = getenv("IRCD_TEST_DIR");
    if (wanted)
        return wanted;
    return access("/dev/shm", W_OK | X_OK) == 0 ? "/dev/shm" : "/tmp";
}

void
box_init(struct box *b)
{
    memset(b, 0, sizeof *b);
    snprintf(b->dir, sizeof b->dir, "%.40s/ircd-store-XXXXXX", place());
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(b->dir));
    snprintf(b->data, sizeof b->data, "%s/data", b->dir);
    b->retry_ms = 20;
}

static void
delete_all(const char *dir)
{
    DIR *d = opendir(dir);
    struct dirent *e;
    char path[600];
    while (d != NULL && (e = readdir(d)) != NULL) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
        if (unlink(path) < 0)
            delete_all(path);
    }
    if (d != NULL)
        closedir(d);
    rmdir(dir);
}

void
box_clear(struct box *b)
{
    if (b->store != NULL)
        box_close(b);
    delete_all(b->dir);
}

static void
wake(void *ctx)
{
    (void)ctx;
}

static void
note(void *ctx, enum store_note how, const char *text)
{
    struct box *b = ctx;
    size_t at = strlen(b->notes);
    snprintf(b->notes + at, sizeof b->notes - at, "%s\n", text);
    b->notes_bad += how == STORE_LOSS;
    b->warnings += how == STORE_WARNING;
}

static bool
is_fact(const void *key, size_t key_len)
{
    return key_len > 0 && *(const char *)key == 'K';
}

static bool
open_as(struct box *b, bool look)
{
    struct store_gdbm_options o = {.dir = b->data,
                                   .wake = wake,
                                   .note = note,
                                   .is_ban = is_fact,
                                   .look = look,
                                   .ctx = b,
                                   .retry_ms = b->retry_ms};
    b->notes[0] = b->err[0] = b->why[0] = '\0';
    b->notes_bad = b->warnings = b->failures = 0;
    b->last = 0;
    b->store = store_gdbm_open(&o, b->err, sizeof b->err);
    return b->store != NULL;
}

bool
box_open(struct box *b)
{
    return open_as(b, false);
}

bool
box_look(struct box *b)
{
    return open_as(b, true);
}

bool
box_close(struct box *b)
{
    struct store *s = b->store;
    b->store = NULL;
    return store_gdbm_close(s, 3000);
}

static size_t
make_key(int i, char *key)
{
    return (size_t)snprintf(key, 64, "K*!*@host-%d.example.net", i);
}

static size_t
make_value(int i, int v, char *value)
{
    int n = snprintf(value, 64, "%d %d ", i, v);
    int more = (i * 31 + v * 17) % 300;
    memset(value + n, 'a' + (i + v) % 26, (size_t)more);
    return (size_t)(n + more);
}

void
box_put(struct box *b, int i, int v)
{
    char key[64], value[400];
    size_t key_len = make_key(i, key), value_len = make_value(i, v, value);
    b->want[i] = v;
    b->last = store_put(b->store, key, key_len, v ? value : NULL, v ? value_len : 0);
}

static void
nap(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 200000}, NULL);
}

static long
now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* 1: a failure for the last ticket, 0: all saved, -1: neither in time. */
static int
wait_for(struct box *b, int ms, bool for_failure)
{
    long end = now_ms() + ms;
    struct store_news news;
    do {
        while (store_gdbm_news(b->store, &news)) {
            if (news.why == NULL && news.upto == b->last)
                return 0;
            if (news.why == NULL)
                continue;
            b->failures++;
            snprintf(b->why, sizeof b->why, "%s", news.why);
            if (for_failure && news.upto == b->last)
                return 1;
        }
        nap();
    } while (now_ms() < end);
    return -1;
}

bool
box_saved(struct box *b, int ms)
{
    return wait_for(b, ms, false) == 0;
}

bool
box_failed(struct box *b, int ms)
{
    return wait_for(b, ms, true) == 1;
}

static void
read_fact(void *ctx, const void *key, size_t key_len, const void *value,
          size_t value_len)
{
    struct box *b = ctx;
    char text[64], want_key[64], want[400];
    int i = -1, v = -1;
    snprintf(text, sizeof text, "%.*s", (int)value_len, (const char *)value);
    if (sscanf(text, "%d %d ", &i, &v) != 2 || i < 0 || i >= BOX_FACTS || v <= 0) {
        b->got[0] = -1;
        return;
    }
    bool right =
        make_key(i, want_key) == key_len && memcmp(key, want_key, key_len) == 0 &&
        make_value(i, v, want) == value_len && memcmp(value, want, value_len) == 0;
    b->got[i] = right && b->got[i] == 0 ? v : -1;
}

int
box_differences(struct box *b)
{
    int differences = 0;
    b->old = 0;
    memset(b->got, 0, sizeof b->got);
    store_each(b->store, read_fact, b);
    for (int i = 0; i < BOX_FACTS; i++) {
        b->old += b->got[i] > 0 && b->got[i] != b->want[i];
        differences += b->got[i] < 0 ? 1000000 : b->got[i] != b->want[i];
    }
    return differences;
}

const char *
box_path(const struct box *b, const char *name)
{
    static char paths[4][300];
    static int next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", b->data, name);
    return path;
}

char *
box_read_file(const char *path, size_t *n)
{
    FILE *f = fopen(path, "rb");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    fseek(f, 0, SEEK_END);
    *n = (size_t)ftell(f);
    rewind(f);
    char *bytes = malloc(*n + 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
    CU_ASSERT_EQUAL_FATAL(fread(bytes, 1, *n, f), *n);
    fclose(f);
    return bytes;
}

void
box_write_file(const char *path, const void *bytes, size_t n)
{
    unlink(path);
    FILE *f = fopen(path, "wb");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    CU_ASSERT_EQUAL_FATAL(fwrite(bytes, 1, n, f), n);
    fclose(f);
}

int
box_count_files(const struct box *b, const char *part)
{
    int n = 0;
    struct dirent *e;
    DIR *d = opendir(b->data);
    while (d != NULL && (e = readdir(d)) != NULL)
        n += strstr(e->d_name, part) != NULL;
    if (d != NULL)
        closedir(d);
    return n;
}

void
box_fill(struct box *b, int facts)
{
    CU_ASSERT_TRUE_FATAL(box_open(b));
    for (int i = 0; i < facts; i++)
        box_put(b, i, 1 + i % 3);
    CU_ASSERT_TRUE_FATAL(box_saved(b, 5000));
}
