/* The store on a disk that works: saved changes are there after opening again, batches
 * share syncs, the directory belongs to one server. */
#include "box.h"
#include "store/store_gdbm.h"
#include "test.h"

#include <gdbm.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static struct box box;

static long
now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static unsigned
mode_of(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 ? (unsigned)st.st_mode & 07777 : 0;
}

static void
first_start_makes_private_files(void)
{
    box_init(&box);
    CU_ASSERT_TRUE_FATAL(box_open(&box));
    CU_ASSERT_TRUE(box.store->durable);
    EQUAL_TEXT(box.notes, "");
    EQUAL_NUMBER(box_differences(&box), 0);
    EQUAL_NUMBER(mode_of(box.data), 0700);
    EQUAL_NUMBER(mode_of(box_path(&box, "ircd.a.gdbm")), 0600);
    EQUAL_NUMBER(mode_of(box_path(&box, "ircd.b.gdbm")), 0600);
    EQUAL_NUMBER(box_count_files(&box, "."), 2 + 2);
    CU_ASSERT_TRUE(box_close(&box));
    box_clear(&box);
}

static void
a_directory_open_to_others_is_noted(void)
{
    box_init(&box);
    CU_ASSERT_EQUAL_FATAL(mkdir(box.data, 0755), 0);
    CU_ASSERT_EQUAL_FATAL(chmod(box.data, 0755), 0);
    CU_ASSERT_TRUE_FATAL(box_open(&box));
    CONTAINS(box.notes, "mode 755; 0700 is advised");
    EQUAL_NUMBER(box.notes_bad, 0);
    box_clear(&box);
}

static void
puts_replaces_and_deletes_survive_reopening(void)
{
    box_init(&box);
    for (int turn = 1; turn <= 12; turn++) {
        CU_ASSERT_TRUE_FATAL(box_open(&box));
        EQUAL_TEXT(box.notes, "");
        EQUAL_NUMBER(box_differences(&box), 0);
        for (int i = 0; i < 300; i += 1 + turn % 3)
            box_put(&box, i, (i + turn) % 4 == 0 ? 0 : turn);
        CU_ASSERT_TRUE(box_saved(&box, 3000));
        for (int i = 0; i < 300; i += 7)
            box_put(&box, i, turn * 2 % 3);
        CU_ASSERT_TRUE(box_close(&box));
    }
    box_clear(&box);
}

static struct mem_sum
counted(void)
{
    return box.store->ops->count(box.store);
}

/* STATS z: queued changes count as kept ones. */
static void
records_are_counted_with_their_memory(void)
{
    struct mem_sum few, many;
    box_init(&box);
    CU_ASSERT_TRUE_FATAL(box_open(&box));
    box_put(&box, 0, 1);
    CU_ASSERT_TRUE(box_saved(&box, 3000));
    few = counted();
    EQUAL_NUMBER(few.n, 1);
    for (int i = 1; i < 201; i++)
        box_put(&box, i, 1);
    CU_ASSERT_TRUE(counted().n > 1);
    CU_ASSERT_TRUE(box_saved(&box, 3000));
    many = counted();
    EQUAL_NUMBER(many.n, 201);
    CU_ASSERT_TRUE(many.bytes - few.bytes > (size_t)200 * 128);
    CU_ASSERT_TRUE(box_close(&box));
    CU_ASSERT_TRUE_FATAL(box_open(&box));
    EQUAL_NUMBER(counted().n, 201);
    /* malloc gives a block 16 bytes more if the rest is too small for a block. */
    CU_ASSERT_TRUE(counted().bytes <= many.bytes + (size_t)201 * 16);
    CU_ASSERT_TRUE(counted().bytes + (size_t)201 * 16 >= many.bytes);
    for (int i = 1; i < 201; i++)
        box_put(&box, i, 0);
    CU_ASSERT_TRUE(box_saved(&box, 3000));
    EQUAL_NUMBER(counted().n, 1);
    CU_ASSERT_TRUE(counted().bytes < many.bytes / 4);
    box_clear(&box);
}

static void
one_key_put_often_ends_with_its_last_value(void)
{
    box_init(&box);
    CU_ASSERT_TRUE_FATAL(box_open(&box));
    for (int v = 1; v <= 500; v++)
        box_put(&box, 1, v);
    box_put(&box, 2, 1);
    box_put(&box, 2, 0);
    box_put(&box, 3, 1);
    box_put(&box, 3, 0);
    box_put(&box, 3, 2);
    CU_ASSERT_TRUE(box_close(&box));
    CU_ASSERT_TRUE_FATAL(box_open(&box));
    EQUAL_NUMBER(box_differences(&box), 0);
    EQUAL_NUMBER(box.got[1], 500);
    box_clear(&box);
}

static void
any_bytes_are_kept(void)
{
    static const char key[] = "m\0\n\xff", value[] = "\0\0\r\n";
    box_init(&box);
    CU_ASSERT_TRUE_FATAL(box_open(&box));
    store_put(box.store, key, 4, value, 4);
    store_put(box.store, "m", 1, "", 0);
    CU_ASSERT_TRUE(box_close(&box));
    CU_ASSERT_TRUE_FATAL(box_open(&box));
    EQUAL_TEXT(box.notes, "");
    store_put(box.store, "m", 1, NULL, 0);
    CU_ASSERT_TRUE(box_close(&box));
    CU_ASSERT_TRUE_FATAL(box_open(&box));
    EQUAL_TEXT(box.notes, "");
    box_clear(&box);
}

static void
puts_that_arrive_together_share_syncs(void)
{
    box_init(&box);
    CU_ASSERT_TRUE_FATAL(box_open(&box));
    for (int i = 0; i < 2000; i++)
        box_put(&box, i, 1);
    CU_ASSERT_TRUE(box_saved(&box, 5000));
    unsigned long syncs = store_gdbm_syncs(box.store);
    CU_ASSERT(syncs >= 2);
    CU_ASSERT(syncs <= 400);
    EQUAL_NUMBER(syncs % 2, 0);
    CU_ASSERT_TRUE(box_close(&box));
    box_clear(&box);
}

static void
news_come_in_order_and_end_with_the_last_ticket(void)
{
    struct store_news news;
    store_ticket before = 0;
    box_init(&box);
    CU_ASSERT_TRUE_FATAL(box_open(&box));
    CU_ASSERT_FALSE(store_gdbm_news(box.store, &news));
    long end = now_ms() + 5000;
    for (int i = 0; i < 500; i++) {
        box_put(&box, i, 1);
        EQUAL_NUMBER(box.last, i + 1);
    }
    while (before < box.last && now_ms() < end) {
        if (!store_gdbm_news(box.store, &news)) {
            nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
            continue;
        }
        CU_ASSERT(news.upto > before && news.why == NULL);
        before = news.upto;
    }
    EQUAL_NUMBER(before, box.last);
    box_clear(&box);
}

static void
ten_thousand_records_open_quickly(void)
{
    box_init(&box);
    CU_ASSERT_TRUE_FATAL(box_open(&box));
    for (int i = 0; i < 10000; i++)
        box_put(&box, i, 1 + i % 5);
    CU_ASSERT_TRUE(box_close(&box));
    long start = now_ms();
    CU_ASSERT_TRUE_FATAL(box_open(&box));
    CU_ASSERT(now_ms() - start < 1000);
    EQUAL_NUMBER(box_differences(&box), 0);
    box_clear(&box);
}

static void
a_second_opener_is_refused(void)
{
    struct store_gdbm_options o = {.dir = box.data};
    char err[400] = "";
    box_init(&box);
    CU_ASSERT_TRUE_FATAL(box_open(&box));
    CU_ASSERT_PTR_NULL(store_gdbm_open(&o, err, sizeof err));
    CONTAINS(err, "another server is using the data directory");
    pid_t child = fork();
    if (child == 0)
        _exit(store_gdbm_open(&o, err, sizeof err) == NULL ? 0 : 1);
    int status = -1;
    waitpid(child, &status, 0);
    EQUAL_NUMBER(status, 0);
    box_put(&box, 1, 1);
    CU_ASSERT_TRUE(box_close(&box));
    CU_ASSERT_TRUE_FATAL(box_open(&box));
    EQUAL_NUMBER(box_differences(&box), 0);
    box_clear(&box);
}

static void
the_lock_survives_a_rewritten_file(void)
{
    struct store_gdbm_options o = {.dir = box.data};
    char err[400] = "";
    box_init(&box);
    CU_ASSERT_TRUE_FATAL(box_open(&box));
    for (int i = 0; i < 2; i++) {
        unlink(box_path(&box, i ? "ircd.b.gdbm" : "ircd.a.gdbm"));
        box_put(&box, i, 1);
        CU_ASSERT_TRUE(box_saved(&box, 3000));
        CU_ASSERT_PTR_NULL(store_gdbm_open(&o, err, sizeof err));
        CONTAINS(err, "another server is using");
    }
    box_clear(&box);
}

static void
a_file_open_elsewhere_is_refused(void)
{
    static const char *const names[] = {"ircd.a.gdbm", "ircd.b.gdbm"};
    box_init(&box);
    CU_ASSERT_TRUE_FATAL(box_open(&box));
    CU_ASSERT_TRUE(box_close(&box));
    for (int i = 0; i < 2; i++) {
        GDBM_FILE db = gdbm_open(box_path(&box, names[i]), 0, GDBM_WRITER, 0, NULL);
        CU_ASSERT_PTR_NOT_NULL_FATAL(db);
        CU_ASSERT_FALSE(box_open(&box));
        CONTAINS(box.err, names[i]);
        CONTAINS(box.err, "another program has it open");
        gdbm_close(db);
    }
    CU_ASSERT_TRUE(box_open(&box));
    box_clear(&box);
}

static void
an_impossible_directory_is_one_sentence(void)
{
    static const struct {
        const char *dir, *says;
    } cases[] = {
        {"/dev/null/x", "cannot make the data directory /dev/null/x: Not a directory"},
        {"/dev/null", "cannot lock the data directory /dev/null: Not a directory"},
        {"/nowhere-at-all/x", "cannot make the data directory /nowhere-at-all/x"},
        {"", "cannot make the data directory"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct store_gdbm_options o = {.dir = cases[i].dir};
        char err[400] = "";
        CU_ASSERT_PTR_NULL(store_gdbm_open(&o, err, sizeof err));
        CONTAINS(err, cases[i].says);
    }
}

static void
closing_nothing_is_fine(void)
{
    CU_ASSERT_TRUE(store_gdbm_close(NULL, 0));
}

SUITE(store_gdbm)
{
    TEST(first_start_makes_private_files);
    TEST(a_directory_open_to_others_is_noted);
    TEST(puts_replaces_and_deletes_survive_reopening);
    TEST(records_are_counted_with_their_memory);
    TEST(one_key_put_often_ends_with_its_last_value);
    TEST(any_bytes_are_kept);
    TEST(puts_that_arrive_together_share_syncs);
    TEST(news_come_in_order_and_end_with_the_last_ticket);
    TEST(ten_thousand_records_open_quickly);
    TEST(a_second_opener_is_refused);
    TEST(the_lock_survives_a_rewritten_file);
    TEST(a_file_open_elsewhere_is_refused);
    TEST(an_impossible_directory_is_one_sentence);
    TEST(closing_nothing_is_fine);
}
