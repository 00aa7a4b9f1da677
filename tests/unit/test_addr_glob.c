/* Globs over addresses: the prefix that they mean, their width, and their text. The
 * widths are compared with the addresses that the globs match. */
#include "base/str.h"
#include "dice.h"
#include "policy/access.h"
#include "proto/addr_glob.h"
#include "proto/mask.h"
#include "test.h"

static void
globs_that_mean_one_prefix(void)
{
    static const struct {
        const char *glob, *prefix; /* NULL: none */
    } cases[] = {
        {"10.*", "10.0.0.0/8"},
        {"10.1.*", "10.1.0.0/16"},
        {"10.1.2.*", "10.1.2.0/24"},
        {"10.*.*.*", "10.0.0.0/8"},
        {"255.255.255.*", "255.255.255.0/24"},
        {"256.*", NULL},
        {"010.*", NULL},
        {"10.1?.*", NULL},
        {"10.1.2.3", NULL},
        {"10.1.2.3.*", NULL},
        {"10.1*", NULL},
        {"10*", NULL},
        {"*", NULL},
        {"*.1", NULL},
        {"10.*.1", NULL},
        {"::ffff:10.1.*", "10.1.0.0/16"},
        {"::FFFF:10.1.*", "10.1.0.0/16"},
        {"2001:*", "2001::/16"},
        {"2001:db8:*", "2001:db8::/32"},
        {"2001:0DB8:*", "2001:db8::/32"},
        {"2001:db8:0:0:*", "2001:db8::/64"},
        {"2001:db8:0000:0:*:*", "2001:db8::/64"},
        {"1:2:3:4:5:6:7:*", "1:2:3:4:5:6:7:0/112"},
        {"1:2:3:4:5:6:7:8:*", NULL},
        {"02001:*", NULL},
        {"2001:d*", NULL},
        {"2001:db8::*", NULL},
        {"2001:db8:?", NULL},
        {"*:1", NULL},
        {"x:*", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[PREFIX_TEXT];
        struct prefix p;
        bool ok = addr_glob_prefix(cases[i].glob, &p);
        if (ok)
            prefix_format(&p, text, sizeof text);
        EQUAL_TEXT(ok ? text : "none", cases[i].prefix ? cases[i].prefix : "none");
        struct prefix again;
        bool colon = strchr(cases[i].glob, ':') != NULL;
        EQUAL_NUMBER(addr_glob_respelled(cases[i].glob, &again), ok && colon);
    }
}

static void
lengths_are_those_of_the_covering_prefix(void)
{
    static const struct {
        const char *glob;
        int v4, v6;
    } cases[] = {
        {"10.*", 8, -1},
        {"10.1?.*", 8, -1},
        {"10.1.1?.*", 16, -1},
        {"192.0.2.?", 24, -1},
        {"192.0.2.1?", 24, -1},
        {"192.0.2.25?", 24, -1},
        {"1*", 0, 3},
        {"10*", 1, 3},
        {"25?.*", 0, -1},
        {"26?.*", 8, -1},
        {"300.*", -1, -1},
        {"01.*", -1, -1},
        {"*.1.2.3", 0, -1},
        {"?.1.2.3", 0, -1},
        {"1.2.3.4.*", -1, -1},
        {"2001:*", -1, 16},
        {"2001*", -1, 16},
        {"2001?*", -1, 16},
        {"2001:d*", -1, 16},
        {"2001:db8:*", -1, 32},
        {"2001:db8::*", -1, 64},
        {"2001:db8:1234*", -1, 48},
        {"2001:db8:f*", -1, 32},
        {"2001:db8:0*", -1, 48},
        {"2001:0db8:*", -1, -1},
        {"*:dead:beef", -1, 0},
        {"*2001*", 0, 0},
        {"*cafe*", -1, 0},
        {"::1*", -1, 32},
        {":1*", -1, -1},
        {":*", -1, -1},
        {":?1*", -1, 32},
        {"20011*", -1, -1},
        {"*.example.org", -1, -1},
        {"*", -1, -1},
        {"*.*", -1, -1},
        {"*.cafe", -1, -1},
        {"*.cloak", -1, -1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int v4, v6;
        bool any = addr_glob_lengths(cases[i].glob, &v4, &v6);
        if (v4 != cases[i].v4 || v6 != cases[i].v6)
            printf("\n    %s\n", cases[i].glob);
        EQUAL_NUMBER(v4, cases[i].v4);
        EQUAL_NUMBER(v6, cases[i].v6);
        EQUAL_NUMBER(any, v4 >= 0 || v6 >= 0);
    }
}

static uint64_t seed = 20261130;

/* An address with many zeros, so that every form of its text is tried. */
static void
any_address(struct addr *a)
{
    for (size_t i = 0; i < sizeof a->ip; i++)
        a->ip[i] = (uint8_t)(dice(&seed, 3) ? 0 : dice(&seed, 256));
    if (dice(&seed, 2)) {
        memset(a->ip, 0, 10);
        a->ip[10] = a->ip[11] = 0xFF;
    }
}

/* The text of a with wildcards in the place of some of it. */
static void
glob_of(const struct addr *a, char *out)
{
    char text[ADDR_TEXT];
    addr_format(a, text, sizeof text);
    size_t n = strlen(text), from = dice(&seed, (unsigned)n),
           to = from + dice(&seed, 4);
    str_format(out, ADDR_TEXT, "%.*s%s%s", (int)from, text, dice(&seed, 3) ? "*" : "?",
               dice(&seed, 2) || to >= n ? "" : text + to);
}

/* For any two addresses that a glob matches, its prefix is not longer than the bits
 * that they share: no glob counts as narrower than it is. */
static void
no_glob_is_wider_than_it_is_called(void)
{
    enum { ADDRESSES = 3000 };
    static struct addr all[ADDRESSES];
    static char texts[ADDRESSES][ADDR_TEXT];
    for (int i = 0; i < ADDRESSES; i++) {
        any_address(&all[i]);
        addr_format(&all[i], texts[i], sizeof texts[i]);
    }
    unsigned met = 0;
    for (int g = 0; g < ADDRESSES; g++) {
        char glob[ADDR_TEXT];
        int lengths[2];
        glob_of(&all[g], glob);
        if (strpbrk(glob, "0123456789abcdef") == NULL)
            continue;
        bool any = addr_glob_lengths(glob, &lengths[0], &lengths[1]);
        for (int i = 0; i < ADDRESSES; i++) {
            struct prefix p;
            bool v4 = addr_is_v4(&all[i]);
            if (!mask_glob(glob, texts[i]) || !mask_glob(glob, texts[g]) ||
                v4 != addr_is_v4(&all[g]))
                continue;
            met += i != g;
            int bits = lengths[!v4];
            bool fine = any && bits >= 0;
            addr_prefix(&all[g], fine && v4 ? (unsigned)bits : 0,
                        fine && !v4 ? (unsigned)bits : 0, &p);
            if (!fine || !prefix_match(&p, &all[i])) {
                printf("\n    %s matches %s and %s, called /%d\n", glob, texts[g],
                       texts[i], bits);
                CU_FAIL("a glob is wider than it is called");
            }
        }
    }
    CU_ASSERT(met > 1000);
}

static void
a_glob_lies_in_a_prefix_that_covers_all_it_matches(void)
{
    static const struct {
        const char *glob, *prefix;
        bool lies;
    } cases[] = {
        {"203.0.113.1?", "203.0.113.0/24", true},
        {"203.0.113.1?", "203.0.113.0/25", false}, /* 203.0.113.1??, of *, too */
        {"203.0.113.1?", "203.0.112.0/23", true},
        {"203.0.113.1?", "203.0.114.0/24", false},
        {"203.0.113*", "203.0.113.0/24", true},
        {"203.0.11?.*", "203.0.113.0/24", false},
        {"203.0.11?.*", "203.0.0.0/16", true},
        {"2001:db8:a::?", "2001:db8::/32", true},
        {"2001:db8:a::?", "2001:db8:b::/48", false},
        {"2001:db8::a*", "2001:db8::/64", true},
        {"2001:db8::a*", "2001:db8::/65", false},
        {"2001:d*", "2001:db8::/32", false},
        {"1*", "0.0.0.0/0", false}, /* IPv6 as well */
        {"*.example.org", "0.0.0.0/0", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char err[200];
        struct prefix p;
        CU_ASSERT_FATAL(prefix_parse(cases[i].prefix, &p, err, sizeof err));
        if (addr_glob_lies_in(cases[i].glob, &p) != cases[i].lies)
            printf("\n    %s in %s\n", cases[i].glob, cases[i].prefix);
        EQUAL_NUMBER(addr_glob_lies_in(cases[i].glob, &p), cases[i].lies);
    }
}

static void
what_no_address_is_written_as_is_told_with_the_right_spelling(void)
{
    static const struct {
        const char *glob, *expected; /* NULL: fine */
    } cases[] = {
        {"2001:0db8::*",
         "expected 2001:db8::*"}, /* unless it was spelled in that way before */
        {"2001:db8:00:*:1", "expected 2001:db8:0:*:1"},
        {"*:0:0:1", "written as ::, so it matches no address: expected a CIDR"},
        {"2001:db8:0:0:1*", "written as ::"},
        {"2001:db8:12345:?", "too large"},
        {"010.*.1", "expected 10.*.1"},
        {"10.256.*", "expected four numbers up to 255"},
        {"1.2.3.4.*", "too many"},
        {"2001:db8::0:*", "written as ::"},
        {"2001:db8:0::*", "written as ::"},
        {"*::0", "written as ::"},
        {"0::*", "written as ::"},
        {"2001::db8::*", "has :: twice"},
        {"1:2:3:4:5:6:7:8:*", "too many"},
        {"1:2:3:4:5:6:7:*", NULL},
        {"2001:0:1::*", NULL},
        {"*:0:1::", NULL},
        {"::*", NULL},
        {"*::", NULL},
        {"10.*", NULL},
        {"*.0", NULL},
        {"0.*", NULL},
        {"2001:db8::*", NULL},
        {"2001:db8:0:1:*", NULL},
        {"::1*", NULL},
        {"*:*", NULL},
        {"*.*.*.*", NULL},
        {"*.example.org", NULL},
        {"*.07", "expected *.7"},
        {"host-010.*.example", NULL},
        {"*", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char err[200] = "fine";
        bool fault = addr_glob_fault(cases[i].glob, err, sizeof err);
        EQUAL_NUMBER(fault, cases[i].expected != NULL);
        char host[80], why[200]; /* hosts of oper blocks */
        str_format(host, sizeof host, "*@%s", cases[i].glob);
        if (strncmp(cases[i].glob, "2001:", 5) != 0)
            EQUAL_NUMBER(access_host_mask(host, why, sizeof why), !fault);
        CONTAINS(err, cases[i].expected ? cases[i].expected : "fine");
    }
}

SUITE(addr_glob)
{
    TEST(globs_that_mean_one_prefix);
    TEST(lengths_are_those_of_the_covering_prefix);
    TEST(no_glob_is_wider_than_it_is_called);
    TEST(a_glob_lies_in_a_prefix_that_covers_all_it_matches);
    TEST(what_no_address_is_written_as_is_told_with_the_right_spelling);
}
