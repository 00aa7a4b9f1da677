/* The valid names of nicks, users, channels and servers. */
#include "proto/name.h"
#include "test.h"

static void
nicks_keep_to_their_alphabet(void)
{
    for (int i = 1; i < 256; i++) {
        char c = (char)(unsigned char)i;
        char first[] = {c, 'a', '\0'}, later[] = {'a', c, '\0'};
        bool letter = (i >= 'a' && i <= 'z') || (i >= 'A' && i <= 'Z');
        bool special = strchr("[]\\`_^{|}", c) != NULL;
        bool digit = (i >= '0' && i <= '9') || c == '-';

        EQUAL_NUMBER(name_is_nick(first, 30), letter || special);
        EQUAL_NUMBER(name_is_nick(later, 30), letter || special || digit);
    }
}

static void
nicks_have_a_length(void)
{
    CU_ASSERT_FALSE(name_is_nick("", 30));
    CU_ASSERT_TRUE(name_is_nick("a", 1));
    CU_ASSERT_FALSE(name_is_nick("ab", 1));
    CU_ASSERT_TRUE(name_is_nick("a23456789012345678901234567890", 30));
    CU_ASSERT_FALSE(name_is_nick("a234567890123456789012345678901", 30));
}

static void
channels_refuse_separators(void)
{
    for (int i = 1; i < 128; i++) {
        char name[] = {'#', 'a', (char)i, 'b', '\0'};

        EQUAL_NUMBER(name_is_channel(name), i > ' ' && i != ',' && i != 0x7F);
    }
}

static void
channels_are_utf8(void)
{
    static const struct {
        const char *name;
        bool valid;
    } cases[] = {
        {"#a", true},
        {"##", true},
        {"#", false},
        {"", false},
        {"a", false},
        {"&a", false},
        {"#gr\xC3\xBC\xC3\x9F", true},
        {"#\xF0\x9F\x98\x80", true},
        {"#\xC2\x80", false},
        {"#\xC2\x9F", false},
        {"#\xC2\xA0", true},
        {"#a\xC3", false},
        {"#\xFF", false},
        {"#\xED\xA0\x80", false},
        {"#\xC0\xAC", false},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        EQUAL_NUMBER(name_is_channel(cases[i].name), cases[i].valid);
}

static void
channels_have_a_length(void)
{
    char name[NAME_CHANNEL_MAX + 2];

    memset(name, 'x', sizeof(name));
    name[0] = '#';
    name[NAME_CHANNEL_MAX] = '\0';
    CU_ASSERT_TRUE(name_is_channel(name));
    memcpy(name + NAME_CHANNEL_MAX - 2, "\xC3\xBC", 2);
    CU_ASSERT_TRUE(name_is_channel(name));
    memcpy(name + NAME_CHANNEL_MAX - 1, "\xC3\xBC", 3);
    CU_ASSERT_FALSE(name_is_channel(name));
    name[NAME_CHANNEL_MAX - 1] = name[NAME_CHANNEL_MAX] = 'x';
    name[NAME_CHANNEL_MAX + 1] = '\0';
    CU_ASSERT_FALSE(name_is_channel(name));
}

static void
channel_prefix_is_a_hash_sign(void)
{
    CU_ASSERT_TRUE(name_has_channel_prefix("#"));
    CU_ASSERT_TRUE(name_has_channel_prefix("#a,b"));
    CU_ASSERT_FALSE(name_has_channel_prefix(""));
    CU_ASSERT_FALSE(name_has_channel_prefix("&a"));
    CU_ASSERT_FALSE(name_has_channel_prefix("a#"));
}

static void
user_names_lose_what_is_not_allowed(void)
{
    static const struct {
        const char *sent, *user;
    } cases[] = {
        {"alice", "alice"},
        {"~al ice@home!*?:", "alicehome"},
        {"a-_.[]{}|`^", "a-_.[]{}|`"},
        {"-_.[]{}|`^", "-_.[]{}|`^"},
        {"1234567890", "1234567890"},
        {"12345678901", "1234567890"},
        {"~~1234567890", "1234567890"},
        {"J\xC3\xBCrgen\r\n", "Jrgen"},
        {"", NULL},
        {"~", NULL},
        {"@!*?", NULL},
        {"\\", NULL},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char user[NAME_USER_MAX + 1] = "?";

        EQUAL_NUMBER(name_make_user(cases[i].sent, user), cases[i].user != NULL);
        EQUAL_TEXT(user, cases[i].user ? cases[i].user : "");
    }
}

SUITE(name)
{
    TEST(nicks_keep_to_their_alphabet);
    TEST(nicks_have_a_length);
    TEST(channels_refuse_separators);
    TEST(channels_are_utf8);
    TEST(channels_have_a_length);
    TEST(channel_prefix_is_a_hash_sign);
    TEST(user_names_lose_what_is_not_allowed);
}
