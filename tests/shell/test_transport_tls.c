/* TLS behind the real loop: records cut anywhere, and clients that misuse it. */
#include "tls_client.h"

#include "../../src/net/conn.h"
#include "../../src/net/conn_state.h"
#include "../../src/net/tls_file.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

/* No file: the certificate of irc.localhost is in memory. */
static const char in_memory[] = "database { path = '' }";
static const char crowd[] =
    "limits { per_host = 9999 per_network = 9999 unregistered_per_host = 9999 "
    "connect_rate = \"9999/1s\" }\nflood { burst = 9999 }";
static const char login[] = "NICK ann\r\nUSER ann 0 * :Ann\r\n";

static struct looped *
begin_looped(const char *config)
{
    struct looped *x = looped_new(config);
    looped_use_tls(x, in_memory);
    return x;
}

static void
a_client_registers_over_tls_and_is_secure(void)
{
    struct looped *x = begin_looped(NULL);
    struct tls_client *c = tls_client_new(x, "192.0.2.1");
    struct connection_info info;
    tls_client_name(c, "IRC.localhost");
    CU_ASSERT_FATAL(tls_client_connect(c));
    session_info(looped_client(x), &info);
    CU_ASSERT(info.secure);
    EQUAL_TEXT(info.sni, "irc.localhost");
    CU_ASSERT_PTR_NULL(info.certfp);
    CONTAINS(tls_client_ask(c, login), " 001 ann ");
    EQUAL_NUMBER(x->loop->under_way, 0);
    CU_ASSERT(list_empty(&x->loop->in_handshake));
    CONTAINS(tls_client_ask(c, "QUIT\r\n"), "ERROR :Closing Link");
    CU_ASSERT(SSL_get_shutdown(c->ssl) & SSL_RECEIVED_SHUTDOWN);
    tls_client_free(c);
    looped_free(x);
}

static void
the_fingerprint_of_a_client_certificate_is_a_fact(void)
{
    struct looped *x = begin_looped(NULL);
    struct tls_client *c = tls_client_new(x, "192.0.2.1");
    struct connection_info info;
    char want[TLS_FINGERPRINT];
    X509 *certificate;
    EVP_PKEY *key;
    pem_make(&(struct pem_wish){.name = "ann", .until = -1}, &certificate, &key);
    CU_ASSERT_FATAL(SSL_use_certificate(c->ssl, certificate) == 1 &&
                    SSL_use_PrivateKey(c->ssl, key) == 1);
    CU_ASSERT_FATAL(tls_client_connect(c) && tls_fingerprint_of(certificate, want));
    session_info(looped_client(x), &info);
    EQUAL_NUMBER(strlen(want), 64);
    EQUAL_TEXT(info.certfp, want);
    CU_ASSERT_PTR_NULL(info.sni);
    X509_free(certificate);
    EVP_PKEY_free(key);
    tls_client_free(c);
    looped_free(x);
}

/* The same lines in one write, or one byte of the encrypted stream a turn. */
static void
bytes_may_come_one_at_a_time(void)
{
    struct looped *x = begin_looped(crowd);
    struct tls_client *c = tls_client_new(x, "192.0.2.1");
    for (int i = 0; i < 3; i++) {
        tls_client_handshake(c);
        while (tls_client_send(c, 1) == 1) {
            looped_turn(x);
            CU_ASSERT_FATAL(!ev_is_active(&x->loop->unwritten) ||
                            !list_empty(&x->loop->handshakes));
        }
        looped_turns(x, 2);
    }
    tls_client_say(c, login);
    while (tls_client_send(c, 1) == 1) {
        looped_turn(x);
        CU_ASSERT(!ev_is_active(&x->loop->unwritten)); /* half a record: no spin */
    }
    looped_turns(x, 3);
    CONTAINS(tls_client_read(c), " 001 ann ");
    tls_client_free(c);
    looped_free(x);
}

/* More bytes than one read takes, in one segment: the rest is inside OpenSSL and raises
 * no event. */
static void
bytes_inside_openssl_are_read_in_the_next_turn(void)
{
    struct looped *x = begin_looped(crowd);
    struct tls_client *c = tls_client_registered(x, "192.0.2.1");
    char pings[12001] = "";
    for (size_t i = 0; i < sizeof pings / 12; i++)
        snprintf(pings + 12 * i, 13, "PING %05zu\r\n", i);
    tls_client_say(c, pings); /* 12,000 bytes, and a record of which 4,384 still fit */
    snprintf(pings + 4992, 12, "PING :end\r\n");
    tls_client_say(c, pings);
    while (tls_client_send(c, SIZE_MAX) > 0)
        ;
    looped_turns(x, 40);
    CONTAINS(tls_client_read(c), "end\r\n");
    CU_ASSERT(!ev_is_active(&x->loop->unwritten));
    tls_client_free(c);
    looped_free(x);
}

/* It keeps a buffer of the server, also if single bytes still come. */
static void
half_a_record_has_a_deadline(void)
{
    struct looped *x = begin_looped(crowd);
    struct tls_client *c = tls_client_registered(x, "192.0.2.1");
    CU_ASSERT(list_empty(&x->loop->in_part));
    tls_client_say(c, "PING :one\r\n");
    tls_client_send(c, 9);
    looped_turns(x, 2);
    CU_ASSERT(!list_empty(&x->loop->in_part));
    x->loop->now += 59000;
    tls_client_send(c, SIZE_MAX); /* the rest, and half of another one */
    tls_client_say(c, "PING :two\r\n");
    tls_client_send(c, 9);
    looped_turns(x, 2);
    CONTAINS(tls_client_read(c), "one\r\n");
    msec since = LIST_ENTRY(x->loop->in_part.next, struct conn_kept, deadline)->since;
    tls_client_send(c, 1);
    looped_turns(x, 2);
    x->loop->now = since + 59999;
    EQUAL_NUMBER(conn_expire(x->loop, 1000), 1);
    EQUAL_NUMBER(session_count(x->srv), 1);
    x->loop->now = since + 60000;
    EQUAL_NUMBER(conn_expire(x->loop, 1000), 1000);
    looped_turns(x, 2);
    EQUAL_NUMBER(session_count(x->srv), 0);
    CONTAINS(x->world->logged, "Half of a record timed out");
    tls_client_free(c);
    looped_free(x);
}

/* Many clients send their first lines in the packet that ends the handshake. */
static void
lines_that_come_with_the_end_of_the_handshake_are_read(void)
{
    struct looped *x = begin_looped(NULL);
    struct tls_client *c = tls_client_new(x, "192.0.2.1");
    tls_client_handshake(c);
    tls_client_send(c, SIZE_MAX);
    looped_turns(x, 3);
    CU_ASSERT_FATAL(tls_client_handshake(c));
    tls_client_say(c, login);
    tls_client_send(c, SIZE_MAX);
    looped_turns(x, 4);
    CONTAINS(tls_client_read(c), " 001 ann ");
    tls_client_free(c);
    looped_free(x);
}

/* A good record and a broken one together: the client ends, although the socket has no
 * more bytes. */
static void
a_broken_record_behind_a_good_one_ends_the_client(void)
{
    struct looped *x = begin_looped(NULL);
    struct tls_client *c = tls_client_registered(x, "192.0.2.1");
    char bytes[4096];
    tls_client_say(c, "PING :first\r\n");
    int n = BIO_read(c->out, bytes, sizeof bytes);
    tls_client_say(c, "PING :second\r\n");
    int m = BIO_read(c->out, bytes + n, (int)sizeof bytes - n);
    bytes[n + m - 1] ^= 1;
    CU_ASSERT_FATAL(send(c->fd, bytes, (size_t)(n + m), 0) == n + m);
    looped_turns(x, 4);
    tls_client_read(c);
    EQUAL_NUMBER(c->alert, SSL_AD_BAD_RECORD_MAC);
    EQUAL_NUMBER(session_count(x->srv), 0);
    CONTAINS(x->world->logged, "error: decryption failed or bad record mac");
    tls_client_free(c);
    looped_free(x);
}

/* A good record, half of another one, and a reset: the error of the socket is told in
 * the next turn. */
static void
a_reset_behind_a_record_is_told_by_its_error(void)
{
    struct looped *x = begin_looped(NULL);
    struct tls_client *c = tls_client_registered(x, "192.0.2.1");
    tls_client_say(c, "PING :unread\r\n");
    tls_client_send(c, SIZE_MAX);
    looped_turns(x, 2);
    tls_client_say(c, "PONG :last\r\n");
    tls_client_send(c, SIZE_MAX);
    tls_client_say(c, "PING :half\r\n");
    tls_client_send(c, 9);
    close(c->fd); /* with unread bytes: a reset */
    c->fd = -1;
    looped_turn(x);
    errno = EAGAIN;
    looped_turns(x, 3);
    EQUAL_NUMBER(session_count(x->srv), 0);
    CONTAINS(x->world->logged, "error: Connection reset by peer");
    tls_client_free(c);
    looped_free(x);
}

/* A client that says the end of its stream and waits for the server's. */
static void
the_end_of_tls_is_the_end_of_the_client(void)
{
    struct looped *x = begin_looped(NULL);
    struct tls_client *c = tls_client_new(x, "192.0.2.1");
    CU_ASSERT_FATAL(tls_client_connect(c));
    tls_client_say(c, login);
    SSL_shutdown(c->ssl);
    tls_client_send(c, SIZE_MAX);
    looped_turns(x, 4);
    EQUAL_NUMBER(session_count(x->srv), 0);
    tls_client_read(c);
    CU_ASSERT(SSL_get_shutdown(c->ssl) & SSL_RECEIVED_SHUTDOWN);
    tls_client_free(c);
    looped_free(x);
}

static void
plain_text_is_answered_by_one_sentence(void)
{
    struct looped *x = begin_looped(NULL);
    int fd = looped_connect(x, LOOPED_TLS, "192.0.2.1");
    looped_send(fd, login);
    looped_turns(x, 3);
    EQUAL_TEXT(looped_read(x, fd),
               "ERROR :Closing Link: (This port speaks TLS only)\r\n");
    CU_ASSERT_PTR_NULL(looped_read(x, fd));
    CONTAINS(x->world->logged,
             "event=tls-failed host=192.0.2.1 why=\"plain text on a TLS port\"");
    EQUAL_NUMBER(session_count(x->srv), 0);
    EQUAL_NUMBER(x->loop->under_way, 0);
    close(fd);
    looped_free(x);
}

/* The words of OpenSSL leave open which side refused which certificate. */
static void
a_client_that_refuses_the_certificate_is_logged_as_one(void)
{
    struct looped *x = begin_looped(NULL);
    struct tls_client *c = tls_client_new(x, "192.0.2.1");
    SSL_set_verify(c->ssl, SSL_VERIFY_PEER, NULL);
    CU_ASSERT_FALSE(tls_client_connect(c));
    looped_turns(x, 2);
    CONTAINS(x->world->logged,
             "event=tls-failed host=192.0.2.1 why=\"the client refuses the certificate "
             "of the server: its authority is unknown, or the chain lacks a "
             "certificate\"");
    tls_client_free(c);
    looped_free(x);
}

static void
tls_on_a_plain_port_is_closed_and_logged(void)
{
    struct looped *x = begin_looped(NULL);
    int fd = looped_connect(x, LOOPED_PLAIN, "192.0.2.1");
    CU_ASSERT_FATAL(send(fd, "\x16\x03\x01\x00\xc8\x01", 6, 0) == 6);
    looped_turns(x, 2);
    CU_ASSERT_PTR_NULL(looped_read(x, fd));
    CONTAINS(x->world->logged, "event=tls-on-plain-port host=192.0.2.1 listen=test");
    close(fd);
    looped_free(x);
}

static void
tls_inside_of_tls_is_closed_and_logged(void)
{
    struct looped *x = begin_looped(NULL);
    struct tls_client *c = tls_client_new(x, "192.0.2.1");
    CU_ASSERT_FATAL(tls_client_connect(c));
    EQUAL_TEXT(tls_client_ask(c, "\x16\x03\x01\x01\xc8\x01"), "");
    EQUAL_NUMBER(session_count(x->srv), 0);
    CONTAINS(x->world->logged,
             "event=tls-failed host=192.0.2.1 why=\"TLS inside of TLS\"");
    CU_ASSERT_PTR_NULL(strstr(x->world->logged, "tls-on-plain-port"));
    tls_client_free(c);
    looped_free(x);
}

/* A line may be cut in front of the codes of mIRC for reverse and a colour. */
static void
later_bytes_that_look_like_tls_are_text(void)
{
    struct looped *x = begin_looped(NULL);
    int fd = looped_connect(x, LOOPED_PLAIN, "192.0.2.1");
    looped_send(fd, "NICK ann\r\nUSER ann 0 * :Ann\r\nPING :a");
    looped_turns(x, 2);
    looped_send(fd, "\x16\x03\x01green\r\n");
    looped_turns(x, 2);
    CONTAINS(looped_read(x, fd), "a\x16\x03\x01green\r\n");
    close(fd);
    looped_free(x);
}

/* A KeyUpdate costs much work and brings nothing. */
static void
many_messages_without_data_end_the_client(void)
{
    struct looped *x = begin_looped(crowd);
    struct tls_client *c = tls_client_registered(x, "192.0.2.1");
    for (int i = 0; i < 50; i++) {
        SSL_key_update(c->ssl, SSL_KEY_UPDATE_NOT_REQUESTED);
        tls_client_say(c, i % 10 ? "PING :x\r\n" : "\r\n");
    }
    c->n = 0;
    CONTAINS(tls_client_ask(c, "PING :alive\r\n"), "alive");
    EQUAL_NUMBER(session_count(x->srv), 1);
    SSL_key_update(c->ssl, SSL_KEY_UPDATE_REQUESTED);
    tls_client_ask(c, "PING :dead\r\n");
    EQUAL_NUMBER(session_count(x->srv), 0);
    CONTAINS(x->world->logged, "too many messages without data");
    tls_client_free(c);
    looped_free(x);
}

/* Whether a client with these limits can connect; *alert: what it was told. */
static bool
connects_with(int least, int most, const char *protocols, int *alert)
{
    struct looped *x = begin_looped(NULL);
    struct tls_client *c = tls_client_new(x, "192.0.2.1");
    SSL_set_security_level(c->ssl, 0);
    SSL_set_min_proto_version(c->ssl, least);
    SSL_set_max_proto_version(c->ssl, most);
    if (protocols)
        SSL_set_alpn_protos(c->ssl, (const unsigned char *)protocols,
                            (unsigned)strlen(protocols));
    bool done = tls_client_connect(c);
    tls_client_read(c);
    *alert = c->alert;
    CU_ASSERT(!done || SSL_get_current_compression(c->ssl) == NULL);
    CU_ASSERT(!done || !SSL_session_reused(c->ssl));
    CU_ASSERT(!done || !SSL_SESSION_has_ticket(SSL_get_session(c->ssl)));
    tls_client_free(c);
    looped_free(x);
    return done && *alert < 0;
}

static void
only_new_versions_and_the_protocol_irc_are_spoken(void)
{
    int alert;
    CU_ASSERT(connects_with(TLS1_2_VERSION, TLS1_2_VERSION, NULL, &alert));
    CU_ASSERT(connects_with(TLS1_3_VERSION, TLS1_3_VERSION, NULL, &alert));
    CU_ASSERT(connects_with(TLS1_3_VERSION, TLS1_3_VERSION, "\3irc", &alert));
    CU_ASSERT(connects_with(TLS1_3_VERSION, TLS1_3_VERSION, "\2h2\3irc", &alert));
    CU_ASSERT(connects_with(TLS1_3_VERSION, TLS1_3_VERSION, "\2h2", &alert));
    CU_ASSERT(!connects_with(TLS1_VERSION, TLS1_1_VERSION, NULL, &alert));
    EQUAL_NUMBER(alert, SSL_AD_PROTOCOL_VERSION);
}

static void
renegotiation_is_refused(void)
{
    struct looped *x = begin_looped(NULL);
    struct tls_client *c = tls_client_new(x, "192.0.2.1");
    SSL_set_max_proto_version(c->ssl, TLS1_2_VERSION);
    CU_ASSERT_FATAL(tls_client_connect(c));
    tls_client_ask(c, login);
    CU_ASSERT_FATAL(SSL_renegotiate(c->ssl) == 1);
    SSL_do_handshake(c->ssl);
    tls_client_send(c, SIZE_MAX);
    looped_turns(x, 3);
    tls_client_read(c);
    EQUAL_NUMBER(c->alert, SSL_AD_NO_RENEGOTIATION);
    tls_client_free(c);
    looped_free(x);
}

SUITE(transport_tls)
{
    TEST(a_client_registers_over_tls_and_is_secure);
    TEST(the_fingerprint_of_a_client_certificate_is_a_fact);
    TEST(bytes_may_come_one_at_a_time);
    TEST(bytes_inside_openssl_are_read_in_the_next_turn);
    TEST(lines_that_come_with_the_end_of_the_handshake_are_read);
    TEST(half_a_record_has_a_deadline);
    TEST(a_broken_record_behind_a_good_one_ends_the_client);
    TEST(a_reset_behind_a_record_is_told_by_its_error);
    TEST(the_end_of_tls_is_the_end_of_the_client);
    TEST(plain_text_is_answered_by_one_sentence);
    TEST(a_client_that_refuses_the_certificate_is_logged_as_one);
    TEST(tls_on_a_plain_port_is_closed_and_logged);
    TEST(tls_inside_of_tls_is_closed_and_logged);
    TEST(later_bytes_that_look_like_tls_are_text);
    TEST(many_messages_without_data_end_the_client);
    TEST(only_new_versions_and_the_protocol_irc_are_spoken);
    TEST(renegotiation_is_refused);
}
