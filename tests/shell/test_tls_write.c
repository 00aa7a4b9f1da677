/* Writes over TLS that the socket does not take: no byte may be lost. */
#include "tls_client.h"

#include "../../src/net/conn_state.h"
#include "box.h"
#include "state/client_end.h"
#include "state/out.h"

#include <sys/socket.h>

static const char crowd[] =
    "limits { per_host = 9999 per_network = 9999 unregistered_per_host = 9999 "
    "connect_rate = \"9999/1s\" }\nflood { burst = 9999 }";
static const char login[] = "NICK ann\r\nUSER ann 0 * :Ann\r\n";

static struct looped *
begin_looped(const char *config)
{
    struct looped *x = looped_new(config);
    looped_use_tls(x, "database { path = '' }");
    return x;
}

/* Connects and registers ann, with a socket of the server that takes few bytes at
 * once. */
static struct client *
connect_narrow(struct looped *x, struct tls_client *c)
{
    CU_ASSERT_FATAL(tls_client_connect(c));
    tls_client_ask(c, login);
    c->n = 0;
    struct client *client = looped_registered(x);
    const struct conn *conn = session_conn(client);
    int bytes = 4608;
    CU_ASSERT(setsockopt(conn->io.fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes) ==
              0);
    return client;
}

/* Queues numbered notices for ann, from number `said` on. Returns the next number. */
static int
queue_notices(struct looped *x, struct client *client, int said, int n)
{
    for (int end = said + n; said < end; said++)
        out_line(x->srv, client, ":test NOTICE ann :%08d", said);
    return said;
}

/* Takes turns and reads until all has come. Returns how many notices came, from the
 * first number on without a gap; other lines are left out. */
static int
count_notices(struct looped *x, struct tls_client *c)
{
    char want[64];
    int seen = 0;
    for (int i = 0; i < 400; i++) {
        tls_client_read(c);
        looped_turn(x);
    }
    for (const char *at = c->got; *at; at = strstr(at, "\r\n") + 2) {
        snprintf(want, sizeof want, ":test NOTICE ann :%08d\r\n", seen);
        if (strncmp(at, want, strlen(want)) == 0)
            seen++;
        else if (strncmp(at, ":test NOTICE ", 13) == 0)
            return seen;
        if (strstr(at, "\r\n") == NULL)
            return seen;
    }
    return seen;
}

/* The client does not read for a while; small buffers make half records certain. */
static void
a_blocked_write_goes_on_without_a_lost_byte(void)
{
    struct looped *x = begin_looped(crowd);
    struct tls_client *c = tls_client_new(x, "192.0.2.1");
    struct client *client = connect_narrow(x, c);
    int said = 0, blocked = 0;
    for (int round = 0; round < 60; round++) {
        said = queue_notices(x, client, said, 150);
        looped_turn(x);
        blocked += session_sendq(client)->bytes > 16384;
        if (round % 7 == 6)
            tls_client_read(c);
    }
    CU_ASSERT(blocked > 20);
    EQUAL_NUMBER(count_notices(x, c), said);
    EQUAL_NUMBER(session_sendq(client)->bytes, 0);
    tls_client_free(c);
    looped_free(x);
}

/* OpenSSL 3.0 cannot answer a KeyUpdate while a record waits, so the client asks for
 * none then. */
static void
a_new_key_during_a_blocked_write_loses_no_byte(void)
{
    struct looped *x = begin_looped(crowd);
    struct tls_client *c = tls_client_new(x, "192.0.2.1");
    struct client *client = connect_narrow(x, c);
    int said = 0, blocked = 0;
    for (int round = 0; round < 30; round++) {
        said = queue_notices(x, client, said, 250);
        looped_turn(x);
        bool waits = session_sendq(client)->bytes > 0;
        int kind = waits ? SSL_KEY_UPDATE_NOT_REQUESTED : SSL_KEY_UPDATE_REQUESTED;
        CU_ASSERT_FATAL(SSL_key_update(c->ssl, kind) == 1);
        tls_client_say(c, "PING :new\r\n");
        tls_client_send(c, SIZE_MAX);
        looped_turns(x, 2);
        blocked += session_sendq(client)->bytes > 16384;
        if (round % 7 == 6)
            tls_client_read(c);
    }
    CU_ASSERT(blocked > 10);
    EQUAL_NUMBER(count_notices(x, c), said);
    EQUAL_NUMBER(session_count(x->srv), 1);
    CONTAINS(c->got, " PONG ");
    tls_client_free(c);
    looped_free(x);
}

static void
a_client_that_is_killed_while_a_record_waits_is_closed(void)
{
    struct looped *x = begin_looped(crowd);
    struct tls_client *c = tls_client_registered(x, "192.0.2.1");
    struct client *client = looped_registered(x);
    for (int i = 0; i < 12000; i++)
        out_line(x->srv, client, ":test NOTICE ann :%060d", i);
    looped_turns(x, 3);
    CU_ASSERT(session_sendq(client)->bytes > 0);
    client_kill(x->srv, client, END_KILL, "enough");
    looped_turns(x, 3);
    EQUAL_NUMBER(session_count(x->srv), 0);
    tls_client_free(c);
    looped_free(x);
}

/* The server's part of the handshake is larger than what its socket takes. */
static void
a_handshake_waits_for_a_socket_that_takes_no_more(void)
{
    struct box b;
    struct looped *x = looped_new(NULL);
    char certificate[100], key[100], config[400], text[8192];
    box_init(&b);
    snprintf(certificate, sizeof certificate, "%s/c.pem", b.dir);
    snprintf(key, sizeof key, "%s/k.pem", b.dir);
    snprintf(config, sizeof config, "tls a.b { certificate = '%s' key = '%s' }",
             certificate, key);
    pem_write(&(struct pem_wish){.until = 9, .rsa = 4096}, certificate, key);
    FILE *f = fopen(certificate, "r+");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    size_t n = fread(text, 1, sizeof text, f);
    fseek(f, 0, SEEK_END);
    for (int i = 0; i < 16; i++) /* a chain of 20 KB */
        fwrite(text, 1, n, f);
    fclose(f);
    looped_use_tls(x, config);
    struct tls_client *c = tls_client_new(x, "192.0.2.1");
    const struct conn *conn = session_conn(looped_client(x));
    int bytes = 4608, rounds = 0;
    CU_ASSERT(setsockopt(conn->io.fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes) ==
              0);
    tls_client_handshake(c);
    tls_client_send(c, SIZE_MAX);
    looped_turns(x, 4);
    CU_ASSERT(conn->io.events & EV_WRITE);
    CU_ASSERT(!ev_is_active(&x->loop->unwritten)); /* it does not spin */
    while (!tls_client_connect(c) && rounds < 10)
        rounds++;
    CU_ASSERT(SSL_is_init_finished(c->ssl));
    CONTAINS(tls_client_ask(c, login), " 001 ann ");
    EQUAL_NUMBER(x->loop->under_way, 0);
    tls_client_free(c);
    looped_free(x);
    box_clear(&b);
}

SUITE(tls_write)
{
    TEST(a_handshake_waits_for_a_socket_that_takes_no_more);
    TEST(a_blocked_write_goes_on_without_a_lost_byte);
    TEST(a_new_key_during_a_blocked_write_loses_no_byte);
    TEST(a_client_that_is_killed_while_a_record_waits_is_closed);
}
