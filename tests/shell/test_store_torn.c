/* Copies of one file of the pair, made while the server writes: what was saved before
 * the copying began and is not changed until it ends is in every one of them, and what
 * was removed before is in none. */
#include "box.h"
#include "dice.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Facts 0 to CALM - 1 stay; the next, up to ALL, come, change and go. */
enum { CALM = 1500, ALL = 4000, COPIES = 100, CHUNKS = 6, BATCH = 120 };

static uint64_t seed = 3;

static void
churn(struct box *b)
{
    for (int i = 0; i < BATCH; i++)
        box_put(b, CALM + (int)dice(&seed, ALL - CALM), (int)dice(&seed, 4));
    CU_ASSERT_TRUE_FATAL(box_saved(b, 5000));
}

/* In pieces, with changes between them; each goes in whole or in halves. */
static size_t
copy_torn(struct box *b, const char *from, char *out, size_t room)
{
    struct stat st;
    size_t n = 0;
    CU_ASSERT_FATAL(stat(from, &st) == 0);
    for (int i = 0; i <= CHUNKS; i++) {
        size_t to = i < CHUNKS ? (size_t)st.st_size * (size_t)i / CHUNKS : room;
        FILE *f = fopen(from, "rb");
        CU_ASSERT_FATAL(f != NULL && fseek(f, (long)n, SEEK_SET) == 0);
        if (to > n)
            n += fread(out + n, 1, to - n, f);
        fclose(f);
        if (i < CHUNKS)
            churn(b);
    }
    return n;
}

/* Wrong, missing and resurrected facts among those that no put changed meanwhile. */
static void
check_copy(const int *before, const char *bytes, size_t n, int which, int *torn)
{
    static struct box copy;
    box_init(&copy);
    CU_ASSERT_FATAL(mkdir(copy.data, 0700) == 0);
    box_write_file(box_path(&copy, which ? "ircd.b.gdbm" : "ircd.a.gdbm"), bytes, n);
    CU_ASSERT_TRUE_FATAL(box_open(&copy));
    *torn += copy.notes_bad > 0;
    box_differences(&copy);
    int lost = 0, wrong = 0;
    for (int i = 0; i < CALM; i++)
        lost += copy.got[i] != before[i];
    for (int i = 0; i < BOX_FACTS; i++)
        wrong += copy.got[i] < 0;
    EQUAL_NUMBER(lost, 0);
    EQUAL_NUMBER(wrong, 0);
    CU_ASSERT_TRUE(box_close(&copy));
    box_clear(&copy);
}

static void
a_torn_copy_of_one_file_has_all_that_was_saved_before(void)
{
    static struct box box;
    static int before[BOX_FACTS];
    enum { ROOM = 16 << 20 };
    char *bytes = malloc(ROOM);
    int torn = 0;
    box_init(&box);
    CU_ASSERT_TRUE_FATAL(bytes && box_open(&box));
    for (int v = 1; v < 3; v++)
        for (int i = 0; i < ALL; i++)
            box_put(&box, i, v);
    CU_ASSERT_TRUE_FATAL(box_saved(&box, 5000));
    for (int i = 0; i < CALM; i += 7) /* removed for good */
        box_put(&box, i, 0);
    CU_ASSERT_TRUE_FATAL(box_saved(&box, 5000));
    for (int c = 0; c < COPIES; c++) {
        for (int i = 3; i < CALM; i += 50) /* some of the calm are new each time */
            box_put(&box, i, 1 + (c + i) % 5);
        CU_ASSERT_TRUE_FATAL(box_saved(&box, 5000));
        memcpy(before, box.want, sizeof before);
        size_t n = copy_torn(
            &box, box_path(&box, c % 2 ? "ircd.b.gdbm" : "ircd.a.gdbm"), bytes, ROOM);
        check_copy(before, bytes, n, c % 2, &torn);
    }
    CU_ASSERT(torn > COPIES / 2);
    if (getenv("IRCD_TEST_VERBOSE"))
        printf("%d copies of one file, %d torn\n", COPIES, torn);
    CU_ASSERT_TRUE(box_close(&box));
    box_clear(&box);
    free(bytes);
}

SUITE(store_torn)
{
    TEST(a_torn_copy_of_one_file_has_all_that_was_saved_before);
}
