/* The store in memory keeps the contract of the port: order of tickets, replacing,
 * forgetting, news once, failures on demand. */
#include "state/store_ram.h"
#include "test.h"

struct seen {
    int count;
    char all[2000]; /* "key=value " of each, in order */
};

static void
note(void *ctx, const void *key, size_t key_len, const void *value, size_t value_len)
{
    struct seen *seen = ctx;
    size_t at = strlen(seen->all);
    seen->count++;
    snprintf(seen->all + at, sizeof seen->all - at, "%.*s=%.*s ", (int)key_len,
             (const char *)key, (int)value_len, (const char *)value);
}

static const char *
contents(struct store *s, struct seen *seen)
{
    *seen = (struct seen){0};
    store_each(s, note, seen);
    return seen->all;
}

static store_ticket
set(struct store *s, const char *key, const char *value)
{
    return store_put(s, key, strlen(key), value, value ? strlen(value) : 0);
}

static void
puts_replace_and_nulls_forget(void)
{
    static const struct {
        const char *key, *value, *after;
    } steps[] = {
        {"a", "1", "a=1 "},
        {"b", "2", "a=1 b=2 "},
        {"a", "long value", "a=long value b=2 "},
        {"nothing", NULL, "a=long value b=2 "},
        {"a", NULL, "b=2 "},
        {"a", "", "b=2 a= "},
        {"ab", "3", "b=2 a= ab=3 "},
        {"b", NULL, "a= ab=3 "},
    };
    struct store *s = store_ram_new();
    struct seen seen;
    CU_ASSERT_FALSE(s->durable);
    EQUAL_TEXT(contents(s, &seen), "");
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        EQUAL_NUMBER(set(s, steps[i].key, steps[i].value), i + 1);
        EQUAL_TEXT(contents(s, &seen), steps[i].after);
    }
    store_ram_free(s);
}

static void
keys_and_values_may_hold_any_byte(void)
{
    struct store *s = store_ram_new();
    struct seen seen;
    store_put(s, "k\0a", 3, "v\0a", 3);
    store_put(s, "k\0b", 3, "v\0b", 3);
    contents(s, &seen);
    EQUAL_NUMBER(seen.count, 2);
    store_put(s, "k\0b", 3, NULL, 0);
    contents(s, &seen);
    EQUAL_NUMBER(seen.count, 1);
    store_ram_free(s);
}

static void
news_come_once_for_all_that_was_put(void)
{
    struct store *s = store_ram_new();
    struct store_news news;
    CU_ASSERT_FALSE(store_ram_news(s, &news));
    set(s, "a", "1");
    store_ticket last = set(s, "b", "2");
    CU_ASSERT_TRUE(store_ram_news(s, &news));
    EQUAL_NUMBER(news.upto, last);
    CU_ASSERT_PTR_NULL(news.why);
    CU_ASSERT_FALSE(store_ram_news(s, &news));
    store_ram_free(s);
}

static void
failures_are_told_once_and_then_the_success(void)
{
    struct store *s = store_ram_new();
    struct store_news news;
    store_ram_fail(s, "disk full");
    CU_ASSERT_FALSE(store_ram_news(s, &news));
    set(s, "a", "1");
    CU_ASSERT_TRUE(store_ram_news(s, &news));
    EQUAL_TEXT(news.why, "disk full");
    EQUAL_NUMBER(news.upto, 1);
    CU_ASSERT_FALSE(store_ram_news(s, &news));
    set(s, "b", "1");
    CU_ASSERT_TRUE(store_ram_news(s, &news));
    EQUAL_NUMBER(news.upto, 2);
    store_ram_fail(s, NULL);
    CU_ASSERT_TRUE(store_ram_news(s, &news));
    EQUAL_NUMBER(news.upto, 2);
    CU_ASSERT_PTR_NULL(news.why);
    CU_ASSERT_FALSE(store_ram_news(s, &news));
    store_ram_free(s);
}

static void
ten_thousand_facts_are_kept_apart(void)
{
    struct store *s = store_ram_new();
    struct seen seen;
    char key[32];
    for (int i = 0; i < 10000; i++) {
        snprintf(key, sizeof key, "key-%d", i);
        set(s, key, key);
    }
    for (int i = 0; i < 9999; i++) {
        snprintf(key, sizeof key, "key-%d", i);
        set(s, key, NULL);
    }
    EQUAL_TEXT(contents(s, &seen), "key-9999=key-9999 ");
    store_ram_free(s);
    store_ram_free(NULL);
}

static void
a_group_is_there_once_it_is_committed(void)
{
    struct store *s = store_ram_new();
    struct store_news news;
    struct seen seen;
    set(s, "a", "1");
    store_begin(s);
    set(s, "a", NULL);
    store_begin(s); /* a group inside a group */
    EQUAL_NUMBER(set(s, "b", "2"), 3);
    store_commit(s);
    EQUAL_TEXT(contents(s, &seen), "a=1 ");
    set(s, "b", "3");
    store_commit(s);
    EQUAL_TEXT(contents(s, &seen), "b=3 ");
    CU_ASSERT_TRUE(store_ram_news(s, &news));
    EQUAL_NUMBER(news.upto, 4);
    store_begin(s);
    store_commit(s); /* an empty one */
    CU_ASSERT_FALSE(store_ram_news(s, &news));
    store_ram_free(s);
}

/* Steps: a, b and c of the group, its commit, d. */
static void
a_store_that_is_cut_keeps_what_was_done_before(void)
{
    static const char *const want[] = {"",     "a=1 ",         "a=1 ",
                                       "a=1 ", "a=1 b=2 c=3 ", "a=1 b=2 c=3 d=4 "};
    for (unsigned steps = 0; steps < sizeof want / sizeof *want; steps++) {
        struct store *s = store_ram_new();
        struct seen seen;
        store_ram_cut(s, steps);
        set(s, "a", "1");
        store_begin(s);
        set(s, "b", "2");
        set(s, "c", "3");
        store_commit(s);
        set(s, "d", "4");
        EQUAL_TEXT(contents(s, &seen), want[steps]);
        store_ram_reopen(s);
        EQUAL_TEXT(contents(s, &seen), want[steps]);
        store_ram_free(s);
    }
}

static void
a_scan_gives_what_starts_with_the_prefix(void)
{
    static const struct {
        const char *prefix, *found;
    } cases[] = {
        {"", "B=1 Bx=2 Bxy=3 C=4 "},
        {"B", "B=1 Bx=2 Bxy=3 "},
        {"Bx", "Bx=2 Bxy=3 "},
        {"Bxyz", ""},
        {"C", "C=4 "},
        {"b", ""},
    };
    struct store *s = store_ram_new();
    set(s, "B", "1");
    set(s, "Bx", "2");
    set(s, "Bxy", "3");
    set(s, "C", "4");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct seen seen = {0};
        s->ops->scan(s, cases[i].prefix, strlen(cases[i].prefix), note, &seen);
        EQUAL_TEXT(seen.all, cases[i].found);
    }
    store_ram_free(s);
}

SUITE(store_ram)
{
    TEST(a_group_is_there_once_it_is_committed);
    TEST(a_store_that_is_cut_keeps_what_was_done_before);
    TEST(a_scan_gives_what_starts_with_the_prefix);
    TEST(puts_replace_and_nulls_forget);
    TEST(keys_and_values_may_hold_any_byte);
    TEST(news_come_once_for_all_that_was_put);
    TEST(failures_are_told_once_and_then_the_success);
    TEST(ten_thousand_facts_are_kept_apart);
}
