/* The service manager: the protocol of sd_notify(3), without its library.
 *
 * The socket is connected once and never blocks: a manager that hangs must not stop the
 * server. A lost sign of life does no harm, because the watchdog waits for three; a
 * state that the socket does not take is sent again. */
#include "notify.h"

#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define DATAGRAM (NOTIFY_STATUS + 80)
#define STATUS_EVERY MSEC_MINUTE
#define SIGNS 3 /* signs of life in the time of the watchdog */

/* The time of the watchdog in ms, at most an hour; 0: there is none, or it is that of
 * another process. */
static msec
read_watchdog(void)
{
    uint64_t usec, pid;
    const char *text = getenv("WATCHDOG_USEC"), *of = getenv("WATCHDOG_PID");
    if (text == NULL || !str_to_uint(text, 1, UINT64_MAX, &usec))
        return 0;
    if (of && (!str_to_uint(of, 1, UINT64_MAX, &pid) || pid != (uint64_t)getpid()))
        return 0;
    msec most = MSEC_HOUR;
    return usec / 1000 < (uint64_t)most ? (msec)(usec / 1000) : most;
}

/* A path, or after "@" an abstract name. False: it is neither, or too long. */
static bool
make_manager_address(const char *name, struct sockaddr_un *to, socklen_t *size)
{
    size_t n = strlen(name);
    memset(to, 0, sizeof *to);
    to->sun_family = AF_UNIX;
    if ((*name != '/' && *name != '@') || n < 2 || n >= sizeof to->sun_path)
        return false;
    memcpy(to->sun_path, name, n);
    if (*name == '@')
        to->sun_path[0] = '\0';
    *size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n + (*name == '/'));
    return true;
}

bool
notify_open(struct notify *n, char *err, size_t errlen)
{
    struct sockaddr_un to;
    socklen_t size = 0;
    const char *name = getenv("NOTIFY_SOCKET");
    *n = (struct notify){.fd = -1};
    if (name == NULL || *name == '\0')
        return true;
    errno = EINVAL;
    if (make_manager_address(name, &to, &size))
        n->fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    if (n->fd >= 0 && fcntl(n->fd, F_SETFD, FD_CLOEXEC) == 0 &&
        fcntl(n->fd, F_SETFL, O_NONBLOCK) == 0 &&
        connect(n->fd, (const struct sockaddr *)&to, size) == 0) {
        msec watchdog = read_watchdog();
        n->every = watchdog && watchdog < SIGNS ? 1 : watchdog / SIGNS;
        return true;
    }
    str_format(err, errlen, "cannot tell the service manager (NOTIFY_SOCKET=%s): %s",
               SHOWN(name), strerror(errno));
    notify_close(n);
    return false;
}

/* False if the socket is full. Any other failure is final: the manager is gone. */
static bool
send_to_manager(const struct notify *n, const char *text)
{
    return n->fd < 0 || write(n->fd, text, strlen(text)) >= 0 ||
           (errno != EAGAIN && errno != EWOULDBLOCK && errno != ENOBUFS);
}

static bool
send_with_status(const struct notify *n, const char *state, const char *status)
{
    char text[DATAGRAM];
    str_format(text, sizeof text, "%sSTATUS=%s\n", state, status);
    return send_to_manager(n, text);
}

void
notify_ready(struct notify *n, const char *status)
{
    n->unsent = !send_with_status(n, "READY=1\n", status);
}

void
notify_reloading(struct notify *n)
{
    char text[DATAGRAM];
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    str_format(text, sizeof text, "RELOADING=1\nMONOTONIC_USEC=%lld\n",
               (long long)t.tv_sec * 1000000 + t.tv_nsec / 1000);
    send_to_manager(n, text);
}

void
notify_stopping(struct notify *n, const char *status)
{
    n->unsent = false;
    send_with_status(n, "STOPPING=1\n", status);
}

msec
notify_tick(struct notify *n, msec now, const char *status)
{
    if (n->fd < 0)
        return STATUS_EVERY;
    if (n->unsent)
        notify_ready(n, status);
    if (n->every && now >= n->alive_at) {
        send_to_manager(n, "WATCHDOG=1\n");
        n->alive_at = now + n->every;
    }
    if (now >= n->status_at) {
        send_with_status(n, "", status);
        n->status_at = now + STATUS_EVERY;
    }
    msec next = n->every && n->alive_at < n->status_at ? n->alive_at : n->status_at;
    return next - now;
}

void
notify_close(struct notify *n)
{
    if (n->fd >= 0)
        close(n->fd);
    n->fd = -1;
}
