/* The listening sockets.
 *
 * Accepting must never spin. When descriptors or memory run out, all listeners pause,
 * the spare descriptor is closed to accept and refuse one connection, and the log gets
 * a line once a minute. The last few descriptors are kept for files, and for
 * connections from this machine, so that a crowd never stops the store or locks an
 * operator out. All addresses are bound before the first client is served. */
/* For accept4: a new descriptor must be non-blocking and close-on-exec at once. */
#define _GNU_SOURCE
#include "listen.h"

#include "base/addr.h"
#include "base/event.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "config/config.h"
#include "conn.h"
#include "handshake_queue.h"
#include "loop_state.h"
#include "transport.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define ACCEPTS 64   /* connections of a listener in a turn */
#define BACKLOG 4096 /* the kernel limits it to net.core.somaxconn */
#define PAUSE 0.25   /* seconds without accepting when descriptors run out */
#define KEPT_FILES 8 /* descriptors for the store and the log only */
#define KEPT_LOCAL 8 /* further descriptors for connections from loopback only */
#define LOG_EVERY MSEC_MINUTE
/* Bytes that the kernel takes for a client before they are sent. Without this limit it
 * takes megabytes for a client that does not read, and limits.sendq does not see
 * them. */
#define UNSENT_MOST 32768

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
    return l->listeners.fd_limit - (l->listeners.spare + 1) - KEPT_FILES - KEPT_LOCAL;
}

static socklen_t
make_sockaddr(const struct config_listen *where, union sockaddr_any *out)
{
    memset(out, 0, sizeof *out);
    if (addr_is_v4(&where->addr)) {
        out->v4.sin_family = AF_INET;
        out->v4.sin_port = htons(where->port);
        memcpy(&out->v4.sin_addr, where->addr.ip + 12, 4);
        return sizeof out->v4;
    }
    out->v6.sin6_family = AF_INET6;
    out->v6.sin6_port = htons(where->port);
    memcpy(&out->v6.sin6_addr, where->addr.ip, 16);
    return sizeof out->v6;
}

static bool
read_sockaddr(const union sockaddr_any *from, struct addr *out)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
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

/* A bound socket; -1 with errno. Accepted sockets inherit its options. */
static int
open_bound_socket(const struct config_listen *where)
{
    union sockaddr_any to;
    socklen_t size = make_sockaddr(where, &to);
    int fd = socket(to.sa.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    int on = 1, only = where->v6only, unsent = UNSENT_MOST;
    /* A kernel that lacks this limit does without. */
    setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof unsent);
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0 &&
        (to.sa.sa_family != AF_INET6 ||
         setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof only) == 0) &&
        bind(fd, &to.sa, size) == 0)
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

/* Whether this machine has no IPv6, or not this IPv6 address. */
static bool
is_missing_address(const struct config_listen *where, int error)
{
    return !addr_is_v4(&where->addr) &&
           (error == EAFNOSUPPORT || error == EADDRNOTAVAIL);
}

bool
listen_bind(struct loop *l, const struct config *config, bool lenient, char *err,
            size_t errlen)
{
    l->listeners.all = xcalloc(config->n_listen, sizeof *l->listeners.all);
    for (size_t i = 0; i < config->n_listen; i++) {
        const struct config_listen *where = &config->listen[i];
        int fd = open_bound_socket(where);
        if (fd < 0 && lenient && is_missing_address(where, errno)) {
            LOG_EVENT(l->log, listen_skipped, .address = where->text,
                      .why = strerror(errno));
            continue;
        }
        if (fd < 0) {
            str_format(err, errlen, "cannot listen on %s: %s", where->text,
                       strerror(errno));
            return false;
        }
        struct listener *at = &l->listeners.all[l->listeners.n++];
        at->text = xstrdup(where->text);
        at->loop = l;
        at->transport = where->tls ? &transport_tls : &transport_plain;
        at->context = where->tls ? (const void *)&l->tls : NULL;
        at->io.fd = fd;
    }
    return true;
}

static void
pause_accepting(struct loop *l)
{
    for (size_t i = 0; i < l->listeners.n; i++)
        ev_io_stop(l->ev, &l->listeners.all[i].io);
    ev_timer_stop(l->ev, &l->listeners.resume);
    ev_timer_set(&l->listeners.resume, PAUSE, 0.);
    ev_timer_start(l->ev, &l->listeners.resume);
}

static void
resume_accepting(struct ev_loop *ev, struct ev_timer *timer, int events)
{
    (void)events;
    struct loop *l = timer->data;
    if (l->listeners.spare < 0)
        l->listeners.spare = open_spare();
    for (size_t i = 0; i < l->listeners.n; i++)
        ev_io_start(ev, &l->listeners.all[i].io);
}

void
listen_resume(struct loop *l)
{
    struct listeners *ls = &l->listeners;
    if (!ls->waits || handshake_is_full(l) || ev_is_active(&ls->resume))
        return; /* the timer resumes all */
    ls->waits = false;
    for (size_t i = 0; i < ls->n; i++)
        if (ls->all[i].io.fd >= 0)
            ev_io_start(l->ev, &ls->all[i].io);
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
    int fd = accept4(at->io.fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0)
        turn_away(l, at, fd);
    l->listeners.spare = open_spare();
    pause_accepting(l);
    log_shortage(l, strerror(error));
}

static bool
is_kept_descriptor(const struct loop *l, int fd, const struct addr *peer)
{
    int kept = addr_is_loopback(peer) ? KEPT_FILES : KEPT_FILES + KEPT_LOCAL;
    return fd >= l->listeners.fd_limit - kept;
}

static void
take_connection(struct loop *l, struct listener *at, int fd,
                const union sockaddr_any *from)
{
    struct addr peer;
    if (!read_sockaddr(from, &peer)) {
        close(fd);
        return;
    }
    if (is_kept_descriptor(l, fd, &peer)) {
        turn_away(l, at, fd);
        drain_clear(&l->drain);
        log_shortage(l, "the last descriptors are kept for files");
        return;
    }
    conn_open(l, at, fd, &peer);
}

/* Whether the error is one of this connection or its network (accept(2), "Error
 * handling"): the next accept may succeed. */
static bool
is_connection_error(int error)
{
    static const int errors[] = {ECONNABORTED, EINTR,      EPROTO,     ENETDOWN,
                                 ENOPROTOOPT,  EPERM,      EHOSTDOWN,  ENONET,
                                 EHOSTUNREACH, EOPNOTSUPP, ENETUNREACH};
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        if (errors[i] == error)
            return true;
    }
    return false;
}

static void
accept_connections(struct ev_loop *ev, struct ev_io *io, int events)
{
    (void)events;
    struct listener *at = (struct listener *)io; /* its first field */
    struct loop *l = at->loop;
    if (at->transport->handshake && handshake_is_full(l)) {
        ev_io_stop(ev, io); /* connections wait in the kernel: listen_resume */
        l->listeners.waits = true;
        return;
    }
    for (int i = 0; i < ACCEPTS; i++) {
        union sockaddr_any from;
        socklen_t size = sizeof from;
        int fd = accept4(io->fd, &from.sa, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            take_connection(l, at, fd, &from);
            continue;
        }
        if (errno == EAGAIN || errno == EWOULDBLOCK)
            return;
        if (!is_connection_error(errno)) {
            handle_shortage(l, at, errno);
            return;
        }
    }
}

bool
listen_start(struct loop *l, char *err, size_t errlen)
{
    ev_timer_init(&l->listeners.resume, resume_accepting, PAUSE, 0.);
    l->listeners.resume.data = l;
    for (size_t i = 0; i < l->listeners.n; i++) {
        struct listener *at = &l->listeners.all[i];
        if (listen(at->io.fd, BACKLOG) != 0) {
            str_format(err, errlen, "cannot listen on %s: %s", at->text,
                       strerror(errno));
            return false;
        }
        ev_io_init(&at->io, accept_connections, at->io.fd, EV_READ);
    }
    for (size_t i = 0; i < l->listeners.n; i++)
        ev_io_start(l->ev, &l->listeners.all[i].io);
    return true;
}

void
listen_close(struct loop *l)
{
    struct listeners *ls = &l->listeners;
    for (size_t i = 0; i < ls->n; i++) {
        if (ls->all[i].io.fd < 0)
            continue;
        ev_io_stop(l->ev, &ls->all[i].io);
        close(ls->all[i].io.fd);
        ls->all[i].io.fd = -1;
    }
    ev_timer_stop(l->ev, &ls->resume);
}
