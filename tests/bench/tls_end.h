/* A connection of a generator, over TLS or plain. It blocks until it is registered.
 * Each function ends the program with a sentence if the server does not answer. */
#ifndef BENCH_TLS_END_H
#define BENCH_TLS_END_H

#include "measure.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <string.h>

enum { END_TEXT = 8192 };

struct tls_end {
    int fd;
    SSL *ssl; /* NULL: plain */
};

static inline SSL_CTX *
client_context(void)
{
    SSL_CTX *x = SSL_CTX_new(TLS_client_method());
    if (x == NULL || SSL_CTX_set_min_proto_version(x, TLS1_3_VERSION) != 1)
        die("no context");
    SSL_CTX_set_mode(x, SSL_MODE_RELEASE_BUFFERS);
    return x;
}

/* At each state of a handshake: else a server that writes its part in pieces waits 40 ms
 * for the acknowledgement of the first. */
static inline void
acknowledge_at_once(const SSL *ssl, int where, int result)
{
    int on = 1;
    (void)where, (void)result;
    setsockopt(SSL_get_fd(ssl), IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
}

/* A connection from 127.0.0.1 + host, after its handshake. x: NULL: plain. */
static inline struct tls_end
connect_end(SSL_CTX *x, uint32_t host, const struct sockaddr_in *to)
{
    struct tls_end e = {.fd = connect_from(host, to)};
    if (e.fd < 0 || fcntl(e.fd, F_SETFL, 0) != 0)
        die("cannot connect: %s", strerror(errno));
    if (x == NULL)
        return e;
    e.ssl = SSL_new(x);
    if (e.ssl == NULL || SSL_set_fd(e.ssl, e.fd) != 1)
        die("no memory");
    SSL_set_info_callback(e.ssl, acknowledge_at_once);
    if (SSL_connect(e.ssl) != 1)
        die("no handshake: %s", ERR_reason_error_string(ERR_peek_error()));
    SSL_set_info_callback(e.ssl, NULL);
    return e;
}

static inline void
close_end(struct tls_end *e)
{
    SSL_free(e->ssl);
    close(e->fd);
}

static inline void
write_end(struct tls_end *e, const char *text, size_t n)
{
    ssize_t done =
        e->ssl ? SSL_write(e->ssl, text, (int)n) : send(e->fd, text, n, MSG_NOSIGNAL);
    if (done != (ssize_t)n)
        die("cannot write");
}

/* At least one byte, or what recv returns. */
static inline ssize_t
read_end(struct tls_end *e, char *bytes, size_t size)
{
    return e->ssl ? SSL_read(e->ssl, bytes, (int)size) : recv(e->fd, bytes, size, 0);
}

/* Reads until the text has come; the answer may be long. */
static inline void
await_text(struct tls_end *e, const char *wanted)
{
    char text[END_TEXT] = "";
    for (size_t all = 0; strstr(text, wanted) == NULL;) {
        if (all > sizeof text / 2) { /* the text may lie across two reads */
            memmove(text, text + all - strlen(wanted), strlen(wanted));
            all = strlen(wanted);
        }
        ssize_t n = read_end(e, text + all, sizeof text - 1 - all);
        if (n <= 0)
            die("a client waits for \"%s\" and gets: %.200s", wanted, text);
        all += (size_t)n;
        text[all] = '\0';
    }
}

/* Begins to register, as letter and number; await_text(" 422 ") ends it. A server may
 * answer only once a second, so many should register together. */
static inline void
begin_register(struct tls_end *e, char letter, unsigned number)
{
    char text[64];
    int n = snprintf(text, sizeof text, "NICK %c%05u\r\nUSER %c 0 * :%c\r\n", letter,
                     number, letter, letter);
    write_end(e, text, (size_t)n);
}

#endif
