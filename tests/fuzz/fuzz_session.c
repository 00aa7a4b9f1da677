/* Any commands of any clients in any order: the whole core is fuzzed. Its invariants
 * are checked after each 16th turn, before each restart and at the end, and every line
 * that is sent is checked (world.c). The stored facts are the same after a restart.
 * Input: steps; each is a byte that picks a client and an act, and for a line its
 * bytes up to LF (0x1e in it: LF, so that one packet has many lines). */
#include "base/mem.h"
#include "facts.h"
#include "fuzz.h"
#include "state/store_ram.h"
#include "world.h"

enum { PEOPLE = 8, CONNECTS = 200, STEPS = 400, CHECK_EVERY = 16 };

#define ONE "1111111111111111111111111111111111111111111111111111111111111111"
#define TWO "2222222222222222222222222222222222222222222222222222222222222222"

static const char *const configs[] = {
    "flood { burst = 1000 hold = 4 }\n"
    "limits { sendq_unregistered = 8192 sendq = 16384 sendq_total = 1048576 }\n"
    "class \"few\" { match = { \"10.2.0.0/16\" } burst = 5 strikes = \"disconnect\" }\n"
    "oper \"alice\" { password = \"$argon2id$secret\" hosts = { \"*@*\" } "
    "privileges = { \"all\" } }\n"
    "oper \"bob\" { password = \"$argon2id$secret\" hosts = { \"*@10.*\" } "
    "privileges = { \"kill\", \"kline\", \"unban\", \"spy\" } }\n"
    "listen \"0.0.0.0:6667\" { } listen \"[::]:6697\" { tls = true }\n"
    "class \"tls\" { tls = true per_host = 1 } class \"cert\" { certfp = { \"" ONE
    "\" } }\n"
    "tls \"a.example.org\" { certificate = c key = k sts = \"30d\" }\n"
    "oper \"carol\" { certfp = { \"" ONE "\" } hosts = { \"*@*\" } }\n"
    "oper \"dan\" { token = \"sha256:" ONE "\" hosts = { \"*@10.*\" } "
    "privileges = { \"check\", \"kline\" } }\n",

    "server { cloak = true cloak_optional = true announce_opers = true }\n"
    "limits { per_host = 2 unregistered_per_host = 1 channels_per_client = 3 "
    "bans_per_channel = 2 }\n"
    "flood { burst = 3 hold = 2 } strikes { limit = 2 ladder = { \"1m\", \"1h\" } }\n"
    "exempt \"10.9.0.0/16\" { from = { \"connections\", \"throttle\", \"flood\", "
    "\"strikes\", \"bans\" } }\n"
    "oper \"alice\" { password = \"$argon2id$secret\" hosts = { \"*@*\" } "
    "privileges = { \"all\" } }\n",

    "server { password = \"$argon2id$sesame\" }\n",
};

enum { CONFIGS = sizeof configs / sizeof *configs };

struct play {
    struct world *w;
    struct actor *who[PEOPLE];
    unsigned config;
    bool failing;
};

static void
connect_one(struct play *p, unsigned slot, unsigned arg)
{
    static const char *const addresses[] = {"10.1.0.1", "10.1.0.2",
                                            "10.2.0.1", "2001:db8::1",
                                            "10.9.0.1", "::ffff:10.1.0.1"};
    static const char *const nicks[] = {"a", "b", "c", "d", "e", "f", "g", "root"};
    static const struct connection_info facts[] = {
        {.listener = "0.0.0.0:6667"},
        {.listener = "[::]:6697", .sni = "a.example.org"},
        {.listener = "[::]:6697", .sni = "b.example.org", .certfp = ONE},
        {.owner = true},
        {.secure = true, .token = ONE},
        {.secure = true, .token = TWO}};
    if (p->w->n_actors >= CONNECTS)
        return;
    if (arg & 1)
        p->who[slot] =
            world_connect_with(p->w, addresses[arg / 2 % 6], facts[arg / 12 % 6]);
    else
        p->who[slot] = world_user(p->w, nicks[slot]);
}

static void
restart(struct play *p)
{
    session_check(p->w->srv); /* of the turns since the last 16th */
    uint64_t before = facts_sum(p->w->srv);
    size_t ladder = p->w->srv->config->strikes.n_ladder;
    world_restart(p->w, configs[p->config]);
    p->w->died[0] = '\0';
    /* A shorter ladder limits the levels of hosts, and they decay from there. */
    MUST(ladder != p->w->srv->config->strikes.n_ladder ||
         before == facts_sum(p->w->srv));
}

static void
sleep_some(struct play *p, unsigned arg)
{
    static const msec spans[] = {1, 100, 1000, 3000, 31000, 130000};
    world_sleep(p->w, spans[arg % 6]);
}

/* Acts other than lines. */
static void
act(struct play *p, struct actor *a, unsigned act, unsigned arg)
{
    switch (act) {
    case 0:
        world_close(p->w, a);
        break;
    case 1:
    case 2:
        sleep_some(p, arg);
        break;
    case 3:
        a->deaf = !a->deaf;
        break;
    case 4:
        store_ram_fail(p->w->store, (p->failing = !p->failing) ? "disk full" : NULL);
        break;
    case 5:
        restart(p);
        break;
    case 6:
        world_set_wall(p->w, p->w->srv->wall + (msec)arg * arg * MSEC_MINUTE);
        break;
    case 7:
        p->config = arg % CONFIGS;
        p->w->rehash_text = arg & 0x80 ? "broken {" : configs[p->config];
        break;
    case 8:
        p->w->verify_later = !p->w->verify_later;
        world_fill_worker(p->w, arg & 1);
        world_verify(p->w);
        break;
    default:
        world_store_news(p->w);
        break;
    }
}

static void
send_line(struct play *p, struct actor *a, struct fuzz_input *in)
{
    char packet[8192];
    size_t n = 0;
    bool end = false;
    while (in->at < in->end && !end && n < sizeof packet - 1) {
        char c = (char)fuzz_byte(in);
        end = c == '\n';
        packet[n++] = c == 0x1e ? '\n' : c;
    }
    world_send(p->w, a, packet, n);
}

static void
step(struct play *p, struct fuzz_input *in)
{
    unsigned how = fuzz_byte(in), slot = how % PEOPLE;
    struct actor *a = p->who[slot];
    if (a == NULL || a->closed)
        connect_one(p, slot, how / PEOPLE);
    else if (how >= 0x60)
        act(p, a, (how - 0x60) / PEOPLE % 10, fuzz_byte(in));
    else
        send_line(p, a, in);
    if (p->w->died[0])
        restart(p);
}

int
fuzz_session(const uint8_t *bytes, size_t n)
{
    struct fuzz_input in = {bytes, bytes + n};
    struct play p = {.w = world_new(configs[0])};
    p.w->log.level = LOG_LEVEL_INFO;
    p.w->check_every = CHECK_EVERY;
    p.who[7] = world_oper(p.w, "root");
    for (int i = 0; in.at < in.end && i < STEPS; i++)
        step(&p, &in);
    restart(&p);
    world_free(p.w);
    return 0;
}
