/* Metrics: a session of a few clients changes each figure by exactly what it did. */
#include "session/metrics.h"

#include "base/draft.h"
#include "base/str.h"
#include "metric_lint.h"
#include "recount.h"
#include "state/certificate.h"
#include "world.h"

static const char config[] =
    "server { password = \"$argon2id$secret\" }\n"
    "oper \"alice\" { password = \"$argon2id$secret\" hosts = { \"*@*\" } "
    "privileges = { \"all\" } }\n"
    "flood { burst = 40 hold = 3 }\n"
    "limits { registration_timeout = 60s }\n"
    "exempt \"10.0.0.1/32\" { from = \"flood\" }\n";

static struct world *w;
static struct metrics_facts facts;
static size_t sent; /* bytes of all lines of clients */
static struct actor *alice, *ann, *bob, *eve, *dan, *fay, *banned;

static char *
write_text(void)
{
    struct draft d = {0};
    session_metrics(w->srv, &facts, &d);
    return d.at;
}

static void
take_snapshot(struct metric_snapshot *out)
{
    char *text = write_text();
    metric_snapshot_read(out, text);
    EQUAL_TEXT(out->fault, "");
    free(text);
}

static void
say(struct actor *a, const char *line)
{
    sent += strlen(line) + 2;
    world_say(w, a, line);
}

static struct actor *
log_in(const char *nick, const char *address)
{
    char line[100];
    struct actor *a = world_connect(w, address);
    CU_ASSERT_FATAL(!a->closed);
    say(a, "PASS secret");
    str_format(line, sizeof line, "NICK %s", nick);
    say(a, line);
    str_format(line, sizeof line, "USER %s 0 * :%s", nick, nick);
    say(a, line);
    return a;
}

static struct refused
refused_of(enum refusal kind)
{
    struct refused r = {.kind = kind, .listener = "[::1]:6667", .why = "so"};
    CU_ASSERT_FATAL(addr_parse("192.0.2.77", &r.addr));
    return r;
}

static void
begin(void)
{
    w = world_new(config);
    facts = (struct metrics_facts){.openssl = "3.0.17",
                                   .turns = {.bounds = histogram_of_turns},
                                   .saves = {.bounds = histogram_of_saves},
                                   .descriptors_most = 1024,
                                   .started = 1000500};
    sent = 0;
    alice = log_in("alice", "10.0.0.1");
    world_drain_all(w);
    sent = 0;
}

static void
end(void)
{
    metrics_facts_clear(&facts);
    world_free(w);
}

/* What the shell would have counted. */
static void
change_facts(void)
{
    metric_series_count(&facts.clients, "tcp", NULL, 4);
    metric_series_count(&facts.clients, "tls", NULL, 1);
    metric_series_count(&facts.connections, "[::1]:6667", NULL, 2);
    metric_series_count(&facts.connections, "[::1]:6667", NULL, 3);
    metric_series_count(&facts.handshakes, "ok", "TLSv1.3", 1);
    metric_series_count(&facts.handshakes, "ok", "TLSv1.2", 2);
    metric_series_count(&facts.requests, "/metrics", "200", 9);
    histogram_add(&facts.turns, 100000);
    histogram_add(&facts.turns, 2000000001);
    histogram_add(&facts.saves, 5000001);
    facts.handshakes_active = 1;
    facts.no_descriptor = 2;
    facts.records = 4;
    facts.unsaved = 5;
    facts.failed_saves = 6;
    facts.cpu = 1250000000;
    facts.resident = 4096;
    facts.descriptors = 7;
    facts.descriptors_most += 8;
}

static void
talk_and_join(void)
{
    say(alice, "OPER alice secret");
    CU_ASSERT_FATAL(w->srv->n_opers == 1);
    ann = log_in("ann", "10.0.0.2");
    bob = log_in("bob", "10.0.0.3");
    eve = log_in("eve", "10.0.0.4");
    dan = log_in("dan", "10.0.0.5");
    say(ann, "JOIN #a");                     /* delivered to 1 */
    say(bob, "JOIN #a");                     /* to 2 */
    say(eve, "JOIN #a");                     /* to 3 */
    say(ann, "PRIVMSG #a :hello");           /* to 2 */
    say(ann, "PRIVMSG bob :hi");             /* to 1 */
    say(alice, "NOTICE $$*.localhost :all"); /* to 5 */
    say(ann, "FLY");
    say(ann, "PING x"); /* the answer is no delivery */
    say(ann, "CAP LS 302");
}

/* Two strikes for dan; three more ban its host. A K-line ends eve, a KILL bob. */
static void
strike_and_ban(void)
{
    say(alice, "STRIKE ann 2 :one");
    say(alice, "STRIKE dan 2 :two");
    say(alice, "STRIKE dan 3 :three");
    say(alice, "KLINE 10m 10.0.0.4 :out"); /* the QUIT of eve is delivered to 2 */
    say(alice, "DLINE 10m 192.0.2.7 :out");
    say(alice, "RESV 10m root :taken");
    say(alice, "XLINE 10m spam?bot :out");
    say(alice, "KILL bob :bye"); /* delivered to 1 */
    CU_ASSERT(dan->closed && eve->closed && bob->closed && !ann->closed);
    banned = world_connect(w, "192.0.2.7");
    CU_ASSERT(banned->closed);
    say(ann, "NICK root");
}

/* Connections that do not become clients. */
static void
be_refused(void)
{
    for (int i = 0; i < REFUSALS; i++)
        for (int n = 0; n <= i; n++) {
            struct refused r = refused_of((enum refusal)i);
            session_refused(w->srv, &r);
        }
    struct actor *a = world_connect(w, "10.0.0.9");
    say(a, "PASS wrong");
    say(a, "NICK ivy");
    say(a, "USER ivy 0 * :ivy");
    CU_ASSERT(a->closed);
    world_fill_worker(w, true);
    a = world_connect(w, "10.0.0.8");
    say(a, "PASS secret");
    say(a, "NICK ivy");
    say(a, "USER ivy 0 * :ivy");
    CU_ASSERT(a->closed);
    world_fill_worker(w, false);
    a = world_connect(w, "10.0.0.10");
    say(a, "PASS secret");
    say(a, "NICK ivy");
    say(a, "USER ivy 0 * :spam bot");
    CU_ASSERT(a->closed);
    a = world_connect(w, "10.0.0.11");
    world_sleep(w, 61 * MSEC_SECOND);
    CU_ASSERT(a->closed);
}

/* 40 lines run, three are held and the last is refused. */
static void
flood(void)
{
    for (int i = 0; i < 44; i++)
        say(ann, "TIME");
    world_sleep(w, 20 * MSEC_SECOND);
}

/* A client that waits for the worker, and one that does not read. */
static void
leave_work(void)
{
    w->verify_later = true;
    fay = world_connect(w, "10.0.0.12");
    say(fay, "PASS secret");
    say(fay, "NICK fay");
    say(fay, "USER fay 0 * :fay");
    ann->deaf = true;
    say(alice, "PRIVMSG ann :unread");
}

/* Bytes in the inboxes of all that were clients: nothing was drained since the first
 * snapshot. */
static double
count_received(void)
{
    size_t n = 0;
    for (int i = 0; i < w->n_actors; i++)
        n += &w->actors[i] == banned ? 0 : w->actors[i].len;
    return (double)n;
}

/* By how much each series changes; a series that is not here does not change. */
struct expected {
    const char *series;
    double delta;
};

#define MEASURED (-1) /* the test computes it */

static const struct expected expected[] = {
    {"ircd_clients{state=\"registered\"}", 1}, /* ann */
    {"ircd_clients{state=\"unregistered\"}", 1},
    {"ircd_clients_by_transport{transport=\"tcp\"}", 4},
    {"ircd_clients_by_transport{transport=\"tls\"}", 1},
    {"ircd_opers", 1},
    {"ircd_channels", 1},
    {"ircd_memberships", 1},
    /* Those of ann, dan, fay, the wrong password, and the registration that timed out. */
    {"ircd_hosts_known", 5},
    {"ircd_hosts_struck", 3},
    {"ircd_connections_total{listener=\"[::1]:6667\"}", 5},
    {"ircd_refusals_total{reason=\"dline\"}", 1},
    {"ircd_refusals_total{reason=\"descriptors\"}", 2},
    {"ircd_refusals_total{reason=\"proxy\"}", 1},
    {"ircd_refusals_total{reason=\"webirc\"}", 2},
    {"ircd_refusals_total{reason=\"tls\"}", 3},
    {"ircd_refusals_total{reason=\"plain_port\"}", 4},
    {"ircd_refusals_total{reason=\"origin\"}", 5},
    {"ircd_refusals_total{reason=\"http\"}", 6},
    {"ircd_refusals_total{reason=\"password\"}", 2},
    {"ircd_refusals_total{reason=\"timeout\"}", 1},
    {"ircd_refusals_total{reason=\"xline\"}", 1},
    {"ircd_refusals_total{reason=\"reserved\"}", 1},
    {"ircd_commands_total{command=\"CAP\"}", 1},
    {"ircd_commands_total{command=\"DLINE\"}", 1},
    {"ircd_commands_total{command=\"JOIN\"}", 3},
    {"ircd_commands_total{command=\"KILL\"}", 1},
    {"ircd_commands_total{command=\"KLINE\"}", 1},
    {"ircd_commands_total{command=\"NICK\"}", 9},
    {"ircd_commands_total{command=\"NOTICE\"}", 1},
    {"ircd_commands_total{command=\"OPER\"}", 1},
    {"ircd_commands_total{command=\"PASS\"}", 8},
    {"ircd_commands_total{command=\"PING\"}", 1},
    {"ircd_commands_total{command=\"PRIVMSG\"}", 3},
    {"ircd_commands_total{command=\"RESV\"}", 1},
    {"ircd_commands_total{command=\"STRIKE\"}", 3},
    {"ircd_commands_total{command=\"TIME\"}", 43}, /* held lines run, too */
    {"ircd_commands_total{command=\"USER\"}", 8},
    {"ircd_commands_total{command=\"XLINE\"}", 1},
    {"ircd_commands_total{command=\"other\"}", 1},
    {"ircd_lines_total{verdict=\"run\"}", 84},
    {"ircd_lines_total{verdict=\"held\"}", 3},
    {"ircd_lines_total{verdict=\"refused\"}", 1},
    /* MODE of alice to 1, three JOINs to 1, 2 and 3 clients, a message to 2, two to 1, one
     * to 5; the ends of eve and bob to 2 and 1. */
    {"ircd_deliveries_total", 19},
    {"ircd_messages_total{kind=\"channel\"}", 1},
    {"ircd_messages_total{kind=\"private\"}", 2},
    {"ircd_messages_total{kind=\"other\"}", 1},
    {"ircd_bytes_total{direction=\"in\"}", MEASURED},
    {"ircd_bytes_total{direction=\"out\"}", MEASURED},
    {"ircd_strikes_total{cause=\"oper\"}", 7},
    {"ircd_strikes_total{cause=\"flood\"}", 1},
    {"ircd_strikes_total{cause=\"bad-password\"}", 1},
    {"ircd_bans{kind=\"kline\"}", 2},
    {"ircd_bans{kind=\"dline\"}", 1},
    {"ircd_bans{kind=\"resv\"}", 1},
    {"ircd_bans{kind=\"xline\"}", 1},
    {"ircd_bans_set_total{kind=\"kline\",by=\"oper\"}", 1},
    {"ircd_bans_set_total{kind=\"kline\",by=\"server\"}", 1},
    {"ircd_bans_set_total{kind=\"dline\",by=\"oper\"}", 1},
    {"ircd_bans_set_total{kind=\"resv\",by=\"oper\"}", 1},
    {"ircd_bans_set_total{kind=\"xline\",by=\"oper\"}", 1},
    {"ircd_bans_hit_total{kind=\"kline\"}", 2},
    {"ircd_bans_hit_total{kind=\"dline\"}", 1},
    {"ircd_bans_hit_total{kind=\"resv\"}", 1},
    {"ircd_bans_hit_total{kind=\"xline\"}", 1},
    {"ircd_kills_total{cause=\"oper\"}", 1},
    {"ircd_kills_total{cause=\"ban\"}", 2},
    {"ircd_kills_total{cause=\"timeout\"}", 1},
    {"ircd_sendq_bytes", MEASURED},
    {"ircd_store_save_seconds_bucket{le=\"0.01\"}", 1},
    {"ircd_store_save_seconds_bucket{le=\"0.025\"}", 1},
    {"ircd_store_save_seconds_bucket{le=\"0.05\"}", 1},
    {"ircd_store_save_seconds_bucket{le=\"0.1\"}", 1},
    {"ircd_store_save_seconds_bucket{le=\"0.25\"}", 1},
    {"ircd_store_save_seconds_bucket{le=\"0.5\"}", 1},
    {"ircd_store_save_seconds_bucket{le=\"1\"}", 1},
    {"ircd_store_save_seconds_bucket{le=\"2.5\"}", 1},
    {"ircd_store_save_seconds_bucket{le=\"5\"}", 1},
    {"ircd_store_save_seconds_bucket{le=\"10\"}", 1},
    {"ircd_store_save_seconds_bucket{le=\"+Inf\"}", 1},
    {"ircd_store_save_seconds_sum", 0.005000001},
    {"ircd_store_save_seconds_count", 1},
    {"ircd_store_pending", 5},
    {"ircd_store_errors_total", 6},
    {"ircd_store_records", 4},
    {"ircd_turn_seconds_bucket{le=\"0.0001\"}", 1},
    {"ircd_turn_seconds_bucket{le=\"0.00025\"}", 1},
    {"ircd_turn_seconds_bucket{le=\"0.0005\"}", 1},
    {"ircd_turn_seconds_bucket{le=\"0.001\"}", 1},
    {"ircd_turn_seconds_bucket{le=\"0.0025\"}", 1},
    {"ircd_turn_seconds_bucket{le=\"0.005\"}", 1},
    {"ircd_turn_seconds_bucket{le=\"0.01\"}", 1},
    {"ircd_turn_seconds_bucket{le=\"0.025\"}", 1},
    {"ircd_turn_seconds_bucket{le=\"0.05\"}", 1},
    {"ircd_turn_seconds_bucket{le=\"0.1\"}", 1},
    {"ircd_turn_seconds_bucket{le=\"0.25\"}", 1},
    {"ircd_turn_seconds_bucket{le=\"1\"}", 1},
    {"ircd_turn_seconds_bucket{le=\"+Inf\"}", 2},
    {"ircd_turn_seconds_sum", 2.000100001},
    {"ircd_turn_seconds_count", 2},
    {"ircd_tls_handshakes_total{result=\"ok\",version=\"TLSv1.3\"}", 1},
    {"ircd_tls_handshakes_total{result=\"ok\",version=\"TLSv1.2\"}", 2},
    {"ircd_tls_handshakes_active", 1},
    {"ircd_tls_certificate_expiry_timestamp_seconds{name=\"irc.example.org\"}", 4000.5},
    {"ircd_http_requests_total{route=\"/metrics\",code=\"200\"}", 9},
    {"ircd_worker_queue", 1},
    {"ircd_worker_refused_total", 1},
    {"process_cpu_seconds_total", 1.25},
    {"process_resident_memory_bytes", 4096},
    {"process_open_fds", 7},
    {"process_max_fds", 8},
};

/* Figures that stay as they are. */
static const struct expected constant[] = {
    {"ircd_build_info{version=\"" IRCD_VERSION "\",openssl=\"3.0.17\"}", 1},
    {"ircd_start_time_seconds", (double)WORLD_WALL / 1000},
    {"ircd_sendq_limit_bytes", 536870912},
    {"process_start_time_seconds", 1000.5},
};

#define N(array) (sizeof(array) / sizeof *(array))

static bool
is_series_of(const char *series, const char *name)
{
    size_t n = strlen(name);
    return strncmp(series, name, n) == 0 &&
           (strchr("{", series[n]) || strncmp(series + n, "_bucket{", 8) == 0);
}

/* The change that the table has for a series; 0: it has none. */
static double
find_expected(const char *series)
{
    for (size_t i = 0; i < N(expected); i++)
        if (strcmp(expected[i].series, series) == 0)
            return expected[i].delta;
    return 0;
}

static double
measure(const char *series)
{
    if (strcmp(series, "ircd_bytes_total{direction=\"in\"}") == 0)
        return (double)sent;
    if (strcmp(series, "ircd_sendq_bytes") == 0)
        return (double)recount_queues(w).bytes;
    return count_received();
}

static void
expect_delta(const char *series, double got)
{
    double want = find_expected(series);
    if (want == MEASURED)
        want = measure(series);
    double off = got > want ? got - want : want - got;
    if (off > 1e-6)
        printf("\n    %s changed by %.9g, not by %.9g\n", series, got, want);
    CU_ASSERT(off <= 1e-6);
}

static void
compare_snapshots(const struct metric_snapshot *before,
                  const struct metric_snapshot *after)
{
    for (size_t i = 0; i < after->n; i++) {
        double was = metric_snapshot_value(before, after->samples[i].series);
        expect_delta(after->samples[i].series,
                     after->samples[i].value - (was < 0 ? 0 : was));
    }
    for (size_t i = 0; i < N(expected); i++)
        if (metric_snapshot_value(after, expected[i].series) < 0)
            EQUAL_TEXT("no such series", expected[i].series);
    for (size_t i = 0; i < N(constant); i++)
        CU_ASSERT(metric_snapshot_value(after, constant[i].series) ==
                  constant[i].delta);
}

/* The text of the test, for promtool (tests/check-metrics.py). */
static void
write_for_promtool(void)
{
    const char *path = getenv("IRCD_TEST_METRICS");
    FILE *f = path ? fopen(path, "w") : NULL;
    if (f == NULL)
        return;
    char *text = write_text();
    fputs(text, f);
    free(text);
    CU_ASSERT(fclose(f) == 0);
}

static void
live(void)
{
    struct certificate c = {
        .name = "irc.example.org", .fingerprint = "00", .until = 4000500};
    change_facts();
    talk_and_join();
    strike_and_ban();
    be_refused();
    flood();
    leave_work();
    session_certificates(w->srv, 0, &c, 1);
}

static void
a_session_changes_each_figure_exactly(void)
{
    struct metric_snapshot before, after;
    begin();
    take_snapshot(&before);
    live();
    take_snapshot(&after);
    compare_snapshots(&before, &after);
    write_for_promtool();
    metric_snapshot_clear(&before);
    metric_snapshot_clear(&after);
    end();
}

static void
each_row_has_an_expected_change(void)
{
    size_t n;
    const struct metric *rows = metrics_rows(&n);
    for (size_t i = 0; i < n; i++) {
        bool found = false;
        for (size_t k = 0; k < N(expected); k++)
            found |= is_series_of(expected[k].series, rows[i].name);
        for (size_t k = 0; k < N(constant); k++)
            found |= is_series_of(constant[k].series, rows[i].name);
        EQUAL_TEXT(found ? rows[i].name : "the table of this test lacks it",
                   rows[i].name);
    }
}

static void
no_label_tells_of_a_client_or_channel(void)
{
    static const char *const hidden[] = {"\"ann",    "\"bob",   "\"eve", "\"dan",
                                         "\"fay",    "\"alice", "#a",    "10.0.0.",
                                         "192.0.2.", "root",    "hello", "spam"};
    begin();
    live();
    char *text = write_text();
    for (size_t i = 0; i < N(hidden); i++)
        CU_ASSERT(strstr(text, hidden[i]) == NULL);
    free(text);
    end();
}

SUITE(metrics)
{
    TEST(a_session_changes_each_figure_exactly);
    TEST(each_row_has_an_expected_change);
    TEST(no_label_tells_of_a_client_or_channel);
}
