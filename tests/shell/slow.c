/* The transport that keeps bytes back. The bytes that it holds of a connection are in a
 * block of its own, as in a library that encrypts, so that a leak is seen. */
#include "slow.h"

#include "base/addr.h"
#include "base/mem.h"
#include "base/str.h"
#include "session/session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#define HELD 65536

struct held_bytes {
    size_t at, n;
    bool greets; /* "WELCOME" is to be sent */
    char bytes[HELD];
};

struct slow_own {
    struct held_bytes *held; /* NULL: nothing was read yet */
};

struct slow slow;

static struct held_bytes *
held_of(void *own)
{
    struct slow_own *o = own;
    if (o->held == NULL) {
        o->held = xcalloc(1, sizeof *o->held);
        slow.opened++;
    }
    return o->held;
}

static void
drop_held(void *own)
{
    struct slow_own *o = own;
    free(o->held);
    o->held = NULL;
}

/* Reads more from the socket, behind the bytes that it holds. */
static enum transport_state
take_more(int fd, struct held_bytes *h)
{
    size_t n = 0;
    memmove(h->bytes, h->bytes + h->at, h->n - h->at);
    h->n -= h->at;
    h->at = 0;
    enum transport_state state =
        transport_plain.read(fd, NULL, h->bytes + h->n, HELD - h->n, &n);
    h->n += n;
    return state;
}

static enum transport_state
slow_read(int fd, void *own, char *out, size_t size, size_t *n)
{
    struct held_bytes *h = held_of(own);
    *n = 0;
    if (slow.read_error) {
        errno = slow.read_error;
        return TRANSPORT_FAILED;
    }
    if (slow.read_waits_write > 0) {
        slow.read_waits_write--;
        return TRANSPORT_WAITS_WRITE;
    }
    enum transport_state state = h->at < h->n ? TRANSPORT_DONE : take_more(fd, h);
    if (state != TRANSPORT_DONE)
        return state;
    *n = h->n - h->at < slow.gives ? h->n - h->at : slow.gives;
    *n = *n < size ? *n : size;
    memcpy(out, h->bytes + h->at, *n);
    h->at += *n;
    if (slow.n < SLOW_READS)
        slow.reads[slow.n] = (struct slow_read){fd, slow.turn, *n};
    slow.n++;
    return TRANSPORT_DONE;
}

static bool
slow_has_pending(int fd, void *own)
{
    const struct held_bytes *h = held_of(own);
    (void)fd;
    return h->at < h->n;
}

static enum transport_state
slow_write(int fd, void *own, struct iovec *iov, int count, bool last, size_t *n)
{
    *n = 0;
    if (slow.write_waits_read > 0) {
        slow.write_waits_read--;
        return TRANSPORT_WAITS_READ;
    }
    if (slow.takes == 0 || (count == 1 && iov->iov_len <= slow.takes))
        return transport_plain.write(fd, own, iov, count, last, n);
    struct iovec first = *iov;
    if (first.iov_len > slow.takes)
        first.iov_len = slow.takes;
    enum transport_state state = transport_plain.write(fd, own, &first, 1, false, n);
    return state == TRANSPORT_DONE ? TRANSPORT_WAITS_WRITE : state;
}

static bool
slow_finish(int fd, void *own, enum transport_end why)
{
    transport_plain.refuse(fd, why == TRANSPORT_KILLED ? "BYE\n" : "END\n", true);
    drop_held(own);
    slow.finished++;
    return socket_finish(fd);
}

static void
slow_close(int fd, void *own, enum transport_end why)
{
    drop_held(own);
    slow.unmade += why == TRANSPORT_UNMADE;
    slow.closed++;
    close(fd);
}

static void
slow_refuse(int fd, const char *line, bool last)
{
    char text[600];
    str_format(text, sizeof text, "REFUSED: %s", line);
    transport_plain.refuse(fd, text, last);
}

/* The line with which the client begins. */
static enum transport_state
slow_handshake(int fd, void *own, const void *context)
{
    struct held_bytes *h = held_of(own);
    (void)context;
    if (slow.steps < SLOW_READS)
        slow.step[slow.steps] = (struct slow_read){fd, slow.turn, 0};
    slow.steps++;
    enum transport_state state = h->greets ? TRANSPORT_DONE : take_more(fd, h);
    if (state != TRANSPORT_DONE)
        return state;
    if (h->greets) {
        transport_plain.refuse(fd, "WELCOME\n", false);
        h->greets = false;
        return TRANSPORT_DONE;
    }
    const char *end = memchr(h->bytes, '\n', h->n);
    if (end == NULL)
        return TRANSPORT_WAITS_READ;
    h->at = (size_t)(end - h->bytes) + 1;
    h->greets = true;
    errno = EPROTO;
    bool greeted = h->at == strlen("HELLO\n") && memcmp(h->bytes, "HELLO", 5) == 0;
    return greeted ? TRANSPORT_WAITS_WRITE : TRANSPORT_FAILED;
}

static const char *
slow_fault(int fd, void *own)
{
    (void)fd, (void)own;
    return slow.fault;
}

static bool
slow_peer(int fd, void *own, struct connection_info *info)
{
    (void)fd, (void)own;
    if (slow.peer == NULL || !addr_parse(slow.peer, &info->addr))
        return false;
    info->certfp = "0123abcd";
    info->gateway = "kiwi";
    info->secure = true;
    return true;
}

const struct transport slow_transport = {
    .name = "slow",
    .own = sizeof(struct slow_own),
    .read = slow_read,
    .has_pending = slow_has_pending,
    .write = slow_write,
    .fault = slow_fault,
    .finish = slow_finish,
    .close = slow_close,
    .refuse = slow_refuse,
};

const struct transport slow_greeted = {
    .name = "greeted",
    .own = sizeof(struct slow_own),
    .handshake = slow_handshake,
    .peer = slow_peer,
    .read = slow_read,
    .has_pending = slow_has_pending,
    .write = slow_write,
    .fault = slow_fault,
    .finish = slow_finish,
    .close = slow_close,
    .refuse = slow_refuse,
};
