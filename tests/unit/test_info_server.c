/* LIST, MOTD, LUSERS and VERSION. */
#include "base/mem.h"
#include "policy/client_policy.h"
#include "world.h"

static struct actor *ann, *bob;

static struct world *
begin(void)
{
    struct world *w = world_new(world_easy);
    ann = world_user(w, "ann");
    bob = world_user(w, "bob");
    world_say(w, bob, "JOIN #tea,#team,#secret,#x");
    world_say(w, bob, "MODE #secret +s");
    world_say(w, bob, "TOPIC #tea :green");
    world_drain_all(w);
    return w;
}

static void
list_ends_always_and_hides_the_secret(void)
{
    static const struct {
        const char *line;
        unsigned n;
    } cases[] = {
        {"LIST", 3},         {"LIST :", 3},        {"LIST #tea", 1},
        {"LIST #TEA", 1},    {"LIST #none", 0},    {"LIST #secret", 0},
        {"LIST #tea*", 2},   {"LIST *", 3},        {"LIST #s*", 0},
        {"LIST #tea,#x", 2}, {"LIST #te?", 1},     {"LIST #tea,#tea,#TEA,#tea", 1},
        {"LIST *,*,*,*", 3}, {"LIST #t*,#te*", 2}, {"LIST ,,,", 0},
    };
    struct world *w = begin();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world_say(w, ann, cases[i].line);
        EQUAL_NUMBER(world_count(ann, ":irc.localhost 322 ann #*"), cases[i].n);
        EXPECT(w, ann, ":irc.localhost 321 ann Channel :Users  Name");
        AWAIT(w, ann, ":irc.localhost 323 ann :End of LIST");
        SILENT(w, ann);
    }
    world_say(w, ann, "LIST #tea");
    AWAIT(w, ann, ":irc.localhost 322 ann #tea 1 :green");
    world_drain(ann);
    world_say(w, bob, "LIST");
    EQUAL_NUMBER(world_count(bob, "* 322 *"), 4);
    world_free(w);
}

static void
many_masks_are_one_walk(void)
{
    char line[500] = "LIST ";
    struct world *w = begin();
    for (int i = 0; i < 100; i++)
        snprintf(line + strlen(line), sizeof line - strlen(line), "*%d,", i % 10);
    strncat(line, "*", sizeof line - strlen(line) - 1);
    world_say(w, ann, line);
    CU_ASSERT(world_count(ann, "*") < 10);
    AWAIT(w, ann, ":irc.localhost 323 ann :*");
    world_free(w);
}

static void
the_motd_is_shown_line_by_line(void)
{
    struct world *w = begin();
    world_say(w, ann, "MOTD");
    EXPECT(w, ann, ":irc.localhost 422 ann :*");
    w->srv->motd = xstrdup("Welcome.\r\n\n\xc3\xa9nd\nlast");
    world_say(w, ann, "MOTD");
    EXPECT(w, ann, ":irc.localhost 375 ann :- irc.localhost Message of the day -");
    EXPECT(w, ann, ":irc.localhost 372 ann :- Welcome.");
    EXPECT(w, ann, ":irc.localhost 372 ann :- ");
    EXPECT(w, ann, ":irc.localhost 372 ann :- \xc3\xa9nd");
    EXPECT(w, ann, ":irc.localhost 372 ann :- last");
    EXPECT(w, ann, ":irc.localhost 376 ann :End of MOTD command");
    SILENT(w, ann);
    world_free(w);
}

static void
the_motd_of_the_start_is_shown(void)
{
    struct world *w = world_new(world_easy);
    w->motd = "Welcome.";
    world_restart(w, world_easy);
    ann = world_user(w, "ann");
    world_say(w, ann, "MOTD");
    EXPECT(w, ann, ":irc.localhost 375 ann *");
    EXPECT(w, ann, ":irc.localhost 372 ann :- Welcome.");
    EXPECT(w, ann, ":irc.localhost 376 ann *");
    SILENT(w, ann);
    world_free(w);
}

static void
lusers_counts(void)
{
    struct world *w = begin();
    world_oper(w, "root");
    world_connect(w, "192.0.2.1");
    world_say(w, bob, "MODE bob +i");
    world_say(w, ann, "LUSERS");
    EXPECT(w, ann,
           ":irc.localhost 251 ann :There are 2 users and 1 invisible on 1 server*");
    EXPECT(w, ann, ":irc.localhost 252 ann 1 :*");
    EXPECT(w, ann, ":irc.localhost 253 ann 1 :*");
    EXPECT(w, ann, ":irc.localhost 254 ann 4 :*");
    EXPECT(w, ann, ":irc.localhost 255 ann :I have 3 clients and 0 servers");
    EXPECT(w, ann, ":irc.localhost 265 ann 3 3 :Current local users 3, max 3");
    EXPECT(w, ann, ":irc.localhost 266 ann 3 3 :Current global users 3, max 3");
    SILENT(w, ann);
    world_say(w, bob, "QUIT");
    world_say(w, ann, "LUSERS");
    EXPECT(w, ann,
           ":irc.localhost 251 ann :There are 2 users and 0 invisible on 1 server*");
    AWAIT(w, ann, ":irc.localhost 265 ann 2 3 :*");
    world_free(w);
}

static void
version_brings_the_tokens(void)
{
    struct world *w = begin();
    world_say(w, ann, "VERSION");
    EXPECT(w, ann, ":irc.localhost 351 ann ircd-* irc.localhost :*");
    EXPECT(w, ann, ":irc.localhost 005 ann *");
    world_free(w);
}

static void
a_long_motd_costs_by_its_length(void)
{
    struct world *w = world_new(NULL);
    struct actor *a = world_user(w, "ann");
    char *text = xmalloc(4097);
    memset(text, 'x', 4096);
    text[4096] = '\0';
    w->srv->motd = text;
    world_say(w, a, "MOTD");
    /* One token for the line, one for each 1024 bytes. */
    EQUAL_NUMBER(policy_of(a->client)->counters[COUNTER_lines].full_at - w->srv->now,
                 5 * 500);
    world_free(w);
}

SUITE(info_server)
{
    TEST(list_ends_always_and_hides_the_secret);
    TEST(many_masks_are_one_walk);
    TEST(the_motd_is_shown_line_by_line);
    TEST(the_motd_of_the_start_is_shown);
    TEST(lusers_counts);
    TEST(version_brings_the_tokens);
    TEST(a_long_motd_costs_by_its_length);
}
