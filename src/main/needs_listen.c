/* What the addresses and ports of listeners need of this machine. */
#include "needs_listen.h"

#include "base/addr.h"
#include "base/attr.h"
#include "net/os.h"
#include "sandbox_system.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct listen_needs {
    const struct config *config;
    config_fault *fn;
    void *ctx;
};

static void warn_listener(const struct listen_needs *n, const char *fmt, ...)
    ATTR_PRINTF(2, 3);

static void
warn_listener(const struct listen_needs *n, const char *fmt, ...)
{
    char text[1024];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    n->fn(n->ctx, text);
}

/* The errno with which the kernel refuses a socket this address; 0: it does not. The
 * port is left to the kernel, because another server may have the configured one
 * now. */
static int
bind_error(const struct config_listen *where)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    bool is_v4 = addr_is_v4(&where->addr);
    memcpy(&v4.sin_addr, where->addr.ip + 12, sizeof v4.sin_addr);
    memcpy(&v6.sin6_addr, where->addr.ip, sizeof v6.sin6_addr);
    int fd = os_stream_socket(is_v4 ? AF_INET : AF_INET6);
    if (fd < 0)
        return errno;
    bool has = (is_v4 ? bind(fd, (struct sockaddr *)&v4, sizeof v4)
                      : bind(fd, (struct sockaddr *)&v6, sizeof v6)) == 0;
    int error = errno;
    close(fd);
    return has ? 0 : error;
}

static void
check_address(const struct listen_needs *n, const struct config_listen *where)
{
    int error = bind_error(where);
    if (error == EADDRNOTAVAIL || error == EAFNOSUPPORT)
        warn_listener(
            n,
            "listen \"%s\": this machine does not have that address; `ip address` "
            "shows those it has",
            where->text);
    if (error == EINVAL)
        warn_listener(
            n,
            "listen \"%s\": the server cannot listen on an address for one link "
            "or for a group (fe80:, ff); `ip address` shows others",
            where->text);
}

static bool
is_any_address(const struct addr *a)
{
    static const unsigned char zeros[sizeof a->ip];
    size_t from = addr_is_v4(a) ? 12 : 0;
    return memcmp(a->ip + from, zeros, sizeof a->ip - from) == 0;
}

/* Whether a listener of all addresses has this address too. One of IPv6 has the IPv4
 * addresses unless it is v6only. */
static bool
has_address_of(const struct config_listen *all, const struct addr *addr)
{
    bool v4 = addr_is_v4(addr);
    return is_any_address(&all->addr) &&
           (addr_is_v4(&all->addr) ? v4 : !v4 || !all->v6only);
}

/* Warns if another listener has all addresses of this kind on the same port. */
static void
check_overlap(const struct listen_needs *n, const struct config_listen *where)
{
    for (size_t i = 0; i < n->config->n_listen; i++) {
        const struct config_listen *all = &n->config->listen[i];
        if (all != where && all->path == NULL && all->port == where->port &&
            has_address_of(all, &where->addr))
            warn_listener(n,
                          "listen \"%s\": listen \"%s\" has this address and port "
                          "already; leave one of them out",
                          where->text, all->text);
    }
}

void
needs_listen_tell(const struct config *config, config_fault *fn, void *ctx)
{
    const struct listen_needs needs = {config, fn, ctx}, *n = &needs;
    int first = os_first_free_port();
    bool any = sandbox_system_binds_all_ports();
    for (size_t i = 0; i < n->config->n_listen; i++) {
        const struct config_listen *where = &n->config->listen[i];
        if (where->path)
            continue;
        check_address(n, where);
        check_overlap(n, where);
        if (where->port < first && !any)
            warn_listener(
                n,
                "listen \"%s\": ports below %d need root or CAP_NET_BIND_SERVICE at "
                "the start; start the server as root, let ircd.socket open the port, "
                "or raise it",
                where->text, first);
    }
}
