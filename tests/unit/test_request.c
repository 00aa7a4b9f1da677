/* A request whose answer comes later: label, order and price stay with it. */
#include "cmd/command.h"
#include "cmd/registry.h"
#include "policy/client_policy.h"
#include "policy/flood.h"
#include "state/channel.h"
#include "state/client_end.h"
#include "state/irc_event.h"
#include "state/request.h"
#include "world.h"

#define DELAY 100 /* milliseconds until the answer */
#define PRICE 4   /* tokens of the answer */

/* The requests that wait in this test, in order. */
static struct request waiting[2];
static size_t n_waiting;

static void
answer_later(struct request *req)
{
    request_defer(&waiting[n_waiting++], req->srv, req->client);
    req->client->out.flags |= CLIENT_WAITING;
}

/* A server that answers TIME later: the row, which is the first field of the use, is
 * replaced. */
static struct world *
begin_delayed(void)
{
    static const struct command row = {
        .name = "TIME", .run = answer_later, .cost = 1, .help = "later"};
    struct world *w = world_new("");
    struct command_use *use = registry_use(w->srv, "TIME", 4);
    memcpy(use, &(const struct command *){&row}, sizeof(const struct command *));
    n_waiting = 0;
    return w;
}

static void
finish_waiting(struct world *w, size_t i)
{
    struct request *later = &waiting[i];
    struct client *c = later->client;
    request_begin(later);
    reply_notice(later, "first");
    reply_notice(later, "second");
    flood_charge(w->srv, c, PRICE);
    c->out.flags &= ~(unsigned)CLIENT_WAITING;
    request_end(later);
    world_sleep(w, 0);
}

static void
a_later_answer_keeps_its_label_and_the_order(void)
{
    struct world *w = begin_delayed();
    struct actor *ann = world_user(w, "ann"), *bob = world_user(w, "bob");
    world_say(w, ann, "CAP REQ :labeled-response batch");
    world_say(w, bob, "CAP REQ :labeled-response batch");
    world_drain_all(w);
    world_say(w, ann, "@label=a TIME");
    world_say(w, bob, "@label=b TIME");
    world_say(w, ann, "@label=c PING x");
    world_sleep(w, DELAY);
    world_say(w, bob, "@label=d PING y");
    SILENT(w, ann);
    SILENT(w, bob);
    CU_ASSERT(w->srv->at_work == NULL && waiting[0].label != NULL);
    finish_waiting(w, 1);
    EXPECT(w, bob, "@label=b :irc.localhost BATCH +* labeled-response");
    EXPECT(w, bob, "@batch=* :irc.localhost NOTICE bob :first");
    EXPECT(w, bob, "@batch=* :irc.localhost NOTICE bob :second");
    EXPECT(w, bob, ":irc.localhost BATCH -*");
    EXPECT(w, bob, "@label=d :irc.localhost PONG irc.localhost :y");
    SILENT(w, ann);
    finish_waiting(w, 0);
    EXPECT(w, ann, "@label=a :irc.localhost BATCH +* labeled-response");
    EXPECT(w, ann, "@batch=* :irc.localhost NOTICE ann :first");
    EXPECT(w, ann, "@batch=* :irc.localhost NOTICE ann :second");
    EXPECT(w, ann, ":irc.localhost BATCH -*");
    EXPECT(w, ann, "@label=c :irc.localhost PONG irc.localhost :x");
    world_free(w);
}

/* A message that a later answer sends: its echo is the answer and has the label; the
 * others read it as any message. */
static void
a_relay_of_a_later_answer_is_in_the_answer(void)
{
    struct world *w = begin_delayed();
    struct actor *ann = world_user(w, "ann"), *bob = world_user(w, "bob");
    world_say(w, ann, "CAP REQ :labeled-response batch echo-message");
    world_say(w, bob, "CAP REQ :labeled-response batch");
    world_channel(w, "#a", "ann@", "bob");
    world_say(w, ann, "@label=a TIME\r\n@label=b PING x");
    world_sleep(w, DELAY);
    SILENT(w, ann);
    struct irc_event e = {.kind = IRC_PRIVMSG,
                          .source = ann->client,
                          .channel = channel_find(w->srv, "#a"),
                          .text = "late"};
    request_begin(&waiting[0]);
    irc_event_emit(w->srv, &e);
    flood_charge(w->srv, ann->client, PRICE);
    ann->client->out.flags &= ~(unsigned)CLIENT_WAITING;
    request_end(&waiting[0]);
    world_sleep(w, 0);
    EXPECT(w, ann, "@label=a :ann!ann@* PRIVMSG #a :late");
    EXPECT(w, ann, "@label=b :irc.localhost PONG irc.localhost :x");
    EXPECT(w, bob, ":ann!ann@* PRIVMSG #a :late");
    SILENT(w, bob);
    world_free(w);
}

/* The client is ended while the answer is made: the lines from before are sent. */
static void
an_ended_client_reads_what_was_said(void)
{
    struct world *w = begin_delayed();
    struct actor *ann = world_user(w, "ann");
    world_say(w, ann, "CAP REQ :labeled-response batch");
    world_drain_all(w);
    world_say(w, ann, "@label=a TIME");
    request_begin(&waiting[0]);
    reply_notice(&waiting[0], "before");
    client_kill(w->srv, ann->client, END_CLOSED, "x");
    reply_notice(&waiting[0], "after");
    request_end(&waiting[0]);
    CU_ASSERT(w->srv->at_work == NULL);
    world_sleep(w, 0);
    EXPECT(w, ann, "@label=a :irc.localhost NOTICE ann :before");
    EXPECT(w, ann, "ERROR :Closing Link: * (x)");
    SILENT(w, ann);
    world_free(w);
}

/* Lines of others meanwhile are no part of the answer. */
static void
a_line_between_is_not_in_the_answer(void)
{
    struct world *w = begin_delayed();
    struct actor *ann = world_user(w, "ann"), *bob = world_user(w, "bob");
    world_say(w, ann, "CAP REQ :labeled-response batch");
    world_drain_all(w);
    world_say(w, ann, "@label=a TIME");
    world_say(w, bob, "PRIVMSG ann :between");
    EXPECT(w, ann, ":bob!* PRIVMSG ann :between");
    finish_waiting(w, 0);
    EXPECT(w, ann, "@label=a :irc.localhost BATCH +* labeled-response");
    world_free(w);
}

static void
a_later_answer_is_charged_to_its_client(void)
{
    struct world *w = begin_delayed();
    struct actor *ann = world_user(w, "ann"), *bob = world_user(w, "bob");
    world_sleep(w, 60000);
    world_drain_all(w);
    world_say(w, ann, "TIME");
    world_say(w, bob, "TIME");
    EQUAL_NUMBER(policy_of(ann->client)->counters[COUNTER_lines].full_at,
                 policy_of(bob->client)->counters[COUNTER_lines].full_at);
    finish_waiting(w, 0);
    CU_ASSERT(policy_of(ann->client)->counters[COUNTER_lines].full_at >
              policy_of(bob->client)->counters[COUNTER_lines].full_at);
    finish_waiting(w, 1);
    EQUAL_NUMBER(policy_of(ann->client)->counters[COUNTER_lines].full_at,
                 policy_of(bob->client)->counters[COUNTER_lines].full_at);
    world_free(w);
}

SUITE(request)
{
    TEST(a_later_answer_keeps_its_label_and_the_order);
    TEST(a_relay_of_a_later_answer_is_in_the_answer);
    TEST(an_ended_client_reads_what_was_said);
    TEST(a_line_between_is_not_in_the_answer);
    TEST(a_later_answer_is_charged_to_its_client);
}
