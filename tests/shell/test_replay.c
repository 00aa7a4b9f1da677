/* The policy does the same in a recorded run and in its replay. */
#include "../../src/main/config_file.h"
#include "replay/simulate.h"
#include "replay/tally.h"
#include "taped.h"

#include "base/mem.h"
#include "state/watch.h"

/* An observer beside the recorder, which counts as the simulation does. */
struct beside {
    const struct watch *recorder;
    struct watch watch;
    struct tally_counts counts;
};

static void
ignore_fault(void *ctx, const char *text)
{
    (void)ctx;
    (void)text;
}

static void
see_enter(void *ctx, const struct client *c)
{
    struct beside *b = ctx;
    b->recorder->enter(b->recorder->ctx, c);
}

static void
see_refused(void *ctx, const struct addr *addr, const struct connection_facts *facts,
            const struct client *c, const char *limit)
{
    struct beside *b = ctx;
    b->counts.refused_connects++;
    tally_name(&b->counts.limits, limit, 1);
    b->recorder->refused(b->recorder->ctx, addr, facts, c, limit);
}

static void
see_line(void *ctx, const struct client *c, const char *line, size_t len,
         enum watch_verdict verdict)
{
    struct beside *b = ctx;
    b->counts.run += verdict == WATCH_RUN;
    b->counts.refused += verdict == WATCH_REFUSE;
    b->recorder->line(b->recorder->ctx, c, line, len, verdict);
}

static void
see_released(void *ctx, const struct client *c)
{
    struct beside *b = ctx;
    (void)c;
    b->counts.held++;
}

static void
see_leave(void *ctx, const struct client *c)
{
    struct beside *b = ctx;
    b->recorder->leave(b->recorder->ctx, c);
}

static void
see_strike(void *ctx, const struct prefix *host, const char *cause, int weight)
{
    struct beside *b = ctx;
    (void)host;
    b->counts.strikes += (uint64_t)weight;
    tally_name(&b->counts.causes, cause, (uint64_t)weight);
}

static void
see_limit(void *ctx, const struct prefix *host, const char *cause, msec length)
{
    struct beside *b = ctx;
    (void)host, (void)cause;
    b->counts.bans += length > 0;
}

static void
look_on(struct beside *b, struct server *srv)
{
    b->recorder = srv->watch;
    b->watch = (struct watch){.ctx = b,
                              .enter = see_enter,
                              .refused = see_refused,
                              .line = see_line,
                              .released = see_released,
                              .leave = see_leave,
                              .strike = see_strike,
                              .limit = see_limit};
    srv->watch = &b->watch;
}

static void
add_names(struct tally_names *to, const struct tally_names *from)
{
    for (size_t i = 0; i < from->used; i++)
        tally_name(to, from->rows[i].name, from->rows[i].n);
}

static void
sum(const struct tally *t, struct tally_counts *all)
{
    for (const struct tally_host *h = t->hosts; h; h = h->hh.next) {
        all->refused_connects += h->counts.refused_connects;
        all->run += h->counts.run;
        all->held += h->counts.held;
        all->refused += h->counts.refused;
        all->strikes += h->counts.strikes;
        all->bans += h->counts.bans;
        add_names(&all->limits, &h->counts.limits);
        add_names(&all->causes, &h->counts.causes);
    }
}

static void
same_names(const struct tally_names *got, const struct tally_names *want)
{
    EQUAL_NUMBER(got->used, want->used);
    for (size_t i = 0; i < got->used && i < want->used; i++) {
        EQUAL_TEXT(got->rows[i].name, want->rows[i].name);
        EQUAL_NUMBER(got->rows[i].n, want->rows[i].n);
    }
}

/* Sends a line n times in one packet. */
static void
say_often(struct world *w, struct actor *a, const char *line, int times)
{
    size_t n = strlen(line);
    char *bytes = xmalloc((n + 2) * (size_t)times);
    for (int i = 0; i < times; i++) {
        memcpy(bytes + (n + 2) * (size_t)i, line, n);
        memcpy(bytes + (n + 2) * (size_t)i + n, "\r\n", 2);
    }
    world_send(w, a, bytes, (n + 2) * (size_t)times);
    free(bytes);
}

static struct actor *
come(struct world *w, const char *nick, const char *address)
{
    struct actor *a = world_connect(w, address);
    world_say(w, a, "CAP LS 302");
    world_sayf(w, a, "NICK %s", nick);
    world_sayf(w, a, "USER %s 0 * :somebody", nick);
    world_say(w, a, "CAP REQ :batch echo-message");
    world_say(w, a, "CAP END");
    world_drain(a);
    return a;
}

/* Clients with the shortest names, two of which want the same one. */
static void
a_normal_hour(struct world *w)
{
    char nick[4], address[32];
    struct actor *people[20];
    for (int i = 0; i < 20; i++) {
        snprintf(nick, sizeof nick, "%c", 'a' + i);
        snprintf(address, sizeof address, "10.1.%d.1", i);
        struct actor *a = people[i] = come(w, nick, address);
        CU_ASSERT(a->client && client_is_registered(a->client));
        world_sleep(w, 700);
        world_say(w, a, "JOIN #t,#u");
        world_say(w, a, "MODE #t");
        world_say(w, a, "MONITOR + a,b,c");
        world_say(w, a,
                  i % 2 ? "NICK a"
                        : "PRIVMSG #t :\x01"
                          "ACTION waves\x01");
        world_sleep(w, 60000);
        for (int j = 0; j <= i; j++) /* the client that was refused a name is gone */
            world_say(w, people[j], "PING here");
    }
    for (int i = 0; i < 20; i++)
        CU_ASSERT(!people[i]->closed);
}

static void
wrongs(struct world *w)
{
    struct actor *a = come(w, "z", "198.51.100.1");
    for (int i = 0; i < 8; i++) { /* floods until it is banned */
        say_often(w, a, "PRIVMSG #t :buy this", 60);
        world_sleep(w, 1500);
    }
    CU_ASSERT(a->closed);
    CU_ASSERT(come(w, "z", "198.51.100.1")->closed);
    a = world_connect(w, "198.51.100.40"); /* never registers, twice */
    world_sleep(w, 100000);
    a = world_connect(w, "198.51.100.40");
    world_sleep(w, 100000);
    a = world_connect(w, "198.51.100.41"); /* sends too much before it registers */
    say_often(w, a, "NICK 9", 50);
    a = world_connect(w, "198.51.100.42"); /* overruns */
    say_often(w, a, "PASS verylongpassword verylongpassword verylong", 1);
    char bytes[8192];
    memset(bytes, 'y', sizeof bytes);
    world_send(w, a, bytes, sizeof bytes);
    for (int i = 0; i < 40; i++) { /* too many at a time that do not register */
        world_connect(w, "203.0.113.9");
        world_sleep(w, 200);
    }
    for (int i = 0; i < 40; i++) { /* too often */
        world_close(w, world_connect(w, "203.0.113.80"));
        world_sleep(w, 400);
    }
}

static void
a_replay_has_the_same_strikes_bans_and_refusals(void)
{
    struct taped t;
    struct beside live = {.recorder = NULL};
    struct tally tally;
    struct tally_counts replay = {.run = 0};
    taped_begin(&t, "limits { unregistered_per_host = 2 }");
    look_on(&live, t.world->srv);
    a_normal_hour(t.world);
    EQUAL_NUMBER(live.counts.strikes, 0);
    wrongs(t.world);
    world_sleep(t.world, 700000); /* the ban has ended */
    CU_ASSERT(!come(t.world, "z", "198.51.100.1")->closed);
    world_sleep(t.world, 60000);
    t.world->srv->watch = live.recorder;
    taped_stop(&t);

    char conf[64];
    snprintf(conf, sizeof conf, "%s/c.conf", t.dir);
    FILE *f = fopen(conf, "w");
    CU_ASSERT_FATAL(f != NULL);
    fputs("limits { unregistered_per_host = 2 }\n", f);
    fclose(f);
    struct config_file source;
    CU_ASSERT_FATAL(config_file_load(conf, ignore_fault, NULL, &source));
    CU_ASSERT_FATAL(simulate(source.config, NULL, t.file, &tally));
    source.config = NULL; /* the session's */
    config_file_clear(&source);
    sum(&tally, &replay);
    EQUAL_NUMBER(replay.refused_connects, live.counts.refused_connects);
    EQUAL_NUMBER(replay.run, live.counts.run);
    EQUAL_NUMBER(replay.held, live.counts.held);
    EQUAL_NUMBER(replay.refused, live.counts.refused);
    EQUAL_NUMBER(replay.strikes, live.counts.strikes);
    EQUAL_NUMBER(replay.bans, live.counts.bans);
    same_names(&replay.causes, &live.counts.causes);
    same_names(&replay.limits, &live.counts.limits);
    CU_ASSERT(live.counts.causes.used >= 4);
    CU_ASSERT(live.counts.limits.used >= 3);
    CU_ASSERT(live.counts.bans >= 1 && live.counts.held > 10);
    tally_free(&tally);
    taped_clear(&t);
}

SUITE(replay)
{
    TEST(a_replay_has_the_same_strikes_bans_and_refusals);
}
