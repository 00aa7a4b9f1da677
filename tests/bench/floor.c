/* floor: the smallest epoll server that answers as ircd answers.
 *
 * It is the yardstick of the benchmark: the cost of a message when only the system
 * calls and one copy a recipient are left. So it looks names up by the number in them
 * (#bench7, b00042), keeps one flat buffer a client and writes it once a turn. Tags
 * have the bytes of ircd's: a time that is written once, a counted msgid. It checks
 * nothing and must never listen on anything but loopback; an alarm ends it if nothing
 * else does. */
#define _GNU_SOURCE /* accept4 */

#include "measure.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    NICKS = 65536,
    CHANNELS = 8192,
    EVENTS = 1024,
    READ_SIZE = 65536,
    LINE_SIZE = 512,
    RELAY_SIZE = 2 * LINE_SIZE,
    TLS_PIECE = 16384,
    LIFETIME = 600, /* seconds */
};

struct client {
    int fd;
    SSL *ssl;            /* NULL: plain */
    unsigned id;         /* the number in the nick */
    bool dirty;          /* is on floor.dirty */
    bool armed;          /* waits for EPOLLOUT */
    bool dead;           /* is freed at the end of the turn */
    bool tagged;         /* wants tags before each line of others */
    size_t length, size; /* of out */
    char *out;           /* not yet written */
    unsigned *joined;    /* channel numbers */
    size_t channels;     /* how many there are in joined */
    size_t tail;         /* bytes in rest */
    char *rest;          /* an unfinished line, LINE_SIZE long once it exists */
    struct client *next; /* on floor.dirty */
};

struct channel {
    struct client **members;
    size_t count, size;
};

struct floor {
    int epoll, listener;
    SSL_CTX *context; /* NULL: plain */
    struct client *dirty;
    struct client *nicks[NICKS];
    struct channel channels[CHANNELS];
    unsigned long long msgid; /* the last one */
    char in[LINE_SIZE + READ_SIZE];
};

static void *
resize(void *old, size_t size)
{
    void *fresh = realloc(old, size);

    if (!fresh)
        abort();
    return fresh;
}

static void
touch(struct floor *f, struct client *c)
{
    if (c->dirty)
        return;
    c->dirty = true;
    c->next = f->dirty;
    f->dirty = c;
}

static void
append(struct floor *f, struct client *c, const char *bytes, size_t n)
{
    if (c->length + n > c->size) {
        c->size = 2 * (c->length + n);
        c->out = resize(c->out, c->size);
    }
    memcpy(c->out + c->length, bytes, n);
    c->length += n;
    touch(f, c);
}

/* The number after the letters of "b00042" or "#bench7", bounded by the table's size.
 */
static unsigned
number_in(const char *word, unsigned bound)
{
    const char *digit = word + strcspn(word, "0123456789");

    return (unsigned)strtoul(digit, NULL, 10) % bound;
}

/* A line as it was sent, and with tags before it. */
struct form {
    char tagged[2 * RELAY_SIZE];
    size_t tags, length; /* bytes of the tags; of all */
};

static void
deliver(struct floor *f, struct client *to, const struct form *form)
{
    size_t skip = to->tagged ? 0 : form->tags;

    append(f, to, form->tagged + skip, form->length - skip);
}

static void
relay(struct floor *f, struct client *from, const char *line)
{
    struct form form;
    const char *target = line + strlen("PRIVMSG ");
    int tags =
        snprintf(form.tagged, sizeof form.tagged,
                 "@time=2026-01-01T00:00:00.000Z;msgid=19b75f6c800-%llx ", ++f->msgid);
    int n = snprintf(form.tagged + tags, RELAY_SIZE, ":b%05u!~b@127.0.0.1 %s\r\n",
                     from->id, line);

    if (n < 0 || n >= RELAY_SIZE)
        return;
    form.tags = (size_t)tags;
    form.length = (size_t)(tags + n);
    if (*target != '#') {
        struct client *to = f->nicks[number_in(target, NICKS)];
        if (to)
            deliver(f, to, &form);
        return;
    }
    const struct channel *chan = &f->channels[number_in(target, CHANNELS)];
    for (size_t i = 0; i < chan->count; i++) {
        if (chan->members[i] != from)
            deliver(f, chan->members[i], &form);
    }
}

static void
names(struct floor *f, struct client *c, const struct channel *chan, unsigned number)
{
    char text[LINE_SIZE];
    int n = 0;

    for (size_t i = 0; i < chan->count; i++) {
        if (n == 0)
            n = snprintf(text, sizeof text, ":floor 353 b%05u = #bench%u :", c->id,
                         number);
        n +=
            snprintf(text + n, sizeof text - (size_t)n, "b%05u ", chan->members[i]->id);
        if (n < LINE_SIZE - 16 && i + 1 < chan->count)
            continue;
        memcpy(text + n, "\r\n", 2);
        append(f, c, text, (size_t)n + 2);
        n = 0;
    }
    n = snprintf(text, sizeof text, ":floor 366 b%05u #bench%u :End\r\n", c->id,
                 number);
    append(f, c, text, (size_t)n);
}

static void
join(struct floor *f, struct client *c, const char *name)
{
    char text[LINE_SIZE];
    unsigned number = number_in(name, CHANNELS);
    struct channel *chan = &f->channels[number];
    int n = snprintf(text, sizeof text, ":b%05u!~b@127.0.0.1 JOIN #bench%u\r\n", c->id,
                     number);

    if (chan->count == chan->size) {
        chan->size = 2 * chan->size + 8;
        chan->members = resize(chan->members, chan->size * sizeof *chan->members);
    }
    chan->members[chan->count++] = c;
    c->joined = resize(c->joined, (c->channels + 1) * sizeof *c->joined);
    c->joined[c->channels++] = number;
    for (size_t i = 0; i < chan->count; i++)
        append(f, chan->members[i], text, (size_t)n);
    names(f, c, chan, number);
}

static void
join_list(struct floor *f, struct client *c, const char *name)
{
    for (; name; name = strchr(name, ','))
        join(f, c, name += *name == ',');
}

static void
kill_client(struct floor *f, struct client *c)
{
    c->dead = true;
    touch(f, c);
}

static void
handle(struct floor *f, struct client *c, const char *line)
{
    char text[RELAY_SIZE];
    int n = 0;

    if (!strncmp(line, "PRIVMSG ", 8))
        relay(f, c, line);
    else if (!strncmp(line, "PING ", 5))
        n = snprintf(text, sizeof text, ":floor PONG floor %s\r\n", line + 5);
    else if (!strncmp(line, "JOIN ", 5))
        join_list(f, c, line + 5);
    else if (!strncmp(line, "CAP REQ ", 8)) {
        c->tagged = true;
        n = snprintf(text, sizeof text, ":floor CAP * ACK %s\r\n", line + 8);
    } else if (!strncmp(line, "NICK ", 5))
        f->nicks[c->id = number_in(line + 5, NICKS)] = c;
    else if (!strncmp(line, "USER ", 5))
        n = snprintf(text, sizeof text,
                     ":floor 001 b%05u :Welcome\r\n:floor 422 b%05u :No MOTD\r\n",
                     c->id, c->id);
    else if (!strncmp(line, "QUIT", 4))
        kill_client(f, c);
    if (n > 0 && (size_t)n < sizeof text)
        append(f, c, text, (size_t)n);
}

static void
split(struct floor *f, struct client *c, size_t n)
{
    char *line = f->in;
    char *end;

    while (!c->dead && (end = memchr(line, '\n', n))) {
        n -= (size_t)(end + 1 - line);
        end[end > line && end[-1] == '\r' ? -1 : 0] = '\0';
        handle(f, c, line);
        line = end + 1;
    }
    c->tail = n < LINE_SIZE ? n : 0;
    if (c->tail == 0)
        return;
    if (!c->rest)
        c->rest = resize(NULL, LINE_SIZE);
    memcpy(c->rest, line, c->tail);
}

/* As recv: all records that have come. The handshake comes first. */
static ssize_t
receive_tls(SSL *ssl, char *bytes, size_t size)
{
    int n;
    size_t all = 0;

    ERR_clear_error();
    n = SSL_is_init_finished(ssl) ? 1 : SSL_accept(ssl);
    while (n > 0 && all < size) {
        n = SSL_read(ssl, bytes + all, (int)(size - all));
        if (n > 0)
            all += (size_t)n;
    }
    if (all > 0)
        return (ssize_t)all;
    errno = SSL_get_error(ssl, n) == SSL_ERROR_WANT_READ ? EAGAIN : EPROTO;
    return -1;
}

static void
receive(struct floor *f, struct client *c)
{
    ssize_t n;
    char *to = f->in + c->tail;

    if (c->tail > 0)
        memcpy(f->in, c->rest, c->tail);
    n = c->ssl ? receive_tls(c->ssl, to, READ_SIZE) : recv(c->fd, to, READ_SIZE, 0);
    if (n > 0)
        split(f, c, c->tail + (size_t)n);
    else if (n == 0 || (errno != EAGAIN && errno != EINTR))
        kill_client(f, c);
}

static void
watch(struct floor *f, int how, struct client *c, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = c};

    if (epoll_ctl(f->epoll, how, c ? c->fd : f->listener, &event) != 0)
        abort();
}

static void
accept_all(struct floor *f)
{
    int fd, on = 1;

    while ((fd = accept4(f->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        struct client *c = calloc(1, sizeof *c);
        if (!c)
            abort();
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        c->fd = fd;
        c->ssl = f->context ? SSL_new(f->context) : NULL;
        if (c->ssl) {
            SSL_set_fd(c->ssl, fd);
            SSL_set_accept_state(c->ssl);
        }
        watch(f, EPOLL_CTL_ADD, c, EPOLLIN);
    }
}

static void
leave(struct floor *f, const struct client *c, unsigned number)
{
    struct channel *chan = &f->channels[number];

    for (size_t i = 0; i < chan->count; i++) {
        if (chan->members[i] == c) {
            chan->members[i] = chan->members[--chan->count];
            return;
        }
    }
}

static void
discard(struct floor *f, struct client *c)
{
    for (size_t i = 0; i < c->channels; i++)
        leave(f, c, c->joined[i]);
    if (f->nicks[c->id] == c)
        f->nicks[c->id] = NULL;
    SSL_free(c->ssl);
    close(c->fd);
    free(c->joined);
    free(c->rest);
    free(c->out);
    free(c);
}

/* As send, in records. */
static ssize_t
send_tls(SSL *ssl, const char *bytes, size_t size)
{
    size_t all = 0, n = 0;
    int done = 1;

    ERR_clear_error();
    for (; all < size && done == 1; all += n) {
        n = 0;
        done = SSL_write_ex(ssl, bytes + all,
                            size - all < TLS_PIECE ? size - all : TLS_PIECE, &n);
    }
    if (all > 0)
        return (ssize_t)all;
    errno = SSL_get_error(ssl, done) == SSL_ERROR_WANT_WRITE ? EAGAIN : EPROTO;
    return -1;
}

static ssize_t
send_all(const struct client *c)
{
    if (c->length == 0)
        return 0;
    return c->ssl ? send_tls(c->ssl, c->out, c->length)
                  : send(c->fd, c->out, c->length, MSG_NOSIGNAL);
}

/* The one write a turn; the rest waits for EPOLLOUT. */
static void
flush(struct floor *f, struct client *c)
{
    ssize_t n = send_all(c);

    if (n < 0 && errno != EAGAIN && errno != EINTR)
        c->dead = true;
    if (c->dead) {
        discard(f, c);
        return;
    }
    if (n > 0) {
        c->length -= (size_t)n;
        memmove(c->out, c->out + n, c->length);
    }
    if (c->armed != (c->length > 0)) {
        c->armed = c->length > 0;
        watch(f, EPOLL_CTL_MOD, c, c->armed ? EPOLLIN | EPOLLOUT : EPOLLIN);
    }
}

static void
turn(struct floor *f)
{
    struct epoll_event events[EVENTS];
    int n = epoll_wait(f->epoll, events, EVENTS, -1);

    for (int i = 0; i < n; i++) {
        struct client *c = events[i].data.ptr;
        if (!c) {
            accept_all(f);
            continue;
        }
        if (events[i].events & EPOLLOUT)
            touch(f, c);
        if (events[i].events & ~(uint32_t)EPOLLOUT)
            receive(f, c);
    }
    while (f->dirty) {
        struct client *c = f->dirty;
        f->dirty = c->next;
        c->dirty = false;
        flush(f, c);
    }
}

static int
serve_on(struct floor *f, const char *port)
{
    struct sockaddr_in address = loopback(0, (unsigned)strtoul(port, NULL, 10));
    int on = 1;

    descriptors();
    f->epoll = epoll_create1(EPOLL_CLOEXEC);
    f->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (f->epoll < 0 || f->listener < 0)
        return -1;
    setsockopt(f->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(f->listener, (struct sockaddr *)&address, sizeof address) != 0)
        return -1;
    if (listen(f->listener, SOMAXCONN) != 0)
        return -1;
    watch(f, EPOLL_CTL_ADD, NULL, EPOLLIN);
    return 0;
}

/* With the settings of ircd. */
static SSL_CTX *
server_context(const char *pem)
{
    SSL_CTX *x = SSL_CTX_new(TLS_server_method());

    if (x == NULL || SSL_CTX_use_certificate_chain_file(x, pem) != 1 ||
        SSL_CTX_use_PrivateKey_file(x, pem, SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_set_ciphersuites(x, "TLS_AES_128_GCM_SHA256") != 1)
        die("%s: %s", pem, ERR_reason_error_string(ERR_peek_error()));
    SSL_CTX_set_mode(x, SSL_MODE_ENABLE_PARTIAL_WRITE |
                            SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                            SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_num_tickets(x, 0);
    SSL_CTX_set_session_cache_mode(x, SSL_SESS_CACHE_OFF);
    return x;
}

int
main(int argc, char **argv)
{
    static struct floor f;

    if (argc != 2 && argc != 3) {
        fputs("usage: floor PORT [PEM]\n", stderr);
        return 1;
    }
    if (argc == 3)
        f.context = server_context(argv[2]);
    signal(SIGPIPE, SIG_IGN);
    alarm(LIFETIME);
    if (serve_on(&f, argv[1]) != 0) {
        perror("floor");
        return 2;
    }
    for (;;)
        turn(&f);
}
