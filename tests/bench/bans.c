/*
 * bans: what 100,000 bans cost the server: to start with, and to match.
 *
 * The matching rows run the core in this process, because a match is too short to be
 * seen from outside; the start is the real program's on a real pair of files. A row
 * with other answers than those of the bans fails: a wrong matcher is fast.
 *
 *   bans -l                 the rows and their limits
 *   bans make DIR           half K-lines, half D-lines, 127.0.0.66 among them, saved
 * there bans ROW [IRCD CONF PORT]   prints: row unit count cost milliseconds reads
 */
#define _GNU_SOURCE /* prctl */

#include "../unit/dice.h"
#include "base/log.h"
#include "base/str.h"
#include "config/config.h"
#include "enact/ban.h"
#include "measure.h"
#include "policy/access.h"
#include "policy/ban/ban.h"
#include "policy/client_policy.h"
#include "policy/privs.h"
#include "session/session.h"
#include "state/client.h"
#include "state/server.h"
#include "state/store_ram.h"
#include "store/store_gdbm.h"

#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/wait.h>

enum {
    BANS = 100000,
    CLIENTS = 4000,
    ROUNDS = 50,         /* matches of each client */
    ADDRESSES = 1000000, /* asked at accept */
    START_TRIES = 20000, /* milliseconds a server has to listen */
    CLOSE = 60000,       /* the same to save */
    REFUSED = 66,        /* 127.0.0.66 is D-lined in the store */
};

struct row {
    const char *name, *unit;
    void (*run)(const struct row *, char **args);
    double max_value;
    int args;
};

static uint64_t seed = 5;

/* --- the bans --------------------------------------------------------------------- */

static void
network(char *out, size_t size, bool whole)
{
    if (whole && dice(&seed, 4) == 0)
        str_format(out, size, "2001:db8:%x:%x::/%u", dice(&seed, 65536),
                   dice(&seed, 65536), 48 + 8 * dice(&seed, 3));
    else if (whole)
        str_format(out, size, "%u.%u.%u.0/%u", 1 + dice(&seed, 126), dice(&seed, 256),
                   dice(&seed, 256), 17 + dice(&seed, 8));
    else
        str_format(out, size, "%u.%u.%u.%u", 1 + dice(&seed, 126), dice(&seed, 256),
                   dice(&seed, 256), dice(&seed, 256));
}

/* Of a hundred: 45 addresses and networks, 25 hosts, 20 suffixes, 10 globs. */
static void
kline(char *out, size_t size)
{
    char net[64];
    unsigned n = dice(&seed, 100000), which = dice(&seed, 100);
    if (which < 45) {
        network(net, sizeof net, which < 20);
        str_format(out, size, "*@%s", net);
    } else if (which < 70) {
        str_format(out, size, "*@host%u.pool.example.net", n);
    } else if (which < 90) {
        str_format(out, size, "*@*.isp%u.example", n);
    } else if (which < 93) {
        str_format(out, size, "*@dsl-*.town%u.example", n);
    } else if (which < 95) {
        str_format(out, size, "*@10.%u.%u.*", dice(&seed, 256), dice(&seed, 256));
    } else if (which < 97) {
        str_format(out, size, "spam%u!*@*", n);
    } else if (which < 99) {
        str_format(out, size, "*!?bot%u@*", n);
    } else {
        str_format(out, size, "*@*cable%u*", n);
    }
}

static void
dline(char *out, size_t size)
{
    network(out, size, dice(&seed, 2));
}

static void
set(struct server *srv, enum ban_kind kind, const char *text)
{
    struct mask mask;
    struct ban_outcome outcome;
    char err[200];
    if (!ban_kinds[kind].parse(text, &mask, err, sizeof err))
        die("%s", err);
    enact_ban(srv,
              &(struct ban_request){.kind = kind,
                                    .mask = &mask,
                                    .length = dice(&seed, 2) ? 30 * MSEC_DAY : 0,
                                    .setter = "bench",
                                    .reason = "a reason of the usual length for a ban",
                                    .oper_reason = ""},
              &outcome);
}

static void
set_many(struct server *srv, enum ban_kind kind, size_t n)
{
    char text[MASK_TEXT];
    while (srv->policy->n_bans[kind] < n) {
        (kind == BAN_KLINE ? kline : dline)(text, sizeof text);
        set(srv, kind, text);
    }
}

/* --- a server in this process --------------------------------------------------------
 */

static void
fault(void *ctx, const char *text)
{
    (void)ctx;
    die("%s", text);
}

static struct server *
begin(struct store *store)
{
    static const struct config_words words = {.privileges = privs_names,
                                              .host_mask = access_host_mask};
    static const char text[] = "exempt \"0.0.0.0/0\" { from = { \"connections\", "
                               "\"throttle\", \"flood\" } }\n";
    static struct log log;
    static struct shell shell;
    struct server_start start = {.config =
                                     config_parse("bench", text, &words, fault, NULL),
                                 .log = &log,
                                 .store = store,
                                 .shell = &shell,
                                 .now = 1000000,
                                 .wall = 1795305600000};
    return session_begin(&start);
}

static void
wake(void *ctx)
{
    (void)ctx;
}

static void
make(char *dir)
{
    char err[300];
    struct store_gdbm_options options = {.dir = dir, .wake = wake};
    struct store *store = store_gdbm_open(&options, err, sizeof err);
    int64_t begun = nanoseconds(CLOCK_MONOTONIC);
    if (store == NULL)
        die("%s", err);
    struct server *srv = begin(store);
    set(srv, BAN_DLINE, "127.0.0.66");
    set_many(srv, BAN_DLINE, BANS / 2);
    set_many(srv, BAN_KLINE, BANS / 2);
    session_end(srv);
    if (!store_gdbm_close(store, CLOSE))
        die("the store was not saved");
    fprintf(stderr, "%d bans made and saved in %.1f s\n", BANS,
            (double)(nanoseconds(CLOCK_MONOTONIC) - begun) / 1e9);
}

static void
print(const struct row *row, uint64_t count, int64_t cost, int64_t wall)
{
    printf("%s %s %ju %jd %jd 0\n", row->name, row->unit, (uintmax_t)count,
           (intmax_t)cost, (intmax_t)(wall / 1000000));
}

static void
match_accept(const struct row *row, char **args)
{
    (void)args;
    struct store *store = store_ram_new();
    struct server *srv = begin(store);
    struct addr *asked = calloc(ADDRESSES, sizeof *asked);
    unsigned refused = 0;
    set_many(srv, BAN_DLINE, BANS);
    for (int i = 0; asked && i < ADDRESSES; i++) {
        char text[ADDR_TEXT];
        str_format(
            text, sizeof text, dice(&seed, 4) ? "%u.%u.%u.%u" : "2001:db8:%x:%x::%x:%x",
            1 + dice(&seed, 250), dice(&seed, 256), dice(&seed, 256), dice(&seed, 256));
        if (!addr_parse(text, &asked[i]))
            die("%s is no address", text);
    }
    int64_t wall = nanoseconds(CLOCK_MONOTONIC);
    int64_t cpu = nanoseconds(CLOCK_PROCESS_CPUTIME_ID);
    for (int i = 0; i < ADDRESSES; i++)
        refused += ban_match_addr(srv, BAN_DLINE, &asked[i]) != NULL;
    cpu = nanoseconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    wall = nanoseconds(CLOCK_MONOTONIC) - wall;
    if (refused < ADDRESSES / 100 || refused > ADDRESSES / 2)
        die("%u of %d refused", refused, ADDRESSES);
    free(asked);
    session_end(srv);
    store_ram_free(store);
    print(row, ADDRESSES, cpu, wall);
}

/* Registered clients, before the bans are set; each shows a cloak. */
static void
open_clients(struct server *srv, struct client **clients)
{
    struct connection_info info = {.listener = "bench"};
    char line[200], refusal[512];
    for (unsigned i = 0; i < CLIENTS; i++) {
        str_format(line, sizeof line, "%u.%u.%u.%u", 1 + dice(&seed, 126),
                   dice(&seed, 256), dice(&seed, 256), dice(&seed, 256));
        addr_parse(line, &info.addr);
        clients[i] = session_open(srv, &info, NULL, refusal, sizeof refusal);
        if (clients[i] == NULL)
            die("%s", refusal);
        str_format(line, sizeof line, "NICK n%u\r\nUSER %s%u 0 * :n\r\n", i,
                   i % 50 ? "user" : "xbot", dice(&seed, 100000));
        session_input(srv, clients[i], line, strlen(line));
        session_dirty(srv);
        if (!client_is_registered(clients[i]))
            die("client %u has not registered", i);
        if (i % 3 == 0) { /* as behind a gateway that names the hosts of its users */
            str_format(line, sizeof line, "dsl-%u-17.isp%u.example", i,
                       dice(&seed, 1000000));
            client_set_host(clients[i], line);
        }
    }
}

static void
match_register(const struct row *row, char **args)
{
    static struct client *clients[CLIENTS];
    (void)args;
    struct store *store = store_ram_new();
    struct server *srv = begin(store);
    unsigned banned = 0;
    open_clients(srv, clients);
    for (int i = 0; i < CLIENTS; i++)
        policy_of(clients[i])->exempt |= EXEMPT_BANS; /* stay while they are set */
    set_many(srv, BAN_KLINE, BANS);
    for (int i = 0; i < CLIENTS; i++)
        policy_of(clients[i])->exempt &= (uint16_t)~EXEMPT_BANS;
    int64_t wall = nanoseconds(CLOCK_MONOTONIC);
    int64_t cpu = nanoseconds(CLOCK_PROCESS_CPUTIME_ID);
    for (int round = 0; round < ROUNDS; round++)
        for (int i = 0; i < CLIENTS; i++)
            banned += ban_match_client(srv, BAN_KLINE, clients[i]) != NULL;
    cpu = nanoseconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    wall = nanoseconds(CLOCK_MONOTONIC) - wall;
    if (banned < CLIENTS * ROUNDS / 200 || banned > CLIENTS * ROUNDS / 2)
        die("%u of %d matched", banned, CLIENTS * ROUNDS);
    print(row, CLIENTS * ROUNDS, cpu, wall);
    exit(0); /* clients and all */
}

/* --- the real program ---------------------------------------------------------------
 */

static pid_t
start(char **args)
{
    pid_t parent = getpid(), child = fork();
    if (child != 0)
        return child;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() == parent)
        execl(args[0], args[0], "-c", args[1], (char *)NULL);
    _exit(127);
}

/* Its CPU time from its start until it accepts a connection: the wall clock would also
 * count other work of the machine. */
static void
start_row(const struct row *row, char **args)
{
    struct sockaddr_in to = loopback(0, (unsigned)strtoul(args[2], NULL, 10));
    struct timespec pause = {.tv_nsec = 1000000};
    int fd = -1;
    int64_t begun = nanoseconds(CLOCK_MONOTONIC);
    pid_t child = start(args);
    for (int i = 0; fd < 0 && i < START_TRIES; i++) {
        nanosleep(&pause, NULL);
        fd = connect_from(0, &to);
        if (waitpid(child, NULL, WNOHANG) != 0)
            die("the server has ended");
    }
    int64_t wall = nanoseconds(CLOCK_MONOTONIC) - begun;
    clockid_t clock;
    if (clock_getcpuclockid(child, &clock) != 0)
        die("the server has ended");
    int64_t cpu = nanoseconds(clock);
    kill(child, SIGTERM);
    waitpid(child, NULL, 0);
    if (fd < 0)
        die("the server does not listen");
    print(row, 1, cpu / 1000000, wall);
}

/* clang-format off */
static const struct row ROWS[] = {
    {"start",    "ms/start", start_row,      1000, 3},
    {"accept",   "ns/match", match_accept,   2000, 0},
    {"register", "ns/match", match_register, 20000, 0},
};
/* clang-format on */
enum { ROW_COUNT = sizeof ROWS / sizeof *ROWS };

int
main(int argc, char **argv)
{
    alarm(120);
    for (int i = 0; argc == 2 && !strcmp(argv[1], "-l") && i < ROW_COUNT; i++)
        printf("%s %s 0 %g\n", ROWS[i].name, ROWS[i].unit, ROWS[i].max_value);
    if (argc == 2 && !strcmp(argv[1], "-l"))
        return 0;
    if (argc == 3 && !strcmp(argv[1], "make")) {
        make(argv[2]);
        return 0;
    }
    for (int i = 0; argc >= 2 && i < ROW_COUNT; i++) {
        if (!strcmp(argv[1], ROWS[i].name) && argc == 2 + ROWS[i].args) {
            ROWS[i].run(&ROWS[i], argv + 2);
            return 0;
        }
    }
    fputs("usage: bans -l | make DIR | start IRCD CONF PORT | accept | register\n",
          stderr);
    return 1;
}
