/* What TLS costs: the memory of an idle client over a plain one, and the processor time
 * of a handshake beside the smallest program that accepts and shakes hands.
 *
 * usage: tls -l | ROW PORT PID
 *
 * The server has TLS on 127.0.0.1:PORT and plain text on 127.0.0.2:PORT. The floor runs
 * in a process of its own, with the contexts of the server, and takes turns with it. */
#include "../../src/net/tls_state.h"
#include "config/config.h"
#include "measure.h"

#include <openssl/err.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>

enum { CLIENTS = 8000, HANDSHAKES = 200, TURNS = 8 };
#define LINE 4096

/* --- clients --- */

struct tls_end {
    int fd;
    SSL *ssl; /* NULL: plain */
};

static SSL_CTX *
client_context(void)
{
    SSL_CTX *x = SSL_CTX_new(TLS_client_method());
    if (x == NULL)
        die("no context");
    SSL_CTX_set_mode(x, SSL_MODE_RELEASE_BUFFERS);
    return x;
}

/* A blocking connection, behind its handshake. */
static struct tls_end
connect_end(SSL_CTX *x, const struct sockaddr_in *to)
{
    struct tls_end e = {.fd = connect_from(0, to)};
    if (e.fd < 0 || fcntl(e.fd, F_SETFL, 0) != 0)
        die("cannot connect: %s", strerror(errno));
    if (x == NULL)
        return e;
    e.ssl = SSL_new(x);
    if (e.ssl == NULL || SSL_set_fd(e.ssl, e.fd) != 1 || SSL_connect(e.ssl) != 1)
        die("no handshake: %s", ERR_reason_error_string(ERR_peek_error()));
    return e;
}

static void
close_end(struct tls_end *e)
{
    SSL_free(e->ssl);
    close(e->fd);
}

static void
register_end(struct tls_end *e, int i)
{
    char text[LINE] = "";
    int n = snprintf(text, sizeof text, "NICK u%d\r\nUSER u 0 * :u\r\n", i);
    if ((e->ssl ? SSL_write(e->ssl, text, n) : (int)send(e->fd, text, (size_t)n, 0)) !=
        n)
        die("cannot write");
    for (size_t all = 0; strstr(text, " 422 ") == NULL; all += (size_t)n) {
        n = e->ssl ? SSL_read(e->ssl, text + all, (int)(sizeof text - 1 - all))
                   : (int)recv(e->fd, text + all, sizeof text - 1 - all, 0);
        if (n <= 0)
            die("a client is not welcome: %s", text);
        text[all + (size_t)n] = '\0';
    }
}

/* --- rows --- */

/* The growth of the server by this many clients. */
static int64_t
grow(SSL_CTX *x, const struct sockaddr_in *to, long pid, struct tls_end *ends, int from)
{
    uint64_t before = resident(pid);
    for (int i = 0; i < CLIENTS; i++) {
        ends[i] = connect_end(x, to);
        register_end(&ends[i], from + i);
    }
    nanosleep(&(struct timespec){.tv_sec = 1}, NULL);
    return (int64_t)(resident(pid) - before);
}

static void
idle(const struct sockaddr_in *tls, const struct sockaddr_in *plain, long pid)
{
    static struct tls_end ends[2][CLIENTS];
    int64_t begun = nanoseconds(CLOCK_MONOTONIC);
    SSL_CTX *x = client_context();
    int64_t bare = grow(NULL, plain, pid, ends[0], 0);
    int64_t sealed = grow(x, tls, pid, ends[1], CLIENTS);
    printf("tls-idle bytes/client %d %jd %jd 0\n", CLIENTS, (intmax_t)(sealed - bare),
           (intmax_t)((nanoseconds(CLOCK_MONOTONIC) - begun) / 1000000));
}

/* One step of the floor for a ready connection. */
static void
step_floor(int epoll, SSL *ssl)
{
    char byte;
    ERR_clear_error();
    int done = SSL_is_init_finished(ssl) ? SSL_read(ssl, &byte, 1) : SSL_accept(ssl);
    if (done == 1 || SSL_get_error(ssl, done) == SSL_ERROR_WANT_READ)
        return;
    epoll_ctl(epoll, EPOLL_CTL_DEL, SSL_get_fd(ssl), NULL);
    close(SSL_get_fd(ssl));
    SSL_free(ssl);
}

/* Accepts and shakes hands, until it is killed. */
ATTR_NORETURN static void
serve_floor(int fd, SSL_CTX *x)
{
    int epoll = epoll_create1(0);
    struct epoll_event ready[64], e = {.events = EPOLLIN};
    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e);
    for (;;) {
        int n = epoll_wait(epoll, ready, 64, -1);
        for (int i = 0; i < n; i++) {
            if (ready[i].data.ptr) {
                step_floor(epoll, ready[i].data.ptr);
                continue;
            }
            int peer = accept(fd, NULL, NULL);
            SSL *ssl = peer >= 0 ? SSL_new(x) : NULL;
            if (ssl == NULL || fcntl(peer, F_SETFL, O_NONBLOCK) != 0)
                die("the floor cannot accept");
            SSL_set_fd(ssl, peer);
            SSL_set_accept_state(ssl);
            e.data.ptr = ssl;
            epoll_ctl(epoll, EPOLL_CTL_ADD, peer, &e);
        }
    }
}

static void
tell_fault(void *ctx, const char *text)
{
    (void)ctx;
    die("%s", text);
}

static SSL_CTX *
floor_context(void)
{
    static const struct config_words words = {0};
    struct tls_report report = {tell_fault, tell_fault, NULL};
    struct config *c =
        config_parse("floor", "database { path = '' }", &words, tell_fault, NULL);
    return tls_load("floor", c, TLS_SELF_MAKE, &report)->entries[0].context;
}

static pid_t
start_floor(struct sockaddr_in *to)
{
    SSL_CTX *x = floor_context();
    *to = loopback(0, free_port());
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)to, sizeof *to) != 0 ||
        listen(fd, 1024) != 0)
        die("the floor cannot listen: %s", strerror(errno));
    pid_t pid = fork();
    if (pid == 0)
        serve_floor(fd, x);
    close(fd);
    return pid;
}

/* The processor time of the server for some handshakes. */
static int64_t
shake(SSL_CTX *x, const struct sockaddr_in *to, clockid_t clock)
{
    int64_t before = nanoseconds(clock);
    for (int i = 0; i < HANDSHAKES; i++) {
        struct tls_end e = connect_end(x, to);
        close_end(&e);
    }
    nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
    return nanoseconds(clock) - before;
}

static void
handshake(const struct sockaddr_in *tls, const struct sockaddr_in *plain, long pid)
{
    struct sockaddr_in beside;
    clockid_t clock, floor_clock;
    SSL_CTX *x = client_context();
    pid_t child = start_floor(&beside);
    (void)plain;
    if (clock_getcpuclockid((pid_t)pid, &clock) != 0 ||
        clock_getcpuclockid(child, &floor_clock) != 0)
        die("a server has not started");
    shake(x, tls, clock);
    shake(x, &beside, floor_clock);
    int64_t cost = 0, base = 0, begun = nanoseconds(CLOCK_MONOTONIC);
    for (int i = 0; i < TURNS; i++) {
        cost += shake(x, tls, clock);
        base += shake(x, &beside, floor_clock);
    }
    intmax_t ms = (nanoseconds(CLOCK_MONOTONIC) - begun) / 2000000;
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    printf("tls-handshake ns/handshake %d %jd %jd 0 %.1f %jd 0\n", TURNS * HANDSHAKES,
           (intmax_t)cost, ms, (double)base / (TURNS * HANDSHAKES), ms);
}

static const struct row {
    const char *name, *limits;
    void (*run)(const struct sockaddr_in *tls, const struct sockaddr_in *plain,
                long pid);
} ROWS[] = {
    {"tls-idle", "bytes/client 0 15872 0 ircd", idle},
    {"tls-handshake", "ns/handshake 1.15 0 0 ircd-based", handshake},
};
enum { ROW_COUNT = sizeof ROWS / sizeof *ROWS };

/* Until it listens. */
static void
await_server(const struct sockaddr_in *to)
{
    for (int i = 0; i < 100; i++) {
        int fd = connect_from(0, to);
        if (fd >= 0) {
            close(fd);
            return;
        }
        nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
    }
    die("nothing listens");
}

int
main(int argc, char **argv)
{
    for (int i = 0; argc == 2 && !strcmp(argv[1], "-l") && i < ROW_COUNT; i++)
        printf("%s %s\n", ROWS[i].name, ROWS[i].limits);
    if (argc == 2 && !strcmp(argv[1], "-l"))
        return 0;
    descriptors();
    alarm(180);
    for (int i = 0; argc >= 4 && i < ROW_COUNT; i++) {
        if (strcmp(argv[1], ROWS[i].name) != 0)
            continue;
        unsigned port = (unsigned)strtoul(argv[2], NULL, 10);
        struct sockaddr_in tls = loopback(0, port), plain = loopback(1, port);
        await_server(&plain);
        ROWS[i].run(&tls, &plain, strtol(argv[3], NULL, 10));
        return 0;
    }
    fputs("usage: tls -l | ROW PORT PID\n", stderr);
    return 1;
}
