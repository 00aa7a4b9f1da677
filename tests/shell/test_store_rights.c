/* The kernel refuses to write files: a limit on their size, and directories without the
 * right to write. */
#define _DEFAULT_SOURCE /* seteuid */
#include "box.h"
#include "test.h"

#include <errno.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NOBODY = 65534 };

static struct box box;

static void
a_file_size_limit_is_an_error_and_no_signal(void)
{
    struct rlimit old, tight;
    struct stat st;
    box_init(&box);
    box_fill(&box, 50);
    CU_ASSERT_EQUAL_FATAL(stat(box_path(&box, "ircd.a.gdbm"), &st), 0);
    getrlimit(RLIMIT_FSIZE, &old);
    tight = (struct rlimit){.rlim_cur = (rlim_t)st.st_size, .rlim_max = old.rlim_max};
    setrlimit(RLIMIT_FSIZE, &tight);
    for (int i = 50; i < 800; i++)
        box_put(&box, i, 1);
    bool failed = box_failed(&box, 3000);
    setrlimit(RLIMIT_FSIZE, &old);
    CU_ASSERT_TRUE(failed);
    CONTAINS(box.why, "file size limit (ircd.");
    CU_ASSERT_TRUE(box_saved(&box, 3000));
    CU_ASSERT_TRUE(box_close(&box));
    CU_ASSERT_TRUE_FATAL(box_open(&box));
    EQUAL_TEXT(box.notes, "");
    EQUAL_NUMBER(box_differences(&box), 0);
    box_clear(&box);
}

/* No directory is read-only for root, so root becomes the user nobody meanwhile. */
static void
drop_rights(const char *dir, const char *data)
{
    if (geteuid() != 0)
        return;
    CU_ASSERT_EQUAL_FATAL(chown(dir, NOBODY, NOBODY), 0);
    CU_ASSERT(chown(data, NOBODY, NOBODY) == 0 || errno == ENOENT);
    CU_ASSERT_EQUAL_FATAL(seteuid(NOBODY), 0);
}

static void
regain_rights(void)
{
    if (getuid() == 0)
        CU_ASSERT_EQUAL_FATAL(seteuid(0), 0);
}

static void
a_read_only_directory_is_retried(void)
{
    box_init(&box);
    drop_rights(box.dir, box.data);
    box_fill(&box, 10);
    unlink(box_path(&box, "ircd.b.gdbm"));
    chmod(box.data, 0500);
    box_put(&box, 1, 9);
    bool failed = box_failed(&box, 3000);
    chmod(box.data, 0700);
    CU_ASSERT_TRUE(failed);
    CONTAINS(box.why, "not allowed to write (ircd.b.gdbm: Permission denied)");
    CU_ASSERT_TRUE(box_saved(&box, 3000));
    CU_ASSERT_TRUE(box_close(&box));
    regain_rights();
    CU_ASSERT_TRUE_FATAL(box_open(&box));
    EQUAL_NUMBER(box_differences(&box), 0);
    box_clear(&box);
}

static void
opening_in_a_read_only_directory_is_one_sentence(void)
{
    box_init(&box);
    CU_ASSERT_EQUAL_FATAL(mkdir(box.data, 0500), 0);
    drop_rights(box.dir, box.data);
    CU_ASSERT_FALSE(box_open(&box));
    CONTAINS(box.err, "cannot lock the data directory");
    CONTAINS(box.err, "Permission denied");
    regain_rights();
    box_clear(&box);
}

SUITE(store_rights)
{
    TEST(a_file_size_limit_is_an_error_and_no_signal);
    TEST(a_read_only_directory_is_retried);
    TEST(opening_in_a_read_only_directory_is_one_sentence);
}
