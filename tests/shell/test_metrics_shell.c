/* Metrics: what the loop, the store and the process count. */
#include "../../src/main/exposition.h"
#include "../../src/main/serve_state.h"
#include "base/draft.h"
#include "box.h"
#include "fault.h"
#include "metric_lint.h"
#include "session/metrics.h"
#include "store/store_gdbm.h"
#include "tls_client.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define MILLISECOND UINT64_C(1000000)

static const char in_memory[] = "database { path = '' }";
static const char crowd[] =
    "limits { per_host = 9999 per_network = 9999 unregistered_per_host = 9999 "
    "connect_rate = \"9999/1s\" }";

/* The listeners of the tests are not among those of the loop: they are for this call. */
static void
read_facts(struct looped *x, struct metrics_facts *out)
{
    struct listener *all[LOOPED_LISTENERS];
    for (int i = 0; i < LOOPED_LISTENERS; i++)
        all[i] = &x->listeners[i];
    *out = (struct metrics_facts){.openssl = ""};
    x->loop->listeners.all = all;
    x->loop->listeners.n = LOOPED_LISTENERS;
    loop_metrics(x->loop, out);
    x->loop->listeners.all = NULL;
    x->loop->listeners.n = 0;
}

static uint64_t
read_series(const struct metric_series *s, const char *first, const char *second)
{
    for (size_t i = 0; i < s->n; i++)
        if (strcmp(s->all[i].labels[0], first) == 0 &&
            (second == NULL || strcmp(s->all[i].labels[1], second) == 0))
            return s->all[i].n;
    return UINT64_MAX;
}

static void
clients_and_connections_are_counted_by_listener(void)
{
    static char own[] = "[::1]:6667", unix_path[] = "x";
    struct metrics_facts facts;
    struct looped *x = looped_new(crowd);
    x->listeners[LOOPED_PLAIN].text = own;
    x->listeners[LOOPED_SLOW].path = unix_path;
    int a = looped_connect(x, LOOPED_PLAIN, "192.0.2.1");
    int b = looped_connect(x, LOOPED_PLAIN, "192.0.2.2");
    int c = looped_connect(x, LOOPED_SLOW, "192.0.2.3");
    looped_turns(x, 3);
    read_facts(x, &facts);
    EQUAL_NUMBER(read_series(&facts.connections, own, NULL), 2);
    EQUAL_NUMBER(read_series(&facts.connections, "test", NULL), 1);
    EQUAL_NUMBER(read_series(&facts.clients, "tcp", NULL), 2);
    EQUAL_NUMBER(read_series(&facts.clients, "tls", NULL), 0);
    EQUAL_NUMBER(read_series(&facts.clients, "unix", NULL), 1);
    EQUAL_NUMBER(loop_sockets(x->loop), 3);
    metrics_facts_clear(&facts);
    close(a);
    close(c);
    looped_turns(x, 20);
    read_facts(x, &facts);
    EQUAL_NUMBER(read_series(&facts.connections, own, NULL), 2);
    EQUAL_NUMBER(read_series(&facts.clients, "tcp", NULL), 1);
    EQUAL_NUMBER(read_series(&facts.clients, "unix", NULL), 0);
    metrics_facts_clear(&facts);
    close(b);
    x->listeners[LOOPED_SLOW].path = NULL;
    looped_free(x);
}

static void
clients_of_the_control_socket_are_no_clients(void)
{
    static char text[] = "control", path[] = "x";
    struct metrics_facts facts;
    struct looped *x = looped_new(crowd);
    struct listener control = {.text = text, .path = path, .clients = 1, .admitted = 2};
    x->loop->listeners.control = &control;
    read_facts(x, &facts);
    EQUAL_NUMBER(read_series(&facts.clients, "unix", NULL), 0);
    EQUAL_NUMBER(read_series(&facts.connections, "control", NULL), 2);
    EQUAL_NUMBER(loop_sockets(x->loop), 1);
    metrics_facts_clear(&facts);
    x->loop->listeners.control = NULL;
    looped_free(x);
}

static void
handshakes_are_counted_by_result_and_version(void)
{
    struct metrics_facts facts;
    struct looped *x = looped_new(crowd);
    looped_use_tls(x, in_memory);
    struct tls_client *new = tls_client_new(x, "192.0.2.1");
    struct tls_client *old = tls_client_new(x, "192.0.2.2");
    SSL_set_max_proto_version(old->ssl, TLS1_2_VERSION);
    CU_ASSERT(tls_client_connect(new) && tls_client_connect(old));
    int bad = looped_connect(x, LOOPED_TLS, "192.0.2.3");
    looped_send(bad, "NICK ann\r\nUSER ann 0 * :Ann\r\n");
    int gone = looped_connect(x, LOOPED_TLS, "192.0.2.4");
    close(gone);
    int greeted = looped_connect(x, LOOPED_GREETED, "192.0.2.5"); /* not TLS */
    looped_send(greeted, "HELLO\n");
    looped_turns(x, 20);
    read_facts(x, &facts);
    EQUAL_NUMBER(read_series(&facts.handshakes, "ok", "TLSv1.3"), 1);
    EQUAL_NUMBER(read_series(&facts.handshakes, "ok", "TLSv1.2"), 1);
    EQUAL_NUMBER(read_series(&facts.handshakes, "failed", "none"), 1);
    EQUAL_NUMBER(read_series(&facts.handshakes, "closed", "none"), 1);
    EQUAL_NUMBER(facts.handshakes.n, 4);
    EQUAL_NUMBER(facts.handshakes_active, 0);
    EQUAL_NUMBER(read_series(&facts.clients, "tls", NULL), 2);
    metrics_facts_clear(&facts);
    close(bad);
    close(greeted);
    tls_client_free(new);
    tls_client_free(old);
    looped_free(x);
}

static uint64_t
count_all(const struct histogram *h)
{
    uint64_t n = 0;
    for (int i = 0; i <= HISTOGRAM_BOUNDS; i++)
        n += h->counts[i];
    return n;
}

static void
do_nothing(struct ev_loop *ev, struct ev_timer *timer, int events)
{
    (void)ev, (void)timer, (void)events;
}

static void
each_turn_is_counted_once_without_its_wait(void)
{
    struct ev_timer timer;
    struct looped *x = looped_new(NULL);
    uint64_t before = count_all(&x->loop->turn_time.busy);
    uint64_t sum = x->loop->turn_time.busy.sum;
    uint32_t turns = x->loop->turns;
    ev_timer_init(&timer, do_nothing, 0.02, 0.02);
    ev_timer_start(x->loop->ev, &timer);
    for (int i = 0; i < 10; i++)
        ev_run(x->loop->ev, EVRUN_ONCE); /* waits for the timer */
    ev_timer_stop(x->loop->ev, &timer);
    EQUAL_NUMBER(x->loop->turns - turns, 10);
    uint64_t counted = count_all(&x->loop->turn_time.busy) - before;
    CU_ASSERT(counted == 9 || counted == 10); /* the last one may be under way */
    CU_ASSERT(x->loop->turn_time.busy.sum - sum < 100 * MILLISECOND);
    looped_free(x);
}

static void
saves_and_failures_of_the_store_are_counted(void)
{
    struct store_stats stats;
    struct box box;
    box_init(&box);
    box.retry_ms = 20;
    CU_ASSERT_TRUE_FATAL(box_open(&box));
    box_put(&box, 1, 1);
    CU_ASSERT(box_saved(&box, 5000));
    store_gdbm_stats(box.store, &stats);
    EQUAL_NUMBER(stats.failed, 0);
    EQUAL_NUMBER(stats.unsaved, 0);
    uint64_t saves = count_all(&stats.saves);
    CU_ASSERT(saves >= 1 && stats.saves.sum > 0);
    fault_arm(0, ENOSPC);
    box_put(&box, 2, 1);
    box_put(&box, 3, 1);
    CU_ASSERT(box_failed(&box, 5000));
    store_gdbm_stats(box.store, &stats);
    CU_ASSERT(stats.failed >= 1);
    EQUAL_NUMBER(stats.unsaved, 2);
    fault_disarm();
    CU_ASSERT(box_saved(&box, 5000));
    store_gdbm_stats(box.store, &stats);
    EQUAL_NUMBER(stats.unsaved, 0);
    EQUAL_NUMBER(count_all(&stats.saves), saves + stats.failed + 1);
    box_clear(&box);
}

/* Those of this process, without the other end of the connection, which the server does
 * not have. */
static double
count_descriptors(void)
{
    double n = 0;
    for (int fd = 0; fd < 1024; fd++)
        n += fcntl(fd, F_GETFD) >= 0;
    return n - 1;
}

static void
check_value(const struct metric_snapshot *s, const char *series, double least,
            double most)
{
    double value = metric_snapshot_value(s, series);
    if (value < least || value > most)
        printf("\n    %s is %g\n", series, value);
    CU_ASSERT(value >= least && value <= most);
}

static void
the_text_has_the_figures_of_the_process(void)
{
    struct looped *x = looped_new(NULL);
    struct serve s = {.loop = x->loop, .srv = x->srv, .choice.store = x->world->store};
    struct metric_snapshot got;
    struct draft d = {0};
    process_facts_open(&s.process, 1795305600000);
    process_facts_count(&s.process, loop_sockets(x->loop));
    int fd = looped_connect(x, LOOPED_PLAIN, "192.0.2.1");
    looped_turns(x, 2);
    exposition_write(&s, &d);
    metric_snapshot_read(&got, d.at);
    EQUAL_TEXT(got.fault, "");
    CONTAINS(d.at, "ircd_build_info{version=\"" IRCD_VERSION "\",openssl=\"3.");
    check_value(&got, "process_start_time_seconds", 1795305600, 1795305600);
    check_value(&got, "process_resident_memory_bytes", 1 << 20, 1e12);
    check_value(&got, "process_cpu_seconds_total", 0.0001, 1e6);
    check_value(&got, "process_open_fds", count_descriptors(), count_descriptors());
    check_value(&got, "process_max_fds", 64, 1 << 30);
    check_value(&got, "ircd_turn_seconds_count", 2, 1000);
    check_value(&got, "ircd_clients{state=\"unregistered\"}", 1, 1);
    process_facts_close(&s.process);
    metric_snapshot_clear(&got);
    free(d.at);
    close(fd);
    looped_free(x);
}

SUITE(metrics_shell)
{
    TEST(clients_and_connections_are_counted_by_listener);
    TEST(clients_of_the_control_socket_are_no_clients);
    TEST(handshakes_are_counted_by_result_and_version);
    TEST(each_turn_is_counted_once_without_its_wait);
    TEST(saves_and_failures_of_the_store_are_counted);
    TEST(the_text_has_the_figures_of_the_process);
}
