/* The limits on the memory of all queues together and on the queue of one client:
 * clients that read stay, clients that do not read are ended, and no more of them than
 * necessary. */
#include "base/mem.h"
#include "base/str.h"
#include "crowd.h"
#include "policy/client_policy.h"
#include "proto/cap.h"
#include "recount.h"
#include "session/client_input.h"
#include "state/channel.h"
#include "state/overload.h"

#define MIB 1048576u

static struct world *w;

/* n members of #big that read everything. */
static void
audience(int n, uint64_t caps)
{
    crowd_people(w, n, "#big");
    struct actor *all = &w->actors[w->n_actors - 1];
    all->deaf = false;
    all->drains = true;
    const struct channel *chan = channel_find(w->srv, "#big");
    for (uint32_t i = 0; i < chan->nmembers; i++)
        chan->members[i].client->out.caps |= caps;
    world_sleep(w, 0);
}

/* n clients, three of a host, on #big, with the tokens that their class gives after a
 * while. */
static void
speakers(struct actor **all, int n)
{
    char nick[16], address[32];
    for (int i = 0; i < n; i++) {
        str_format(nick, sizeof nick, "s%d", i);
        str_format(address, sizeof address, "192.0.2.%d", 1 + i / 3);
        all[i] = world_user_at(w, nick, address);
        world_say(w, all[i], "CAP REQ message-tags");
        world_say(w, all[i], "JOIN #big");
    }
    world_sleep(w, MSEC_MINUTE);
}

static void
world_with_crowd(const char *config, int n, uint64_t caps)
{
    w = world_new(config);
    audience(n, caps);
}

static void
allocated_at_most(size_t bytes)
{
    struct mem_sum queues = recount_queues(w);
    EQUAL_NUMBER(w->srv->buffers.sum.bytes, queues.bytes);
    EQUAL_NUMBER(w->srv->buffers.sum.n, queues.n);
    CU_ASSERT(queues.bytes <= bytes);
    if (queues.bytes > bytes)
        printf("\n    %zu bytes are allocated\n", queues.bytes);
}

enum { CROWD = 5000 };

static void
a_few_tagged_lines_end_no_member_of_a_crowd(void)
{
    enum { SPEAKERS = 36 };
    struct actor *all[SPEAKERS];
    world_with_crowd("limits { per_network = 9999 }", CROWD, CAP_MESSAGE_TAGS);
    speakers(all, SPEAKERS);
    for (int i = 0; i < SPEAKERS; i++)
        world_inputf(w, all[i], "@+a=%04076d PRIVMSG #big :%0400d", i, i);
    EQUAL_NUMBER(w->srv->doomed != NULL, false);
    CU_ASSERT((size_t)w->srv->buffers.made >= SPEAKERS);
    allocated_at_most(8 * MIB);
    world_sleep(w, 0);
    EQUAL_NUMBER(session_count(w->srv), CROWD + SPEAKERS);
    EQUAL_NUMBER(world_count(all[0], "* PRIVMSG #big *"), SPEAKERS - 1);
    allocated_at_most(0);
    world_free(w);
}

static void
many_ordinary_lines_end_no_member_of_a_crowd(void)
{
    enum { SPEAKERS = 24, LINES = 5 };
    struct actor *all[SPEAKERS];
    world_with_crowd("limits { per_network = 9999 }", CROWD, 0);
    speakers(all, SPEAKERS);
    for (int i = 0; i < SPEAKERS; i++)
        for (int n = 0; n < LINES; n++)
            world_inputf(w, all[i], "PRIVMSG #big :%0418d", n);
    allocated_at_most(8 * MIB);
    world_sleep(w, 0);
    EQUAL_NUMBER(session_count(w->srv), CROWD + SPEAKERS);
    EQUAL_NUMBER(world_count(all[0], "* PRIVMSG #big *"), LINES * (SPEAKERS - 1));
    allocated_at_most(0);
    world_free(w);
}

static const char small_total[] =
    "oper \"alice\" { password = \"$argon2id$secret\" hosts = { \"*@*\" } "
    "privileges = { \"all\" } }\n"
    "flood { burst = 100000 join = \"9999/1s\" targets = \"9999/1s\" }\n"
    "limits { sendq = 16777216 sendq_total = 1048576 per_host = 9999 "
    "per_network = 9999 unregistered_per_host = 9999 connect_rate = \"9999/1s\" }\n";

/* n clients on #big that read nothing from now on. */
static void
stuck(struct actor **all, int n, const char *prefix)
{
    for (int i = 0; i < n; i++) {
        char nick[16];
        str_format(nick, sizeof nick, "%s%d", prefix, i);
        all[i] = world_user(w, nick);
        world_say(w, all[i], "JOIN #big");
    }
    for (int i = 0; i < n; i++)
        all[i]->deaf = true;
}

static int
count_gone(struct actor **all, int n)
{
    int gone = 0;
    for (int i = 0; i < n; i++)
        gone += all[i]->closed;
    return gone;
}

static void
the_slowest_readers_go_and_the_healthy_stay(void)
{
    enum { OLD = 20, YOUNG = 20 };
    struct actor *old[OLD], *young[YOUNG], *root, *reader;
    world_with_crowd(small_total, 100, 0);
    w->log.format = LOG_FORMAT_JSON;
    root = world_oper(w, "root");
    reader = world_user(w, "reader");
    world_say(w, root, "JOIN #big");
    world_say(w, reader, "JOIN #big");
    stuck(old, OLD, "old");
    world_say(w, root, "PRIVMSG #big :the first");
    stuck(young, YOUNG, "young");
    world_drain_all(w);
    int said = 0;
    while (count_gone(old, OLD) < OLD && said < 4000)
        world_sayf(w, root, "PRIVMSG #big :%0400d", said++);
    CU_ASSERT(said > 500 && said < 4000);
    EQUAL_NUMBER(count_gone(young, YOUNG), 0);
    CU_ASSERT(!reader->closed && !root->closed);
    EQUAL_NUMBER(session_count(w->srv), 100 + 2 + YOUNG);
    allocated_at_most(MIB);
    EQUAL_NUMBER(
        world_count(reader, ":old*!* QUIT :SendQ exceeded (all queues together)"), OLD);
    CU_ASSERT(world_count(root, "* NOTICE root :*** Send queues took * bytes "
                                "(limits.sendq_total): * clients *") >= 1);
    int ended = 0, bytes = 0;
    const char *event = strstr(w->logged, "\"sendq-total\"");
    CU_ASSERT_PTR_NOT_NULL_FATAL(event);
    sscanf(event, "\"sendq-total\",\"clients\":%d,\"bytes\":%d", &ended, &bytes);
    CU_ASSERT(ended > 0 && bytes > ended);
    world_free(w);
}

/* The end of each frees little memory, so the order and the number are seen. */
static void
no_more_are_ended_than_must_be(void)
{
    enum { STUCK = 30 };
    struct actor *all[STUCK], *root;
    w = world_new(small_total);
    root = world_oper(w, "root");
    world_say(w, root, "JOIN #big");
    stuck(all, STUCK, "s");
    for (int i = 0; i < STUCK; i++) /* the first has the oldest buffer */
        for (int n = 0; n < 60; n++)
            world_sayf(w, root, "PRIVMSG s%d :%0400d", i, n);
    EQUAL_NUMBER(count_gone(all, STUCK), 0);
    size_t of_one = w->srv->buffers.sum.bytes / STUCK;
    for (int n = 0; w->srv->buffers.sum.bytes + of_one / 2 < MIB; n++)
        world_sayf(w, root, "PRIVMSG s29 :%0400d", n);
    EQUAL_NUMBER(count_gone(all, STUCK), 0);
    for (int n = 0; n < 90;
         n++) /* 40 KB: more than the end of one frees, less than that of two */
        world_inputf(w, root, "PRIVMSG s29 :%0400d", n);
    EQUAL_NUMBER(count_gone(all, STUCK), 0); /* not before the end of the turn */
    world_sleep(w, 0);
    int gone = count_gone(all, STUCK);
    CU_ASSERT(gone >= 1 && gone <= 2);
    for (int i = 0; i < STUCK; i++)
        CU_ASSERT(all[i]->closed == (i < gone));
    CU_ASSERT(w->srv->buffers.sum.bytes <= MIB);
    world_free(w);
}

static void
the_error_line_is_not_glued_to_half_a_line(void)
{
    w = world_new(small_total);
    struct actor *root = world_oper(w, "root"), *slow = world_user(w, "slow");
    slow->deaf = true;
    while (w->srv->buffers.sum.bytes < MIB - 6000)
        world_sayf(w, root, "PRIVMSG slow :%0400d", 0);
    sendq_consume(&slow->client->out.sendq, 10);
    for (int i = 0; i < 20; i++)
        world_inputf(w, root, "PRIVMSG slow :%0400d", i);
    EQUAL_NUMBER(overload_judge_queues(w->srv), 1);
    const struct sendq *q = &slow->client->out.sendq;
    CU_ASSERT_FATAL(q->count == 1);
    CU_ASSERT(memcmp(q->ring[q->head]->data, "\r\n", 2) == 0);
    world_sleep(w, 0);
    CU_ASSERT(slow->closed);
    world_free(w);
}

/* Each QUIT takes a slot of every ring, and here every ring is full. */
static void
the_ended_do_not_end_others_by_their_quits(void)
{
    enum { STUCK = 150, SLOTS = 512 };
    struct actor *all[STUCK], *root;
    w = world_new(small_total);
    root = world_oper(w, "root");
    world_say(w, root, "JOIN #big");
    stuck(all, STUCK, "s");
    struct sendq *q = &all[0]->client->out.sendq;
    while (q->count < SLOTS)
        world_say(w, root, "PRIVMSG #big :x");
    struct sendq *last = &all[STUCK - 1]->client->out.sendq;
    EQUAL_NUMBER(last->count, SLOTS);
    EQUAL_NUMBER(last->cap, SLOTS);
    CU_ASSERT(w->srv->buffers.sum.bytes < MIB);
    while (count_gone(all, STUCK) == 0)
        world_sayf(w, root, "PRIVMSG s7 :%0400d", 0);
    CU_ASSERT(all[7]->closed); /* all have the same first buffer: the longest queue */
    CU_ASSERT(w->srv->buffers.sum.bytes > MIB);
    for (int i = 0; i < 20; i++)
        world_sleep(w, MSEC_SECOND);
    EQUAL_NUMBER(count_gone(all, STUCK), 1);
    EQUAL_NUMBER(w->srv->buffers.sum.bytes, recount_queues(w).bytes);
    /* Bytes that are not shared count as always. */
    while (count_gone(all, STUCK) == 1 && q->bytes < 4 * MIB)
        world_sayf(w, root, "PRIVMSG #big :%0400d", 0);
    CU_ASSERT(count_gone(all, STUCK) > 1);
    world_free(w);
}

/* Bytes of a client that was killed in this turn are still to be freed. */
static void
the_total_does_not_punish_the_living_for_the_dead(void)
{
    w = world_new(small_total);
    struct actor *dead = world_user(w, "dead"), *slow = world_user(w, "slow");
    struct actor *root = world_oper(w, "root");
    dead->deaf = slow->deaf = true;
    for (int i = 0; i < 500; i++) {
        world_sayf(w, root, "PRIVMSG slow :%0400d", i);
        world_sayf(w, root, "PRIVMSG dead :%0400d", i);
    }
    CU_ASSERT(!dead->closed && !slow->closed);
    world_inputf(w, root, "KILL dead :x");
    for (int i = 0; i < 1000; i++)
        world_inputf(w, root, "PRIVMSG slow :%0400d", i);
    CU_ASSERT(w->srv->buffers.sum.bytes > MIB * 5 / 8);
    world_sleep(w, 0);
    CU_ASSERT(dead->closed && !slow->closed);
    world_free(w);
}

static void
no_client_is_ended_for_one_that_goes_anyway(void)
{
    w = world_new(small_total);
    struct actor *full = world_user(w, "full"), *other = world_user(w, "other");
    struct actor *root = world_oper(w, "root");
    other->deaf = full->deaf = true;
    for (int i = 0; i < 900; i++)
        world_sayf(w, root, "PRIVMSG other :%0400d", i);
    full->client->out.sendq.limit = 500000;
    while (full->client->out.sendq.bytes < 499000)
        world_sayf(w, root, "PRIVMSG full :%0400d", 0);
    CU_ASSERT(!full->closed && !other->closed);
    /* The queue of one client overflows, and with it the total would be exceeded. */
    for (int i = 0; i < 400; i++)
        world_inputf(w, root, "PRIVMSG full :%0400d", i);
    CU_ASSERT(w->srv->buffers.sum.bytes > MIB);
    world_sleep(w, 0);
    CU_ASSERT(full->closed && !other->closed);
    world_free(w);
}

static void
the_total_hits_the_unregistered_too(void)
{
    char line[420];
    w = world_new("limits { per_host = 9 sendq_unregistered = 1048576 "
                  "sendq_total = 1048576 }\n"
                  "flood { unregistered = 1000 burst = 100000 }");
    struct actor *ann = world_user(w, "ann"), *who[3];
    str_format(line, sizeof line, "PING :%0400d", 0);
    for (int i = 0; i < 3; i++) {
        who[i] = world_connect(w, "192.0.2.1");
        who[i]->deaf = true;
        for (int n = 0; n < 900 && who[i]->client; n++)
            world_say(w, who[i], line);
    }
    CU_ASSERT(who[0]->closed && !who[1]->closed && !who[2]->closed);
    CU_ASSERT(!ann->closed && w->srv->buffers.sum.bytes <= MIB);
    world_free(w);
}

/* 233 lines are more than a MiB for each client that receives them. */
static void
one_turn_of_relays_ends_no_client_that_reads(void)
{
    enum { SPEAKERS = 30, LINES = 240 };
    struct actor *all[SPEAKERS], *reads, *stuck_one, *half;
    w = world_new("flood { burst = 100000 } limits { per_network = 9999 }");
    reads = world_user(w, "reads");
    stuck_one = world_user(w, "stuck");
    half = world_user(w, "half");
    struct actor *those[] = {reads, stuck_one};
    speakers(all, SPEAKERS);
    for (int i = 0; i < 2; i++) {
        world_say(w, those[i], "CAP REQ message-tags");
        world_say(w, those[i], "JOIN #big");
    }
    world_say(w, half, "JOIN #big"); /* 100 KiB of plain lines: below its limit */
    world_drain_all(w);
    stuck_one->deaf = half->deaf = true;
    for (int i = 0; i < LINES; i++)
        world_inputf(w, all[i % SPEAKERS], "@+a=%04076d PRIVMSG #big :%0400d", i, i);
    CU_ASSERT(reads->client->out.sendq.bytes > reads->client->out.sendq.limit);
    CU_ASSERT(w->srv->doomed == NULL);
    world_sleep(w, MSEC_SECOND); /* clients over their own limit wait for a tick */
    CU_ASSERT(!reads->closed && !half->closed && stuck_one->closed);
    EQUAL_NUMBER(world_count(reads, "* PRIVMSG #big *"), LINES);
    EQUAL_NUMBER(world_count(reads, ":stuck!* QUIT :SendQ exceeded"), 1);
    world_free(w);
}

static void
exactly_the_limit_is_allowed(void)
{
    w = world_new(small_total);
    struct actor *root = world_oper(w, "root"), *slow = world_user(w, "slow");
    slow->deaf = true;
    world_say(w, root, "PRIVMSG slow :x");
    uint32_t of_one = slow->client->out.sendq.bytes;
    slow->client->out.sendq.limit = 3 * of_one;
    world_say(w, root, "PRIVMSG slow :x");
    world_say(w, root, "PRIVMSG slow :x");
    CU_ASSERT(!slow->closed);
    slow->client->out.sendq.limit = 4 * of_one - 1;
    world_say(w, root, "PRIVMSG slow :x");
    CU_ASSERT(slow->closed);
    world_free(w);
}

/* Sends requests of one client within one turn. Returns the most bytes that waited for
 * it. */
static uint32_t
ask(struct actor *a, const char *line, int times)
{
    uint32_t most = 0;
    for (int i = 0; i < times; i++) {
        world_inputf(w, a, "%s", line);
        most = a->client->out.sendq.bytes > most ? a->client->out.sendq.bytes : most;
    }
    return most;
}

/* The limit and one answer. Further lines wait until a write was tried. */
static void
answers_of_one_turn_are_bounded(void)
{
    enum { LIMIT = 16384, ANSWER = 1024 };
    w = world_new("limits { sendq = 16384 sendq_unregistered = 16384 recvq = 16384 "
                  "recvq_unregistered = 16384 }\n"
                  "flood { burst = 100000 unregistered = 1000 hold = 1000 }");
    struct actor *reads = world_user(w, "reads"), *greedy = world_user(w, "greedy");
    struct actor *fresh = world_connect(w, "192.0.2.1");
    world_drain(reads);
    world_drain(greedy);
    uint32_t most = ask(reads, "LUSERS", 200);
    CU_ASSERT(most > LIMIT && most < LIMIT + ANSWER);
    CU_ASSERT(policy_of(reads->client)->held_lines > 0 && w->srv->doomed == NULL);
    world_sleep(w, MSEC_SECOND);
    CU_ASSERT(!reads->closed && policy_of(reads->client)->held_lines == 0);
    EQUAL_NUMBER(world_count(reads, "* 251 reads *"), 200);
    greedy->deaf = fresh->deaf = true;
    most = ask(greedy, "LUSERS", 200);
    CU_ASSERT(most > LIMIT && most < LIMIT + ANSWER);
    most = ask(fresh, "CAP LS 302", 200);
    CU_ASSERT(most > LIMIT && most < LIMIT + ANSWER);
    world_sleep(w, 0);
    CU_ASSERT(greedy->closed && fresh->closed && !reads->closed);
    CU_ASSERT(strstr(w->logged, "why=\"SendQ exceeded\"") != NULL);
    world_free(w);
}

/* The tick runs waiting lines of many clients at once. */
static void
lines_that_wait_run_no_further_than_all_queues_allow(void)
{
    enum { SPEAKERS = 30, LINES = 300 };
    struct actor *all[SPEAKERS];
    world_with_crowd("flood { burst = 100 interval = \"1ms\" hold = 1000 }\n"
                     "limits { sendq_total = 2621440 recvq = 1048576 "
                     "per_network = 9999 }",
                     400, 0);
    speakers(all, SPEAKERS);
    for (int i = 0; i < SPEAKERS; i++) {
        for (int n = 0; n < LINES; n++)
            world_inputf(w, all[i], "PRIVMSG #big :%0100d", n);
        world_sleep(w, 0);
    }
    int ticks = 0;
    for (bool waits = true; waits && ticks < 60; ticks++) {
        session_clock(w->srv, w->srv->now + 50, w->srv->wall + 50);
        session_tick(w->srv);
        CU_ASSERT(w->srv->buffers.sum.bytes < 4 * MIB);
        world_sleep(w, 0);
        waits = !list_empty(holding_of(w->srv));
    }
    EQUAL_NUMBER(session_count(w->srv), 400 + SPEAKERS);
    EQUAL_NUMBER(world_count(all[0], "* PRIVMSG #big *"), LINES * (SPEAKERS - 1));
    world_free(w);
}

/* Clients that end together are not told of each other, and no QUIT makes one of them
 * end. */
static void
clients_that_end_in_one_turn_are_not_told_of_each_other(void)
{
    enum { STUCK = 50 };
    struct actor *all[STUCK], *root, *close_one;
    w = world_new(small_total);
    root = world_oper(w, "root");
    world_say(w, root, "JOIN #big");
    stuck(all, STUCK, "s");
    close_one = world_user(w, "close");
    world_say(w, close_one, "JOIN #big");
    for (int i = 0; i < STUCK; i++)
        all[i]->client->out.sendq.limit = all[i]->client->out.sendq.bytes + 100;
    world_drain_all(w);
    size_t made = w->srv->buffers.made;
    world_inputf(w, root, "PRIVMSG #big :%0200d", 0);
    world_sleep(w, 0);
    EQUAL_NUMBER(count_gone(all, STUCK), STUCK);
    EQUAL_NUMBER(world_count(close_one, ":s*!* QUIT :SendQ exceeded"), STUCK);
    /* One line, a QUIT and an ERROR of each client. */
    CU_ASSERT(w->srv->buffers.made - made <= 1 + 2 * STUCK);
    world_free(w);
}

static void
an_end_of_the_server_ends_with_long_queues(void)
{
    enum { STUCK = 10 };
    struct actor *all[STUCK], *root;
    w = world_new(small_total);
    root = world_oper(w, "root");
    stuck(all, STUCK, "s");
    for (int i = 0; i < STUCK; i++)
        for (int n = 0; n < 200; n++)
            world_sayf(w, root, "PRIVMSG s%d :%0400d", i, n);
    session_shutdown(w->srv, "over");
    world_sleep(w, 0);
    CU_ASSERT(root->closed);
    EQUAL_NUMBER(count_gone(all, STUCK), STUCK);
    EQUAL_NUMBER(w->srv->buffers.sum.bytes, 0);
    world_free(w);
}

SUITE(overload)
{
    TEST(a_few_tagged_lines_end_no_member_of_a_crowd);
    TEST(many_ordinary_lines_end_no_member_of_a_crowd);
    TEST(the_slowest_readers_go_and_the_healthy_stay);
    TEST(no_more_are_ended_than_must_be);
    TEST(the_ended_do_not_end_others_by_their_quits);
    TEST(the_error_line_is_not_glued_to_half_a_line);
    TEST(the_total_does_not_punish_the_living_for_the_dead);
    TEST(no_client_is_ended_for_one_that_goes_anyway);
    TEST(the_total_hits_the_unregistered_too);
    TEST(one_turn_of_relays_ends_no_client_that_reads);
    TEST(exactly_the_limit_is_allowed);
    TEST(answers_of_one_turn_are_bounded);
    TEST(lines_that_wait_run_no_further_than_all_queues_allow);
    TEST(clients_that_end_in_one_turn_are_not_told_of_each_other);
    TEST(an_end_of_the_server_ends_with_long_queues);
}
