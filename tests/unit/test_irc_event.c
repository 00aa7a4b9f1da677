/* Events: a second observer receives as values the same facts that clients read as
 * lines. */
#include "cmd/relay.h"
#include "state/channel.h"
#include "state/irc_event.h"
#include "world.h"

#include <string.h>

#define EVENTS_MOST 64

/* A copy of an event: its texts live only for the call. */
static struct seen_event {
    enum irc_event_kind kind;
    uint64_t id;
    msec time;
    char text[300]; /* the fields, to compare them */
} seen[EVENTS_MOST];
static size_t n_seen;

static const char *
text_or_none(const char *text)
{
    return text ? text : "-";
}

static void
record_event(struct server *srv, const struct irc_event *e)
{
    struct seen_event *s = &seen[n_seen++];
    CU_ASSERT_FATAL(n_seen <= EVENTS_MOST);
    CU_ASSERT(srv->wall == e->time);
    s->kind = e->kind;
    s->id = e->id;
    s->time = e->time;
    snprintf(s->text, sizeof s->text, "%s %s %s %s %s %s %s", irc_event_name(e->kind),
             e->source ? client_name(e->source) : "*", text_or_none(e->target),
             e->client ? e->client->user.nick : "-", text_or_none(e->param),
             text_or_none(e->tags), text_or_none(e->text));
}

static const struct observer recorder = {"recorder", record_event};
static const struct observer *const both[] = {&relay_observer, &recorder, NULL};

static struct actor *ann, *bob;

/* ann and bob are on #a; bob, a half-operator, has every capability that changes the
 * form of a line. */
static struct world *
begin_recorded(void)
{
    struct world *w = world_new(world_easy);
    ann = world_user(w, "ann");
    bob = world_user(w, "bob");
    world_say(w, bob,
              "CAP REQ :message-tags away-notify chghost setname extended-join "
              "draft/channel-rename invite-notify");
    world_channel(w, "#a", "ann@", "bob%");
    world_say(w, ann, "CAP REQ :message-tags setname");
    world_drain_all(w);
    w->srv->observers = both;
    n_seen = 0;
    return w;
}

static void
expect_event(size_t i, const char *text)
{
    if (i >= n_seen || strcmp(seen[i].text, text) != 0)
        printf("\n    event %zu is '%s', not '%s'\n", i,
               i < n_seen ? seen[i].text : "(none)", text);
    CU_ASSERT(i < n_seen && strcmp(seen[i].text, text) == 0);
}

struct step {
    const char *line;  /* what ann says */
    const char *event; /* kind, source, target, client, param, tags, text */
    const char *read;  /* the line that bob reads */
};

static const struct step steps[] = {
    {"PART #a :bye", "PART ann #a - - - bye", ":ann!ann@* PART #a :bye"},
    {"JOIN #a", "JOIN ann #a - - - -", ":ann!ann@* JOIN #a ? :Real ann"},
    {"AWAY :tea", "AWAY ann - - - - tea", ":ann!ann@* AWAY :tea"},
    {"AWAY", "AWAY ann - - - - -", ":ann!ann@* AWAY"},
    {"SETNAME :Ann B", "SETNAME ann - - - - Ann B", ":ann!ann@* SETNAME :Ann B"},
    {"NICK eve", "NICK ann - - eve - -", ":ann!ann@* NICK :eve"},
    {"NICK ann", "NICK eve - - ann - -", ":eve!ann@* NICK :ann"},
    {"PRIVMSG #a :hi", "PRIVMSG ann #a - - - hi", "@msgid=* :ann!ann@* PRIVMSG #a :hi"},
    {"@+x=y NOTICE bob :ho", "NOTICE ann bob bob - +x=y ho",
     "@msgid=*;+x=y :ann!ann@* NOTICE bob :ho"},
    {"@+x=y TAGMSG #a", "TAGMSG ann #a - - +x=y -",
     "@msgid=*;+x=y :ann!ann@* TAGMSG #a"},
    {"OPER alice secret", "MODE ann ann ann - - +osw", NULL},
    {"TOPIC #a :new", "TOPIC ann #a - - - new", ":ann!ann@* TOPIC #a :new"},
    {"MODE #a +mb x!*@*", "MODE ann #a - +mb x!*@* - -",
     ":ann!ann@* MODE #a +mb x!?@?"},
    {"INVITE eve #a", "INVITE ann #a eve - - -", ":ann!ann@* INVITE eve :#a"},
    {"RENAME #a #b :why", "RENAME ann #b - #a - why", ":ann!ann@* RENAME #a #b :why"},
    {"KICK #b bob :out", "KICK ann #b bob - - out", ":ann!ann@* KICK #b bob :out"},
};
#define N_STEPS (sizeof steps / sizeof *steps)

/* Each command is one event with these fields, and bob reads this line. */
static void
clients_read_what_observers_take(void)
{
    struct world *w = begin_recorded();
    struct actor *eve = NULL;
    for (size_t i = 0; i < N_STEPS; i++) {
        if (strncmp(steps[i].line, "INVITE", 6) == 0)
            eve = world_user(w, "eve");
        n_seen = 0;
        world_say(w, ann, steps[i].line);
        EQUAL_NUMBER(n_seen, 1);
        expect_event(0, steps[i].event);
        bool is_message = seen[0].kind >= IRC_PRIVMSG && seen[0].kind <= IRC_TAGMSG;
        CU_ASSERT((seen[0].id != 0) == is_message);
        if (steps[i].read)
            EXPECT(w, bob, steps[i].read);
        SILENT(w, bob);
    }
    EXPECT(w, eve, ":ann!ann@* INVITE eve :#a");
    world_free(w);
}

static void
the_end_and_a_host_are_events(void)
{
    struct world *w = world_new("server { cloak = true cloak_optional = true }\n"
                                "flood { burst = 100000 }\n");
    ann = world_user(w, "ann");
    bob = world_user(w, "bob");
    world_say(w, bob, "CAP REQ chghost");
    world_channel(w, "#a", "ann@", "bob");
    w->srv->observers = both;
    n_seen = 0;
    world_say(w, ann, "MODE ann -x");
    EQUAL_NUMBER(n_seen, 2);
    expect_event(0, "MODE ann ann ann - - -x");
    EQUAL_NUMBER(seen[1].kind, IRC_CHGHOST);
    EXPECT(w, bob, ":ann!ann@* CHGHOST ann 10.1.1.1");
    world_say(w, ann, "QUIT :bye");
    expect_event(2, "QUIT ann - - - - Quit: bye");
    EXPECT(w, bob, ":ann!ann@* QUIT :Quit: bye");
    EQUAL_NUMBER(n_seen, 3);
    /* bob has no peers: there is an event, and no client is told. The end of a
     * connection that has not registered is no QUIT. */
    world_say(w, bob, "PART #a");
    n_seen = 0;
    world_say(w, bob, "QUIT");
    expect_event(0, "QUIT bob - - - - Client quit");
    world_say(w, world_connect(w, "192.0.2.1"), "QUIT");
    EQUAL_NUMBER(n_seen, 1);
    world_free(w);
}

/* An observer alone: without the relay no client is told, and the state is the same. */
static void
the_relay_is_an_observer_like_others(void)
{
    static const struct observer *const alone[] = {&recorder, NULL};
    struct world *w = begin_recorded();
    w->srv->observers = alone;
    world_say(w, ann, "PRIVMSG #a :hi\r\nNICK eve");
    EQUAL_NUMBER(n_seen, 2);
    SILENT(w, bob);
    CU_ASSERT(client_find(w->srv, "eve") == ann->client);
    world_free(w);
}

SUITE(irc_event)
{
    TEST(clients_read_what_observers_take);
    TEST(the_end_and_a_host_are_events);
    TEST(the_relay_is_an_observer_like_others);
}
