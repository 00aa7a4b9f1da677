/* Stores that cannot be read: the error names the file and its fault, and nothing is
 * changed, whether the store is opened only to read or to write. */
#include "box.h"
#include "test.h"

#include <gdbm.h>
#include <unistd.h>

static struct box box;

/* A store with one fact, closed. */
static void
prepare_store(void)
{
    box_init(&box);
    CU_ASSERT_TRUE_FATAL(box_open(&box));
    box_put(&box, 1, 1);
    CU_ASSERT_TRUE(box_saved(&box, 3000));
    CU_ASSERT_TRUE(box_close(&box));
}

/* Neither way of opening works; each says this about ircd.b.gdbm. */
static void
expect_refused(const char *why)
{
    char want[200];
    snprintf(want, sizeof want, "cannot use %s: %s", box_path(&box, "ircd.b.gdbm"),
             why);
    CU_ASSERT_FALSE(box_look(&box));
    CONTAINS(box.err, want);
    CU_ASSERT_FALSE(box_open(&box));
    CONTAINS(box.err, want);
    EQUAL_NUMBER(box_count_files(&box, ".gdbm"), 2);
}

static void
a_directory_without_files_has_no_database(void)
{
    prepare_store();
    unlink(box_path(&box, "ircd.a.gdbm"));
    unlink(box_path(&box, "ircd.b.gdbm"));
    CU_ASSERT_FALSE(box_look(&box));
    CONTAINS(box.err, "there is no database in ");
    EQUAL_NUMBER(box_count_files(&box, ".gdbm"), 0);
    box_clear(&box);
}

static void
a_file_that_leads_nowhere_is_refused(void)
{
    prepare_store();
    unlink(box_path(&box, "ircd.b.gdbm"));
    CU_ASSERT_EQUAL(symlink("ircd.b.gdbm", box_path(&box, "ircd.b.gdbm")), 0);
    expect_refused("Too many levels of symbolic links");
    box_clear(&box);
}

static void
a_file_that_another_program_writes_is_refused(void)
{
    prepare_store();
    char *path = strdup(box_path(&box, "ircd.b.gdbm"));
    GDBM_FILE writer = gdbm_open(path, 0, GDBM_WRITER, 0600, NULL);
    free(path);
    CU_ASSERT_PTR_NOT_NULL_FATAL(writer);
    expect_refused("another program has it open");
    gdbm_close(writer);
    CU_ASSERT_TRUE_FATAL(box_look(&box));
    EQUAL_NUMBER(box_differences(&box), 0);
    CU_ASSERT_TRUE(box_close(&box));
    box_clear(&box);
}

SUITE(store_look)
{
    TEST(a_directory_without_files_has_no_database);
    TEST(a_file_that_leads_nowhere_is_refused);
    TEST(a_file_that_another_program_writes_is_refused);
}
