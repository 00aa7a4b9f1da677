/* Shared bytes and their memory; the sanitizers report a buffer that is freed too early
 * or never. */
#include "base/mem.h"
#include "base/sbuf.h"
#include "test.h"

static void
a_new_buffer_is_empty_and_ours(void)
{
    struct sbuf *b = sbuf_new(NULL, 100);

    EQUAL_NUMBER(b->refs, 1);
    EQUAL_NUMBER(b->len, 0);
    EQUAL_NUMBER(b->cap, 100);
    memset(b->data, 'x', 100);
    sbuf_unref(b);
}

static void
the_last_reference_frees(void)
{
    struct sbuf *b = sbuf_new(NULL, 0);

    CU_ASSERT_PTR_EQUAL(sbuf_ref(b), b);
    EQUAL_NUMBER(b->refs, 2);
    sbuf_unref(b);
    EQUAL_NUMBER(b->refs, 1);
    sbuf_unref(b);
    sbuf_unref(NULL);
}

static void
memory_of_no_size_may_be_freed(void)
{
    void *a = xmalloc(0), *b = xcalloc(0, 8), *c = xcalloc(8, 0),
         *d = xrealloc(NULL, 0);

    CU_ASSERT_PTR_NOT_NULL(a);
    CU_ASSERT_PTR_NOT_NULL(b);
    CU_ASSERT_PTR_NOT_NULL(c);
    CU_ASSERT_PTR_NOT_NULL(d);
    free(a);
    free(b);
    free(c);
    d = xrealloc(d, 10);
    d = xrealloc(d, 0);
    CU_ASSERT_PTR_NOT_NULL(d);
    free(d);
}

static void
copies_are_terminated(void)
{
    static const char open[3] = {'a', 'b', 'c'}; /* no NUL */
    char *whole = xstrdup("text"), *part = xstrndup("text", 2);
    char *all = xstrndup("text", 9), *bytes = xstrndup(open, sizeof(open));

    EQUAL_TEXT(whole, "text");
    EQUAL_TEXT(part, "te");
    EQUAL_TEXT(all, "text");
    EQUAL_TEXT(bytes, "abc");
    free(whole);
    free(part);
    free(all);
    free(bytes);
}

static void
replacing_may_use_the_old_text(void)
{
    char *slot = NULL;

    xreplace(&slot, "first");
    EQUAL_TEXT(slot, "first");
    xreplace(&slot, slot);
    EQUAL_TEXT(slot, "first");
    xreplace(&slot, slot + 3);
    EQUAL_TEXT(slot, "st");
    xreplace(&slot, NULL);
    CU_ASSERT_PTR_NULL(slot);
}

SUITE(sbuf)
{
    TEST(a_new_buffer_is_empty_and_ours);
    TEST(the_last_reference_frees);
    TEST(memory_of_no_size_may_be_freed);
    TEST(copies_are_terminated);
    TEST(replacing_may_use_the_old_text);
}
