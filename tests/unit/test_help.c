/* HELP is made of the rows of the commands, and lists those that the asker may use. */
#include "cmd/command.h"
#include "cmd/registry.h"
#include "world.h"

static void
help_lists_what_you_may_use(void)
{
    struct world *w = world_new(world_easy);
    struct actor *ann = world_user(w, "ann"), *o = world_oper(w, "root");
    world_say(w, ann, "HELP");
    EXPECT(w, ann, ":irc.localhost 704 ann * :*");
    EQUAL_NUMBER(world_count(ann, "* 705 *PRIVMSG*"), 1);
    NEVER(w, ann, "*KLINE*");
    NEVER(w, ann, "* 705 *You have*");
    AWAIT(w, ann, ":irc.localhost 706 ann * :End of /HELP");
    SILENT(w, ann);
    world_say(w, o, "HELPOP :");
    CU_ASSERT(world_count(o, "* 705 *KLINE*") > 0);
    CU_ASSERT(world_count(o, "* 705 *You have 'kill'*") == 1);
    AWAIT(w, o, ":irc.localhost 706 root * :*");
    world_free(w);
}

static void
help_tells_of_one_command(void)
{
    struct world *w = world_new(world_easy);
    struct actor *ann = world_user(w, "ann");
    world_say(w, ann, "HELP join");
    EXPECT(w, ann, ":irc.localhost 704 ann JOIN :JOIN <#channel>*");
    EXPECT(w, ann, ":irc.localhost 705 ann JOIN :*");
    EXPECT(w, ann, ":irc.localhost 706 ann JOIN :*");
    SILENT(w, ann);
    world_say(w, ann, "HELP KLINE");
    EXPECT(w, ann, ":irc.localhost 704 ann KLINE :KLINE *");
    AWAIT(w, ann, ":irc.localhost 705 ann KLINE :Needs the privilege: kline");
    AWAIT(w, ann, ":irc.localhost 706 ann KLINE :*");
    world_say(w, ann, "HELP frob");
    EXPECT(w, ann, ":irc.localhost 524 ann frob :*");
    SILENT(w, ann);
    world_free(w);
}

static void
every_command_has_its_help(void)
{
    char line[64];
    uint64_t runs;
    const struct command *row;
    struct world *w = world_new(world_easy);
    struct actor *ann = world_user(w, "ann");
    for (size_t i = 0; (row = registry_row(w->srv, i, &runs, NULL)) != NULL; i++) {
        world_sayf(w, ann, "HELP %s", row->name);
        snprintf(line, sizeof line, ":irc.localhost 704 ann %s :%s *", row->name,
                 row->name);
        EXPECT(w, ann, line);
        snprintf(line, sizeof line, ":irc.localhost 705 ann %s :?*", row->name);
        EXPECT(w, ann, line);
        snprintf(line, sizeof line, ":irc.localhost 706 ann %s :*", row->name);
        AWAIT(w, ann, line);
        SILENT(w, ann);
    }
    world_free(w);
}

static void
topics_are_made_of_the_rows(void)
{
    static const struct {
        const char *line, *part;
    } cases[] = {
        {"HELP cmodes", ":irc.localhost 705 ann CMODES :+b  ?*"},
        {"HELP UMODES", ":irc.localhost 705 ann UMODES :+i  ?*"},
        {"HELP privileges", ":irc.localhost 705 ann PRIVILEGES :kline: ?*"},
        {"HELP caps", ":irc.localhost 705 ann CAPS :multi-prefix"},
    };
    struct world *w = world_new(world_easy);
    struct actor *ann = world_user(w, "ann");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world_say(w, ann, cases[i].line);
        EQUAL_NUMBER(world_count(ann, cases[i].part), 1);
        EXPECT(w, ann, ":irc.localhost 704 ann *");
        AWAIT(w, ann, ":irc.localhost 706 ann *");
        SILENT(w, ann);
    }
    world_free(w);
}

/* The list of an operator with all privileges has each command once. */
static void
every_command_is_in_one_group(void)
{
    char pattern[80];
    const struct command *row;
    struct world *w = world_new(world_easy);
    struct actor *o = world_oper(w, "root");
    world_say(w, o, "HELP");
    for (size_t i = 0; (row = registry_row(w->srv, i, NULL, NULL)) != NULL; i++) {
        snprintf(pattern, sizeof pattern, "* 705 root ? :*: *%s *", row->name);
        int n = world_count(o, pattern);
        snprintf(pattern, sizeof pattern, "* 705 root ? :*: *%s", row->name);
        if (n + world_count(o, pattern) < 1)
            printf("\n    %s is in no group of HELP\n", row->name);
        CU_ASSERT(n + world_count(o, pattern) >= 1);
    }
    EQUAL_NUMBER(world_count(o, "* 705 root ? :Chat: *PRIVMSG*"), 1);
    EQUAL_NUMBER(world_count(o, "* 705 root ? :Operators, bans: *KLINE*"), 1);
    EQUAL_NUMBER(world_count(o, "* 705 root ? :*MODERATION EXTBANS*"), 1);
    world_free(w);
}

static void
groups_without_a_command_are_left_out(void)
{
    struct world *w = world_new(world_easy);
    struct actor *ann = world_user(w, "ann");
    world_say(w, ann, "HELP");
    EQUAL_NUMBER(world_count(ann, "* 705 ann ? :Moderating a channel: *KICK*"), 1);
    EQUAL_NUMBER(world_count(ann, "* 705 ann ? :Operators*"), 0);
    world_free(w);
}

/* The examples that HELP shows work when they are typed. */
static void
examples_of_the_new_topics_are_taken(void)
{
    struct world *w = world_new(world_easy);
    struct actor *ann = world_user(w, "ann"), *bob = world_user(w, "bob");
    world_say(w, ann, "HELP moderation");
    EXPECT(w, ann, ":irc.localhost 704 ann MODERATION :*");
    EQUAL_NUMBER(world_count(ann, "* 705 ann MODERATION :/alias * /quote *"), 34);
    EQUAL_NUMBER(world_count(ann, "* 705 ann MODERATION :/alias add * /quote *"), 17);
    world_say(w, bob, "HELP extbans");
    EXPECT(w, bob, ":irc.localhost 704 bob EXTBANS :*");
    EQUAL_NUMBER(world_count(bob, "* 705 bob EXTBANS :  MODE #tea *"), 3);
    EQUAL_NUMBER(
        world_count(
            bob, "* 705 bob EXTBANS :*in +e: users that match are exempt from mutes*"),
        1);
    EQUAL_NUMBER(world_count(bob, "* 705 bob EXTBANS :If hosts are cloaks, *"), 1);
    world_say(w, ann, "JOIN #tea,#staff");
    world_verify(w);
    static const char *const lines[] = {
        "MODE #tea +b ~realname:*free?money*",
        "MODE #tea +b ~time:1h:~mute:eve!*@*",
        "MODE #tea +I ~channel:#staff",
        "MODE #tea +b *!*@*.net.cloak",
        "MODE #tea +b ~time:1h:~mute:bob!*@*",
        "MODE #tea +m",
        "MODE #tea +S 5",
        "MODE #tea +j 5:10",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        char want[120];
        snprintf(want, sizeof want, ":ann!* %s", lines[i]);
        world_say(w, ann, lines[i]);
        AWAIT(w, ann, want);
    }
    world_free(w);
}

SUITE(help)
{
    TEST(help_lists_what_you_may_use);
    TEST(help_tells_of_one_command);
    TEST(every_command_has_its_help);
    TEST(topics_are_made_of_the_rows);
    TEST(every_command_is_in_one_group);
    TEST(groups_without_a_command_are_left_out);
    TEST(examples_of_the_new_topics_are_taken);
}
