/* The mirrored pair with damaged bytes: it opens with the facts that can be proven
 * right or tells why not, in bounded time; a whole file beside a damaged one loses
 * nothing; afterwards both are whole. Input: for each file a way, then patches: two
 * bytes of offset, a length, bytes. */
#include "../../src/store/image.h"
#include "../../src/store/look.h"
#include "../../src/store/match.h"
#include "../../src/store/pair.h"
#include "base/mem.h"
#include "base/str.h"
#include "fuzz.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FACTS = 24, FILE_MAX = 1 << 18, PATCH = 16 };
enum way { WAY_WHOLE, WAY_MISSING, WAY_CUT, WAY_RAW, WAY_PATCHED };

static const char *const names[] = {"ircd.a.gdbm", "ircd.b.gdbm"};

/* The files that are damaged: the last save of a store, the one before, the first, and
 * one of another store. */
enum snap { SNAP_LAST, SNAP_BEFORE, SNAP_FIRST, SNAP_STRANGER, SNAPS };

/* A directory and the bytes of good files, once for all inputs. */
static struct {
    char dir[64];
    uint8_t *good[SNAPS][PAIR_FILES];
    size_t len[SNAPS][PAIR_FILES];
} base;

static void
path_of(const char *name, char out[300])
{
    str_format(out, 300, "%s/%s", base.dir, name);
}

static void
write_file(const char *name, const uint8_t *bytes, size_t n)
{
    char path[300];
    path_of(name, path);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    MUST(fd >= 0 && write(fd, bytes, n) == (ssize_t)n);
    close(fd);
}

static void
empty_directory(void)
{
    char path[300];
    DIR *d = opendir(base.dir);
    MUST(d != NULL);
    for (struct dirent *e; (e = readdir(d)) != NULL;) {
        path_of(e->d_name, path);
        if (e->d_name[0] != '.')
            unlink(path);
    }
    closedir(d);
}

static void
leave(void)
{
    empty_directory();
    rmdir(base.dir);
    for (int i = 0; i < SNAPS * PAIR_FILES; i++)
        free(base.good[i / PAIR_FILES][i % PAIR_FILES]);
}

static void
note(void *ctx, enum store_note how, const char *text)
{
    (void)ctx, (void)how;
    MUST(text[0] != '\0');
}

static const struct store_hooks hooks = {.note = note};

static void
fill(struct image *m, unsigned version)
{
    char key[32], value[64];
    for (unsigned i = 0; i < FACTS; i++) {
        str_format(key, sizeof key, "fact %u", i);
        str_format(value, sizeof value, "value %u of version %u", i, version);
        bool gone = version == 2 && i % 5 == 0;
        image_put(m, key, strlen(key), gone ? NULL : value, strlen(value));
    }
}

static void
keep_snap(enum snap snap)
{
    char path[300];
    for (int i = 0; i < PAIR_FILES; i++) {
        path_of(names[i], path);
        FILE *f = fopen(path, "rb");
        uint8_t *bytes = base.good[snap][i] = xmalloc(FILE_MAX);
        size_t n = base.len[snap][i] = f ? fread(bytes, 1, FILE_MAX, f) : 0;
        MUST(n > 0 && n < FILE_MAX);
        fclose(f);
    }
}

/* A new store with n saves, each of which is kept. */
static void
make_store(unsigned saves, const enum snap *snaps)
{
    struct image m;
    struct pair p;
    unsigned long syncs = 0;
    char err[256];
    empty_directory();
    image_init(&m);
    MUST(pair_open(&p, base.dir, &m, &hooks, err, sizeof err));
    for (unsigned version = 1; version <= saves; version++) {
        fill(&m, version);
        MUST(pair_save(&p, &m, &syncs));
        keep_snap(snaps[version - 1]);
    }
    pair_close(&p);
    image_clear(&m);
}

static void
make_base(void)
{
    static const enum snap ours[] = {SNAP_FIRST, SNAP_BEFORE, SNAP_LAST};
    static const enum snap other[] = {SNAP_STRANGER};
    const char *tmp = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    str_format(base.dir, sizeof base.dir, "%s/fuzz-store-XXXXXX", tmp);
    MUST(mkdtemp(base.dir) != NULL);
    signal(SIGXFSZ, SIG_IGN);
    make_store(3, ours);
    make_store(1, other);
    atexit(leave);
}

static void
patch(uint8_t *bytes, size_t len, struct fuzz_input *in)
{
    size_t at = fuzz_byte(in) * 256u;
    at = (at + fuzz_byte(in)) % len;
    unsigned n = 1 + fuzz_byte(in) % PATCH;
    for (unsigned i = 0; i < n && at + i < len; i++)
        bytes[at + i] = (uint8_t)fuzz_byte(in);
}

static void
spoil(int which, enum snap snap, enum way way, unsigned much, struct fuzz_input *in)
{
    size_t len = base.len[snap][which];
    uint8_t *bytes = memcpy(xmalloc(len), base.good[snap][which], len);
    if (way == WAY_CUT)
        len = len * much / 16;
    if (way == WAY_RAW) {
        len = (size_t)(in->end - in->at) < len ? (size_t)(in->end - in->at) : len;
        if (len > 0)
            memcpy(bytes, in->at, len);
    }
    for (unsigned i = 0; way >= WAY_PATCHED && i <= much; i++)
        patch(bytes, len, in);
    if (way != WAY_MISSING)
        write_file(names[which], bytes, len);
    free(bytes);
}

static void
scan_both(struct scan scan[PAIR_FILES])
{
    char path[300];
    for (int i = 0; i < PAIR_FILES; i++) {
        path_of(names[i], path);
        dbfile_scan(path, NULL, NULL, &scan[i]);
        MUST(scan[i].state == SCAN_VALID || scan[i].why[0] != '\0');
    }
}

static void
check_image(const struct image *m)
{
    uint64_t count = 0, sum = 0;
    for (const struct item *it = m->items; it; it = it->hh.next) {
        if (it->value == NULL)
            continue;
        count++;
        sum += it->crc;
        MUST(it->crc == image_crc(it->key, it->key_len, it->value, it->value_len));
    }
    MUST(count == m->count && sum == m->checksum);
}

/* One more change is saved, at the latest when a file that failed has been written
 * anew. Then both files are whole and alike. The exception is a file that passes for
 * valid though its lists of free space are wrong (no checksum covers those): then the
 * other one has everything. */
static void
use(struct pair *p, struct image *m, const bool doubtful[PAIR_FILES])
{
    struct scan scan[PAIR_FILES];
    unsigned long syncs = 0;
    image_put(m, "one more", 8, "fact", 4);
    bool saved = pair_save(p, m, &syncs);
    MUST(saved || (p->why[0] != '\0' && pair_suspect(p)));
    MUST((saved || pair_save(p, m, &syncs) || pair_save(p, m, &syncs)) &&
         !pair_suspect(p) && m->dirty == NULL);
    pair_close(p);
    scan_both(scan);
    for (int i = 0; i < PAIR_FILES; i++)
        MUST(doubtful[i] ||
             (scan[i].state == SCAN_VALID && scan[i].meta.now.count == m->count &&
              scan[i].meta.now.checksum == m->checksum));
}

static int
count_names(void)
{
    int n = 0;
    DIR *d = opendir(base.dir);
    MUST(d != NULL);
    while (readdir(d) != NULL)
        n++;
    closedir(d);
    return n;
}

static bool
is_refused(const struct scan scan[PAIR_FILES])
{
    int chosen;
    enum match match = match_files(scan, &chosen);
    return scan[0].state == SCAN_REFUSED || scan[1].state == SCAN_REFUSED ||
           match == MATCH_STRANGER || match == MATCH_SPLIT;
}

/* The facts that were read are those of the newer valid file. */
static void
check_choice(const struct scan scan[PAIR_FILES], const struct image *m)
{
    bool a = scan[0].state == SCAN_VALID, b = scan[1].state == SCAN_VALID;
    if (!a && !b)
        return;
    const struct scan *best =
        b && (!a || scan[1].meta.now.epoch > scan[0].meta.now.epoch) ? &scan[1] : scan;
    MUST(m->count == best->meta.now.count && m->checksum == best->meta.now.checksum);
}

/* A store that is opened only to read has the same facts, and changes nothing. */
static void
look(const struct scan scan[PAIR_FILES])
{
    struct scan after[PAIR_FILES];
    struct image m;
    struct pair p;
    char err[2000] = "";
    int before = count_names();
    bool none = scan[0].state == SCAN_MISSING && scan[1].state == SCAN_MISSING;
    image_init(&m);
    bool opened = pair_look(&p, base.dir, &m, &hooks, err, sizeof err);
    MUST(opened == !(is_refused(scan) || none) && (opened || err[0] != '\0'));
    if (opened) {
        check_image(&m);
        check_choice(scan, &m);
    }
    image_clear(&m);
    scan_both(after);
    MUST(count_names() == before);
    for (int i = 0; i < PAIR_FILES; i++)
        MUST(after[i].state == scan[i].state && after[i].sum == scan[i].sum);
}

int
fuzz_store(const uint8_t *bytes, size_t n)
{
    struct fuzz_input in = {bytes, bytes + n};
    struct scan scan[PAIR_FILES];
    bool doubtful[PAIR_FILES];
    struct image m;
    struct pair p;
    char err[2000] = "";
    if (base.dir[0] == '\0')
        make_base();
    empty_directory();
    for (int i = 0; i < PAIR_FILES; i++) {
        unsigned how = fuzz_byte(&in);
        enum snap snap = (enum snap)(how / 64 % SNAPS);
        spoil(i, snap, (enum way)(how % 8), how / 8 % 16, &in);
        doubtful[i] = how % 8 != WAY_WHOLE;
    }
    scan_both(scan);
    for (int i = 0; i < PAIR_FILES; i++)
        doubtful[i] &= scan[i].state == SCAN_VALID;
    look(scan);
    image_init(&m);
    if (!pair_open(&p, base.dir, &m, &hooks, err, sizeof err)) {
        MUST(err[0] != '\0' && is_refused(scan));
    } else {
        MUST(!is_refused(scan));
        check_image(&m);
        check_choice(scan, &m);
        use(&p, &m, doubtful);
    }
    image_clear(&m);
    return 0;
}
