/* Clients of all transports. */
#include "row_client.h"

#include "base/mem.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#define CALM 4 /* rounds without a byte after which nothing more comes */

const struct row rows[ROWS] = {
    {"plain", LOOPED_PLAIN, NULL, 0, 0},
    {"slow", LOOPED_SLOW, NULL, 0, 0},
    {"greeted", LOOPED_GREETED, "HELLO\n", 0, 0},
    {"framed", LOOPED_FRAMED, NULL, '>', '<'},
    {"tls", LOOPED_TLS, NULL, 0, 0},
};

static void
make_handshake(struct row_client *c, const char *address)
{
    if (c->row->listener == LOOPED_TLS) {
        c->tls = tls_client_new(c->x, address);
        c->fd = c->tls->fd;
        CU_ASSERT_FATAL(tls_client_connect(c->tls));
        return;
    }
    c->fd = looped_connect(c->x, c->row->listener, address);
    if (c->row->hello == NULL)
        return;
    looped_send(c->fd, c->row->hello);
    looped_turns(c->x, 4);
    EQUAL_TEXT(looped_read(c->x, c->fd), "WELCOME\n");
}

struct row_client *
row_client_new(struct looped *x, const struct row *row, const char *address)
{
    struct row_client *c = xcalloc(1, sizeof *c);
    c->x = x;
    c->row = row;
    make_handshake(c, address);
    return c;
}

void
row_client_free(struct row_client *c)
{
    if (c->tls)
        tls_client_free(c->tls);
    else
        close(c->fd);
    free(c);
}

void
row_client_say(struct row_client *c, const char *lines)
{
    if (c->tls) {
        tls_client_say(c->tls, lines);
        return;
    }
    bool begins = true;
    for (; *lines; lines++) {
        CU_ASSERT_FATAL(c->n_waiting + 2 < sizeof c->waiting);
        if (begins && c->row->mark_in)
            c->waiting[c->n_waiting++] = c->row->mark_in;
        c->waiting[c->n_waiting++] = *lines;
        begins = *lines == '\n';
    }
}

size_t
row_client_send(struct row_client *c, size_t most)
{
    if (c->tls)
        return tls_client_send(c->tls, most);
    size_t left = c->n_waiting - c->at;
    ssize_t n =
        left ? send(c->fd, c->waiting + c->at, left < most ? left : most, MSG_NOSIGNAL)
             : 0;
    if (n <= 0)
        return 0;
    c->at += (size_t)n;
    if (c->at == c->n_waiting)
        c->at = c->n_waiting = 0;
    return (size_t)n;
}

static void
read_tls(struct row_client *c)
{
    c->ended = tls_client_read(c->tls) == NULL;
    c->n = c->tls->n;
    memcpy(c->got, c->tls->got, c->n);
}

/* Removes the marks, and the last words of the slow rows. */
static void
take_text(struct row_client *c, const char *bytes)
{
    for (; *bytes; bytes++) {
        bool begins = c->n == 0 || c->got[c->n - 1] == '\n';
        if (begins && (strcmp(bytes, "BYE\n") == 0 || strcmp(bytes, "END\n") == 0))
            return;
        if (begins && c->row->mark_out && *bytes == c->row->mark_out)
            continue;
        CU_ASSERT_FATAL(c->n < sizeof c->got - 1);
        c->got[c->n++] = *bytes;
    }
}

const char *
row_client_read(struct row_client *c)
{
    const char *bytes = "";
    if (c->tls)
        read_tls(c);
    else
        while ((bytes = looped_read(c->x, c->fd)) != NULL && *bytes)
            take_text(c, bytes);
    c->ended = c->ended || bytes == NULL;
    c->got[c->n] = '\0';
    return c->got;
}

const char *
row_client_settle(struct row_client *c)
{
    for (int calm = 0; calm < CALM;) {
        size_t before = c->n, sent = row_client_send(c, SIZE_MAX);
        looped_turns(c->x, 3);
        row_client_read(c);
        calm = sent > 0 || c->n > before ? 0 : calm + 1;
    }
    return c->got;
}

void
row_client_half_close(struct row_client *c)
{
    if (c->tls)
        SSL_shutdown(c->tls->ssl);
    while (row_client_send(c, SIZE_MAX) > 0)
        looped_turn(c->x);
    CU_ASSERT(shutdown(c->fd, SHUT_WR) == 0);
}
