/* Socket activation: sockets that a service manager has opened, from descriptor 3 on.
 *
 * Each must be the socket of a `listen` block with the same address. One without a block
 * is an error: otherwise clients would connect to it and wait for ever. The sockets stay
 * the manager's: they are never closed, and a restart of the program finds them again. */
#include "passed.h"

#include "base/addr.h"
#include "base/mem.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define FIRST_PASSED 3 /* SD_LISTEN_FDS_START */
#define MOST_PASSED 100

struct passed_socket {
    int fd;
    bool used;
    char name[STR_SHOWN]; /* of LISTEN_FDNAMES; "": none */
    char text[128];       /* its address, as in a configuration */
    struct addr addr;
    uint16_t port;
    bool v6only; /* IPv6 only */
    /* "": it has an address. */
    char path[sizeof(((struct sockaddr_un *)0)->sun_path) + 1];
};

union passed_address {
    struct sockaddr sa;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    struct sockaddr_un path;
};

static int
get_socket_option(int fd, int level, int option)
{
    int value = 0;
    socklen_t size = sizeof value;
    return getsockopt(fd, level, option, &value, &size) == 0 ? value : -1;
}

static bool
read_passed_path(struct passed_socket *s, const union passed_address *from,
                 socklen_t size)
{
    if (size <= offsetof(struct sockaddr_un, sun_path) || *from->path.sun_path == '\0')
        return false;
    /* The kernel counts a NUL that has no room after a path of full length. */
    str_format(s->path, sizeof s->path, "%.*s", (int)sizeof from->path.sun_path,
               from->path.sun_path);
    str_format(s->text, sizeof s->text, "unix:%s", s->path);
    return true;
}

static bool
read_passed_address(struct passed_socket *s)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    union passed_address from;
    socklen_t size = sizeof from;
    char text[ADDR_TEXT];
    memset(&from, 0, sizeof from);
    if (getsockname(s->fd, &from.sa, &size) != 0)
        return false;
    if (from.sa.sa_family == AF_UNIX)
        return read_passed_path(s, &from, size);
    bool v4 = from.sa.sa_family == AF_INET;
    if (!v4 && from.sa.sa_family != AF_INET6)
        return false;
    if (v4) {
        memcpy(s->addr.ip, mapped, sizeof mapped);
        memcpy(s->addr.ip + 12, &from.v4.sin_addr, 4);
    } else {
        memcpy(s->addr.ip, &from.v6.sin6_addr, 16);
        s->v6only = get_socket_option(s->fd, IPPROTO_IPV6, IPV6_V6ONLY) == 1;
    }
    s->port = ntohs(v4 ? from.v4.sin_port : from.v6.sin6_port);
    addr_format(&s->addr, text, sizeof text);
    str_format(s->text, sizeof s->text, v4 ? "%s:%u" : "[%s]:%u", text,
               (unsigned)s->port);
    return true;
}

/* Takes the next name of a list with ":" between. */
static void
take_name(const char **names, char out[static STR_SHOWN])
{
    char name[256];
    size_t n = strcspn(*names, ":");
    str_format(name, sizeof name, "%.*s", (int)(n < sizeof name ? n : 0), *names);
    str_shown(name, out);
    *names += n + ((*names)[n] == ':');
}

static bool
read_passed_socket(struct passed_socket *s, char *err, size_t errlen)
{
    if (get_socket_option(s->fd, SOL_SOCKET, SO_TYPE) == SOCK_STREAM &&
        get_socket_option(s->fd, SOL_SOCKET, SO_ACCEPTCONN) == 1 &&
        read_passed_address(s) && fcntl(s->fd, F_SETFL, O_NONBLOCK) == 0)
        return true;
    str_format(err, errlen,
               "the service manager has passed descriptor %d (%s), which is no "
               "listening stream socket; a socket unit needs ListenStream= and "
               "Accept=no",
               s->fd, s->name);
    return false;
}

/* Counts the passed sockets; 0: there are none for this process. False: the number is
 * none, or too high. */
static bool
count_passed(size_t *count, char *err, size_t errlen)
{
    uint64_t pid, n;
    const char *of = getenv("LISTEN_PID"), *number = getenv("LISTEN_FDS");
    *count = 0;
    if (of == NULL || number == NULL || !str_to_uint(of, 1, UINT64_MAX, &pid) ||
        pid != (uint64_t)getpid())
        return true;
    if (!str_to_uint(number, 0, MOST_PASSED, &n)) {
        str_format(
            err, errlen,
            "the service manager has passed %s sockets (LISTEN_FDS), and at most "
            "%d can be used",
            SHOWN(number), MOST_PASSED);
        return false;
    }
    *count = (size_t)n;
    return true;
}

bool
passed_read(struct passed *p, char *err, size_t errlen)
{
    const char *names = getenv("LISTEN_FDNAMES");
    if (names == NULL)
        names = "";
    if (!count_passed(&p->n, err, errlen))
        return false;
    p->all = xcalloc(p->n, sizeof *p->all);
    for (size_t i = 0; i < p->n; i++) {
        p->all[i].fd = FIRST_PASSED + (int)i;
        take_name(&names, p->all[i].name);
    }
    for (size_t i = 0; i < p->n; i++)
        if (!read_passed_socket(&p->all[i], err, errlen))
            return false;
    return true;
}

/* Whether an IPv6 socket accepts only IPv6 does not matter for IPv4. */
static bool
has_passed_address(const struct passed_socket *s, const struct addr *addr,
                   uint16_t port, bool v6only)
{
    return *s->path == '\0' && s->port == port && addr_equal(&s->addr, addr) &&
           (s->v6only == v6only || addr_is_v4(addr));
}

int
passed_find(struct passed *p, const char *path, const struct addr *addr, uint16_t port,
            bool v6only)
{
    for (size_t i = 0; i < p->n; i++) {
        struct passed_socket *s = &p->all[i];
        if (path ? strcmp(s->path, path) != 0
                 : !has_passed_address(s, addr, port, v6only))
            continue;
        s->used = true;
        return s->fd;
    }
    return -1;
}

bool
passed_is_used_up(const struct passed *p, char *err, size_t errlen)
{
    for (size_t i = 0; i < p->n; i++) {
        const struct passed_socket *s = &p->all[i];
        bool both = !*s->path && !addr_is_v4(&s->addr) && !s->v6only;
        if (s->used)
            continue;
        str_format(err, errlen,
                   "the service manager has passed the socket %s (%s), but no listen "
                   "block is left with this address%s",
                   s->text, s->name,
                   both ? " and v6only = false (or the socket unit needs "
                          "BindIPv6Only=ipv6-only)"
                        : "");
        return false;
    }
    return true;
}

void
passed_free(struct passed *p)
{
    free(p->all);
    *p = (struct passed){0};
}
