/* Standard replies (IRCv3): a code that a specification defines goes to every client
 * that uses the command, any other one to those with the capability. */
#include "proto/standard.h"

#include "world.h"

static void
only_codes_of_specifications_are_known(void)
{
    CU_ASSERT(standard_is_specified("SETNAME", "INVALID_REALNAME"));
    CU_ASSERT(standard_is_specified("RENAME", "CHANNEL_NAME_IN_USE"));
    CU_ASSERT(standard_is_specified("PRIVMSG", "INVALID_UTF8"));
    CU_ASSERT(standard_is_specified("*", "INVALID_UTF8"));
    CU_ASSERT_FALSE(standard_is_specified("RENAME", "INVALID_REALNAME"));
    CU_ASSERT_FALSE(standard_is_specified("PRIVMSG", "RATE_LIMITED"));
    CU_ASSERT_FALSE(standard_is_specified("MONITOR", "INVALID_PARAMS"));
}

#define TEN "0123456789"
#define LONG                                                                           \
    "SETNAME :" TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

/* caps: requested first; NULL: none. */
static void
each_refusal(const char *caps, bool standard)
{
    static const struct {
        const char *line, *fail;
        bool specified;
    } cases[] = {
        {"SETNAME :", ":* FAIL SETNAME INVALID_REALNAME :*", true},
        {LONG, ":* FAIL SETNAME INVALID_REALNAME :*", true},
        {"RENAME #a #b", ":* FAIL RENAME CHANNEL_NAME_IN_USE #a #b :*", true},
        {"RENAME #a %a", ":* FAIL RENAME CANNOT_RENAME #a %a :*", true},
        {"PRIVMSG #a :\xff", ":* FAIL PRIVMSG INVALID_UTF8 :*", true},
        {"MONITOR x", ":* FAIL MONITOR INVALID_PARAMS :*", false},
    };
    struct world *w = world_new(world_easy);
    struct actor *ann = world_user(w, "ann");
    if (caps)
        world_say(w, ann, caps);
    world_say(w, ann, "JOIN #a,#b");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world_drain(ann);
        world_say(w, ann, cases[i].line);
        bool fails = cases[i].specified || standard;
        EXPECT(w, ann, fails ? cases[i].fail : ":* NOTICE ann :*");
    }
    world_free(w);
}

static void
specified_codes_need_no_capability(void)
{
    each_refusal(NULL, false);
    each_refusal("CAP REQ standard-replies", true);
    each_refusal("CAP REQ :setname draft/channel-rename", false);
}

/* BATCH is a command of clients with draft/multiline alone. */
static void
codes_of_multiline_need_multiline_alone(void)
{
    static const char *const cases[][2] = {
        {"BATCH -none", ":* FAIL BATCH MULTILINE_INVALID :*"},
        {"BATCH +1 other #a", ":* FAIL BATCH MULTILINE_INVALID :*"},
        {"BATCH +1 draft/multiline #a\r\n@batch=1 PRIVMSG #b :x",
         ":* FAIL BATCH MULTILINE_INVALID_TARGET #a #b :*"},
    };
    struct world *w = world_new(world_easy);
    struct actor *ann = world_user(w, "ann");
    world_say(w, ann, "CAP REQ :batch message-tags draft/multiline");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world_drain(ann);
        world_say(w, ann, cases[i][0]);
        EXPECT(w, ann, cases[i][1]);
    }
    world_free(w);
}

SUITE(standard)
{
    TEST(only_codes_of_specifications_are_known);
    TEST(specified_codes_need_no_capability);
    TEST(codes_of_multiline_need_multiline_alone);
}
