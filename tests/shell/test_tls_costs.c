/* What TLS costs the server: memory, as STATS z tells it, and input that brings no
 * data. */
#include "tls_client.h"

#include "../../src/net/conn.h"
#include "base/mem.h"
#include "received.h"
#include "state/shell.h"

#include <malloc.h>
#include <openssl/crypto.h>
#include <sys/socket.h>
#include <unistd.h>

static const char login[] = "NICK ann\r\nUSER ann 0 * :Ann\r\n";

/* --- memory --- */

static size_t live; /* bytes of the blocks of OpenSSL */
static bool counts; /* OpenSSL allocates by the functions below */

static size_t
block_of(void *p)
{
    return p ? mem_block(malloc_usable_size(p)) : 0;
}

static void *
allocate_counted(size_t n, const char *file, int line)
{
    (void)file, (void)line;
    void *p = malloc(n);
    live += block_of(p);
    return p;
}

static void *
move_counted(void *old, size_t n, const char *file, int line)
{
    (void)file, (void)line;
    live -= block_of(old);
    void *p = realloc(old, n);
    live += block_of(p);
    return p;
}

static void
free_counted(void *p, const char *file, int line)
{
    (void)file, (void)line;
    live -= block_of(p);
    free(p);
}

/* OpenSSL takes the functions only before it allocates anything. */
__attribute__((constructor)) static void
count_from_the_start(void)
{
    counts =
        CRYPTO_set_mem_functions(allocate_counted, move_counted, free_counted) == 1;
}

static struct shell_memory
memory_now(const struct looped *x)
{
    struct shell_memory m;
    loop_memory(x->loop, &m);
    return m;
}

/* Whether a figure of the census is at most an eighth away from what was counted. */
static bool
is_near(size_t told, size_t counted)
{
    if (counted * 7 / 8 <= told && told <= counted * 9 / 8)
        return true;
    fprintf(stderr, "told %zu, counted %zu\n", told, counted);
    return false;
}

static struct looped *
begin_looped(void)
{
    struct looped *x = looped_new("limits { per_host = 99 connect_rate = \"99/1s\" }");
    looped_use_tls(x, "database { path = '' }");
    return x;
}

/* The first connection, which makes what OpenSSL keeps for all. */
static void
connect_once(struct looped *x)
{
    struct tls_client *c = tls_client_new(x, "192.0.2.9");
    CU_ASSERT_FATAL(tls_client_connect(c));
    tls_client_ask(c, "QUIT\r\n");
    tls_client_free(c);
    looped_turns(x, 2);
    EQUAL_NUMBER(memory_now(x).connections.n, 0);
    EQUAL_NUMBER(memory_now(x).connections.bytes, 0);
}

static void
a_connection_is_told_with_the_memory_of_openssl(void)
{
    struct looped *x = begin_looped();
    CU_ASSERT_FATAL(counts);
    connect_once(x);
    size_t before = live;
    struct tls_client *c = tls_client_new(x, "192.0.2.1");
    looped_turn(x);
    EQUAL_NUMBER(memory_now(x).connections.n, 1);
    CU_ASSERT(memory_now(x).connections.bytes < 1000); /* no byte has come */
    CU_ASSERT_FATAL(tls_client_connect(c));
    tls_client_ask(c, login);
    SSL_free(c->ssl); /* what is left is the server's */
    SSL_CTX_free(c->context);
    EQUAL_NUMBER(memory_now(x).connections.n, 1);
    EQUAL_NUMBER(memory_now(x).handshakes.n, 0);
    CU_ASSERT(is_near(memory_now(x).connections.bytes, live - before));
    c->ssl = NULL;
    c->context = NULL;
    tls_client_free(c);
    looped_turns(x, 2);
    EQUAL_NUMBER(memory_now(x).connections.n, 0);
    EQUAL_NUMBER(memory_now(x).connections.bytes, 0);
    looped_free(x);
}

static void
a_handshake_is_told_while_it_lasts(void)
{
    struct looped *x = begin_looped();
    connect_once(x);
    struct tls_client *c = tls_client_new(x, "192.0.2.1");
    tls_client_handshake(c);
    size_t before = live;
    EQUAL_NUMBER(memory_now(x).handshakes.n, 0);
    tls_client_send(c, SIZE_MAX);
    looped_turns(x, 2);
    EQUAL_NUMBER(memory_now(x).handshakes.n, 1);
    CU_ASSERT(is_near(memory_now(x).handshakes.bytes, live - before));
    CU_ASSERT_FATAL(tls_client_connect(c));
    EQUAL_NUMBER(memory_now(x).handshakes.n, 0);
    EQUAL_NUMBER(memory_now(x).handshakes.bytes, 0);
    tls_client_free(c);
    looped_free(x);
}

static void
half_a_record_is_told_until_the_rest_comes(void)
{
    struct looped *x = begin_looped();
    struct tls_client *c = tls_client_registered(x, "192.0.2.1");
    tls_client_say(c, "PING :one\r\n");
    size_t before = live;
    tls_client_send(c, 9);
    looped_turns(x, 2);
    EQUAL_NUMBER(memory_now(x).parts.n, 1);
    CU_ASSERT(is_near(memory_now(x).parts.bytes, live - before));
    tls_client_send(c, SIZE_MAX);
    looped_turns(x, 2);
    EQUAL_NUMBER(memory_now(x).parts.n, 0);
    EQUAL_NUMBER(memory_now(x).parts.bytes, 0);
    CU_ASSERT(live - before < 1000);
    tls_client_free(c);
    looped_free(x);
}

/* --- input without data --- */

/* Makes turns in which one byte comes each, of text or else of what c has encrypted.
 * Returns their number, and adds to *more the calls of recv beyond one a turn. */
static int
count_calls(struct tls_client *c, int fd, const char *text, int *more)
{
    for (int turns = 0;; turns++) {
        bool sent = text ? text[turns] && send(fd, text + turns, 1, 0) == 1
                         : tls_client_send(c, 1) == 1;
        if (!sent)
            return turns;
        unsigned before = received_calls();
        looped_turn(c->x);
        *more += (int)(received_calls() - before) - 1;
    }
}

/* A byte of a record takes the server no more calls than a byte of plain text. */
static void
one_byte_is_one_call_as_in_plain_text(void)
{
    struct looped *x = begin_looped();
    struct tls_client *c = tls_client_registered(x, "192.0.2.1");
    int more = 0;
    int fd = looped_connect(x, LOOPED_PLAIN, "192.0.2.2");
    looped_turns(x, 2);
    EQUAL_NUMBER(count_calls(c, fd, "PING :plain text, byte by byte\r\n", &more), 32);
    EQUAL_NUMBER(more, 0);
    tls_client_say(c, "PING :ok\r\n");
    CU_ASSERT(count_calls(c, -1, NULL, &more) > 30);
    EQUAL_NUMBER(more, 0);
    looped_turns(x, 2);
    CONTAINS(tls_client_read(c), "ok\r\n");
    close(fd);
    tls_client_free(c);
    looped_free(x);
}

/* Sends records without data, one a turn, until the client is ended. Returns how
 * many; -1: it is not ended. */
static int
send_empty_records(struct tls_client *c)
{
    static const char change_cipher_spec[] = "\x14\x03\x03\x00\x01\x01";
    for (int sent = 1; sent < 200; sent++) {
        send(c->fd, change_cipher_spec, sizeof change_cipher_spec - 1, MSG_NOSIGNAL);
        looped_turns(c->x, 2);
        if (session_count(c->x->srv) == 0)
            return sent;
    }
    return -1;
}

/* RFC 8446 5: such a record is ignored within the handshake, and forbidden after it.
 * OpenSSL ignores 32 of them. */
static void
records_without_data_end_the_client(void)
{
    struct looped *x = begin_looped();
    struct tls_client *c = tls_client_registered(x, "192.0.2.1");
    EQUAL_NUMBER(send_empty_records(c), 1);
    tls_client_free(c);
    c = tls_client_new(x, "192.0.2.1");
    tls_client_handshake(c);
    tls_client_send(c, SIZE_MAX);
    looped_turns(x, 2);
    EQUAL_NUMBER(send_empty_records(c), 33);
    tls_client_free(c);
    looped_free(x);
}

SUITE(tls_costs)
{
    TEST(a_connection_is_told_with_the_memory_of_openssl);
    TEST(a_handshake_is_told_while_it_lasts);
    TEST(half_a_record_is_told_until_the_rest_comes);
    TEST(one_byte_is_one_call_as_in_plain_text);
    TEST(records_without_data_end_the_client);
}
