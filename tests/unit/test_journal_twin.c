/* The core is a function of its turns: a second core that gets the same turns says the
 * same. */
#include "base/draft.h"
#include "model_play.h"
#include "session/metrics.h"
#include "state/census.h"
#include "state/subsystem.h"
#include "test.h"
#include "twin.h"

#include <stdlib.h>

enum { TWIN_WORLD = 20000, TWIN_CENSUS = 1000 };

static unsigned long
commands_wanted(void)
{
    const char *text = getenv("IRCD_TEST_TWIN_COMMANDS");
    return text && *text ? strtoul(text, NULL, 10) : 120000;
}

/* Metrics belong to no turn: to read them writes no entry. */
static void
compare_metrics(struct twin *t, struct world *w)
{
    static const struct metrics_facts facts = {
        .openssl = "",
        .turns = {.bounds = histogram_of_turns},
        .saves = {.bounds = histogram_of_saves},
    };
    struct draft first = {0}, second = {0};
    session_metrics(w->srv, &facts, &first);
    session_metrics(player_server(t->player), &facts, &second);
    EQUAL_TEXT(second.at, first.at);
    free(first.at);
    free(second.at);
}

static void
compare_census(struct twin *t, struct world *w)
{
    static struct census first, second;
    journal_flush(w->srv);
    if (t->failed)
        return;
    struct journal *kept = w->srv->journal;
    w->srv->journal = NULL; /* a census belongs to no turn */
    subsystems_census(w->srv, &first);
    w->srv->journal = kept;
    subsystems_census(player_server(t->player), &second);
    compare_metrics(t, w);
    CU_ASSERT_EQUAL(first.n_rows, second.n_rows);
    for (size_t i = 0; i < first.n_rows; i++) {
        if (strcmp(first.rows[i].name, "records of the database") == 0)
            continue; /* the store is not part of the core */
        CU_ASSERT_EQUAL(first.rows[i].n, second.rows[i].n);
        CU_ASSERT_EQUAL(first.rows[i].bytes, second.rows[i].bytes);
    }
}

static unsigned long
play_both(struct twin *t, unsigned long seed, unsigned long max)
{
    static struct play p;
    play_begin(&p, seed);
    while (!p.failed && !t->failed && p.done < max && play_has_room(&p)) {
        play_step(&p);
        if (p.done % TWIN_CENSUS == 0)
            compare_census(t, p.w);
    }
    unsigned long done = p.failed || t->failed ? 0 : p.done;
    play_end(&p);
    return done;
}

static void
two_cores_with_the_same_turns_say_the_same(void)
{
    static struct twin t;
    unsigned long wanted = commands_wanted(), all = 0;
    twin_begin(&t, 1);
    for (unsigned long seed = 7; all < wanted; seed++) {
        unsigned long left = wanted - all;
        unsigned long done = play_both(&t, seed, left < TWIN_WORLD ? left : TWIN_WORLD);
        if (done == 0) {
            CU_FAIL("the play of two cores has failed");
            break;
        }
        all += done;
    }
    printf("twin: %lu commands, %llu turns of %u servers, %llu inputs\n", all,
           (unsigned long long)t.turns, t.servers, (unsigned long long)t.inputs);
    twin_end(&t);
}

/* By lines alone: world_user changes the state of the core directly. */
static struct actor *
come_by_lines(struct world *w, const char *nick)
{
    struct actor *a = world_connect(w, "192.0.2.1");
    world_sayf(w, a, "NICK %s", nick);
    world_sayf(w, a, "USER %s 0 * :Real", nick);
    return a;
}

/* Answers that come in another turn than the question; one of them is for an operator
 * that has left. */
static void
late_answers_are_in_the_journal(void)
{
    static struct twin t;
    twin_begin(&t, 3);
    struct world *w = world_new(world_alice);
    struct actor *a = come_by_lines(w, "ann"), *b = come_by_lines(w, "bob");
    world_say(w, a, "OPER alice secret");
    world_say(w, b, "OPER alice secret");
    w->answer_later = true;
    w->rehash_text = world_easy;
    w->restart_fault = "no program";
    world_say(w, a, "REHASH\r\nPING x\r\nREHASH\r\nSTATS z");
    world_say(w, b, "REHASH");
    world_sleep(w, MSEC_SECOND);
    CU_ASSERT(world_rehash(w));
    world_close(w, b);
    world_sleep(w, MSEC_SECOND);
    world_answer(w);
    AWAIT(w, a, "* PONG irc.localhost :x");
    AWAIT(w, a, "* NOTICE ann :REHASH: the new configuration is in force");
    world_sayf(w, a, "RESTART %s\r\nSTATS z", w->srv->config->server.name);
    world_sleep(w, MSEC_SECOND);
    world_answer(w);
    AWAIT(w, a, "* NOTICE ann :RESTART refused*no program");
    world_free(w);
    CU_ASSERT_FALSE(t.failed);
    EQUAL_NUMBER(t.servers, 1);
    twin_end(&t);
}

/* Each of these answers differs if a fact is lost: listener, certificate, name, TLS. */
static void
the_facts_of_connections_are_in_the_journal(void)
{
#define ONE "1111111111111111111111111111111111111111111111111111111111111111"
#define TWO "2222222222222222222222222222222222222222222222222222222222222222"
    static const char config[] =
        "listen \"0.0.0.0:6667\" { } listen \"[::]:6697\" { tls = true }\n"
        "tls \"a.example.org\" { certificate = c key = k sts = \"30d\" }\n"
        "class \"known\" { certfp = { \"" ONE "\" } per_host = 2 }\n"
        "oper \"ann\" { certfp = { \"" ONE "\" } hosts = { \"*@*\" } }\n";
    static struct twin t;
    twin_begin(&t, 4);
    struct world *w = world_new(config);
    struct connection_info plain = {.listener = "0.0.0.0:6667"};
    struct connection_info tls = {.listener = "[::]:6697", .secure = true}, info;
    struct actor *b = world_connect_with(w, "192.0.2.2", plain);
    world_say(w, b, "CAP LS 302");
    AWAIT(w, b, "* CAP * LS :*sts=port=6697");
    for (int i = 0; i < 3; i++) {
        struct actor *a = world_connect_with(w, "192.0.2.1", tls);
        session_info(a->client, &info);
        info.listener = "[::]:6697";
        info.sni = "a.example.org";
        info.certfp = ONE;
        EQUAL_NUMBER(session_rehome(w->srv, a->client, &info), i < 2);
        world_settle(w);
        world_sayf(w, a, "CAP LS 302\r\nNICK a%d\r\nUSER a 0 * :A\r\nCAP END", i);
        world_sayf(w, a, "OPER ann\r\nWHOIS a%d", i);
        if (i == 2)
            break;
        AWAIT(w, a, "* CAP * LS :*sts=duration=2592000");
        AWAIT(w, a, "* 381 *");
        AWAIT(w, a, "* 276 * " ONE);
    }
    world_free(w);
    CU_ASSERT_FALSE(t.failed);
    EQUAL_NUMBER(t.servers, 1);
    twin_end(&t);
}

/* A client of the control socket is one in the second core, too; its answers also come
 * in later turns. */
static void
the_owner_is_in_the_journal(void)
{
    static struct twin t;
    twin_begin(&t, 5);
    struct world *w = world_new("server { password = \"$argon2id$secret\" }");
    struct connection_info owner = {.owner = true};
    struct actor *a = world_connect_with(w, "::1", owner);
    world_say(w, a, "CAP REQ :labeled-response batch\r\nNICK ctl\r\nUSER c 0 * :C");
    world_say(w, a, "CAP END");
    AWAIT(w, a, "* 381 ctl *");
    w->answer_later = true;
    w->rehash_text = "";
    world_say(w, a, "@label=x REHASH\r\n@label=y STATS s");
    world_sleep(w, MSEC_SECOND);
    world_answer(w);
    AWAIT(w, a, "* NOTICE ctl :REHASH: the new configuration is in force");
    AWAIT(w, a, "* 249 ctl s :wrong: nothing");
    w->rehash_text = "junk";
    CU_ASSERT_FALSE(world_rehash(w));
    session_about(w->srv, "control: there\nwrong: it runs as root\n");
    world_say(w, a, "STATS s");
    AWAIT(w, a, "* 249 ctl s :wrong: the configuration*");
    AWAIT(w, a, "* 249 ctl s :wrong: it runs as root");
    world_free(w);
    CU_ASSERT_FALSE(t.failed);
    EQUAL_NUMBER(t.servers, 1);
    twin_end(&t);
}

/* Calls with a right and a wrong token, and a new token. */
static void
tokens_are_in_the_journal(void)
{
    static struct twin t;
    static const char text[] =
        "oper \"bot\" { token = \"sha256:" ONE "\" hosts = { \"*@*\" } "
        "privileges = { \"all\" } }\n";
    struct connection_info one = {.secure = true, .token = ONE};
    struct connection_info two = {.secure = true, .token = TWO};
    twin_begin(&t, 5);
    struct world *w = world_new(text);
    for (int i = 0; i < 5; i++) {
        world_connect_with(w, "192.0.2.1", two);
        struct actor *a = world_connect_with(w, i < 4 ? "192.0.2.9" : "192.0.2.1", one);
        CU_ASSERT_EQUAL(a->closed, i == 4);
        world_sayf(w, a, "CAP REQ :labeled-response batch\r\nNICK api%d", i);
        world_say(w, a, "USER api 0 * :API\r\nCAP END");
        world_say(w, a, "@label=x KLINE 1h *@198.51.100.7 :spam");
        world_store_news(w);
        world_close(w, a);
    }
    world_free(w);
    CU_ASSERT_FALSE(t.failed);
    EQUAL_NUMBER(t.servers, 1);
    twin_end(&t);
}

/* A REHASH, a RESTART that is refused, and the records of the store. */
static void
what_the_shell_answers_is_in_the_journal(void)
{
    static struct twin t;
    twin_begin(&t, 2);
    struct world *w = world_new(world_alice);
    struct actor *a = come_by_lines(w, "ann");
    world_say(w, a, "OPER alice secret");
    w->rehash_text = "limits { per_host = 0 }\njunk";
    world_say(w, a, "REHASH");
    AWAIT(w, a, "* NOTICE ann :REHASH refused*");
    w->rehash_text = world_easy;
    world_say(w, a, "REHASH");
    AWAIT(w, a, "* NOTICE ann :REHASH: the new configuration is in force");
    w->restart_fault = "no program";
    world_sayf(w, a, "RESTART %s", w->srv->config->server.name);
    AWAIT(w, a, "* NOTICE ann :RESTART refused*no program");
    w->restart_fault = NULL;
    world_sayf(w, a, "RESTART %s", w->srv->config->server.name);
    for (int i = 0; i < 20; i++) /* in pieces or not, the answer is the same */
        world_say(w, a, "STATS z");
    w->memory =
        (struct shell_memory){{5, 5 * 14000}, {2, 90000}, {1, 20000}, {3, 9000}};
    world_say(w, a, "STATS z");
    AWAIT(w, a, "* 249 ann z :5 connections with TLS or WebSocket, 68 KiB");
    AWAIT(w, a, "* 249 ann z :2 handshakes, 87 KiB");
    AWAIT(w, a, "* 249 ann z :1 incomplete records of TLS, 19 KiB");
    AWAIT(w, a, "* 249 ann z :3 connections of HTTP, 8 KiB");
    world_sayf(w, a, "DIE %s :enough", w->srv->config->server.name);
    CU_ASSERT_STRING_EQUAL(w->died, "Server stopped by ann: enough");
    world_free(w);
    CU_ASSERT_FALSE(t.failed);
    EQUAL_NUMBER(t.servers, 1);
    twin_end(&t);
}

/* A table of more than two pieces; the last piece is made in a tick. */
static void
pieces_between_ticks_are_in_the_journal(void)
{
    static struct twin t;
    twin_begin(&t, 4);
    struct world *w = world_new(world_alice);
    struct actor *a = come_by_lines(w, "ann");
    world_say(w, a, "OPER alice secret");
    for (int i = 0; i < 120; i++) {
        world_sayf(w, a, "KLINE 1d *@192.0.3.%d :spam", i);
        world_sleep(w, MSEC_SECOND);
    }
    world_drain(a);
    world_say(w, a, "TABLE bans");
    EQUAL_NUMBER(world_count(a, "* TABLE bans :{*"), 50);
    CU_ASSERT(session_can_continue(w->srv));
    session_continue(w->srv);
    world_settle(w);
    EQUAL_NUMBER(world_count(a, "* TABLE bans :{*"), 100);
    world_sleep(w, 0);
    AWAIT(w, a, "* TABLE bans ? end");
    world_free(w);
    CU_ASSERT_FALSE(t.failed);
    EQUAL_NUMBER(t.servers, 1);
    twin_end(&t);
}

/* The journal of a server, with the bytes of a file. */
struct recording {
    unsigned char *bytes;
    size_t n;
};

static void
keep_bytes(void *ctx, const void *bytes, size_t n)
{
    struct recording *r = ctx;
    r->bytes = xrealloc(r->bytes, r->n + n);
    memcpy(r->bytes + r->n, bytes, n);
    r->n += n;
}

static struct config *
parse_recording(void *ctx, const char *text)
{
    (void)ctx;
    return world_parse(text);
}

/* Plays whole turns, then the first entries of the next one; false: all are played. */
static bool
play_cut(const struct recording *r, size_t turns, size_t entries, bool *whole)
{
    struct player_hooks hooks = {.parse = parse_recording};
    struct player *p = player_new(&hooks);
    struct turn_reader reader;
    struct turn turn;
    struct turn_entry entry;
    char err[256];
    CU_ASSERT_FATAL(turn_reader_init(&reader, r->bytes, r->n));
    int read = turn_read(&reader, &turn, err, sizeof err);
    for (size_t i = 0; i < turns && read == 1; i++) {
        CU_ASSERT(player_apply(p, &turn, err, sizeof err));
        read = turn_read(&reader, &turn, err, sizeof err);
    }
    if (read == 1) {
        struct turn rest = turn;
        size_t n = 0;
        while (n < entries && turn_next(&rest, &entry))
            n++;
        *whole = rest.at == turn.end;
        turn.end = rest.at;
        player_apply(p, &turn, err, sizeof err);
    }
    player_free(p);
    return read == 1;
}

static void
a_journal_may_stop_behind_any_entry(void)
{
    struct recording r = {0};
    struct journal journal = {.write = keep_bytes, .ctx = &r, .out_every = 1};
    world_journal = &journal;
    struct world *w = world_new(world_easy);
    struct actor *a = come_by_lines(w, "ann"), *b = come_by_lines(w, "bob");
    world_say(w, a, "JOIN #tea");
    world_say(w, b, "JOIN #tea");
    world_say(w, b, "QUIT :gone");
    world_sleep(w, MSEC_SECOND);
    world_close(w, a);
    world_sleep(w, MSEC_SECOND);
    world_free(w);
    world_journal = NULL;
    size_t cuts = 0;
    for (size_t turns = 0;; turns++) {
        bool whole = false, more = true;
        for (size_t entries = 0; more && !whole; entries++, cuts++)
            more = play_cut(&r, turns, entries, &whole);
        if (!more)
            break;
    }
    CU_ASSERT(cuts > 50);
    free(r.bytes);
}

/* Counts the entries of this kind that are marked. */
static size_t
count_secrets(const struct recording *r, enum turn_kind kind)
{
    struct turn_reader reader;
    struct turn turn;
    struct turn_entry entry;
    char err[256];
    size_t n = 0;
    CU_ASSERT_FATAL(turn_reader_init(&reader, r->bytes, r->n));
    while (turn_read(&reader, &turn, err, sizeof err) == 1)
        while (turn_next(&turn, &entry))
            n += entry.kind == kind && entry.secret;
    return n;
}

static void
lines_with_secrets_are_marked(void)
{
    static const char *const lines[] = {"PASS secret", "oper alice secret",
                                        "AUTHENTICATE abc",
                                        "WEBIRC token gw host 192.0.2.7", "NICK ann"};
    size_t n = sizeof lines / sizeof *lines;
    for (size_t i = 0; i < n; i++) {
        struct recording r = {0};
        struct journal journal = {.write = keep_bytes, .ctx = &r, .out_every = 1};
        world_journal = &journal;
        struct world *w = world_new(world_easy);
        world_say(w, world_connect(w, "192.0.2.7"), lines[i]);
        world_free(w);
        world_journal = NULL;
        EQUAL_NUMBER(count_secrets(&r, TURN_INPUT), i < n - 1);
        free(r.bytes);
    }
}

static void
connections_with_tokens_are_marked(void)
{
    for (int i = 0; i < 2; i++) {
        struct recording r = {0};
        struct journal journal = {.write = keep_bytes, .ctx = &r, .out_every = 1};
        struct connection_info info = {.secure = true, .token = i ? ONE : NULL};
        world_journal = &journal;
        struct world *w = world_new(world_easy);
        world_connect_with(w, "192.0.2.7", info);
        world_free(w);
        world_journal = NULL;
        EQUAL_NUMBER(count_secrets(&r, TURN_OPEN), (size_t)i);
        free(r.bytes);
    }
}

static void
a_clock_that_no_server_has_is_refused(void)
{
    static const msec wrong[] = {-1, INT64_MAX, INT64_MIN};
    struct player_hooks hooks = {.parse = parse_recording};
    for (size_t i = 0; i < 3; i++) {
        struct player *p = player_new(&hooks);
        char err[256] = "";
        CU_ASSERT_FALSE(
            player_apply(p, &(struct turn){.mono = wrong[i]}, err, sizeof err));
        EQUAL_TEXT(err, "differs at turn 0: the clock of a turn is wrong");
        CU_ASSERT_FALSE(
            player_apply(p, &(struct turn){.wall = wrong[i]}, err, sizeof err));
        EQUAL_TEXT(err, "differs at turn 0: the clock of a turn is wrong");
        player_free(p);
    }
}

SUITE(journal_twin)
{
    TEST(what_the_shell_answers_is_in_the_journal);
    TEST(pieces_between_ticks_are_in_the_journal);
    TEST(late_answers_are_in_the_journal);
    TEST(the_facts_of_connections_are_in_the_journal);
    TEST(the_owner_is_in_the_journal);
    TEST(tokens_are_in_the_journal);
    TEST(a_journal_may_stop_behind_any_entry);
    TEST(lines_with_secrets_are_marked);
    TEST(connections_with_tokens_are_marked);
    TEST(a_clock_that_no_server_has_is_refused);
    TEST(two_cores_with_the_same_turns_say_the_same);
}
