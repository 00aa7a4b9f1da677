/* What Linux, the BSDs and macOS have under other names, or not at all.
 *
 * An #ifdef asks for the name that is needed, not for the system, so that a system that
 * gets the name later uses it. tests/port/ compiles the branches that Linux does not
 * take. */
#define _GNU_SOURCE /* accept4, setgroups */
#include "net/os.h"

#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Files of Linux; elsewhere they do not exist, which means the same as unreadable. */
#define SELF "/proc/self/exe"
#define MEMORY "/proc/self/statm"
#define FIRST_FREE_PORT "/proc/sys/net/ipv4/ip_unprivileged_port_start"
#define PRIVILEGED_PORTS 1024 /* of other systems */

#ifdef SOCK_NONBLOCK
int
os_stream_socket(int family)
{
    return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

int
os_accept(int fd, struct sockaddr *from, socklen_t *size)
{
    return accept4(fd, from, size, SOCK_NONBLOCK | SOCK_CLOEXEC);
}
#else
/* A process that starts in between would inherit the socket; the server starts none
 * while it serves. Returns fd; -1 with errno, and fd is closed. */
static int
set_socket_flags(int fd)
{
    if (fd < 0 ||
        (fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 && fcntl(fd, F_SETFL, O_NONBLOCK) == 0))
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

int
os_stream_socket(int family)
{
    return set_socket_flags(socket(family, SOCK_STREAM, 0));
}

int
os_accept(int fd, struct sockaddr *from, socklen_t *size)
{
    return set_socket_flags(accept(fd, from, size));
}
#endif

#ifdef SO_PEERCRED
bool
os_peer_user(int fd, uid_t *user)
{
    struct ucred peer;
    socklen_t size = sizeof peer;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
        return false;
    *user = peer.uid;
    return true;
}
#else
bool
os_peer_user(int fd, uid_t *user)
{
    gid_t group;
    return getpeereid(fd, user, &group) == 0;
}
#endif

bool
os_is_connection_error(int error)
{
    static const int errors[] = {
        ECONNABORTED, EINTR,     EPROTO,       ENETDOWN,   ENOPROTOOPT,
        EPERM,        EHOSTDOWN, EHOSTUNREACH, EOPNOTSUPP, ENETUNREACH,
#ifdef ENONET
        ENONET,
#endif
    };
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        if (errors[i] == error)
            return true;
    }
    return false;
}

void
os_limit_unsent(int fd, int bytes)
{
#ifdef TCP_NOTSENT_LOWAT
    setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &bytes, sizeof bytes);
#else
    (void)fd, (void)bytes;
#endif
}

/* Linux gives the file the mode of the socket, without the bits of the umask. Where
 * fchmod refuses a socket, the umask alone limits the mode. */
int
os_bind_unix(int fd, const struct sockaddr_un *at, int mode)
{
    bool by_socket = fchmod(fd, (mode_t)mode) == 0;
    mode_t before = umask(by_socket ? 0 : 0777 & ~(mode_t)mode);
    int failed = bind(fd, (const struct sockaddr *)at, sizeof *at);
    int error = errno;
    umask(before);
    errno = error;
    return failed;
}

void
os_condition_init(pthread_cond_t *c)
{
    pthread_condattr_t clock;
    pthread_condattr_init(&clock);
#ifndef __APPLE__
    pthread_condattr_setclock(&clock, OS_WAIT_CLOCK);
#endif
    pthread_cond_init(c, &clock);
    pthread_condattr_destroy(&clock);
}

int
os_first_free_port(void)
{
    int port = PRIVILEGED_PORTS;
    FILE *f = fopen(FIRST_FREE_PORT, "re");
    if (f == NULL)
        return port;
    if (fscanf(f, "%d", &port) != 1)
        port = PRIVILEGED_PORTS;
    fclose(f);
    return port;
}

int
os_open_memory(void)
{
    return open(MEMORY, O_RDONLY | O_CLOEXEC);
}

/* The second number is that of resident pages. */
bool
os_read_resident(int memory, uint64_t *bytes)
{
    char text[128];
    ssize_t n = memory < 0 ? -1 : pread(memory, text, sizeof text - 1, 0);
    long page = sysconf(_SC_PAGESIZE);
    if (n <= 0 || page <= 0)
        return false;
    text[n] = '\0';
    const char *blank = strchr(text, ' ');
    *bytes = blank ? strtoull(blank, NULL, 10) * (uint64_t)page : 0;
    return blank != NULL;
}

bool
os_set_groups(size_t n, const gid_t *groups)
{
    return setgroups((int)n, groups) == 0; /* an int in BSD, a size_t in Linux */
}

/* Whether a shell would run the file. */
static bool
is_program(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

/* An empty directory of PATH is the working directory. */
static bool
search_path(const char *name, char *out, size_t size)
{
    const char *from = getenv("PATH");
    while (from != NULL && *name != '\0') {
        size_t n = strcspn(from, ":");
        str_format(out, size, "%.*s/%s", n ? (int)n : 1, n ? from : ".", name);
        if (is_program(out))
            return true;
        from = from[n] == ':' ? from + n + 1 : NULL;
    }
    out[0] = '\0';
    return false;
}

bool
os_find_program(const char *argv0, char *out, size_t size)
{
    ssize_t n = readlink(SELF, out, size);
    if (n <= 0 || (size_t)n >= size)
        return search_path(argv0, out, size);
    out[n] = '\0';
    return true;
}
