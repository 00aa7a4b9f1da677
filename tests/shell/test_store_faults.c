/* The store on a disk that is full, failing or hanging, at every
 * point of saving: no acknowledged change is ever lost, and the next attempt that can
 * succeed does. After each failure a copy of the files at that time is opened, as after
 * kill -9. */
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

static struct box box, after;

/* The ways in which a disk fails, and the text for the operator. */
static const struct disk {
    int error;
    const char *says;
    bool once; /* and works again */
} disks[] = {
    {ENOSPC, "disk full (ircd.", false},
    {EIO, "cannot write (ircd.", false},
    {EROFS, "not allowed to write (ircd.", false},
    {EIO, "cannot write (ircd.", true},
};

static void
arm(int n, const struct disk *d)
{
    (d->once ? fault_once : fault_arm)(n, d->error);
}

/* Where each operation costs a start of the store, only one of the lasting errors is
 * tried at each. */
static const struct disk *
disk_of(int n)
{
    return &disks[(size_t)n % (sizeof disks / sizeof *disks - 1)];
}

/* A copy of the files as they are now, as kill -9 would leave them. */
static void
copy_as_it_lies(void)
{
    static const char *const names[] = {"ircd.a.gdbm", "ircd.b.gdbm"};
    box_init(&after);
    CU_ASSERT_EQUAL_FATAL(mkdir(after.data, 0700), 0);
    for (int i = 0; i < 2; i++) {
        size_t n;
        if (access(box_path(&box, names[i]), F_OK) != 0)
            continue;
        char *bytes = box_read_file(box_path(&box, names[i]), &n);
        box_write_file(box_path(&after, names[i]), bytes, n);
        free(bytes);
    }
}

/* Opens the copy: each fact is as it was `before`, which was acknowledged, or as it was
 * put since, and no note tells a loss. */
static void
the_copy_has_all_that_was_saved(const int *before, int facts)
{
    CU_ASSERT_TRUE_FATAL(box_open(&after));
    EQUAL_NUMBER(after.notes_bad, 0);
    box_differences(&after);
    for (int i = 0; i < facts; i++)
        CU_ASSERT(after.got[i] == before[i] || after.got[i] == box.want[i]);
    box_clear(&after);
}

/* Lets the store fail on the last change, and opens a copy of the files at that time. A
 * disk that works again may have been written to before that. Returns whether the store
 * has failed at all. */
static bool
endure(const struct disk *d, const int *before, int facts)
{
    bool failed = box_failed(&box, 3000), hit = fault_hit();
    CU_ASSERT(failed == hit || d->once);
    bool lies = failed && !d->once;
    if (lies)
        copy_as_it_lies();
    fault_disarm();
    if (failed)
        CONTAINS(box.why, d->says);
    if (lies)
        the_copy_has_all_that_was_saved(before, facts);
    CU_ASSERT_TRUE_FATAL(!failed || box_saved(&box, 3000));
    return hit;
}

/* One batch of new, replaced and deleted facts on a disk that fails from operation n
 * on. False once n lies beyond all operations of a batch. */
static bool
fails_at(int n, const struct disk *d)
{
    static int before[BOX_FACTS];
    memcpy(before, box.want, sizeof before);
    arm(n, d);
    for (int i = 0; i < 24; i++)
        box_put(&box, n % 2 ? i * 3 : 70 - i * 2, (i + n) % 5 == 0 ? 0 : 2 + n % 7);
    return endure(d, before, 80);
}

static void
fails_everywhere(const struct disk *d)
{
    int n = 0;
    box_init(&box);
    box.retry_ms = 1;
    box_fill(&box, 60);
    while (n < 1000 && fails_at(n, d))
        n++;
    CU_ASSERT(n > 20 && n < 1000);
    CU_ASSERT_TRUE(box_close(&box));
    CU_ASSERT_TRUE_FATAL(box_open(&box));
    EQUAL_TEXT(box.notes, "");
    EQUAL_NUMBER(box_differences(&box), 0);
    box_clear(&box);
}

static void
any_error_at_any_operation_loses_nothing(void)
{
    for (size_t i = 0; i < sizeof disks / sizeof *disks; i++)
        fails_everywhere(&disks[i]);
}

/* Disks that fail at operation n of rewriting a file without its name, while
 * a change is saved too. */
static bool
rewriting_fails_at(int n, const struct disk *d)
{
    static int before[BOX_FACTS];
    memcpy(before, box.want, sizeof before);
    arm(n, d);
    unlink(box_path(&box, n % 2 ? "ircd.a.gdbm" : "ircd.b.gdbm"));
    box_put(&box, n % 60, n % 4);
    bool hit = endure(d, before, 60);
    EQUAL_NUMBER(box_count_files(&box, ".new"), 0);
    return hit;
}

static void
any_error_during_rewriting_loses_nothing(void)
{
    for (size_t i = 0; i < sizeof disks / sizeof *disks; i++) {
        int n = 0;
        box_init(&box);
        box.retry_ms = 1;
        box_fill(&box, 60);
        while (n < 1000 && rewriting_fails_at(n, &disks[i]))
            n++;
        CU_ASSERT(n > 60 && n < 1000);
        CU_ASSERT_TRUE(box_close(&box));
        CU_ASSERT_TRUE_FATAL(box_open(&box));
        EQUAL_NUMBER(box_differences(&box), 0);
        box_clear(&box);
    }
}

/* The two files are not written at the same time, so a power cut damages one at most.
 */
static void
while_one_file_is_not_whole_the_other_rests(void)
{
    int tried = 0;
    for (int n = 0; n < 4; n++) {
        size_t was, is;
        box_init(&box);
        box.retry_ms = 60000;
        box_fill(&box, 60);
        char *before = box_read_file(box_path(&box, "ircd.b.gdbm"), &was);
        fault_once(n, EIO);
        box_put(&box, 1, 5);
        if (box_failed(&box, 3000)) {
            char *then = box_read_file(box_path(&box, "ircd.b.gdbm"), &is);
            CU_ASSERT(is == was && memcmp(before, then, was) == 0);
            free(then);
            tried++;
        }
        fault_disarm();
        free(before);
        CU_ASSERT_TRUE(box_close(&box));
        box_clear(&box);
    }
    CU_ASSERT(tried > 2);
}

/* After a start on a disk that fails a change is not saved, and later it is. */
static void
saves_once_the_disk_is_well(const char *says)
{
    box_put(&box, 31, 1);
    CU_ASSERT_TRUE_FATAL(box_failed(&box, 3000));
    CONTAINS(box.why, says);
    fault_disarm();
    CU_ASSERT_TRUE_FATAL(box_saved(&box, 3000));
    CU_ASSERT_TRUE(box_close(&box));
    CU_ASSERT_TRUE_FATAL(box_open(&box));
    EQUAL_TEXT(box.notes, "");
    EQUAL_NUMBER(box_differences(&box), 0);
}

/* A start that has to make one file anew. False once n lies beyond its operations. */
static bool
opening_fails_at(int n, const struct disk *d)
{
    box_init(&box);
    box.retry_ms = 1;
    box_fill(&box, 30);
    CU_ASSERT_TRUE(box_close(&box));
    box_write_file(box_path(&box, n % 2 ? "ircd.a.gdbm" : "ircd.b.gdbm"), "", 0);
    arm(n, d);
    CU_ASSERT_TRUE_FATAL(box_open(&box));
    EQUAL_NUMBER(box_differences(&box), 0);
    bool failed = fault_hit();
    if (failed) {
        EQUAL_NUMBER(box.notes_bad, 1);
        CONTAINS(box.notes, d->says);
        saves_once_the_disk_is_well(d->says);
    }
    fault_disarm();
    box_clear(&box);
    return failed;
}

static void
any_error_while_opening_is_served_and_saved_later(void)
{
    int n = 0;
    while (n < 1000 && opening_fails_at(n, disk_of(n)))
        n++;
    CU_ASSERT(n > 20 && n < 1000);
}

/* Damages the first record of this host in a file, as a bad sector would. */
static void
spoil(const char *name, const char *host)
{
    size_t size, at = 0, n = strlen(host);
    char *bytes = box_read_file(box_path(&box, name), &size);
    while (at + n < size && memcmp(bytes + at, host, n) != 0)
        at++;
    CU_ASSERT_FATAL(at + n < size);
    bytes[at] ^= 1;
    box_write_file(box_path(&box, name), bytes, size);
    free(bytes);
}

/* Each file has a damaged record, not the same one, and the disk fails at operation n
 * of making one file from both. The records that could be read before can be read
 * afterwards. */
static bool
salvaging_fails_at(int n, const struct disk *d)
{
    box_init(&box);
    box.retry_ms = 1;
    box_fill(&box, 60);
    CU_ASSERT_TRUE(box_close(&box));
    spoil("ircd.a.gdbm", "host-10.");
    spoil("ircd.b.gdbm", "host-20.");
    arm(n, d);
    bool opened = box_open(&box), failed = fault_hit();
    fault_disarm();
    if (opened)
        box_close(&box);
    else
        CONTAINS(box.err, "both database files are damaged and cannot be recovered");
    EQUAL_NUMBER(box_count_files(&box, "salvage"), 0);
    CU_ASSERT_TRUE_FATAL(box_open(&box));
    EQUAL_NUMBER(box_differences(&box), 0);
    box_clear(&box);
    return failed;
}

static void
any_error_while_salvaging_loses_nothing_more(void)
{
    int n = 0;
    while (n < 1000 && salvaging_fails_at(n, disk_of(n)))
        n++;
    CU_ASSERT(n > 20 && n < 1000);
}

/* False once n lies beyond all operations of a first start. */
static bool
first_start_fails_at(int n)
{
    box_init(&box);
    box.retry_ms = 1;
    fault_arm(n, ENOSPC);
    CU_ASSERT_TRUE_FATAL(box_open(&box));
    bool failed = fault_hit();
    if (failed) {
        CONTAINS(box.notes, "nothing can be saved for now: disk full");
        saves_once_the_disk_is_well("disk full (ircd.");
    }
    fault_disarm();
    box_clear(&box);
    return failed;
}

static void
a_first_start_on_a_full_disk_serves_and_saves_later(void)
{
    int n = 2; /* before it come the new directory and the lock file: see below */
    while (n < 1000 && first_start_fails_at(n))
        n++;
    CU_ASSERT(n > 10 && n < 1000);
}

static void
a_disk_without_room_for_the_lock_is_one_sentence(void)
{
    box_init(&box);
    fault_arm(0, ENOSPC);
    CU_ASSERT_FALSE(box_open(&box));
    CONTAINS(box.err, "cannot lock the data directory");
    CONTAINS(box.err, "No space left on device");
    fault_disarm();
    CU_ASSERT_TRUE_FATAL(box_open(&box));
    box_clear(&box);
}

static void
a_failure_is_told_once_for_each_ticket(void)
{
    box_init(&box);
    box_fill(&box, 10);
    fault_arm(0, ENOSPC);
    box_put(&box, 1, 9);
    CU_ASSERT_TRUE(box_failed(&box, 3000));
    EQUAL_NUMBER(box.failures, 1);
    CU_ASSERT_FALSE(box_saved(&box, 150)); /* several retries later */
    EQUAL_NUMBER(box.failures, 1);
    box_put(&box, 2, 9);
    CU_ASSERT_TRUE(box_failed(&box, 3000));
    EQUAL_NUMBER(box.failures, 2);
    fault_disarm();
    CU_ASSERT_TRUE(box_saved(&box, 3000));
    box_clear(&box);
}

static void
closing_on_a_full_disk_says_so_and_does_not_wait(void)
{
    struct timespec start, end;
    box_init(&box);
    box.retry_ms = 60000;
    box_fill(&box, 10);
    fault_arm(0, ENOSPC);
    box_put(&box, 1, 9);
    CU_ASSERT_TRUE(box_failed(&box, 3000));
    clock_gettime(CLOCK_MONOTONIC, &start);
    CU_ASSERT_FALSE(box_close(&box));
    clock_gettime(CLOCK_MONOTONIC, &end);
    CU_ASSERT(end.tv_sec - start.tv_sec <= 1);
    /* One of them could not be made anew, and is still there. */
    EQUAL_NUMBER(box_count_files(&box, ".gdbm"), 2);
    fault_disarm();
    box.want[1] = 2;
    CU_ASSERT_TRUE_FATAL(box_open(&box));
    EQUAL_NUMBER(box.notes_bad, 0);
    EQUAL_NUMBER(box_differences(&box) % 1000000, 0);
    box_clear(&box);
}

static void
closing_tries_once_more_before_it_gives_up(void)
{
    box_init(&box);
    box.retry_ms = 60000;
    box_fill(&box, 10);
    fault_arm(0, ENOSPC);
    box_put(&box, 1, 9);
    CU_ASSERT_TRUE(box_failed(&box, 3000));
    fault_disarm();
    CU_ASSERT_TRUE(box_close(&box));
    CU_ASSERT_TRUE_FATAL(box_open(&box));
    EQUAL_NUMBER(box_differences(&box), 0);
    box_clear(&box);
}

/* In a child that ends by SIGKILL, because the memory of the store stays with the
 * hanging thread and leak checkers would report it. */
static void
a_hanging_disk_does_not_hold_up_closing(void)
{
    int fd[2], answer = -1;
    box_init(&box);
    CU_ASSERT_EQUAL_FATAL(pipe(fd), 0);
    pid_t child = fork();
    if (child == 0) {
        box_fill(&box, 10);
        fault_hang(20000);
        box_put(&box, 1, 9);
        answer = store_gdbm_close(box.store, 100);
        if (write(fd[1], &answer, sizeof answer) == sizeof answer)
            raise(SIGKILL);
    }
    close(fd[1]);
    EQUAL_NUMBER(read(fd[0], &answer, sizeof answer), sizeof answer);
    EQUAL_NUMBER(answer, false);
    close(fd[0]);
    waitpid(child, NULL, 0);
    box_clear(&box);
}

SUITE(store_faults)
{
    TEST(any_error_at_any_operation_loses_nothing);
    TEST(any_error_during_rewriting_loses_nothing);
    TEST(while_one_file_is_not_whole_the_other_rests);
    TEST(any_error_while_opening_is_served_and_saved_later);
    TEST(any_error_while_salvaging_loses_nothing_more);
    TEST(a_first_start_on_a_full_disk_serves_and_saves_later);
    TEST(a_disk_without_room_for_the_lock_is_one_sentence);
    TEST(a_failure_is_told_once_for_each_ticket);
    TEST(closing_on_a_full_disk_says_so_and_does_not_wait);
    TEST(closing_tries_once_more_before_it_gives_up);
    TEST(a_hanging_disk_does_not_hold_up_closing);
}
