/* The addresses of a recording are others, but are grouped as the real ones. */
#include "../../src/replay/anonymise_addr.h"
#include "test.h"

static void
addresses_keep_their_groups_and_nothing_else(void)
{
    static const struct {
        const char *real, *alias;
    } cases[] = {
        {"192.0.2.77", "10.0.0.0"},
        {"192.0.2.9", "10.0.0.1"},
        {"198.51.100.9", "10.0.1.0"},
        {"192.0.2.77", "10.0.0.0"},
        {"2001:db8:1:200::5", "2001:db8::1"},
        {"2001:db8:1:200::6", "2001:db8::2"},
        {"2001:db8:1:2ff::6", "2001:db8:0:1::1"},
        {"2001:db8:1:300::6", "2001:db8:0:100::1"},
        {"fe80::1", "2001:db8:0:200::1"},
        {"2001:db8:1:200::5", "2001:db8::1"},
    };
    struct anonymise_addrs a = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct addr addr, out;
        char text[ADDR_TEXT];
        CU_ASSERT_FATAL(addr_parse(cases[i].real, &addr));
        CU_ASSERT(anonymise_addr(&a, &addr, &out));
        addr_format(&out, text, sizeof text);
        EQUAL_TEXT(text, cases[i].alias);
    }
    anonymise_addrs_clear(&a);
    EQUAL_NUMBER(a.n, 0);
}

static void
a_full_table_says_so_and_still_knows_its_own(void)
{
    struct anonymise_addrs a = {0};
    struct addr addr, first, out;
    CU_ASSERT_FATAL(addr_parse("0.0.0.0", &addr));
    CU_ASSERT(anonymise_addr(&a, &addr, &first));
    unsigned n = 1;
    for (; n < 1u << 16; n++) { /* each a network and an address */
        addr.ip[12] = (uint8_t)(n >> 8);
        addr.ip[13] = (uint8_t)n;
        CU_ASSERT_FATAL(anonymise_addr(&a, &addr, &out));
    }
    CU_ASSERT_FATAL(addr_parse("0.0.1.0", &addr));
    CU_ASSERT(!anonymise_addr(&a, &addr, &out));
    CU_ASSERT_FATAL(addr_parse("0.0.0.0", &addr));
    CU_ASSERT(anonymise_addr(&a, &addr, &out) && addr_equal(&out, &first));
    anonymise_addrs_clear(&a);
}

SUITE(anonymise_addr)
{
    TEST(addresses_keep_their_groups_and_nothing_else);
    TEST(a_full_table_says_so_and_still_knows_its_own);
}
