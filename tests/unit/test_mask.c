/* Masks: the two readers, and the clients that a mask matches. Some tables follow the
 * "mask-match" and "userhost-split" vectors of the IRC parser tests (CC0). */
#include "base/str.h"
#include "proto/casemap.h"
#include "proto/mask.h"
#include "test.h"

static void
loose_masks_become_nick_user_host(void)
{
    static const struct {
        const char *text, *canonical;
        bool is_prefix;
    } cases[] = {
        {"nick", "nick!*@*", false},
        {"ni*", "ni*!*@*", false},
        {"*", "*!*@*", false},
        {"", "*!*@*", false},
        {"nick!user", "nick!user@*", false},
        {"nick!", "nick!*@*", false},
        {"nick!@", "nick!*@*", false},
        {"nick!@host", "nick!*@host", false},
        {"!user", "*!user@*", false},
        {"!user@", "*!user@*", false},
        {"user@host", "*!user@host", false},
        {"user@", "*!user@*", false},
        {"@host", "*!*@host", false},
        {"@", "*!*@*", false},
        {"!", "*!*@*", false},
        {"!@", "*!*@*", false},
        {"nick!user@host.example", "nick!user@host.example", false},
        {"host.name", "*!*@host.name", false},
        {"*.example.org", "*!*@*.example.org", false},
        {"host.name..", "*!*@host.name", false},
        {"1.2.3.4", "*!*@1.2.3.4", true},
        {"1.2.3.4/24", "*!*@1.2.3.0/24", true},
        {"1.2.3.4/33", "*!*@1.2.3.4/33", false},
        {"1.2.3.*", "*!*@1.2.3.*", false},
        {"*!*@2001:0DB8:*", "*!*@2001:db8::/32", true},
        {"2001:db8:0:0:*", "*!*@2001:db8::/64", true},
        {"2001:0db8::0*", "*!*@2001:db8::0*", false},
        {"010.*", "*!*@010.*", false},
        {"::1/64", "*!*@::/64", true},
        {"*!*@2001:DB8:0::1", "*!*@2001:db8::1", true},
        {"a!b@::ffff:1.2.3.4", "a!b@1.2.3.4", true},
        {"a!b@c@d", "a!b@c@d", false},
        {"a@b!c", "*!a@b!c", false},
        {":a!b@c", "?a!b@c", false},
        {" nick", "nick!*@*", false},
        {"nick and more", "nick!*@*", false},
        {"N[i]ck!~U@H", "N[i]ck!~U@H", false},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct mask m, again;

        CU_ASSERT_TRUE(mask_parse_loose(cases[i].text, &m));
        EQUAL_TEXT(m.text, cases[i].canonical);
        EQUAL_NUMBER(m.is_prefix, cases[i].is_prefix);
        CU_ASSERT_TRUE(mask_parse_loose(m.text, &again));
        EQUAL_TEXT(again.text, m.text);
    }
}

static void
masks_have_a_length(void)
{
    char text[200], err[200];
    struct mask m;

    memset(text, 'a', sizeof(text));
    memcpy(text, "n!u@", 4);
    text[MASK_TEXT - 1] = '\0';
    CU_ASSERT_TRUE(mask_parse_loose(text, &m));
    EQUAL_TEXT(m.text, text);
    EQUAL_NUMBER(strlen(m.host), MASK_TEXT - 5);
    CU_ASSERT_TRUE(mask_parse_strict(text, &m, err, sizeof(err)));
    EQUAL_TEXT(m.text, text);
    text[MASK_TEXT - 1] = 'a';
    text[MASK_TEXT] = '\0';
    CU_ASSERT_FALSE(mask_parse_loose(text, &m));
    CU_ASSERT_FALSE(mask_parse_strict(text, &m, err, sizeof(err)));
    CONTAINS(err, "too long");
    memset(text, 'a', sizeof(text));
    text[MASK_TEXT - 5] = '\0'; /* as a nick it gets "!*@*" appended */
    CU_ASSERT_TRUE(mask_parse_loose(text, &m));
    EQUAL_NUMBER(strlen(m.text), MASK_TEXT - 1);
    text[MASK_TEXT - 5] = 'a';
    text[MASK_TEXT - 4] = '\0';
    CU_ASSERT_FALSE(mask_parse_loose(text, &m));
}

static void
strict_masks_are_listed_canonically(void)
{
    static const struct {
        const char *text, *canonical;
        bool is_prefix;
    } cases[] = {
        {"user@host.example", "user@host.example", false},
        {"*@localhost", "*@localhost", false},
        {"nick!user@host.example", "nick!user@host.example", false},
        {"*!user@host.example", "user@host.example", false},
        {"n[i]ck!*@*.example", "n[i]ck!*@*.example", false},
        {"host.example", "*@host.example", false},
        {"*.example.org", "*@*.example.org", false},
        {"host.example.", "*@host.example", false},
        {"*@host.example..", "*@host.example", false},
        {"*@Host.Example.", "*@Host.Example", false},
        {"324.net.uk", "*@324.net.uk", false},
        {"192.0.2.7", "*@192.0.2.7", true},
        {"*@192.0.2.7", "*@192.0.2.7", true},
        {"*@192.0.2.7.", "*@192.0.2.7", true},
        {"*@192.0.2.7/32", "*@192.0.2.7", true},
        {"*@192.0.2.7/24", "*@192.0.2.0/24", true},
        {"192.0.2.7/0", "*@0.0.0.0/0", true},
        {"::1", "*@::1", true},
        {"*@2001:DB8::1/64", "*@2001:db8::/64", true},
        {"*@::ffff:192.0.2.7", "*@192.0.2.7", true},
        {"*@10.0.*", "*@10.0.*", false},
        {"*@10.0.0.?", "*@10.0.0.?", false},
        {"*@2001:db8:*", "*@2001:db8::/32", true},
        {"*@2001:0DB8:*", "*@2001:db8::/32", true},
        {"*@2001:db8:0:0:*", "*@2001:db8::/64", true},
        {"a!b@2001:*:*", "a!b@2001::/16", true},
        {"*@::ffff:192.0.2.*", "*@192.0.2.0/24", true},
        {"*@2001:d*", "*@2001:d*", false},
        {"*@2001:db8::*", "*@2001:db8::*", false},
        {"*@2001:0db8:*:00a", "*@2001:db8:*:a", false},
        {"*@*", "*@*", false},
    };
    char err[200];

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct mask m, again;

        if (!mask_parse_strict(cases[i].text, &m, err, sizeof(err))) {
            EQUAL_TEXT(err, cases[i].canonical);
            continue;
        }
        EQUAL_TEXT(m.text, cases[i].canonical);
        EQUAL_NUMBER(m.is_prefix, cases[i].is_prefix);
        CU_ASSERT_TRUE(mask_parse_strict(m.text, &again, err, sizeof(err)));
        EQUAL_TEXT(again.text, m.text);
    }
}

static void
strict_masks_refuse_what_is_unclear(void)
{
    static const struct {
        const char *text, *why;
    } cases[] = {
        {"", "is empty"},
        {"nick", "expected user@host, an address or a CIDR"},
        {"*", "expected user@host, an address or a CIDR"},
        {"2130706433", "expected user@host, an address or a CIDR"},
        {"10/8", "expected user@host, an address or a CIDR"},
        {"nick!user", "expected user@host, an address or a CIDR"},
        {"nick!user.x", "expected user@host, an address or a CIDR"},
        {"*@2130706433", "is not an address"},
        {"*@0x7f000001", "is not an address"},
        {"*@0x7f.1", "is not an address"},
        {"0x7f.1", "is not an address"},
        {"01.02.03.04", "is not an address"},
        {"*@1.2.3", "is not an address"},
        {"1.2.3.4.5", "is not an address"},
        {"1.2.3.256", "is not an address"},
        {"1.2.3.4x", "is not an address"},
        {"*@::1.2.3.4", "is not an address"},
        {"*@12345::", "is not an address"},
        {"*@1.2.3.4/33", "expected /0 to /32"},
        {"*@1.2.3.4/-1", "expected /0 to /32"},
        {"*@1.2.3.4/+8", "expected /0 to /32"},
        {"*@1.2.3.4/08", "expected /0 to /32"},
        {"*@1.2.3.4/8/8", "expected /0 to /32"},
        {"*@1.2.3.4/", "expected /0 to /32"},
        {"*@::1/129", "expected /0 to /128"},
        {"*@host.example/24", "is not an address"},
        {"*@10.0.*/24", "wildcard in a CIDR"},
        {"*@[::1]", "brackets"},
        {"[::1]", "brackets"},
        {"*@fe80::1%eth0", "zone"},
        {"a@b@c.d", "more than one '@'"},
        {"a!b@c@d", "more than one '@'"},
        {"@host.example", "empty user"},
        {"nick!@host.example", "empty user"},
        {"!user@host.example", "empty nick"},
        {"user@", "empty host"},
        {"nick!user@", "empty host"},
        {"*@.", "empty host"},
        {"*@..", "empty host"},
        {"a!b!c@host.example", "'!' out of place"},
        {"user@host!x.example", "'!' out of place"},
        {":user@host.example", "begins with a colon"},
        {"*!:@host.example", "begins with a colon"},
        {"user@host.example junk", "a space"},
        {"us\x02"
         "er@host.example",
         "a control character"},
        {"user@host.example\x7F", "a control character"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char err[200] = "";
        struct mask m;

        if (mask_parse_strict(cases[i].text, &m, err, sizeof(err)))
            EQUAL_TEXT(cases[i].text, "refused");
        CONTAINS(err, cases[i].why);
        CONTAINS(err, "expected");
    }
}

static bool
matches(const char *mask, const char *host, const char *address)
{
    struct mask m;
    struct addr a;
    struct mask_subject s = {
        .nick = "Alice", .user = "al", .host = host, .address = address, .addr = &a};

    CU_ASSERT_TRUE(mask_parse_loose(mask, &m));
    CU_ASSERT_TRUE(addr_parse(address, &a));
    return mask_match(&m, &s);
}

static void
a_prefix_matches_the_address_alone(void)
{
    CU_ASSERT_TRUE(matches("*!*@192.0.2.0/24", "cloak.example", "192.0.2.200"));
    CU_ASSERT_FALSE(matches("*!*@192.0.2.0/24", "192.0.2.1", "198.51.100.1"));
    CU_ASSERT_TRUE(matches("alice!AL@192.0.2.7", "x", "192.0.2.7"));
    CU_ASSERT_FALSE(matches("bob!*@192.0.2.7", "x", "192.0.2.7"));
    CU_ASSERT_FALSE(matches("*!bob@192.0.2.7", "x", "192.0.2.7"));
    CU_ASSERT_TRUE(matches("*!*@::ffff:192.0.2.7", "x", "192.0.2.7"));
    CU_ASSERT_TRUE(matches("*!*@2001:db8::/64", "x", "2001:db8::42:1"));
    CU_ASSERT_FALSE(matches("*!*@::1/64", "x", "192.0.2.7"));
}

static void
a_glob_matches_host_or_address(void)
{
    CU_ASSERT_TRUE(matches("*!*@*.EXAMPLE", "host.example", "192.0.2.7"));
    CU_ASSERT_TRUE(matches("*!*@host.example.", "host.example", "192.0.2.7"));
    CU_ASSERT_TRUE(matches("*!*@192.0.*", "host.example", "192.0.2.7"));
    CU_ASSERT_FALSE(matches("*!*@198.*", "host.example", "192.0.2.7"));
    CU_ASSERT_TRUE(matches("ALI*", "host.example", "192.0.2.7"));
    CU_ASSERT_FALSE(matches("ali?", "host.example", "192.0.2.7"));
    CU_ASSERT_FALSE(matches("*!x*@*", "host.example", "192.0.2.7"));
}

static void
a_copy_stands_alone(void)
{
    struct mask *m = malloc(sizeof(*m));
    struct mask copy;

    CU_ASSERT_TRUE(mask_parse_loose("nick!user@192.0.2.0/24", m));
    mask_copy(&copy, m);
    memset(m, 'x', sizeof(*m));
    free(m);
    EQUAL_TEXT(copy.text, "nick!user@192.0.2.0/24");
    EQUAL_TEXT(copy.nick, "nick");
    EQUAL_TEXT(copy.user, "user");
    EQUAL_TEXT(copy.host, "192.0.2.0/24");
    EQUAL_NUMBER(copy.is_prefix, true);
    EQUAL_NUMBER(copy.prefix.bits, 120);
}

static void
literals_are_letters_and_digits(void)
{
    static const struct {
        const char *text;
        unsigned literals;
    } cases[] = {
        {"*", 0},
        {"*!*@*.*-?_.", 0},
        {"abc!*@*", 3},
        {"a?c!d*@*.Ex4mple", 10},
        {"*!*@192.0.2.0/24", 0},
        {"al!*@192.0.2.7", 2},
        {"*!*@192.0.*", 4},
        {"\xC3\xBC!*@*", 1},
        {"\xE6\x97\xA5\xE6\x9C\xAC!*@*", 2},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct mask m;

        CU_ASSERT_TRUE(mask_parse_loose(cases[i].text, &m));
        EQUAL_NUMBER(mask_literals(&m), cases[i].literals);
    }
}

static void
sources_split_as_the_vectors_say(void)
{
    static const struct {
        const char *text, *nick, *user, *host;
    } cases[] = {
        {"coolguy", "coolguy", "", ""},
        {"coolguy!ag@127.0.0.1", "coolguy", "ag", "127.0.0.1"},
        {"coolguy!~ag@localhost", "coolguy", "~ag", "localhost"},
        {"coolguy@127.0.0.1", "coolguy", "", "127.0.0.1"},
        {"coolguy!ag", "coolguy", "ag", ""},
        {"coolguy!ag@net\0035w\003ork.admin", "coolguy", "ag",
         "net\0035w\003ork.admin"},
        {"coolguy!~ag@n\002et\00305w\017ork.admin", "coolguy", "~ag",
         "n\002et\00305w\017ork.admin"},
        {"", "", "", ""},
        {"!@", "", "", ""},
        {"@h", "", "", "h"},
        {"!u", "", "u", ""},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct mask_parts p;
        char got[100], want[100];

        mask_split(cases[i].text, &p);
        str_format(got, sizeof(got), "%.*s|%.*s|%.*s", (int)p.nick_len, p.nick,
                   (int)p.user_len, p.user, (int)p.host_len, p.host);
        str_format(want, sizeof(want), "%s|%s|%s", cases[i].nick, cases[i].user,
                   cases[i].host);
        EQUAL_TEXT(got, want);
    }
}

SUITE(mask)
{
    TEST(loose_masks_become_nick_user_host);
    TEST(masks_have_a_length);
    TEST(strict_masks_are_listed_canonically);
    TEST(strict_masks_refuse_what_is_unclear);
    TEST(a_prefix_matches_the_address_alone);
    TEST(a_glob_matches_host_or_address);
    TEST(a_copy_stands_alone);
    TEST(literals_are_letters_and_digits);
    TEST(sources_split_as_the_vectors_say);
}
