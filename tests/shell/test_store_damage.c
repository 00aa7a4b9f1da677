/* Files that a disk, a power cut or a user has damaged. If one of two is bad,
 * everything is recovered. If both are, the recovered records are right and the loss is
 * told. There is never a crash, a hang or a difference that is not told. */
#include "box.h"
#include "dice.h"
#include "test.h"

#include <gdbm.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FACTS = 120, ROUNDS = 600 };

static const char *const names[] = {"ircd.a.gdbm", "ircd.b.gdbm"};
static struct box box;
static struct {
    char *bytes;
    size_t n;
} good[2];
static uint64_t seed;

static size_t
dice_big(size_t sides)
{
    return ((size_t)dice(&seed, 32768) << 15 | dice(&seed, 32768)) % sides;
}

/* A pair with a history of replaced and deleted records, so that old records lie in
 * both files. */
static void
prepare(void)
{
    box_init(&box);
    CU_ASSERT_TRUE_FATAL(box_open(&box));
    for (int v = 1; v <= 3; v++) {
        for (int i = 0; i < FACTS; i++)
            box_put(&box, i, v);
        CU_ASSERT_TRUE_FATAL(box_saved(&box, 3000));
        for (int i = v; i < FACTS; i += 5)
            box_put(&box, i, 0);
        CU_ASSERT_TRUE_FATAL(box_saved(&box, 3000));
    }
    CU_ASSERT_TRUE_FATAL(box_close(&box));
    for (int i = 0; i < 2; i++)
        good[i].bytes = box_read_file(box_path(&box, names[i]), &good[i].n);
}

static void
restore(void)
{
    for (int i = 0; i < 2; i++)
        box_write_file(box_path(&box, names[i]), good[i].bytes, good[i].n);
}

static void
finish(void)
{
    box_clear(&box);
    for (int i = 0; i < 2; i++)
        free(good[i].bytes);
}

/* Damages n bytes from `at` on in one of the ways in which disks do. */
static void
spoil(char *bytes, size_t at, size_t n)
{
    unsigned way = dice(&seed, 3);
    for (size_t i = at; i < at + n; i++) {
        if (way == 0)
            bytes[i] = (char)dice(&seed, 256);
        else
            bytes[i] = way == 1 ? 0 : (char)0xff;
    }
}

static void
corrupt(int which)
{
    size_t n = good[which].n;
    char *bytes = malloc(n);
    CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
    memcpy(bytes, good[which].bytes, n);
    /* Half of the time where the tables of the file are. */
    size_t reach = dice(&seed, 2) ? n : 8192;
    size_t at = dice_big(reach), most = n - at;
    switch (dice(&seed, 6)) {
    case 0:
        bytes[at] ^= (char)(1u << dice(&seed, 8));
        break;
    case 1:
        spoil(bytes, at, 1 + dice_big(most < 16 ? most : 16));
        break;
    case 2:
        spoil(bytes, at, most < 512 ? most : 512);
        break;
    case 3:
        spoil(bytes, at, most < 4096 ? most : 4096);
        break;
    case 4:
        n = at;
        break;
    default:
        spoil(bytes, 0, n);
    }
    box_write_file(box_path(&box, names[which]), bytes, n);
    free(bytes);
}

/* The store takes a change, and is whole at the next opening. */
static void
works_from_here(void)
{
    memcpy(box.want, box.got, sizeof box.want);
    box_put(&box, (int)dice(&seed, FACTS), 4 + (int)dice(&seed, 5));
    box_put(&box, (int)dice(&seed, FACTS), 0);
    CU_ASSERT_TRUE(box_close(&box));
    CU_ASSERT_TRUE_FATAL(box_open(&box));
    EQUAL_NUMBER(box.notes_bad, 0);
    EQUAL_NUMBER(box_differences(&box), 0);
    CU_ASSERT_TRUE(box_close(&box));
}

static void
one_corrupt_file_of_two_loses_nothing(void)
{
    static int want[BOX_FACTS];
    seed = 1;
    prepare();
    memcpy(want, box.want, sizeof want);
    for (int round = 0; round < ROUNDS; round++) {
        restore();
        corrupt(round % 2);
        memcpy(box.want, want, sizeof want);
        CU_ASSERT_TRUE_FATAL(box_open(&box));
        EQUAL_NUMBER(box_differences(&box), 0);
        EQUAL_NUMBER(box.notes_bad, 0);
        works_from_here();
    }
    EQUAL_NUMBER(box_count_files(&box, "damaged"), 0);
    finish();
}

/* Differences are told; a value is never wrong, and rarely one of an earlier time. */
static void
two_corrupt_files_lose_nothing_in_silence(void)
{
    static int want[BOX_FACTS];
    int exact = 0, lost = 0, told = 0, old = 0;
    seed = 2;
    prepare();
    memcpy(want, box.want, sizeof want);
    for (int round = 0; round < ROUNDS; round++) {
        restore();
        corrupt(0);
        corrupt(1);
        memcpy(box.want, want, sizeof want);
        CU_ASSERT_TRUE_FATAL(box_open(&box));
        int differences = box_differences(&box);
        CU_ASSERT(differences <= FACTS);
        CU_ASSERT(differences == 0 || box.notes_bad > 0);
        exact += differences == 0;
        lost += differences;
        told += box.notes_bad > 0;
        old += box.old;
        works_from_here();
    }
    CU_ASSERT(exact > ROUNDS / 4);
    CU_ASSERT(told > 0 && told < ROUNDS);
    CU_ASSERT(lost > 0);
    CU_ASSERT(old <= ROUNDS / 100);
    if (getenv("IRCD_TEST_VERBOSE"))
        printf("both files corrupted %d times: %d recovered exactly, %d told, %d old\n",
               ROUNDS, exact, told, old);
    CU_ASSERT(box_count_files(&box, "damaged") > 0);
    finish();
}

static void
put_nothing(const char *path)
{
    box_write_file(path, "", 0);
}

static void
put_words(const char *path)
{
    box_write_file(path, "this is not a database\n", 23);
}

static void
put_directory(const char *path)
{
    unlink(path);
    CU_ASSERT_EQUAL_FATAL(mkdir(path, 0700), 0);
}

static void
put_dangling_link(const char *path)
{
    unlink(path);
    CU_ASSERT_EQUAL_FATAL(symlink("nowhere", path), 0);
}

static void
put_nowhere(const char *path)
{
    unlink(path);
}

static const struct {
    void (*put)(const char *path);
    const char *says;
} things[] = {
    {put_nothing, "could not be used"},
    {put_words, "could not be used"},
    {put_directory, "it is not a file"},
    {put_dangling_link, "could not be used"},
    {put_nowhere, "could not be used (No such file or directory)"},
};

static void
anything_in_the_place_of_one_file_is_replaced(void)
{
    prepare();
    for (size_t i = 0; i < 2 * sizeof things / sizeof *things; i++) {
        restore();
        things[i / 2].put(box_path(&box, names[i % 2]));
        CU_ASSERT_TRUE_FATAL(box_open(&box));
        CONTAINS(box.notes, things[i / 2].says);
        CONTAINS(box.notes, "nothing is lost");
        EQUAL_NUMBER(box_differences(&box), 0);
        CU_ASSERT_TRUE(box_close(&box));
        CU_ASSERT_TRUE_FATAL(box_open(&box));
        EQUAL_TEXT(box.notes, "");
        EQUAL_NUMBER(box_differences(&box), 0);
        CU_ASSERT_TRUE(box_close(&box));
    }
    finish();
}

static void
nothing_left_of_both_is_said_loudly(void)
{
    prepare();
    for (size_t i = 0; i + 1 < sizeof things / sizeof *things; i++) {
        restore();
        int kept = box_count_files(&box, "damaged");
        things[i].put(box_path(&box, names[0]));
        things[i].put(box_path(&box, names[1]));
        memset(box.want, 0, sizeof box.want);
        CU_ASSERT_TRUE_FATAL(box_open(&box));
        if (things[i].put != put_dangling_link) { /* as if there were no file */
            CONTAINS(box.notes, "neither database file is valid");
            CONTAINS(box.notes, "OTHERS MAY BE LOST");
            EQUAL_NUMBER(box_count_files(&box, "damaged"), kept + 2);
        }
        EQUAL_NUMBER(box_differences(&box), 0);
        works_from_here();
    }
    finish();
}

static void
the_newer_of_two_valid_files_wins(void)
{
    for (int newer = 0; newer < 2; newer++) {
        prepare();
        CU_ASSERT_TRUE_FATAL(box_open(&box));
        box_put(&box, 0, 7);
        box_put(&box, 1, 0);
        CU_ASSERT_TRUE(box_close(&box));
        int older = 1 - newer;
        box_write_file(box_path(&box, names[older]), good[older].bytes, good[older].n);
        CU_ASSERT_TRUE_FATAL(box_open(&box));
        CONTAINS(box.notes, "was behind");
        EQUAL_NUMBER(box.notes_bad, 0);
        EQUAL_NUMBER(box_differences(&box), 0);
        CU_ASSERT_TRUE(box_close(&box));
        finish();
    }
}

static void
a_kept_original_is_the_original(void)
{
    prepare();
    good[0].bytes[good[0].n / 2] ^= 1;
    for (int i = 0; i < 2; i++)
        memset(good[i].bytes + 100, 0x55, 64);
    restore();
    CU_ASSERT_TRUE_FATAL(box_open(&box));
    CONTAINS(box.notes, "neither database file is valid");
    const char *name = strstr(box.notes, "ircd.a.gdbm.damaged-");
    CU_ASSERT_PTR_NOT_NULL_FATAL(name);
    char kept[100];
    size_t n;
    snprintf(kept, sizeof kept, "%.*s", (int)strcspn(name, ",\n"), name);
    char *bytes = box_read_file(box_path(&box, kept), &n);
    EQUAL_NUMBER(n, good[0].n);
    CU_ASSERT(n == good[0].n && memcmp(bytes, good[0].bytes, n) == 0);
    free(bytes);
    finish();
}

/* libgdbm would write zeros up to that place, until the disk is full. */
static void
a_header_that_names_an_end_far_away_is_damage(void)
{
    for (int i = 0; i < 2; i++) {
        prepare();
        good[i].bytes[37] ^= 0x10; /* 2^44 bytes */
        restore();
        CU_ASSERT_TRUE_FATAL(box_open(&box));
        CONTAINS(box.notes, "its header names an end far behind the file's");
        EQUAL_NUMBER(box_differences(&box), 0);
        works_from_here();
        finish();
    }
}

/* Removes the first record of the first file that has changed since `old`; the file
 * itself stays in order. Its entry is removed, or its earlier value is put back. */
static void
set_back(const char *old, bool removed)
{
    GDBM_FILE then = gdbm_open(old, 0, GDBM_READER, 0, NULL);
    GDBM_FILE now = gdbm_open(box_path(&box, names[0]), 0, GDBM_WRITER, 0, NULL);
    CU_ASSERT_TRUE_FATAL(then != NULL && now != NULL);
    bool done = false;
    for (datum key = gdbm_firstkey(then); key.dptr != NULL;) {
        datum before = gdbm_fetch(then, key), after = gdbm_fetch(now, key);
        if (!done && *key.dptr == 'r' && after.dptr != NULL &&
            (before.dsize != after.dsize ||
             memcmp(before.dptr, after.dptr, (size_t)before.dsize) != 0)) {
            int failed = removed ? gdbm_delete(now, key)
                                 : gdbm_store(now, key, before, GDBM_REPLACE);
            CU_ASSERT_EQUAL_FATAL(failed, 0);
            done = true;
        }
        free(before.dptr);
        free(after.dptr);
        datum next = gdbm_nextkey(then, key);
        free(key.dptr);
        key = next;
    }
    CU_ASSERT_TRUE(done);
    gdbm_close(then);
    gdbm_close(now);
}

/* Each of its records is right, and so is the database: only the file's own count and
 * checksum tell. */
static void
a_record_missing_or_old_is_damage(void)
{
    for (int removed = 0; removed < 2; removed++) {
        prepare();
        box_write_file(box_path(&box, "old"), good[0].bytes, good[0].n);
        CU_ASSERT_TRUE_FATAL(box_open(&box));
        for (int i = 0; i < FACTS; i++)
            box_put(&box, i, 5);
        CU_ASSERT_TRUE_FATAL(box_saved(&box, 3000));
        CU_ASSERT_TRUE_FATAL(box_close(&box));
        set_back(box_path(&box, "old"), removed);
        CU_ASSERT_TRUE_FATAL(box_open(&box));
        CONTAINS(box.notes, "records are missing or left over");
        CONTAINS(box.notes, "nothing is lost");
        EQUAL_NUMBER(box_differences(&box), 0);
        works_from_here();
        finish();
    }
}

SUITE(store_damage)
{
    TEST(a_record_missing_or_old_is_damage);
    TEST(a_header_that_names_an_end_far_away_is_damage);
    TEST(one_corrupt_file_of_two_loses_nothing);
    TEST(two_corrupt_files_lose_nothing_in_silence);
    TEST(anything_in_the_place_of_one_file_is_replaced);
    TEST(nothing_left_of_both_is_said_loudly);
    TEST(the_newer_of_two_valid_files_wins);
    TEST(a_kept_original_is_the_original);
}
