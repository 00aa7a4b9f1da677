/* Two whole files that were put together by hand, in every combination of stores, saves
 * and versions. Files of one store are completed from the newer one, and an earlier one
 * is kept. Files of different stores, and different contents of one save, are not
 * touched. A store that is opened only to read sees the same and changes nothing. */
#include "base/hash.h"
#include "box.h"
#include "test.h"

#include <dirent.h>
#include <gdbm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CALM = 0, MARK = 1, META_OLD = 32, SAVES = 6 };

static const char *const names[] = {"ircd.a.gdbm", "ircd.b.gdbm"};
static struct box box;

static const char *
snap_path(const char *name)
{
    static char path[2][200];
    static int next;
    char *out = path[next++ % 2];
    snprintf(out, sizeof path[0], "%s/snap-%s", box.dir, name);
    return out;
}

static void
copy_to(const char *from, const char *to)
{
    size_t n;
    char *bytes = box_read_file(from, &n);
    box_write_file(to, bytes, n);
    free(bytes);
}

/* Makes one more save, and keeps its file as `name`. */
static void
save_as(const char *name, int version)
{
    box_put(&box, MARK, version);
    CU_ASSERT_TRUE_FATAL(box_saved(&box, 3000));
    CU_ASSERT_TRUE_FATAL(box_close(&box));
    copy_to(box_path(&box, names[0]), snap_path(name));
    CU_ASSERT_TRUE_FATAL(box_open(&box));
}

static void
remove_all(void)
{
    DIR *d = opendir(box.data);
    for (struct dirent *e; d && (e = readdir(d)) != NULL;)
        if (e->d_name[0] != '.')
            unlink(box_path(&box, e->d_name));
    if (d)
        closedir(d);
}

static void
make_history(const char *letter, int first, int base)
{
    char name[8];
    for (int i = first; i <= SAVES; i++) {
        snprintf(name, sizeof name, "%s%d", letter, i);
        save_as(name, base + i);
    }
    CU_ASSERT_TRUE_FATAL(box_close(&box));
}

/* The file in the form of version 0.3.0: a meta record without identity and parent. */
static void
make_old(const char *from, const char *to)
{
    copy_to(snap_path(from), snap_path(to));
    GDBM_FILE db = gdbm_open(snap_path(to), 0, GDBM_WRITER, 0, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(db);
    char letter = 'm';
    datum key = {&letter, 1}, entry = gdbm_fetch(db, key);
    unsigned char *e = (unsigned char *)entry.dptr, edge[] = {1, 0, 0, 0};
    CU_ASSERT_TRUE_FATAL(e && entry.dsize > 5 + META_OLD);
    e[5] = 2;
    uint32_t crc = hash_crc32(hash_crc32(0, edge, 4), "m", 1);
    crc = hash_crc32(crc, e + 5, META_OLD);
    for (int i = 0; i < 4; i++)
        e[1 + i] = (unsigned char)(crc >> 8 * i);
    entry.dsize = 5 + META_OLD;
    CU_ASSERT_EQUAL_FATAL(gdbm_store(db, key, entry, GDBM_REPLACE), 0);
    gdbm_close(db);
    free(entry.dptr);
}

/* Damages the value of fact CALM, and nothing else. */
static void
make_damaged(const char *from, const char *to)
{
    static const char key[] = "K*!*@host-0.example.net";
    size_t n, len = sizeof key - 1;
    char *bytes = box_read_file(snap_path(from), &n);
    bool found = false;
    for (size_t i = 0; i + len + 30 < n; i++)
        if (memcmp(bytes + i, key, len) == 0 && bytes[i + len] == 2) {
            bytes[i + len + 20] ^= 1;
            found = true;
        }
    CU_ASSERT_TRUE(found);
    box_write_file(snap_path(to), bytes, n);
    free(bytes);
}

/* x1 to x6: saves of one store. d4 to d6: of the same store, when x3 had been put back.
 * y1 to y6: of another store. o…: as version 0.3.0 had them. t…: damaged. */
static void
prepare(void)
{
    box_init(&box);
    CU_ASSERT_TRUE_FATAL(box_open(&box));
    box_put(&box, CALM, 5);
    CU_ASSERT_TRUE_FATAL(box_saved(&box, 3000));
    make_history("x", 1, 0);
    for (int i = 0; i < 2; i++)
        copy_to(snap_path("x3"), box_path(&box, names[i]));
    CU_ASSERT_TRUE_FATAL(box_open(&box));
    EQUAL_TEXT(box.notes, "");
    make_history("d", 4, 20);
    remove_all();
    CU_ASSERT_TRUE_FATAL(box_open(&box));
    box_put(&box, CALM, 5);
    CU_ASSERT_TRUE_FATAL(box_saved(&box, 3000));
    make_history("y", 1, 40);
    make_old("x3", "ox3");
    make_old("x4", "ox4");
    make_old("x6", "ox6");
    make_old("d4", "od4");
    make_old("y3", "oy3");
    make_damaged("x4", "tx4");
    make_damaged("x6", "tx6");
    make_damaged("y4", "ty4");
}

enum outcome { QUIET, BEHIND, UNUSABLE, OLDER, STRANGER, SPLIT };

static const char *const outcome_says[] = {
    [QUIET] = "",
    [BEHIND] = "was behind",
    [UNUSABLE] = "could not be used",
    [OLDER] = "may not belong to the save before that of",
    [STRANGER] = "are not files of one store; nothing was changed",
    [SPLIT] = "hold different contents of the same save; nothing was changed"};

/* Each is tried with the files exchanged, too. `holds`: the version of fact MARK. */
static const struct {
    const char *one, *other; /* NULL: missing */
    enum outcome outcome;
    int holds;
} cases[] = {
    {"x4", "x4", QUIET, 4},
    {"x4", "x3", BEHIND, 4},
    {"x4", NULL, UNUSABLE, 4},
    {"x6", "x4", OLDER, 6},
    {"x6", "x1", OLDER, 6},
    /* Another history of the same store. */
    {"x3", "d4", BEHIND, 24},
    {"x4", "d4", SPLIT, 0},
    {"x4", "d5", SPLIT, 0},
    {"x6", "d4", OLDER, 6},
    /* Another store. */
    {"x4", "y4", STRANGER, 0},
    {"x4", "y3", STRANGER, 0},
    {"x1", "y6", STRANGER, 0},
    /* Both from before the upgrade. */
    {"ox4", "ox4", QUIET, 4},
    {"ox4", "ox3", OLDER, 4},
    {"ox4", "oy3", OLDER, 4},
    {"ox4", NULL, UNUSABLE, 4},
    {"ox6", "ox4", OLDER, 6},
    {"ox4", "od4", SPLIT, 0},
    /* One of them: the first save after the upgrade, or a backup from before it. */
    {"x4", "ox4", QUIET, 4},
    {"x4", "ox3", BEHIND, 4},
    {"x4", "od4", SPLIT, 0},
    {"d5", "ox4", SPLIT, 0},
    {"x6", "ox4", STRANGER, 0},
    {"ox6", "x4", STRANGER, 0},
    {"ox6", "y3", STRANGER, 0},
    /* One of them damaged. */
    {"x4", "tx4", UNUSABLE, 4},
    {"x3", "tx4", UNUSABLE, 3},
    {"x4", "tx6", OLDER, 4},
    {"x6", "tx4", OLDER, 6},
    {"x4", "ty4", STRANGER, 0},
    {"tx4", "ty4", STRANGER, 0},
};

static bool
is_refused(enum outcome outcome)
{
    return outcome == STRANGER || outcome == SPLIT;
}

static void
put_files(const char *a, const char *b)
{
    const char *const files[] = {a, b};
    remove_all();
    for (int i = 0; i < 2; i++)
        if (files[i])
            copy_to(snap_path(files[i]), box_path(&box, names[i]));
}

/* True if the named file in the directory is that snapshot, byte by byte. */
static bool
is_snap(const char *name, const char *snap)
{
    size_t n, m;
    char *a = box_read_file(box_path(&box, name), &n);
    char *b = box_read_file(snap_path(snap), &m);
    bool same = n == m && memcmp(a, b, n) == 0;
    free(a);
    free(b);
    return same;
}

static void
check_untouched(const char *a, const char *b, int files)
{
    CU_ASSERT_TRUE(a == NULL || is_snap(names[0], a));
    CU_ASSERT_TRUE(b == NULL || is_snap(names[1], b));
    EQUAL_NUMBER(box_count_files(&box, "."), 2 + files); /* "." and ".." */
}

/* Names, identities, saves, records, bans, times and the cure. */
static void
check_account(void)
{
    CONTAINS(box.err, "ircd.a.gdbm: store ");
    CONTAINS(box.err, "ircd.b.gdbm: store ");
    CONTAINS(box.err, " records, ");
    CONTAINS(box.err, " bans, last change ");
    CONTAINS(box.err, ". Move the file that is not wanted to another directory");
}

static void
check_holds(int version)
{
    box_differences(&box);
    EQUAL_NUMBER(box.got[CALM], 5);
    EQUAL_NUMBER(box.got[MARK], version);
}

static void
look_at(size_t i, const char *a, const char *b)
{
    int files = (a != NULL) + (b != NULL);
    put_files(a, b);
    bool opened = box_look(&box);
    CU_ASSERT_EQUAL(opened, !is_refused(cases[i].outcome));
    if (opened) {
        check_holds(cases[i].holds);
        EQUAL_NUMBER(box.notes_bad, 0);
        EQUAL_NUMBER(box.warnings, cases[i].outcome == OLDER);
        CU_ASSERT_EQUAL(box.notes[0] == '\0', cases[i].outcome == QUIET);
        CU_ASSERT_TRUE(box_close(&box));
    } else {
        CONTAINS(box.err, outcome_says[cases[i].outcome]);
        check_account();
    }
    check_untouched(a, b, files);
}

static void
check_kept(const char *a, const char *b)
{
    char name[100];
    const char *at = strstr(box.notes, "the other is kept as ");
    EQUAL_NUMBER(box.warnings, 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(at);
    sscanf(at, "the other is kept as %99[^ ]", name);
    name[strcspn(name, ". ") + strlen(".a.gdbm.older-20260101T000000Z-1")] = '\0';
    CU_ASSERT_PTR_NOT_NULL(strstr(name, ".older-"));
    CU_ASSERT_TRUE(is_snap(name, strncmp(name, names[0], 11) == 0 ? a : b));
}

static void
start_on(size_t i, const char *a, const char *b)
{
    put_files(a, b);
    bool opened = box_open(&box);
    CU_ASSERT_EQUAL(opened, !is_refused(cases[i].outcome));
    if (!opened) {
        CONTAINS(box.err, outcome_says[cases[i].outcome]);
        check_account();
        check_untouched(a, b, 2);
        return;
    }
    check_holds(cases[i].holds);
    EQUAL_NUMBER(box.notes_bad, 0);
    CONTAINS(box.notes, outcome_says[cases[i].outcome]);
    if (cases[i].outcome == OLDER)
        check_kept(a, b);
    EQUAL_NUMBER(box_count_files(&box, ".older-"), cases[i].outcome == OLDER);
    EQUAL_NUMBER(box_count_files(&box, ".damaged-"), 0);
    box_put(&box, MARK, 77);
    CU_ASSERT_TRUE(box_close(&box));
    CU_ASSERT_TRUE_FATAL(box_open(&box));
    EQUAL_TEXT(box.notes, "");
    check_holds(77);
    CU_ASSERT_TRUE(box_close(&box));
}

static void
any_two_files_are_matched(void)
{
    prepare();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        look_at(i, cases[i].one, cases[i].other);
        look_at(i, cases[i].other, cases[i].one);
        start_on(i, cases[i].one, cases[i].other);
        start_on(i, cases[i].other, cases[i].one);
    }
    box_clear(&box);
}

/* What backup.sh and a backup by hand make, put back over nothing: each alone, or
 * both. */
static void
a_restored_file_is_completed(void)
{
    static const char *const copies[] = {"x2", "ox4", "d6", "y1"};
    static const int holds[] = {2, 4, 26, 41};
    prepare();
    for (size_t i = 0; i < sizeof copies / sizeof *copies; i++)
        for (int which = 1; which <= 3; which++) {
            put_files(which & 1 ? copies[i] : NULL, which & 2 ? copies[i] : NULL);
            CU_ASSERT_TRUE_FATAL(box_open(&box));
            EQUAL_NUMBER(box.warnings, 0);
            check_holds(holds[i]);
            EQUAL_NUMBER(box_count_files(&box, ".older-"), 0);
            CU_ASSERT_TRUE(box_close(&box));
        }
    box_clear(&box);
}

/* Neither file is valid: what can be proven is read, and nothing is made or renamed. */
static void
looking_at_two_damaged_files_changes_nothing(void)
{
    prepare();
    make_damaged("x6", "tx6b");
    put_files("tx6", "tx6b");
    CU_ASSERT_TRUE_FATAL(box_look(&box));
    box_differences(&box);
    EQUAL_NUMBER(box.got[MARK], 6);
    EQUAL_NUMBER(box.notes_bad, 1);
    CONTAINS(box.notes, "1 records were recovered of 2, OTHERS MAY BE LOST");
    CONTAINS(box.notes, "nothing was changed");
    CU_ASSERT_TRUE(box_close(&box));
    check_untouched("tx6", "tx6b", 2);
    box_clear(&box);
}

static void
looking_at_nothing_makes_nothing(void)
{
    box_init(&box);
    CU_ASSERT_FALSE(box_look(&box));
    CONTAINS(box.err, "cannot use the data directory");
    CU_ASSERT_NOT_EQUAL(access(box.data, F_OK), 0);
    box_clear(&box);
}

static void
each_store_has_an_identity_of_its_own(void)
{
    prepare();
    put_files("x4", "y4");
    CU_ASSERT_FALSE(box_open(&box));
    unsigned long long a = 0, b = 0;
    const char *at = strstr(box.err, "b.gdbm: store ");
    CU_ASSERT_PTR_NOT_NULL_FATAL(at);
    sscanf(strstr(box.err, "a.gdbm: store "), "a.gdbm: store %16llx", &a);
    sscanf(at, "b.gdbm: store %16llx", &b);
    CU_ASSERT(a != 0 && b != 0 && a != b);
    put_files("ox6", "x4");
    CU_ASSERT_FALSE(box_open(&box));
    CONTAINS(box.err, "ircd.a.gdbm: store unknown (written by 0.3.0 or older), save 7");
    CONTAINS(box.err, "last change unknown");
    box_clear(&box);
}

SUITE(store_match)
{
    TEST(any_two_files_are_matched);
    TEST(a_restored_file_is_completed);
    TEST(looking_at_two_damaged_files_changes_nothing);
    TEST(looking_at_nothing_makes_nothing);
    TEST(each_store_has_an_identity_of_its_own);
}
