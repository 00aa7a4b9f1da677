/* The transport of plain sockets, and the socket calls that all transports share.
 *
 * Every byte from or to a client passes through a transport row; no other file calls
 * recv, send or shutdown (tests/check-layers.sh checks it). A read or a write must
 * never make more than one system call. */
#include "transport.h"

#include "base/attr.h"
#include "base/mem.h"
#include "net/os.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

static bool
is_for_later(int error)
{
    return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

static ATTR_HOT enum transport_state
receive_bytes(int fd, char *out, size_t size, int flags, size_t *n)
{
    ssize_t got = recv(fd, out, size, flags);
    *n = got > 0 ? (size_t)got : 0;
    if (got > 0)
        return TRANSPORT_DONE;
    if (got == 0)
        return TRANSPORT_END;
    return is_for_later(errno) ? TRANSPORT_WAITS_READ : TRANSPORT_FAILED;
}

static ATTR_HOT enum transport_state
plain_read(int fd, void *own, char *out, size_t size, size_t *n)
{
    (void)own;
    return receive_bytes(fd, out, size, 0, n);
}

static ssize_t
send_vectors(int fd, struct iovec *iov, int count, int flags)
{
    struct msghdr message = {.msg_iov = iov, .msg_iovlen = (size_t)count};
    if (count == 1)
        return send(fd, iov->iov_base, iov->iov_len, flags);
    return sendmsg(fd, &message, flags);
}

static ATTR_HOT enum transport_state
plain_write(int fd, void *own, struct iovec *iov, int count, bool last, size_t *n)
{
    (void)own;
    size_t asked = 0;
    ssize_t sent = send_vectors(fd, iov, count, OS_NO_SIGNAL | (last ? OS_MORE : 0));
    *n = sent > 0 ? (size_t)sent : 0;
    if (sent < 0)
        return is_for_later(errno) ? TRANSPORT_WAITS_WRITE : TRANSPORT_FAILED;
    for (int i = 0; i < count; i++)
        asked += iov[i].iov_len;
    return *n < asked ? TRANSPORT_WAITS_WRITE : TRANSPORT_DONE;
}

static bool
plain_finish(int fd, void *own, enum transport_end why)
{
    (void)own, (void)why;
    return socket_finish(fd);
}

static void
plain_close(int fd, void *own, enum transport_end why)
{
    (void)own, (void)why;
    close(fd);
}

static void
plain_refuse(int fd, const char *line, bool last)
{
    ssize_t ignored = send(fd, line, strlen(line), OS_NO_SIGNAL | (last ? OS_MORE : 0));
    (void)ignored; /* a new socket has room for a line */
}

const struct transport transport_plain = {
    .name = "plain",
    .read = plain_read,
    .write = plain_write,
    .finish = plain_finish,
    .close = plain_close,
    .refuse = plain_refuse,
};

bool
socket_finish(int fd)
{
    return shutdown(fd, SHUT_WR) == 0;
}

bool
socket_discard(int fd, char *buffer, size_t size, int rounds)
{
    for (int i = 0; i < rounds; i++) {
        ssize_t n = recv(fd, buffer, size, 0);
        mem_wipe(buffer, n > 0 ? (size_t)n : 0);
        if (n == 0)
            return true;
        if (n < 0)
            return !is_for_later(errno);
    }
    return false;
}

bool
socket_has_unread(int fd)
{
    char byte;
    return recv(fd, &byte, 1, MSG_PEEK) > 0;
}

bool
socket_halt(int fd)
{
    return shutdown(fd, SHUT_RDWR) == 0;
}

enum transport_state
socket_peek(int fd, char *out, size_t size, size_t *n)
{
    return receive_bytes(fd, out, size, MSG_PEEK, n);
}

bool
socket_take(int fd, char *scratch, size_t n)
{
    return recv(fd, scratch, n, 0) == (ssize_t)n;
}
