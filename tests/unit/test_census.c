/* The census of memory: what is there is counted once, what is gone is not. */
#include "../../src/cmd/server/census.h"

#include "world.h"

static struct world *w;
static struct actor *ann;

static void
begin(void)
{
    w = world_new("flood { burst = 10000 }");
    ann = world_user(w, "ann");
}

static struct census_row
of(enum census_kind kind)
{
    struct census all;
    census_take(w->srv, &all);
    return all.rows[kind];
}

static void
each_kind_has_a_name(void)
{
    for (int kind = 0; kind < CENSUS_KINDS; kind++)
        CU_ASSERT(census_name(kind) != NULL && *census_name(kind));
}

static void
what_a_client_does_shows_in_its_kind(void)
{
    static const struct {
        const char *line, *undo;
        enum census_kind kind;
        size_t n;
    } cases[] = {
        {"JOIN #a", "PART #a", CENSUS_MEMBERSHIPS, 1},
        {"JOIN #b,#c", "PART #b,#c", CENSUS_CHANNELS, 2},
        {"AWAY :gone", "AWAY", CENSUS_TEXTS, 1},
        {"MONITOR + x,y", "MONITOR C", CENSUS_WATCHES, 2},
    };
    begin();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct census_row before = of(cases[i].kind), with;
        world_say(w, ann, cases[i].line);
        with = of(cases[i].kind);
        EQUAL_NUMBER(with.n, before.n + cases[i].n);
        CU_ASSERT(with.bytes > before.bytes);
        world_say(w, ann, cases[i].undo);
        EQUAL_NUMBER(of(cases[i].kind).n, before.n);
    }
    world_free(w);
}

static void
a_ban_of_a_channel_is_an_entry(void)
{
    begin();
    world_say(w, ann, "JOIN #a");
    world_say(w, ann, "MODE #a +b x!*@*");
    EQUAL_NUMBER(of(CENSUS_LIST_ENTRIES).n, 1);
    world_say(w, ann, "MODE #a -b x!*@*");
    EQUAL_NUMBER(of(CENSUS_LIST_ENTRIES).n, 0);
    world_free(w);
}

static void
a_private_message_makes_two_talk(void)
{
    begin();
    world_user(w, "bob");
    EQUAL_NUMBER(of(CENSUS_TALKS).n, 0);
    world_say(w, ann, "PRIVMSG bob :hello");
    EQUAL_NUMBER(of(CENSUS_TALKS).n, 2);
    world_free(w);
}

/* contrib/MEMORY.md promises at most 800 bytes. */
static void
a_silent_client_is_small(void)
{
    struct census one, many;
    begin();
    census_take(w->srv, &one);
    for (int i = 0; i < 100; i++) {
        char nick[16];
        snprintf(nick, sizeof nick, "c%d", i);
        world_user(w, nick);
    }
    census_take(w->srv, &many);
    EQUAL_NUMBER(many.rows[CENSUS_CLIENTS].n, 101);
    CU_ASSERT((many.clients - one.clients) / 100 <= 800);
    world_free(w);
}

SUITE(census)
{
    TEST(each_kind_has_a_name);
    TEST(what_a_client_does_shows_in_its_kind);
    TEST(a_ban_of_a_channel_is_an_entry);
    TEST(a_private_message_makes_two_talk);
    TEST(a_silent_client_is_small);
}
