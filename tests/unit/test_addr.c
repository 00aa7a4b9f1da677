/* Addresses and prefixes: which texts are accepted, how they are written, which
 * addresses match. */
#include "base/addr.h"
#include "dice.h"
#include "test.h"

static void
addresses_are_written_canonically(void)
{
    static const struct {
        const char *text, *canonical;
    } cases[] = {
        {"0.0.0.0", "0.0.0.0"},
        {"255.255.255.255", "255.255.255.255"},
        {"192.0.2.7", "192.0.2.7"},
        {"::ffff:192.0.2.7", "192.0.2.7"},
        {"::FFFF:c000:207", "192.0.2.7"},
        {"0:0:0:0:0:ffff:192.0.2.7", "192.0.2.7"},
        {"::", "::"},
        {"::1", "::1"},
        {"1::", "1::"},
        {"2001:DB8::00a0", "2001:db8::a0"},
        {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
        {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},
        {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
        {"1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"},
        {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
        {"::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"},
        {"0:0:3:4:5:6:0:0", "::3:4:5:6:0:0"},
        {"64:ff9b::192.0.2.33", "64:ff9b::c000:221"},
        {"1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"},
        {"ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255",
         "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
        {"::102:304", "::102:304"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct addr a, again;
        char text[ADDR_TEXT];

        memset(&a, 0xAA, sizeof(a));
        CU_ASSERT_TRUE(addr_parse(cases[i].text, &a));
        addr_format(&a, text, sizeof(text));
        EQUAL_TEXT(text, cases[i].canonical);
        CU_ASSERT_TRUE(addr_parse(text, &again));
        CU_ASSERT_TRUE(addr_equal(&a, &again));
    }
}

static void
ambiguous_addresses_are_refused(void)
{
    static const char *const cases[] = {
        "",
        " 1.2.3.4",
        "1.2.3.4 ",
        "01.02.03.04",
        "1.2.3.00",
        "1.2.3.04",
        "0x7f.1",
        "0x7f.0.0.1",
        "1.2.3",
        "1.2.3.",
        "1.2.3.4.",
        "1.2.3.4.5",
        ".1.2.3.4",
        "1..2.3",
        "1.2.3.256",
        "1.2.3.1000",
        "1.2.3.-1",
        "1.2.3.+1",
        "2130706433",
        "1.2.3.4x",
        "localhost",
        "[::1]",
        "::1.2.3.4",
        "0:0:0:0:0:0:1.2.3.4",
        "fe80::1%eth0",
        ":",
        ":::",
        "1:",
        ":1",
        "1:2",
        "1::2::3",
        "1:::2",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9",
        "1:2:3:4:5:6:7:8::",
        "::1:2:3:4:5:6:7:8",
        "1:2:3:4::5:6:7:8",
        "1:2:3:4:5:6:7:",
        "12345::",
        "g::",
        "::1 ",
        "1:2:3:4:5:6:7:1.2.3.4",
        "1.2.3.4::",
        "::1.2.3.4:5",
        "::ffff:1.2.3",
        "::ffff:01.2.3.4",
        "::ffff:1.2.3.4.",
        "::/0",
        "1.2.3.4/32",
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct addr a, before;

        memset(&a, 0x55, sizeof(a));
        before = a;
        if (addr_parse(cases[i], &a))
            EQUAL_TEXT(cases[i], "refused");
        CU_ASSERT_TRUE(addr_equal(&a, &before));
    }
}

static void
mapped_addresses_are_ipv4(void)
{
    struct addr plain, mapped, v6;

    CU_ASSERT_TRUE(addr_parse("192.0.2.7", &plain));
    CU_ASSERT_TRUE(addr_parse("::ffff:192.0.2.7", &mapped));
    CU_ASSERT_TRUE(addr_parse("::fffe:c000:207", &v6));
    CU_ASSERT_TRUE(addr_equal(&plain, &mapped));
    CU_ASSERT_TRUE(addr_is_v4(&mapped));
    CU_ASSERT_FALSE(addr_is_v4(&v6));
    CU_ASSERT_FALSE(addr_equal(&plain, &v6));
}

static void
loopback_is_127_and_1(void)
{
    static const char *const yes[] = {"127.0.0.0", "127.255.255.255",
                                      "::ffff:127.0.0.1", "::1"};
    static const char *const no[] = {"126.255.255.255", "128.0.0.0", "::", "::2",
                                     "1::1"};
    struct addr a;

    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        CU_ASSERT_TRUE(addr_parse(yes[i], &a) && addr_is_loopback(&a));
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        CU_ASSERT_TRUE(addr_parse(no[i], &a) && !addr_is_loopback(&a));
}

static void
prefixes_are_written_canonically(void)
{
    static const struct {
        const char *text, *canonical;
        unsigned length;
    } cases[] = {
        {"192.0.2.77", "192.0.2.77", 32},
        {"192.0.2.77/32", "192.0.2.77", 32},
        {"192.0.2.77/31", "192.0.2.76/31", 31},
        {"192.0.2.77/24", "192.0.2.0/24", 24},
        {"192.0.2.77/20", "192.0.0.0/20", 20},
        {"255.255.255.255/1", "128.0.0.0/1", 1},
        {"192.0.2.77/0", "0.0.0.0/0", 0},
        {"2001:db8:1:2:3:4:5:6", "2001:db8:1:2:3:4:5:6", 128},
        {"2001:db8:1:2:3:4:5:6/128", "2001:db8:1:2:3:4:5:6", 128},
        {"2001:db8:1:2:3:4:5:6/64", "2001:db8:1:2::/64", 64},
        {"2001:db8:1:2ff::/57", "2001:db8:1:280::/57", 57},
        {"ffff::/0", "::/0", 0},
        {"::1/64", "::/64", 64},
        {"::ffff:192.0.2.77", "192.0.2.77", 32},
        {"::ffff:192.0.2.77/120", "192.0.2.0/24", 24},
        {"::ffff:192.0.2.77/96", "0.0.0.0/0", 0},
    };
    char err[200], text[PREFIX_TEXT];

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct prefix p;

        CU_ASSERT_TRUE(prefix_parse(cases[i].text, &p, err, sizeof(err)));
        prefix_format(&p, text, sizeof(text));
        EQUAL_TEXT(text, cases[i].canonical);
        EQUAL_NUMBER(prefix_length(&p), cases[i].length);
    }
}

static void
bad_prefixes_are_refused_in_words(void)
{
    static const struct {
        const char *text, *why;
    } cases[] = {
        {"1.2.3.4/33", "expected /0 to /32"},
        {"1.2.3.4/-1", "expected /0 to /32"},
        {"1.2.3.4/+8", "expected /0 to /32"},
        {"1.2.3.4/08", "expected /0 to /32"},
        {"1.2.3.4/", "expected /0 to /32"},
        {"1.2.3.4/8x", "expected /0 to /32"},
        {"1.2.3.4/8/8", "expected /0 to /32"},
        {"1.2.3.4/255.0.0.0", "expected /0 to /32"},
        {"1.2.3.4/4294967296", "expected /0 to /32"},
        {"::1/129", "expected /0 to /128"},
        {"::ffff:1.2.3.4/95", "expected /96 to /128"},
        {"::ffff:1.2.3.4/24", "expected /96 to /128"},
        {"10/8", "is not an address"},
        {"10.0.0/8", "is not an address"},
        {"/8", "is not an address"},
        {"", "is not an address"},
        {"[::1]/64", "is not an address"},
        {"::1.2.3.4/128", "is not an address"},
        {"fe80::1%eth0/64", "is not an address"},
        {"1111:1111:1111:1111:1111:1111:1111:1111:1111:1111:1111/64",
         "is not an address"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char err[200] = "";
        struct prefix p;

        if (prefix_parse(cases[i].text, &p, err, sizeof(err)))
            EQUAL_TEXT(cases[i].text, "refused");
        CONTAINS(err, cases[i].why);
        CONTAINS(err, cases[i].text);
    }
}

static bool
matches(const char *prefix, const char *address)
{
    char err[200];
    struct prefix p;
    struct addr a;

    CU_ASSERT_TRUE(prefix_parse(prefix, &p, err, sizeof(err)));
    CU_ASSERT_TRUE(addr_parse(address, &a));
    return prefix_match(&p, &a);
}

static void
prefixes_match_to_the_bit(void)
{
    CU_ASSERT_TRUE(matches("192.0.2.0/24", "192.0.2.255"));
    CU_ASSERT_FALSE(matches("192.0.2.0/24", "192.0.3.0"));
    CU_ASSERT_TRUE(matches("192.0.2.128/25", "192.0.2.128"));
    CU_ASSERT_FALSE(matches("192.0.2.128/25", "192.0.2.127"));
    CU_ASSERT_TRUE(matches("192.0.2.7", "::ffff:192.0.2.7"));
    CU_ASSERT_FALSE(matches("192.0.2.7", "192.0.2.6"));
    CU_ASSERT_TRUE(matches("2001:db8::/33", "2001:db8:7fff::1"));
    CU_ASSERT_FALSE(matches("2001:db8::/33", "2001:db8:8000::1"));
}

static void
families_do_not_match_each_other(void)
{
    CU_ASSERT_TRUE(matches("0.0.0.0/0", "203.0.113.9"));
    CU_ASSERT_FALSE(matches("0.0.0.0/0", "2001:db8::1"));
    CU_ASSERT_FALSE(matches("0.0.0.0/0", "::1"));
    CU_ASSERT_TRUE(matches("::/0", "2001:db8::1"));
    CU_ASSERT_FALSE(matches("::/0", "203.0.113.9"));
    CU_ASSERT_TRUE(matches("::1/64", "::2"));
    CU_ASSERT_FALSE(matches("::1/64", "203.0.113.9"));
    CU_ASSERT_FALSE(matches("::/80", "203.0.113.9"));
}

static void
hosts_and_networks_are_prefixes(void)
{
    struct addr v4, v6;
    struct prefix p;
    char text[PREFIX_TEXT];

    CU_ASSERT_TRUE(addr_parse("192.0.2.77", &v4));
    CU_ASSERT_TRUE(addr_parse("2001:db8:1:2ff:3::1", &v6));
    addr_prefix(&v4, 32, 64, &p);
    prefix_format(&p, text, sizeof(text));
    EQUAL_TEXT(text, "192.0.2.77");
    addr_prefix(&v4, 24, 56, &p);
    prefix_format(&p, text, sizeof(text));
    EQUAL_TEXT(text, "192.0.2.0/24");
    addr_prefix(&v6, 32, 64, &p);
    prefix_format(&p, text, sizeof(text));
    EQUAL_TEXT(text, "2001:db8:1:2ff::/64");
    addr_prefix(&v6, 24, 56, &p);
    prefix_format(&p, text, sizeof(text));
    EQUAL_TEXT(text, "2001:db8:1:200::/56");
    addr_prefix(&v4, 99, 999, &p);
    EQUAL_NUMBER(p.bits, 128);
    addr_prefix(&v6, 99, 999, &p);
    EQUAL_NUMBER(p.bits, 128);
}

static bool
same_bits(const struct addr *a, const struct addr *b, unsigned bits)
{
    for (unsigned i = 0; i < bits; i++) {
        unsigned shift = 7 - i % 8;

        if ((a->ip[i / 8] >> shift & 1) != (b->ip[i / 8] >> shift & 1))
            return false;
    }
    return true;
}

static void
matching_agrees_with_counting_bits(void)
{
    uint64_t seed = 4;
    int matched = 0;

    for (int round = 0; round < 100000; round++) {
        struct addr a, b;
        struct prefix p;
        unsigned bits, flip = dice(&seed, 160);
        bool want, v4 = dice(&seed, 2);

        for (int i = 0; i < 16; i++)
            a.ip[i] = (uint8_t)dice(&seed, 256);
        if (v4)
            memcpy(a.ip, "\0\0\0\0\0\0\0\0\0\0\xFF\xFF", 12);
        b = a;
        if (flip < 128)
            b.ip[flip / 8] ^= (uint8_t)(0x80 >> flip % 8);
        bits = dice(&seed, 129);
        addr_prefix(&a, bits % 33, bits, &p);
        bits = v4 ? 96 + bits % 33 : bits;
        want = same_bits(&a, &b, bits) && (bits >= 96 || !addr_is_v4(&b));
        if (p.bits != bits || prefix_match(&p, &b) != want)
            CU_FAIL_FATAL("prefix_match is wrong");
        matched += want;
    }
    CU_ASSERT_TRUE(matched > 20000 && matched < 80000);
}

static void
any_address_reads_back(void)
{
    uint64_t seed = 5;

    for (int round = 0; round < 20000; round++) {
        struct addr a, b;
        char text[ADDR_TEXT];

        for (int i = 0; i < 16; i += 2) {
            bool zero = dice(&seed, 2);

            a.ip[i] = zero ? 0 : (uint8_t)dice(&seed, 256);
            a.ip[i + 1] = zero ? 0 : (uint8_t)dice(&seed, 256);
        }
        addr_format(&a, text, sizeof(text));
        if (!addr_parse(text, &b) || !addr_equal(&a, &b))
            CU_FAIL_FATAL("an address does not read back");
    }
    CU_PASS("all read back");
}

SUITE(addr)
{
    TEST(addresses_are_written_canonically);
    TEST(ambiguous_addresses_are_refused);
    TEST(mapped_addresses_are_ipv4);
    TEST(loopback_is_127_and_1);
    TEST(prefixes_are_written_canonically);
    TEST(bad_prefixes_are_refused_in_words);
    TEST(prefixes_match_to_the_bit);
    TEST(families_do_not_match_each_other);
    TEST(hosts_and_networks_are_prefixes);
    TEST(matching_agrees_with_counting_bits);
    TEST(any_address_reads_back);
}
