/* Every counter compared with a recount, over 1e5 random events.
 *
 * The test knows of each connection the host and network from which it connected, and
 * counts those; the fields of the server are only compared, never used to count. So the
 * test also knows before each connect whether the server must accept it, and if not,
 * why. After each event the invariants of the server are checked as in any session
 * test, and after every hundred events all is recounted. IRCD_TEST_COUNTERS_SEED in the
 * environment gives another run. */
#include "base/str.h"
#include "dice.h"
#include "policy/ban/ban.h"
#include "policy/host.h"
#include "policy/policy.h"
#include "recount.h"
#include "world.h"

#include <stdio.h>
#include <stdlib.h>

#define EVENTS 100000
#define RECOUNT 100
#define SLOTS 96  /* connections at a time, at most */
#define NETS 10   /* networks; the last two are IPv6 */
#define HOSTS 14  /* in each */
#define TABLE 100 /* strikes.hosts: fewer than there are */
#define ROOM 55   /* limits.clients */

/* The limits of a configuration, and its text. */
static const struct limits {
    int per_host, per_network, unregistered;
    int office_host, office_network; /* of network 0; -1: the same as the others */
    bool exempt;                     /* connections from which on network 1 is full */
    const char *text;
} configs[] = {
    {3, 9, 2, -1, -1, false,
     "per_host = 3 per_network = 9 unregistered_per_host = 2 }"},
    {2, 6, 2, 6, 20, false,
     "per_host = 2 per_network = 6 unregistered_per_host = 2 }\n"
     "class \"office\" { match = { \"10.0.0.0/24\" } per_host = 6 per_network = 20 }"},
    {3, 12, 3, -1, -1, true,
     "per_host = 3 per_network = 12 unregistered_per_host = 3 }\n"
     "exempt \"10.0.1.0/24\" { from = { \"connections\" } }"},
};
#define CONFIGS (sizeof configs / sizeof *configs)

static const char common[] =
    "oper \"alice\" { password = \"$argon2id$secret\" hosts = { \"*@*\" } privileges = "
    "{ "
    "\"all\" } }\n"
    "strikes { hosts = 100 limit = 3 decay = \"5s\" forgive = \"60s\" ladder = { "
    "\"5s\", "
    "\"10s\" } }\n"
    "limits { clients = 55 connect_rate = \"9999/1s\" sendq = 16384 ";

/* The answers that a connection may get at accept. */
enum verdict { LET_IN, BANNED, FULL, OF_HOST, OF_NETWORK, NOT_REGISTERED, VERDICTS };
static const char *const words[VERDICTS] = {
    [BANNED] = "You are banned (D-line)",
    [FULL] = "The server is full",
    [OF_HOST] = "Too many connections from your host: ",
    [OF_NETWORK] = "Too many connections from your network: ",
    [NOT_REGISTERED] = "Too many connections from your host that have not registered",
};

/* A connection as the test knows it. */
struct slot {
    struct actor *actor;
    int net, host;
};

struct play {
    struct world *w;
    struct slot slots[SLOTS];
    char texts[CONFIGS][1024];
    const struct limits *limits;
    unsigned nicks, verdicts[VERDICTS], moves[VERDICTS];
    uint64_t first_seed, state;
    int event;
};

/* What is counted. */
struct counts {
    size_t clients, registered, opers, bytes;
    uint32_t of_host[NETS][HOSTS], fresh[NETS][HOSTS], oper[NETS][HOSTS], of_net[NETS];
};

/* Both are equal, or the test prints them with the event and the seed. */
static void
same(const struct play *p, size_t got, size_t want, const char *what)
{
    if (got == want)
        return;
    printf("\n    event %d, IRCD_TEST_COUNTERS_SEED=%llu\n", p->event,
           (unsigned long long)p->first_seed);
    test_equal_number((long long)got, (long long)want, what, __FILE__, __LINE__);
}

/* An IPv4 address in one of its spellings; of IPv6 the last bytes are random, for the
 * host is the same. */
static void
address(struct play *p, int net, int host, char *out, size_t size)
{
    if (net < NETS - 2)
        str_format(out, size, dice(&p->state, 4) ? "10.0.%d.%d" : "::ffff:10.0.%d.%d",
                   net, host + 1);
    else
        str_format(out, size, "2001:db8:0:%x::%x", net << 8 | host,
                   1 + dice(&p->state, 9999));
}

static void
find(const struct play *p, int net, int host, const struct host **h,
     const struct network **n)
{
    char text[64];
    struct addr addr;
    struct play any = *p; /* its dice must not be thrown */
    address(&any, net, host, text, sizeof text);
    CU_ASSERT_FATAL(addr_parse(text, &addr));
    *h = host_find(p->w->srv, &addr);
    *n = network_find(p->w->srv, &addr);
}

static void
count(const struct play *p, struct counts *n)
{
    *n = (struct counts){0};
    for (int i = 0; i < SLOTS; i++) {
        const struct slot *s = &p->slots[i];
        const struct client *c = s->actor->client;
        if (c == NULL)
            continue;
        bool registered = c->out.flags & CLIENT_REGISTERED;
        n->clients++;
        n->registered += registered;
        n->opers += c->user.oper != NULL;
        n->of_host[s->net][s->host]++;
        n->of_net[s->net]++;
        n->fresh[s->net][s->host] += !registered;
        n->oper[s->net][s->host] += c->user.oper != NULL;
    }
}

static size_t
length(const struct list *list)
{
    size_t n = 0;
    LIST_EACH(list, node)
        n++;
    return n;
}

static void
recount_hosts(const struct play *p, const struct counts *n)
{
    size_t active = 0, networks = 0;
    const struct policy *policy = p->w->srv->policy;
    for (int net = 0; net < NETS; net++) {
        const struct host *h;
        const struct network *around = NULL;
        for (int host = 0; host < HOSTS; host++) {
            find(p, net, host, &h, &around);
            same(p, h ? h->connections : 0, n->of_host[net][host], "of the host");
            same(p, h ? h->unregistered : 0, n->fresh[net][host], "unregistered");
            same(p, h ? h->opers : 0, n->oper[net][host], "operators of the host");
            active += n->of_host[net][host] > 0;
        }
        same(p, around ? around->connections : 0, n->of_net[net], "of the network");
        networks += n->of_net[net] > 0;
    }
    same(p, HASH_COUNT(policy->networks), networks, "networks");
    same(p, HASH_COUNT(policy->hosts), policy->n_hosts, "n_hosts");
    same(p, active + length(&policy->idle_clean) + length(&policy->idle_struck),
         policy->n_hosts, "hosts in use and in lists");
    CU_ASSERT(policy->n_hosts <= (active > TABLE ? active : TABLE) + 1);
}

static void
recount(const struct play *p)
{
    const struct server *srv = p->w->srv;
    struct counts n;
    count(p, &n);
    same(p, srv->n_clients, n.clients, "n_clients");
    same(p, srv->n_registered, n.registered, "n_registered");
    same(p, srv->n_opers, n.opers, "n_opers");
    struct mem_sum queues = recount_queues(p->w);
    same(p, srv->buffers.sum.n, queues.n, "buffers");
    same(p, srv->buffers.sum.bytes, queues.bytes, "bytes of queues");
    same(p, length(&srv->unregistered), n.clients - n.registered, "unregistered");
    recount_hosts(p, &n);
}

/* --- events ----------------------------------------------------------------------- */

static int
least(int a, int b)
{
    return a >= 0 ? a : b;
}

/* The answer that a connection must get. */
static enum verdict
verdict(const struct play *p, const char *text, int net, int host)
{
    struct counts n;
    struct addr addr;
    const struct limits *l = p->limits;
    bool office = net == 0;
    count(p, &n);
    addr_parse(text, &addr);
    LIST_EACH(&p->w->srv->policy->kinds[BAN_DLINE], node) {
        const struct ban *ban = LIST_ENTRY(node, struct ban, link);
        if (!ban_is_expired(ban, p->w->srv->wall) &&
            prefix_match(&ban->mask.prefix, &addr))
            return BANNED;
    }
    if (n.clients >= ROOM)
        return FULL;
    if (l->exempt && net == 1)
        return LET_IN;
    if (n.of_host[net][host] >=
        (unsigned)least(office ? l->office_host : -1, l->per_host))
        return OF_HOST;
    if (n.of_net[net] >=
        (unsigned)least(office ? l->office_network : -1, l->per_network))
        return OF_NETWORK;
    if (n.fresh[net][host] >= (unsigned)l->unregistered)
        return NOT_REGISTERED;
    return LET_IN;
}

static void
settle(struct play *p)
{
    world_sleep(p->w, 0);
}

static void
open_one(struct play *p, struct slot *s)
{
    struct connection_info info = {.listener = "test"};
    char text[64], refusal[512] = "";
    struct actor *a = s->actor;
    if (a->client)
        return;
    bool few = dice(&p->state, 2); /* hosts that are full most of the time */
    s->net = (int)(few ? dice(&p->state, 2) : dice(&p->state, NETS));
    s->host = (int)(few ? dice(&p->state, 3) : dice(&p->state, HOSTS));
    address(p, s->net, s->host, text, sizeof text);
    addr_parse(text, &info.addr);
    enum verdict due = verdict(p, text, s->net, s->host);
    p->verdicts[due]++;
    world_drain(a);
    a->closed = a->deaf = false;
    a->client = session_open(p->w->srv, &info, a, refusal, sizeof refusal);
    bool right = due == LET_IN ? a->client != NULL
                               : a->client == NULL && strstr(refusal, words[due]);
    if (!right)
        printf("\n    event %d, IRCD_TEST_COUNTERS_SEED=%llu: \"%s\" where \"%s\" was "
               "due\n",
               p->event, (unsigned long long)p->first_seed, refusal,
               due == LET_IN ? "" : words[due]);
    CU_ASSERT(right);
    settle(p);
}

/* As if it had connected from another place; never the place where it is. */
static void
move_one(struct play *p, struct slot *s)
{
    struct connection_info info = {.listener = "test"};
    struct actor *a = s->actor;
    struct client *c = a->client;
    struct slot before = *s;
    char text[64];
    if (c == NULL)
        return;
    s->net = (int)dice(&p->state, dice(&p->state, 2) ? 2 : NETS);
    s->host = (int)dice(&p->state, dice(&p->state, 2) ? 3 : HOSTS);
    address(p, s->net, s->host, text, sizeof text);
    addr_parse(text, &info.addr);
    a->client = NULL; /* it does not count where it was */
    enum verdict due = verdict(p, text, s->net, s->host);
    a->client = c;
    bool may_move = !(c->out.flags & (CLIENT_REGISTERED | CLIENT_ENDING));
    bool same_place =
        memcmp(&c->session->addr, &info.addr, sizeof c->session->addr) == 0;
    bool moved = session_rehome(p->w->srv, c, &info);
    CU_ASSERT_EQUAL(moved, may_move && (due == LET_IN || same_place));
    p->moves[moved ? LET_IN : due] += may_move;
    settle(p);
    if (!may_move)
        *s = before;
    else if (!moved)
        CU_ASSERT(a->closed && (a->deaf || strstr(a->inbox, words[due])));
}

static void
register_one(struct play *p, struct slot *s)
{
    world_sayf(p->w, s->actor, "NICK n%u", dice(&p->state, 9) ? ++p->nicks : p->nicks);
    if (dice(&p->state, 5))
        world_say(p->w, s->actor, "USER u 0 * :u");
}

/* Registered and an operator, or NULL. */
static struct slot *
some_oper(struct play *p)
{
    unsigned from = dice(&p->state, SLOTS);
    for (unsigned i = 0; i < SLOTS; i++) {
        struct slot *s = &p->slots[(from + i) % SLOTS];
        if (s->actor->client && s->actor->client->user.oper)
            return s;
    }
    return NULL;
}

static void
be_oper(struct play *p, struct slot *s)
{
    const struct client *c = s->actor->client;
    if (c && c->user.oper)
        world_sayf(p->w, s->actor, "MODE %s -o", c->user.nick);
    else
        world_say(p->w, s->actor,
                  dice(&p->state, 8) ? "OPER alice secret" : "OPER alice wrong");
}

static void
kill_one(struct play *p, struct slot *s)
{
    struct slot *by = some_oper(p);
    if (by && s->actor->client && s->actor->client->user.nick[0])
        world_sayf(p->w, by->actor, "KILL %s :out", s->actor->client->user.nick);
}

static void
ban(struct play *p, struct slot *s)
{
    char line[200];
    struct slot *by = some_oper(p);
    unsigned seconds = 1 + dice(&p->state, 9), net = dice(&p->state, NETS - 2),
             host = 1 + dice(&p->state, HOSTS);
    bool kline = dice(&p->state, 2);
    (void)s;
    if (by == NULL)
        return;
    str_format(line, sizeof line, "%s FORCE %us %s10.0.%u.%u%s :out",
               kline ? "KLINE" : "DLINE", seconds, kline ? "*@" : "", net, host,
               dice(&p->state, 3) ? "" : "/28");
    world_say(p->w, by->actor, line);
}

static void
rehash(struct play *p, struct slot *s)
{
    struct slot *by = some_oper(p);
    unsigned which = dice(&p->state, CONFIGS + 1);
    (void)s;
    if (by == NULL)
        return;
    if (which == CONFIGS) { /* a broken configuration changes nothing */
        p->w->rehash_text = "limits { per_host = many }";
        world_say(p->w, by->actor, "REHASH");
        return;
    }
    struct config *before = p->w->srv->config;
    p->w->rehash_text = p->texts[which];
    world_say(p->w, by->actor, "REHASH");
    if (p->w->srv->config != before) /* else it is held, or refused */
        p->limits = &configs[which];
}

static void
talk(struct play *p, struct slot *s)
{
    world_sayf(p->w, s->actor, "JOIN #c%u", dice(&p->state, 3));
    for (unsigned n = dice(&p->state, 12); n > 0; n--)
        world_sayf(p->w, s->actor, "PRIVMSG #c%u :%0100u", dice(&p->state, 3), n);
}

static void
go_deaf(struct play *p, struct slot *s)
{
    s->actor->deaf = dice(&p->state, 4) == 0;
    settle(p);
}

static void
leave(struct play *p, struct slot *s)
{
    if (dice(&p->state, 2))
        world_close(p->w, s->actor);
    else
        world_say(p->w, s->actor, "QUIT :bye\r\nPING never");
}

static void
wait_a_little(struct play *p, struct slot *s)
{
    (void)s;
    world_sleep(p->w,
                dice(&p->state, 40) ? dice(&p->state, 400) : dice(&p->state, 40000));
}

static const struct {
    unsigned weight;
    void (*run)(struct play *p, struct slot *s);
} events[] = {
    {30, open_one}, {23, register_one},  {6, be_oper},  {3, kill_one},
    {2, ban},       {1, rehash},         {6, talk},     {4, go_deaf},
    {8, leave},     {12, wait_a_little}, {5, move_one},
};

static void
happen(struct play *p)
{
    unsigned at = dice(&p->state, 100);
    size_t i = 0;
    while (at >= events[i].weight)
        at -= events[i++].weight;
    events[i].run(p, &p->slots[dice(&p->state, SLOTS)]);
}

static void
begin(struct play *p)
{
    const char *seed = getenv("IRCD_TEST_COUNTERS_SEED");
    p->first_seed = p->state = seed ? strtoull(seed, NULL, 0) : 20261122;
    for (size_t i = 0; i < CONFIGS; i++)
        str_format(p->texts[i], sizeof p->texts[i], "%s%s\n", common, configs[i].text);
    p->limits = &configs[0];
    p->w = world_new(p->texts[0]);
    for (int i = 0; i < SLOTS; i++) {
        struct actor *a = &p->w->actors[p->w->n_actors++];
        p->slots[i].actor = a;
        a->inbox = xcalloc(1, a->cap = 64);
    }
}

static void
counters_agree_with_a_recount_after_1e5_events(void)
{
    struct play *p = xcalloc(1, sizeof *p);
    unsigned registered = 0, opers = 0;
    begin(p);
    for (p->event = 1; p->event <= EVENTS; p->event++) {
        happen(p);
        if (p->event % RECOUNT)
            continue;
        recount(p);
        registered += p->w->srv->n_registered > 10;
        opers += p->w->srv->n_opers > 0;
        world_drain_all(p->w);
        p->w->logged_len = 0;
    }
    /* Otherwise the run would prove little. */
    for (int v = 0; v < VERDICTS; v++)
        CU_ASSERT(p->verdicts[v] > 20 && (v == FULL || p->moves[v] > 20));
    CU_ASSERT(registered > EVENTS / RECOUNT / 2 && opers > EVENTS / RECOUNT / 10);
    for (int i = 0; i < SLOTS; i++) {
        p->slots[i].actor->deaf = false;
        world_close(p->w, p->slots[i].actor);
    }
    recount(p);
    EQUAL_NUMBER(p->w->srv->n_clients, 0);
    EQUAL_NUMBER(p->w->srv->buffers.sum.bytes, 0);
    CU_ASSERT(p->w->srv->policy->networks == NULL);
    world_free(p->w);
    free(p);
}

SUITE(counter_random)
{
    TEST(counters_agree_with_a_recount_after_1e5_events);
}
