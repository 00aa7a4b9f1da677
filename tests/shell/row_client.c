/* Clients of all transports. */
#include "row_client.h"

#include "base/mem.h"
#include "proto/ws_frame.h"
#include "ws_client_frame.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#define WS_MOST 8800 /* bytes of a message at most */
#define CALM 4       /* rounds without a byte after which nothing more comes */

const struct row rows[ROWS] = {
    {"plain", LOOPED_PLAIN, NULL, 0, 0, 0},
    {"slow", LOOPED_SLOW, NULL, 0, 0, 0},
    {"greeted", LOOPED_GREETED, "HELLO\n", 0, 0, 0},
    {"framed", LOOPED_FRAMED, NULL, '>', '<', 0},
    {"tls", LOOPED_TLS, NULL, 0, 0, 0},
    {"ws", LOOPED_WS, NULL, 0, 0, WS_TEXT},
    {"ws-binary", LOOPED_WS_BINARY, NULL, 0, 0, WS_BINARY},
    {"wss", LOOPED_WSS, NULL, 0, 0, WS_TEXT},
    {"ws-slow", LOOPED_WS_SLOW, NULL, 0, 0, WS_TEXT},
};

static void
make_handshake(struct row_client *c, const char *address)
{
    if (c->row->listener == LOOPED_TLS || c->row->listener == LOOPED_WSS) {
        c->tls = tls_client_new_at(c->x, c->row->listener, address);
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
row_client_raw(struct row_client *c, const char *bytes, size_t n)
{
    if (c->tls) {
        tls_client_say_bytes(c->tls, bytes, n);
        return;
    }
    CU_ASSERT_FATAL(n < sizeof c->waiting - c->n_waiting);
    memcpy(c->waiting + c->n_waiting, bytes, n);
    c->n_waiting += n;
}

/* Each line is a message, of two frames if its length is odd. */
static void
say_messages(struct row_client *c, const char *lines)
{
    static uint32_t mask = 0xA1B2C3D4;
    char frame[1000 + WS_CLIENT_HEADER];
    unsigned opcode = (unsigned)c->row->opcode;
    for (const char *end; (end = strchr(lines, '\n')) != NULL; lines = end + 1) {
        size_t n = (size_t)(end - lines) - (end > lines && end[-1] == '\r');
        size_t first = n % 2 ? n / 3 : 0;
        CU_ASSERT_FATAL(n < 1000);
        mask = mask * 1103515245u + 12345u;
        if (first > 0)
            row_client_raw(c, frame,
                           ws_client_frame(frame, opcode, lines, first, mask));
        row_client_raw(c, frame,
                       ws_client_frame(frame, 0x80 | (first > 0 ? 0 : opcode),
                                       lines + first, n - first, mask + 1));
    }
}

void
row_client_say(struct row_client *c, const char *lines)
{
    if (c->row->opcode) {
        say_messages(c, lines);
        return;
    }
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

/* Takes one frame of the server. */
static void
take_server_frame(struct row_client *c, unsigned first, const char *payload, size_t n)
{
    const unsigned char *b = (const unsigned char *)payload;
    CU_ASSERT_FATAL(n + 2 < sizeof c->got - c->n);
    if (first == (0x80u | WS_CLOSE)) {
        c->closed = n >= 2 ? b[0] << 8 | b[1] : 1;
        snprintf(c->said, sizeof c->said, "%.*s", n > 2 ? (int)n - 2 : 0, payload + 2);
    } else if (first == (0x80u | WS_PONG)) {
        c->pongs++;
        snprintf(c->said, sizeof c->said, "%.*s", (int)n, payload);
    } else {
        EQUAL_NUMBER(first, 0x80u | (unsigned)c->row->opcode);
        memcpy(c->got + c->n, payload, n);
        memcpy(c->got + c->n + n, "\r\n", 2);
        c->n += n + 2;
    }
}

static void
take_server_frames(struct row_client *c)
{
    const unsigned char *b = (unsigned char *)c->raw;
    size_t at = 0;
    while (c->closed == 0 && c->n_raw - at >= 2) {
        size_t header = b[at + 1] < 126 ? 2 : 4;
        if (c->n_raw - at < header)
            break;
        size_t n = header == 2 ? b[at + 1] : b[at + 2] * 256u + b[at + 3];
        if (b[at + 1] > 126 || (header == 4 && n < 126) || n > WS_MOST)
            c->closed = -1;
        if (c->closed || c->n_raw - at < header + n)
            break;
        take_server_frame(c, b[at], c->raw + at + header, n);
        at += header + n;
    }
    c->n_raw -= at;
    memmove(c->raw, c->raw + at, c->n_raw);
}

static void
take_raw(struct row_client *c, const char *bytes, size_t n)
{
    CU_ASSERT_FATAL(n <= sizeof c->raw - c->n_raw);
    memcpy(c->raw + c->n_raw, bytes, n);
    c->n_raw += n;
    take_server_frames(c);
    if (c->closed)
        c->n_raw = 0; /* the slow transport says one more word */
}

static void
read_wss(struct row_client *c)
{
    c->ended = tls_client_read(c->tls) == NULL;
    for (size_t at = 0, part; at < c->tls->n; at += part) {
        part = c->tls->n - at < 4096 ? c->tls->n - at : 4096;
        take_raw(c, c->tls->got + at, part);
    }
    c->tls->n = 0;
}

static void
read_ws(struct row_client *c)
{
    char bytes[4096];
    ssize_t n;
    while ((n = recv(c->fd, bytes, sizeof bytes, 0)) > 0)
        take_raw(c, bytes, (size_t)n);
    c->ended = c->ended || n == 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
}

const char *
row_client_read(struct row_client *c)
{
    const char *bytes = "";
    if (c->tls)
        (c->row->opcode ? read_wss : read_tls)(c);
    else if (c->row->opcode)
        read_ws(c);
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
