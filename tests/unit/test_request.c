/* A request whose answer comes later: label, order and price stay with it. */
#include "cmd/command.h"
#include "cmd/registry.h"
#include "policy/client_policy.h"
#include "policy/flood.h"
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

/* TIME of this server is answered later: the row is the first field of its use. */
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
    request_resume(later);
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
    CU_ASSERT(ann->client->session->label == NULL && waiting[0].label != NULL);
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

/* What others send meanwhile is no part of the answer. */
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
    TEST(a_line_between_is_not_in_the_answer);
    TEST(a_later_answer_is_charged_to_its_client);
}
