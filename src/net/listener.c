/* One listener: makes, binds and compares it. Accepted sockets inherit the options that
 * are set here. */
#include "listener.h"

#include "base/mem.h"
#include "base/str.h"
#include "config/config.h"
#include "loop_state.h"
#include "net/os.h"
#include "transport.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Bytes that the kernel takes for a client before they are sent. Without this limit it
 * takes megabytes for a client that does not read, and limits.sendq does not see
 * them. */
#define UNSENT_MOST 32768

union socket_address {
    struct sockaddr sa;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

static socklen_t
make_sockaddr(const struct listener *where, union socket_address *out)
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
set_stream_options(int fd)
{
    int on = 1;
    os_limit_unsent(fd, UNSENT_MOST);
    return setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0;
}

/* A bound socket; -1 with errno. */
static int
open_bound_socket(const struct listener *where)
{
    union socket_address to;
    socklen_t size = make_sockaddr(where, &to);
    int fd = os_stream_socket(to.sa.sa_family);
    if (fd < 0)
        return -1;
    int on = 1, only = where->v6only;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
        set_stream_options(fd) &&
        (to.sa.sa_family != AF_INET6 ||
         setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof only) == 0) &&
        bind(fd, &to.sa, size) == 0)
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

/* By whether it speaks HTTP, and TLS. */
static const struct transport *const listener_rows[2][2] = {
    {&transport_plain, &transport_tls}, {&transport_ws, &transport_wss}};

struct listener *
listener_new(struct loop *l, const struct config_listen *where)
{
    struct listener *at = xcalloc(1, sizeof *at);
    at->io.fd = -1;
    at->loop = l;
    at->transport = listener_rows[config_is_web(where)][where->tls];
    at->context = where->tls ? (const void *)&l->tls : NULL;
    at->text = xstrdup(where->text);
    at->path = where->path ? xstrdup(where->path) : NULL;
    at->proxy = where->proxy;
    at->serves = where->serves;
    at->v6only = where->v6only;
    at->port = where->port;
    at->addr = where->addr;
    at->mode = where->mode;
    return at;
}

void
listener_free(struct listener *at)
{
    if (at == NULL)
        return;
    listener_close(at);
    free(at->text);
    free(at->path);
    free(at);
}

/* Keeps errno. */
static bool
refuse_binding(const struct listener *at, const char *why, char *err, size_t errlen)
{
    int error = errno;
    str_format(err, errlen, "cannot listen on %s: %s", at->text, why);
    errno = error;
    return false;
}

bool
listener_bind(struct listener *at, const char *user, char *err, size_t errlen)
{
    char why[200];
    at->io.fd =
        passed_find(&at->loop->passed, at->path, &at->addr, at->port, at->v6only);
    at->passed = at->io.fd >= 0;
    if (at->passed)
        return at->path || set_stream_options(at->io.fd) ||
               refuse_binding(at, strerror(errno), err, errlen);
    if (at->path == NULL) {
        at->io.fd = open_bound_socket(at);
        str_format(why, sizeof why, "%s%s", strerror(errno),
                   errno == EADDRINUSE ? "; `ss -ltnp` shows the program that uses it"
                                       : "");
        return at->io.fd >= 0 || refuse_binding(at, why, err, errlen);
    }
    at->io.fd = listen_unix_bind(at->path, at->mode, user, &at->file, why, sizeof why);
    return at->io.fd >= 0 || refuse_binding(at, why, err, errlen);
}

bool
listener_is_missing_address(const struct listener *at, int error)
{
    return at->path == NULL && !addr_is_v4(&at->addr) &&
           (error == EAFNOSUPPORT || error == EADDRNOTAVAIL);
}

void
listener_close(struct listener *at)
{
    if (at->io.fd < 0)
        return;
    if (!at->passed)
        close(at->io.fd);
    at->io.fd = -1;
    if (at->path)
        listen_unix_remove(at->path, &at->file);
}

bool
listener_is_web(const struct listener *at)
{
    return at->serves & SERVES_ALL_WEB;
}

bool
listener_has_socket_of(const struct listener *a, const struct listener *b)
{
    if (a->path || b->path)
        return a->path && b->path && strcmp(a->path, b->path) == 0;
    return a->port == b->port && a->v6only == b->v6only &&
           addr_equal(&a->addr, &b->addr);
}

bool
listener_is_same(const struct listener *a, const struct listener *b)
{
    return listener_has_socket_of(a, b) && a->transport == b->transport &&
           a->proxy == b->proxy && a->serves == b->serves && a->mode == b->mode &&
           strcmp(a->text, b->text) == 0;
}
