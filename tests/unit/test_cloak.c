/* Cloaks as texts: the same text for the same host, and a common end for neighbours. */
#include "proto/cloak.h"
#include "test.h"

static const struct cloak_key key = {{1, 2, 3}}, other_key = {{1, 2, 4}};

static void
cloak_of(const struct cloak_key *with, const char *address, char out[CLOAK_TEXT])
{
    struct addr addr;
    CU_ASSERT_TRUE_FATAL(addr_parse(address, &addr));
    cloak_make(with, &addr, out);
}

static void
a_cloak_has_three_labels_and_a_fixed_end(void)
{
    static const char *const addresses[] = {"192.0.2.1", "::1", "2001:db8::1",
                                            "255.255.255.255", "0.0.0.0"};
    char cloak[CLOAK_TEXT];
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
        cloak_of(&key, addresses[i], cloak);
        EQUAL_NUMBER(strlen(cloak), 38);
        EQUAL_NUMBER(strspn(cloak, "abcdefghijklmnopqrstuvwxyz234567."), 38);
        EQUAL_TEXT(cloak + 32, ".cloak");
        CU_ASSERT(cloak[10] == '.' && cloak[21] == '.');
    }
}

/* The number of labels, from the end, that two cloaks share: 1 is ".cloak" alone. */
static int
shared_labels(const char *a, const char *b)
{
    static const size_t ends[] = {0, 11, 22, 33};
    for (int i = 0; i < 4; i++)
        if (strcmp(a + ends[i], b + ends[i]) == 0)
            return 4 - i;
    return 0;
}

static void
neighbours_share_the_end(void)
{
    static const struct {
        const char *a, *b;
        int shared;
    } cases[] = {
        {"192.0.2.7", "192.0.2.7", 4},
        {"192.0.2.7", "::ffff:192.0.2.7", 4},
        {"192.0.2.7", "192.0.2.8", 3},
        {"192.0.2.7", "192.0.3.7", 2},
        {"192.0.2.7", "192.1.2.7", 1},
        {"2001:db8:1:100::1", "2001:db8:1:100:f::9", 4},
        {"2001:db8:1:100::1", "2001:db8:1:1ff::1", 3},
        {"2001:db8:1:100::1", "2001:db8:1:200::1", 2},
        {"2001:db8:1:100::1", "2001:db8:2:100::1", 1},
        {"192.0.2.7", "2001:db8::1", 1},
    };
    char a[CLOAK_TEXT], b[CLOAK_TEXT];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cloak_of(&key, cases[i].a, a);
        cloak_of(&key, cases[i].b, b);
        EQUAL_NUMBER(shared_labels(a, b), cases[i].shared);
    }
}

static void
another_key_gives_another_cloak(void)
{
    char a[CLOAK_TEXT], b[CLOAK_TEXT];
    cloak_of(&key, "192.0.2.7", a);
    cloak_of(&other_key, "192.0.2.7", b);
    EQUAL_NUMBER(shared_labels(a, b), 1);
}

/* The labels of one cloak are independent: the label of a /24 is not that of its first
 * host. */
static void
the_labels_of_one_cloak_differ(void)
{
    char cloak[CLOAK_TEXT];
    cloak_of(&key, "192.0.0.0", cloak);
    CU_ASSERT(strncmp(cloak, cloak + 11, 10) != 0);
    CU_ASSERT(strncmp(cloak + 11, cloak + 22, 10) != 0);
}

SUITE(cloak)
{
    TEST(a_cloak_has_three_labels_and_a_fixed_end);
    TEST(neighbours_share_the_end);
    TEST(another_key_gives_another_cloak);
    TEST(the_labels_of_one_cloak_differ);
}
