/* Metrics: each cause and each limit has one place, the lint sees what is wrong, and bans
 * cost no time. */
#include "session/metrics.h"

#include "base/draft.h"
#include "base/str.h"
#include "metric_lint.h"
#include "policy/ban/ban.h"
#include "policy/counts.h"
#include "policy/policy.h"
#include "world.h"

#include <time.h>

#define N(array) (sizeof(array) / sizeof *(array))
#define MANY_BANS 100000
#define ROUNDS 9

static const struct metrics_facts no_facts = {
    .openssl = "",
    .turns = {.bounds = histogram_of_turns},
    .saves = {.bounds = histogram_of_saves},
};

static void
take_snapshot_of(const struct world *w, struct metric_snapshot *out)
{
    struct draft d = {0};
    session_metrics(w->srv, &no_facts, &d);
    metric_snapshot_read(out, d.at);
    EQUAL_TEXT(out->fault, "");
    free(d.at);
}

/* The series that rose by one since `before`, behind blanks. */
static void
write_risen(const struct world *w, const struct metric_snapshot *before, char *out,
            size_t size)
{
    struct metric_snapshot after;
    struct str s;
    str_init(&s, out, size);
    take_snapshot_of(w, &after);
    for (size_t i = 0; i < after.n; i++)
        if (after.samples[i].value == before->samples[i].value + 1)
            str_addf(&s, "%s%s", s.len ? " " : "", after.samples[i].series);
    metric_snapshot_clear(&after);
}

#define KILLED(cause) "ircd_kills_total{cause=\"" cause "\"}"
#define REFUSED(reason) "ircd_refusals_total{reason=\"" reason "\"}"

/* A new row of ends.def must be here: "" if no metric has it. */
static const char *const of_ends[] = {
    [END_QUIT] = "",
    [END_CLOSED] = "",
    [END_CONNECTION_ERROR] = "",
    [END_PING_TIMEOUT] = KILLED("ping"),
    [END_REGISTRATION_TIMEOUT] = REFUSED("timeout") " " KILLED("timeout"),
    [END_PASSWORD_TIMEOUT] = REFUSED("timeout") " " KILLED("timeout"),
    [END_PASSWORD_MISSING] = REFUSED("password"),
    [END_PASSWORD_WRONG] = REFUSED("password"),
    [END_PASSWORD_CHANGED] = REFUSED("password"),
    [END_PASSWORD_REFUSED] = REFUSED("password"),
    [END_HTTP] = "",
    [END_REDIRECTED] = "",
    [END_SERVER_PROTOCOL] = "",
    [END_REFUSED] = "", /* counted by its limit */
    [END_GATEWAY] = "", /* counted as a refused WEBIRC */
    [END_BANNED] = "",  /* counted by the kind of the ban */
    [END_EXCESS_FLOOD] = KILLED("flood"),
    [END_SENDQ] = KILLED("sendq"),
    [END_SENDQ_TOTAL] = KILLED("sendq"),
    [END_RECVQ_TOTAL] = KILLED("recvq"),
    [END_STRIKES] = KILLED("flood"),
    [END_KLINE] = KILLED("ban"),
    [END_DLINE] = KILLED("ban"),
    [END_XLINE] = KILLED("ban"),
    [END_KILL] = KILLED("oper"),
    [END_CLOSE] = KILLED("oper"),
    [END_SHUTDOWN] = "",
};
_Static_assert(N(of_ends) == END_CAUSES, "each cause has its place");

static void
each_cause_of_an_end_has_one_place(void)
{
    struct metric_snapshot before;
    char risen[256];
    struct world *w = world_new(NULL);
    take_snapshot_of(w, &before);
    for (int i = 0; i < END_CAUSES; i++) {
        CU_ASSERT_FATAL(of_ends[i] != NULL);
        w->srv->counts.ends[i]++;
        write_risen(w, &before, risen, sizeof risen);
        EQUAL_TEXT(risen, of_ends[i]);
        w->srv->counts.ends[i]--;
    }
    metric_snapshot_clear(&before);
    world_free(w);
}

static void
each_limit_at_accept_has_one_reason(void)
{
    static const char *const reasons[] = {
        REFUSED("dline"),        REFUSED("full"),        REFUSED("gateway"),
        REFUSED("class"),        REFUSED("per_host"),    REFUSED("per_network"),
        REFUSED("unregistered"), REFUSED("connect_rate")};
    _Static_assert(N(reasons) == THROTTLE_LIMITS, "each limit has its reason");
    struct metric_snapshot before;
    char risen[256];
    struct world *w = world_new(NULL);
    take_snapshot_of(w, &before);
    for (int i = 0; i < THROTTLE_LIMITS; i++) {
        w->srv->policy->counts->refused[i]++;
        write_risen(w, &before, risen, sizeof risen);
        EQUAL_TEXT(risen, reasons[i]);
        w->srv->policy->counts->refused[i]--;
    }
    metric_snapshot_clear(&before);
    world_free(w);
}

/* The table of limits counts what it refuses. */
static void
refusals_at_accept_are_counted_by_limit(void)
{
    static const struct {
        const char *config;
        int admitted; /* connections before one is refused */
        enum throttle_limit limit;
    } cases[] = {
        {"limits { per_host = 2 }", 2, THROTTLE_PER_HOST},
        {"limits { per_network = 2 }", 2, THROTTLE_PER_NETWORK},
        {"limits { unregistered_per_host = 1 }", 1, THROTTLE_UNREGISTERED},
        {"limits { connect_rate = 1/60s }", 1, THROTTLE_CONNECT_RATE},
        {"limits { clients = 1 }", 1, THROTTLE_CLIENTS},
        {"class \"c\" { match = \"10.0.0.0/8\" connections = 1 }", 1, THROTTLE_CLASS},
    };
    for (size_t i = 0; i < N(cases); i++) {
        struct world *w = world_new(cases[i].config);
        for (int n = 0; n < cases[i].admitted; n++)
            CU_ASSERT(!world_connect(w, "10.0.0.1")->closed);
        CU_ASSERT(world_connect(w, "10.0.0.1")->closed);
        for (int k = 0; k < THROTTLE_LIMITS; k++)
            EQUAL_NUMBER(w->srv->policy->counts->refused[k], k == (int)cases[i].limit);
        world_free(w);
    }
}

static void
values_of_labels_are_escaped(void)
{
    struct draft d = {0};
    struct metric m = {&d, "ircd_x_total", METRIC_COUNTER, "a b", "x\\y\nz", false};
    metric_add_of_both(&m, "q\"q", "b\\b\nb", UINT64_MAX);
    metric_add_of_both(&m, "", "é", 0);
    EQUAL_TEXT(d.at,
               "# HELP ircd_x_total x\\\\y\\nz\n# TYPE ircd_x_total counter\n"
               "ircd_x_total{a=\"q\\\"q\",b=\"b\\\\b\\nb\"} 18446744073709551615\n"
               "ircd_x_total{a=\"\",b=\"é\"} 0\n");
    free(d.at);
}

static void
a_histogram_counts_up_to_its_bounds(void)
{
    static const struct {
        uint64_t duration;
        const char *line;
    } cases[] = {
        {0, "x_bucket{le=\"0.0001\"} 1\n"},
        {100000, "x_bucket{le=\"0.0001\"} 1\n"},
        {100001, "x_bucket{le=\"0.0001\"} 0\nx_bucket{le=\"0.00025\"} 1\n"},
        {1000000000, "x_bucket{le=\"0.25\"} 0\nx_bucket{le=\"1\"} 1\n"},
        {1000000001, "x_bucket{le=\"1\"} 0\nx_bucket{le=\"+Inf\"} 1\n"},
        {12345678901, "x_sum 12.345678901\nx_count 1\n"},
    };
    for (size_t i = 0; i < N(cases); i++) {
        struct draft d = {0};
        struct metric m = {&d, "x", METRIC_HISTOGRAM, "", "x", false};
        struct histogram h = {.bounds = histogram_of_turns};
        histogram_add(&h, cases[i].duration);
        metric_add_histogram(&m, &h);
        CONTAINS(d.at, cases[i].line);
        free(d.at);
    }
}

static void
a_metric_without_samples_has_no_line(void)
{
    struct draft d = {0};
    struct world *w = world_new(NULL);
    struct metrics_facts facts = no_facts;
    facts.resident = facts.descriptors = METRICS_UNKNOWN;
    session_metrics(w->srv, &facts, &d);
    CU_ASSERT(strstr(d.at, "ircd_http_requests_total") == NULL);
    CU_ASSERT(strstr(d.at, "process_resident_memory_bytes") == NULL);
    CU_ASSERT(strstr(d.at, "process_open_fds") == NULL);
    free(d.at);
    world_free(w);
}

#define HEAD "# HELP x_total x\n# TYPE x_total counter\n"
#define BUCKETS "# HELP x x\n# TYPE x histogram\n"

static void
the_lint_sees_each_fault(void)
{
    static const struct {
        const char *text, *fault;
    } cases[] = {
        {HEAD "x_total 1\n", ""},
        {HEAD "x_total{a=\"\\\\\\\"\\n\"} 1\n", ""},
        {"x_total 1\n", "a sample of another metric"},
        {"# TYPE x_total counter\nx_total 1\n", "TYPE without HELP"},
        {"# HELP x_total x\nx_total 1\n", "a sample of another metric"},
        {HEAD "x_total 1", "the last line has no end"},
        {HEAD "y_total 1\n", "a sample of another metric"},
        {HEAD "x_total one\n", "no value"},
        {HEAD "x_total 1 \n", "no value"},
        {HEAD "x_total{a=\"\\x\"} 1\n", "labels are broken"},
        {HEAD "x_total{a=\"\\\\x\"} 1\n", ""},
        {HEAD "x_total{a=\"x} 1\n", "labels are broken"},
        {HEAD "x_total{a=x} 1\n", "labels are broken"},
        {HEAD "x_total{=\"x\"} 1\n", "labels are broken"},
        {HEAD "x_total 1\nx_total 2\n", "a series twice"},
        {HEAD "x_total 1\n" HEAD "x_total{a=\"b\"} 2\n", "the same metric again"},
        {"# HELP x x\n# TYPE x counter\nx 1\n", "_total is for counters"},
        {"# HELP x_total x\n# TYPE x_total gauge\nx 1\n", "_total is for counters"},
        {"# HELP x \n# TYPE x gauge\nx 1\n", "HELP without a text"},
        {"# HELP x_ms x\n# TYPE x_ms gauge\nx_ms 1\n", "no base unit"},
        {BUCKETS "x_bucket{le=\"1\"} 2\nx_bucket{le=\"+Inf\"} 1\n",
         "buckets do not rise"},
        {BUCKETS "x_bucket{le=\"2\"} 1\nx_bucket{le=\"1\"} 1\n", "buckets do not rise"},
        {BUCKETS "x_bucket{le=\"+Inf\"} 1\nx_sum 1\nx_count 2\n",
         "_count is not the last bucket"},
    };
    struct metric_snapshot s;
    for (size_t i = 0; i < N(cases); i++) {
        metric_snapshot_read(&s, cases[i].text);
        s.fault[strcspn(s.fault, ":")] = '\0';
        EQUAL_TEXT(s.fault, cases[i].fault);
        metric_snapshot_clear(&s);
    }
}

/* The shortest of a few rounds, in seconds. */
static double
time_metrics(const struct world *w)
{
    double best = 1e9;
    for (int i = 0; i < ROUNDS; i++) {
        struct draft d = {0};
        clock_t begun = clock();
        session_metrics(w->srv, &no_facts, &d);
        double took = (double)(clock() - begun) / CLOCKS_PER_SEC;
        best = took < best ? took : best;
        free(d.at);
    }
    return best;
}

/* With valgrind, all is slower, but not slower than without bans. */
static void
many_bans_cost_no_time(void)
{
    char text[MASK_TEXT], err[128];
    struct mask mask;
    struct ban_outcome done;
    struct metric_snapshot s;
    struct world *w = world_new(NULL);
    double none = time_metrics(w);
    w->check_every = 1000000;
    for (int i = 0; i < MANY_BANS; i++) {
        str_format(text, sizeof text, "*@10.%d.%d.%d", i >> 16, i >> 8 & 255, i & 255);
        CU_ASSERT_FATAL(mask_parse_strict(text, &mask, err, sizeof err));
        ban_put(w->srv,
                &(struct ban_request){
                    .kind = BAN_KLINE, .mask = &mask, .setter = "x", .reason = "x"},
                &done);
    }
    double many = time_metrics(w);
    printf("\n    metrics: %.2f ms without bans, %.2f ms with %d\n", none * 1000,
           many * 1000, MANY_BANS);
    CU_ASSERT(many < 0.005 || many < 3 * none);
    take_snapshot_of(w, &s);
    EQUAL_NUMBER(metric_snapshot_value(&s, "ircd_bans{kind=\"kline\"}"), MANY_BANS);
    metric_snapshot_clear(&s);
    world_free(w);
}

SUITE(metrics_rules)
{
    TEST(each_cause_of_an_end_has_one_place);
    TEST(each_limit_at_accept_has_one_reason);
    TEST(refusals_at_accept_are_counted_by_limit);
    TEST(values_of_labels_are_escaped);
    TEST(a_histogram_counts_up_to_its_bounds);
    TEST(a_metric_without_samples_has_no_line);
    TEST(the_lint_sees_each_fault);
    TEST(many_bans_cost_no_time);
}
