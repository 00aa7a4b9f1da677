/* Groups of puts on disk: wherever saving fails or the process dies, either all records
 * of a group are there, or none is. */
#include "box.h"
#include "fault.h"
#include "store/store_gdbm.h"
#include "test.h"

#include <errno.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { FACTS = 40 };

static struct box box, after;

static void
nap_ms(long ms)
{
    nanosleep(&(struct timespec){.tv_nsec = ms * 1000000}, NULL);
}

/* Changes half of the facts, adds some and deletes some, as one group, slowly enough
 * for the writer to take the first ones alone. Returns how many. */
static int
put_group(struct box *b, int version)
{
    int n = 0;
    store_begin(b->store);
    for (int i = 0; i < FACTS; i += 2) {
        box_put(b, i, (i + version) % 6 == 0 ? 0 : version);
        if (++n % 7 == 0)
            nap_ms(1);
    }
    store_commit(b->store);
    return n;
}

static void
fill_box(struct box *b)
{
    CU_ASSERT_TRUE_FATAL(box_open(b));
    for (int i = 0; i < FACTS; i += 3)
        box_put(b, i, 1);
    CU_ASSERT_TRUE_FATAL(box_saved(b, 5000));
}

/* The files as they are, as kill -9 would leave them. */
static void
copy_files(void)
{
    static const char *const names[] = {"ircd.a.gdbm", "ircd.b.gdbm"};
    box_init(&after);
    CU_ASSERT_EQUAL_FATAL(mkdir(after.data, 0700), 0);
    for (int i = 0; i < 2; i++) {
        size_t n;
        char *bytes = box_read_file(box_path(&box, names[i]), &n);
        box_write_file(box_path(&after, names[i]), bytes, n);
        free(bytes);
    }
}

/* Opens the copy: it is as `before`, or as it was put since. Returns whether it is the
 * latter. */
static bool
look_at_copy(const int *before)
{
    CU_ASSERT_TRUE_FATAL(box_open(&after));
    EQUAL_NUMBER(after.notes_bad, 0);
    box_differences(&after);
    int old = 0, new = 0;
    for (int i = 0; i < FACTS; i++) {
        old += after.got[i] != before[i];
        new += after.got[i] != box.want[i];
    }
    CU_ASSERT(old == 0 || new == 0);
    box_clear(&after);
    return new == 0;
}

static bool
look_as_it_lies(const int *before)
{
    copy_files();
    return look_at_copy(before);
}

/* The disk fails from operation n on while a group is saved. False: n lies beyond all
 * operations. */
static bool
group_fails_at(int n)
{
    static int before[BOX_FACTS];
    memcpy(before, box.want, sizeof before);
    fault_arm(n, n % 2 ? EIO : ENOSPC);
    put_group(&box, 2 + n % 7);
    bool failed = box_failed(&box, 3000);
    copy_files();
    fault_disarm();
    look_at_copy(before);
    CU_ASSERT_TRUE_FATAL(!failed || box_saved(&box, 3000));
    CU_ASSERT_TRUE(look_as_it_lies(before));
    return failed;
}

static void
a_group_is_saved_whole_whatever_fails(void)
{
    int n = 0;
    box_init(&box);
    box.retry_ms = 1;
    fill_box(&box);
    while (n < 1000 && group_fails_at(n))
        n++;
    CU_ASSERT(n > 20 && n < 1000);
    CU_ASSERT_TRUE(box_close(&box));
    box_clear(&box);
}

static void
nothing_of_an_open_group_is_written(void)
{
    static int before[BOX_FACTS];
    struct store_news news;
    box_init(&box);
    fill_box(&box);
    memcpy(before, box.want, sizeof before);
    unsigned long syncs = store_gdbm_syncs(box.store);
    size_t held = box.store->ops->count(box.store).n;
    store_begin(box.store);
    box_put(&box, 1, 5);
    store_begin(box.store);
    box_put(&box, 3, 5);
    store_commit(box.store);
    nap_ms(50);
    EQUAL_NUMBER(store_gdbm_syncs(box.store), syncs);
    CU_ASSERT_FALSE(store_gdbm_news(box.store, &news));
    EQUAL_NUMBER(box.store->ops->count(box.store).n, held + 2);
    CU_ASSERT_FALSE(look_as_it_lies(before));
    store_commit(box.store);
    CU_ASSERT_TRUE(box_saved(&box, 3000));
    EQUAL_NUMBER(store_gdbm_syncs(box.store), syncs + 2);
    CU_ASSERT_TRUE(look_as_it_lies(before));
    CU_ASSERT_TRUE(box_close(&box));
    box_clear(&box);
}

/* The child: groups that each set all facts to one version, until it is killed. */
static void
put_groups_for_ever(void)
{
    if (!box_open(&box))
        _exit(1);
    for (int version = 1;; version = 1 + version % 9) {
        store_begin(box.store);
        for (int i = 0; i < FACTS; i++)
            box_put(&box, i, version);
        store_commit(box.store);
        if (version % 3 == 0)
            nap_ms(1);
    }
}

static void
a_killed_process_leaves_whole_groups(void)
{
    int versions = 0;
    for (int round = 0; round < 20; round++) {
        box_init(&box);
        pid_t child = fork();
        CU_ASSERT_FATAL(child >= 0);
        if (child == 0)
            put_groups_for_ever();
        nap_ms(5 + round * 3);
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        CU_ASSERT_TRUE_FATAL(box_open(&box));
        box_differences(&box);
        for (int i = 1; i < FACTS; i++)
            EQUAL_NUMBER(box.got[i], box.got[0]);
        versions += box.got[0] > 0;
        CU_ASSERT_TRUE(box_close(&box));
        box_clear(&box);
    }
    /* Otherwise no change was ever saved, and the test shows nothing. */
    CU_ASSERT(versions > 5);
}

static void
count_fact(void *ctx, const void *key, size_t key_len, const void *value, size_t n)
{
    (void)key, (void)key_len, (void)value, (void)n;
    ++*(int *)ctx;
}

static void
a_scan_gives_the_records_of_one_prefix(void)
{
    static const struct {
        const char *prefix;
        int found;
    } cases[] = {
        {"", FACTS / 3 + 1},
        {"K", FACTS / 3 + 1},
        {"K*!*@host-3", 5}, /* 3, 30, 33, 36, 39 */
        {"K*!*@host-30.example.net", 1},
        {"K*!*@host-30.example.net.", 0},
        {"L", 0},
    };
    box_init(&box);
    fill_box(&box);
    CU_ASSERT_TRUE(box_close(&box));
    CU_ASSERT_TRUE_FATAL(box_open(&box));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int found = 0;
        box.store->ops->scan(box.store, cases[i].prefix, strlen(cases[i].prefix),
                             count_fact, &found);
        EQUAL_NUMBER(found, cases[i].found);
    }
    CU_ASSERT_TRUE(box_close(&box));
    box_clear(&box);
}

SUITE(store_group)
{
    TEST(nothing_of_an_open_group_is_written);
    TEST(a_group_is_saved_whole_whatever_fails);
    TEST(a_killed_process_leaves_whole_groups);
    TEST(a_scan_gives_the_records_of_one_prefix);
}
