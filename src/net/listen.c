/* The listening sockets.
 *
 * Accepting must never spin. When descriptors or memory run out, all listeners pause,
 * the spare descriptor is closed to accept and refuse one connection, and the log gets
 * a line once a minute. The last few descriptors are kept for files, and for
 * connections from this machine, so that a crowd never stops the store or locks an
 * operator out. */
#include "listen.h"

#include "base/addr.h"
#include "base/event.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "config/config.h"
#include "conn.h"
#include "handshake_queue.h"
#include "listener.h"
#include "loop_state.h"
#include "net/os.h"
#include "session/session.h"
#include "transport.h"
#include "web_serve.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define ACCEPTS 64   /* connections of a listener in a turn */
#define BACKLOG 4096 /* the kernel limits it to net.core.somaxconn */
#define PAUSE 0.25   /* seconds without accepting when descriptors run out */
#define KEPT_FILES 8 /* descriptors for the store and the log only */
#define KEPT_LOCAL 8 /* further descriptors for connections from loopback only */
#define LOG_EVERY MSEC_MINUTE

static const char out_of_descriptors[] =
    "ERROR :Closing Link: (server is out of descriptors)\r\n";

union sockaddr_any {
    struct sockaddr sa;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

/* The number of the descriptor also shows how many are in use: the kernel gives the
 * lowest free one. */
static int
open_spare(void)
{
    return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

void
listen_init(struct loop *l)
{
    struct rlimit limit = {.rlim_cur = 1024};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
            getrlimit(RLIMIT_NOFILE, &limit);
    }
    bool huge = limit.rlim_cur > 1 << 30;
    l->listeners.fd_limit = huge ? 1 << 30 : (int)limit.rlim_cur;
    l->listeners.spare = open_spare();
}

int
listen_room(const struct loop *l)
{
    int kept = l->listeners.spare + 1 + KEPT_FILES + KEPT_LOCAL;
    return l->listeners.fd_limit > kept ? l->listeners.fd_limit - kept : 0;
}

/* A client of a unix socket is on this machine: ::1. */
static bool
read_sockaddr(const union sockaddr_any *from, struct addr *out)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    if (from->sa.sa_family == AF_UNIX) {
        *out = (struct addr){{[15] = 1}};
        return true;
    }
    if (from->sa.sa_family == AF_INET) {
        memcpy(out->ip, mapped, sizeof mapped);
        memcpy(out->ip + 12, &from->v4.sin_addr, 4);
        return true;
    }
    if (from->sa.sa_family != AF_INET6)
        return false;
    memcpy(out->ip, &from->v6.sin6_addr, 16);
    return true;
}

bool
listen_match(struct loop *l, const struct config *config, char *err, size_t errlen)
{
    if (!passed_read(&l->passed, err, errlen))
        return false;
    for (size_t i = 0; i < config->n_listen; i++) {
        const struct config_listen *at = &config->listen[i];
        passed_find(&l->passed, at->path, &at->addr, at->port, at->v6only);
    }
    return passed_is_used_up(&l->passed, err, errlen);
}

bool
listen_bind(struct loop *l, const struct config *config, bool lenient, char *err,
            size_t errlen)
{
    l->listeners.all = xcalloc(config->n_listen, sizeof *l->listeners.all);
    for (size_t i = 0; i < config->n_listen; i++) {
        const struct config_listen *where = &config->listen[i];
        struct listener *at = listener_new(l, where);
        l->listeners.all[l->listeners.n++] = at;
        if (listener_bind(at, config->process.user, err, errlen))
            continue;
        if (!lenient || !listener_is_missing_address(at, errno))
            return false;
        LOG_EVENT(l->log, listen_skipped, .address = where->text,
                  .why = strerror(errno));
        listener_free(at);
        l->listeners.n--;
    }
    return true;
}

bool
listen_is_bound(const struct loop *l, const char *text)
{
    for (size_t i = 0; i < l->listeners.n; i++)
        if (strcmp(l->listeners.all[i]->text, text) == 0)
            return true;
    return false;
}

bool
listen_control(struct loop *l, const char *dir, const char *user, char *err,
               size_t errlen)
{
    struct sockaddr_un room;
    char text[] = "control", path[sizeof room.sun_path];
    int n = snprintf(path, sizeof path, "%s/" LOOP_CONTROL, dir);
    if (n < 0 || (size_t)n >= sizeof path) {
        str_format(err, errlen,
                   "the path of %s/" LOOP_CONTROL " is too long for a socket", dir);
        return false;
    }
    struct config_listen where = {.text = text, .path = path, .mode = 0600};
    struct listener *at = listener_new(l, &where);
    at->owner = true;
    if (!listener_bind(at, user, err, errlen)) {
        listener_free(at);
        return false;
    }
    l->listeners.control = at;
    return true;
}

/* Starts or stops to accept from all listeners. */
static void
set_accepting(struct loop *l, void (*set)(struct ev_loop *, struct ev_io *))
{
    struct listeners *ls = &l->listeners;
    for (size_t i = 0; i < ls->n; i++)
        set(l->ev, &ls->all[i]->io);
    if (ls->control)
        set(l->ev, &ls->control->io);
}

static void
pause_accepting(struct loop *l)
{
    set_accepting(l, ev_io_stop);
    ev_timer_stop(l->ev, &l->listeners.resume);
    ev_timer_set(&l->listeners.resume, PAUSE, 0.);
    ev_timer_start(l->ev, &l->listeners.resume);
}

static void
resume_accepting(struct ev_loop *ev, struct ev_timer *timer, int events)
{
    (void)ev, (void)events;
    struct loop *l = timer->data;
    if (l->listeners.spare < 0)
        l->listeners.spare = open_spare();
    set_accepting(l, ev_io_start);
}

void
listen_resume(struct loop *l)
{
    struct listeners *ls = &l->listeners;
    if (!ls->waits || handshake_is_full(l) || ev_is_active(&ls->resume))
        return; /* the timer resumes all */
    ls->waits = false;
    for (size_t i = 0; i < ls->n; i++)
        ev_io_start(l->ev, &ls->all[i]->io);
}

static void
log_shortage(struct loop *l, const char *why)
{
    struct listeners *ls = &l->listeners;
    if (ls->logged_at && l->now - ls->logged_at < LOG_EVERY)
        return;
    LOG_EVENT(l->log, out_of_descriptors, .why = why, .limit = (uint64_t)ls->fd_limit,
              .turned_away = (uint64_t)ls->turned_away);
    ls->logged_at = l->now;
    ls->turned_away = 0;
}

static void
turn_away(struct loop *l, const struct listener *at, int fd)
{
    at->transport->refuse(fd, out_of_descriptors, false);
    socket_finish(fd);
    /* Unread input would destroy the line. */
    socket_discard(fd, l->input, LOOP_READ, 1);
    close(fd);
    l->listeners.turned_away++;
    l->listeners.refused++;
}

/* accept has failed because descriptors or memory ran out. */
static void
handle_shortage(struct loop *l, struct listener *at, int error)
{
    if (drain_clear(&l->drain) || l->listeners.spare < 0) {
        pause_accepting(l); /* the drain freed some, or there is no spare to close */
        log_shortage(l, strerror(error));
        return;
    }
    close(l->listeners.spare);
    int fd = os_accept(at->io.fd, NULL, NULL);
    if (fd >= 0)
        turn_away(l, at, fd);
    l->listeners.spare = open_spare();
    pause_accepting(l);
    log_shortage(l, strerror(error));
}

static bool
is_kept_descriptor(const struct loop *l, int fd, bool is_local)
{
    int kept = is_local ? KEPT_FILES : KEPT_FILES + KEPT_LOCAL;
    return fd >= l->listeners.fd_limit - kept;
}

/* The number of the user of `ircd ctl`; "?": unknown. */
static void
write_peer(int fd, char *out, size_t size)
{
    uid_t user;
    if (os_peer_user(fd, &user))
        str_format(out, size, "%lu", (unsigned long)user);
    else
        str_format(out, size, "?");
}

static void
take_connection(struct loop *l, struct listener *at, int fd,
                const union sockaddr_any *from)
{
    char user[24];
    struct connection_info info = {.owner = at->owner};
    if (!read_sockaddr(from, &info.addr)) {
        close(fd);
        return;
    }
    /* A proxy on this machine brings clients of other machines. */
    if (is_kept_descriptor(l, fd, addr_is_loopback(&info.addr) && !at->proxy)) {
        turn_away(l, at, fd);
        drain_clear(&l->drain);
        log_shortage(l, "the last descriptors are kept for files");
        return;
    }
    if (at->owner) {
        write_peer(fd, user, sizeof user);
        info.listener = user;
    }
    if (at->proxy)
        arrival_open(l, at, fd, &info.addr);
    else if (listener_is_web(at))
        web_open(l, at, fd, &info);
    else
        conn_open(l, at, fd, &info);
}

/* Accepts at most ACCEPTS connections. False: no more wait, or none can be accepted. */
static bool
accept_some(struct listener *at)
{
    struct loop *l = at->loop;
    for (int i = 0; i < ACCEPTS; i++) {
        union sockaddr_any from;
        socklen_t size = sizeof from;
        int fd = os_accept(at->io.fd, &from.sa, &size);
        if (fd >= 0) {
            take_connection(l, at, fd, &from);
            continue;
        }
        if (errno == EAGAIN || errno == EWOULDBLOCK)
            return false;
        if (!os_is_connection_error(errno)) {
            handle_shortage(l, at, errno);
            return false;
        }
    }
    return true;
}

/* Whether its connections take places of the handshakes under way. HTTP without TLS takes
 * none: its row has made its handshake at once (web_serve.c). */
static bool
takes_handshakes(const struct listener *at)
{
    return at->transport->handshake &&
           (at->transport->encrypts || !listener_is_web(at));
}

static void
accept_connections(struct ev_loop *ev, struct ev_io *io, int events)
{
    (void)events;
    struct listener *at = (struct listener *)io; /* its first field */
    struct loop *l = at->loop;
    if (takes_handshakes(at) && handshake_is_full(l)) {
        ev_io_stop(ev, io); /* connections wait in the kernel: listen_resume */
        l->listeners.waits = true;
        return;
    }
    accept_some(at);
}

bool
listen_ready(struct listener *at, char *err, size_t errlen)
{
    if (listen(at->io.fd, BACKLOG) != 0) {
        str_format(err, errlen, "cannot listen on %s: %s", at->text, strerror(errno));
        return false;
    }
    listen_watch(at);
    return true;
}

void
listen_watch(struct listener *at)
{
    ev_io_init(&at->io, accept_connections, at->io.fd, EV_READ);
}

bool
listen_halt(struct listener *at)
{
    for (int i = 0; i < BACKLOG / ACCEPTS && accept_some(at); i++)
        continue;
    at->halted = socket_halt(at->io.fd);
    if (at->halted)
        ev_io_stop(at->loop->ev, &at->io);
    return at->halted;
}

bool
listen_again(struct listener *at, char *err, size_t errlen)
{
    if (!listen_ready(at, err, errlen))
        return false;
    at->halted = false;
    if (!ev_is_active(&at->loop->listeners.resume))
        ev_io_start(at->loop->ev, &at->io);
    return true;
}

bool
listen_start(struct loop *l, char *err, size_t errlen)
{
    ev_timer_init(&l->listeners.resume, resume_accepting, PAUSE, 0.);
    l->listeners.resume.data = l;
    for (size_t i = 0; i < l->listeners.n; i++) {
        if (!listen_ready(l->listeners.all[i], err, errlen))
            return false;
    }
    if (l->listeners.control && !listen_ready(l->listeners.control, err, errlen))
        return false;
    set_accepting(l, ev_io_start);
    return true;
}

void
listen_close(struct loop *l)
{
    struct listeners *ls = &l->listeners;
    set_accepting(l, ev_io_stop);
    for (size_t i = 0; i < ls->n; i++)
        listener_close(ls->all[i]);
    if (ls->control)
        listener_close(ls->control);
    ev_timer_stop(l->ev, &ls->resume);
    arrival_close(l, NULL);
}

void
listen_free(struct loop *l)
{
    for (size_t i = 0; i < l->listeners.n; i++)
        listener_free(l->listeners.all[i]);
    for (size_t i = 0; i < l->listeners.n_retired; i++)
        listener_free(l->listeners.retired[i]);
    listener_free(l->listeners.control);
    free(l->listeners.all);
    free(l->listeners.retired);
    passed_free(&l->passed);
}

void
listen_addresses(const struct loop *l, char *out, size_t size)
{
    char roles[CONFIG_SERVES_TEXT];
    struct str s;
    str_init(&s, out, size);
    for (size_t i = 0; i < l->listeners.n; i++) {
        str_add(&s, i ? " " : "");
        str_add(&s, l->listeners.all[i]->text);
        unsigned serves = l->listeners.all[i]->serves;
        if (serves & SERVES_ALL_WEB)
            str_addf(&s, "(%s)", config_serves_text(serves, roles));
    }
}
