/* The census of memory: each object that exists is counted once, and none that is
 * freed. */
#include "state/census.h"
#include "state/subsystem.h"

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
of(const char *name)
{
    struct census all;
    subsystems_census(w->srv, &all);
    for (size_t i = 0; i < all.n_rows; i++)
        if (strcmp(all.rows[i].name, name) == 0)
            return all.rows[i];
    CU_FAIL("no such row");
    return all.rows[0];
}

/* STATS z shows the rows so, whatever the order of the subsystems. A new subsystem may
 * have a row among them. */
static void
the_rows_keep_their_order(void)
{
    static const char *const names[] = {
        "clients",
        "connections",
        "texts of clients",
        "nicks in the table",
        "channels",
        "memberships",
        "entries of channel lists",
        "invitations",
        "messages in send queues",
        "lines waiting or incomplete",
        "MONITOR and ACCEPT entries",
        "clients that talk in private",
        "clients that have left channels",
        "answers sent in pieces",
        "hosts",
        "networks",
        "carried buckets of clients that have left",
        "hosts with failed OPERs",
        "K-lines",
        "D-lines",
        "RESVs",
        "X-lines",
        "bans in the index",
        "records of the database",
        "answers that wait for disk or worker",
        "WHOWAS entries",
        "server",
    };
    struct census all;
    begin();
    subsystems_census(w->srv, &all);
    size_t at = 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        while (at < all.n_rows && strcmp(all.rows[at].name, names[i]) != 0)
            at++;
        EQUAL_TEXT(at < all.n_rows ? all.rows[at].name : "missing", names[i]);
    }
    world_free(w);
}

static void
what_a_client_does_shows_in_its_kind(void)
{
    static const struct {
        const char *line, *undo;
        const char *kind;
        size_t n;
    } cases[] = {
        {"JOIN #a", "PART #a", "memberships", 1},
        {"JOIN #b,#c", "PART #b,#c", "channels", 2},
        {"AWAY :gone", "AWAY", "texts of clients", 1},
        {"MONITOR + x,y", "MONITOR C", "MONITOR and ACCEPT entries", 2},
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
    EQUAL_NUMBER(of("entries of channel lists").n, 1);
    world_say(w, ann, "MODE #a -b x!*@*");
    EQUAL_NUMBER(of("entries of channel lists").n, 0);
    world_free(w);
}

static void
a_private_message_makes_two_talk(void)
{
    begin();
    world_user(w, "bob");
    EQUAL_NUMBER(of("clients that talk in private").n, 0);
    world_say(w, ann, "PRIVMSG bob :hello");
    EQUAL_NUMBER(of("clients that talk in private").n, 2);
    world_free(w);
}

/* contrib/MEMORY.md promises at most 800 bytes. */
static void
a_silent_client_is_small(void)
{
    struct census one, many;
    begin();
    subsystems_census(w->srv, &one);
    for (int i = 0; i < 100; i++) {
        char nick[16];
        snprintf(nick, sizeof nick, "c%d", i);
        world_user(w, nick);
    }
    subsystems_census(w->srv, &many);
    EQUAL_NUMBER(of("clients").n, 101);
    CU_ASSERT((many.clients - one.clients) / 100 <= 800);
    world_free(w);
}

SUITE(census)
{
    TEST(the_rows_keep_their_order);
    TEST(what_a_client_does_shows_in_its_kind);
    TEST(a_ban_of_a_channel_is_an_entry);
    TEST(a_private_message_makes_two_talk);
    TEST(a_silent_client_is_small);
}
