/* The real loop with the server of a world. */
#include "looped.h"

#include "../../src/net/conn.h"
#include "../../src/net/transport_ws.h"
#include "../../src/net/web_serve.h"
#include "base/mem.h"
#include "framed.h"
#include "net/tls.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

static void
do_nothing(void *ctx)
{
    (void)ctx;
}

static void
count_answer(void *ctx)
{
    struct looped *x = ctx;
    x->answers++;
}

static bool
no_news(void *ctx, struct store_news *news)
{
    (void)ctx, (void)news;
    return false;
}

static msec
idle_tick(void *ctx, msec now)
{
    (void)ctx, (void)now;
    return MSEC_SECOND;
}

static void
answer_request(void *ctx, enum web_route route, const struct web_request *r,
               struct web_answer *out)
{
    struct looped *x = ctx;
    x->requests++;
    if (x->web)
        x->web(x, route, r, out);
}

static enum transport_state
begin_binary(int fd, void *own, const void *context)
{
    enum transport_state state = transport_ws.handshake(fd, own, context);
    ws_begin(own, true);
    return state;
}

static enum transport_state
begin_over_slow(int fd, void *own, const void *context)
{
    struct ws_own *o = own;
    (void)fd, (void)context;
    o->lower = &slow_transport;
    ws_begin(o, false);
    return TRANSPORT_DONE;
}

struct looped *
looped_new(const char *config)
{
    static struct transport ws_binary, ws_slow;
    static const struct transport *const rows[LOOPED_LISTENERS] = {
        [LOOPED_PLAIN] = &transport_plain, [LOOPED_SLOW] = &slow_transport,
        [LOOPED_GREETED] = &slow_greeted,  [LOOPED_FRAMED] = &framed_transport,
        [LOOPED_TLS] = &transport_tls,     [LOOPED_WS] = &transport_ws,
        [LOOPED_WS_BINARY] = &ws_binary,   [LOOPED_WSS] = &transport_wss,
        [LOOPED_WS_SLOW] = &ws_slow,       [LOOPED_WEB] = &transport_ws,
        [LOOPED_WEBS] = &transport_wss,
    };
    static char name[] = "test";
    char err[200] = "";
    struct looped *x = xcalloc(1, sizeof *x);
    struct loop_hooks hooks = {.ctx = x,
                               .hangup = do_nothing,
                               .answer = count_answer,
                               .reopen = do_nothing,
                               .terminate = do_nothing,
                               .tick = idle_tick,
                               .news = no_news,
                               .web = answer_request};
    slow = (struct slow){.gives = 5};
    ws_binary = ws_slow = transport_ws;
    ws_binary.handshake = begin_binary;
    ws_slow.handshake = begin_over_slow;
    ws_slow.own += slow_transport.own;
    x->world = world_new(config);
    x->world->srv->now = loop_monotonic(); /* the restarted server uses it */
    world_restart(x->world, config);
    x->srv = x->world->srv;
    x->loop = loop_new(&x->world->log, &hooks, err, sizeof err);
    loop_configure(x->loop, x->srv->config);
    CU_ASSERT_FATAL(x->loop && loop_listen(x->loop, x->srv, err, sizeof err));
    for (int i = 0; i < LOOPED_LISTENERS; i++)
        x->listeners[i] = (struct listener){
            .io.fd = -1, .loop = x->loop, .transport = rows[i], .text = name};
    x->listeners[LOOPED_TLS].context = &x->loop->tls;
    x->listeners[LOOPED_WSS].context = &x->loop->tls;
    x->listeners[LOOPED_WEBS].context = &x->loop->tls;
    x->listeners[LOOPED_WEB].serves = x->listeners[LOOPED_WEBS].serves =
        ~(unsigned)SERVES_IRC;
    looped_turn(x);
    return x;
}

static void
refuse_fault(void *ctx, const char *text)
{
    (void)ctx;
    EQUAL_TEXT(text, "no fault");
}

static void
ignore_warning(void *ctx, const char *text)
{
    (void)ctx, (void)text;
}

void
looped_use_tls(struct looped *x, const char *config)
{
    static const struct config_words words = {0};
    struct config *c = config_parse("t.conf", config, &words, refuse_fault, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    struct tls_self self = {
        .directory = c->database.path, .name = c->server.name, .make = true};
    struct tls *tls = tls_load(
        "t.conf", c, &self, &(struct tls_report){refuse_fault, ignore_warning, NULL});
    CU_ASSERT_PTR_NOT_NULL_FATAL(tls);
    loop_use_tls(x->loop, tls);
    config_free(c);
}

void
looped_free(struct looped *x)
{
    loop_end(x->loop, "test ends");
    loop_end(x->loop, "at once");
    loop_run(x->loop);
    loop_free(x->loop);
    world_free(x->world);
    free(x);
}

int
looped_connect(struct looped *x, int listener, const char *address)
{
    int ends[2];
    struct connection_info info = {0};
    struct listener *at = &x->listeners[listener];
    CU_ASSERT_FATAL(addr_parse(address, &info.addr) &&
                    socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    CU_ASSERT_FATAL(fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0 &&
                    fcntl(ends[1], F_SETFL, O_NONBLOCK) == 0);
    if (at->proxy)
        arrival_open(x->loop, at, ends[0], &info.addr);
    else
        (listener_is_web(at) ? web_open : conn_open)(x->loop, at, ends[0], &info);
    return ends[1];
}

struct client *
looped_client(const struct looped *x)
{
    struct list *last = x->srv->unregistered.prev;
    CU_ASSERT_FATAL(last != &x->srv->unregistered);
    return LIST_ENTRY(last, struct client, link);
}

struct client *
looped_registered(const struct looped *x)
{
    struct list *last = x->srv->idle[0].prev;
    CU_ASSERT_FATAL(last != &x->srv->idle[0]);
    return LIST_ENTRY(last, struct client, link);
}

void
looped_send(int fd, const char *text)
{
    size_t n = strlen(text);
    CU_ASSERT_FATAL(send(fd, text, n, MSG_NOSIGNAL) == (ssize_t)n);
}

const char *
looped_read(struct looped *x, int fd)
{
    size_t all = 0;
    for (;;) {
        ssize_t n = recv(fd, x->got + all, sizeof x->got - 1 - all, 0);
        if (n <= 0) {
            x->got[all] = '\0';
            bool ends = n == 0 || errno != EAGAIN;
            return ends && all == 0 ? NULL : x->got;
        }
        all += (size_t)n;
    }
}

void
looped_turn(struct looped *x)
{
    slow.turn++;
    ev_run(x->loop->ev, EVRUN_NOWAIT);
    session_check(x->srv);
}

void
looped_turns(struct looped *x, int n)
{
    while (n-- > 0)
        looped_turn(x);
}
