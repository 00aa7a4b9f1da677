/* Limits of handshakes: how many are under way, how long one may take, and which
 * refused connections get one. */
#include "tls_client.h"

#include "../../src/net/conn_state.h"
#include "../../src/net/explain.h"
#include "../../src/net/handshake.h"
#include "../../src/net/handshake_queue.h"
#include "../../src/net/tls_file.h"

#include <unistd.h>

#define CROWD                                                                          \
    "limits { per_host = 9999 per_network = 9999 unregistered_per_host = 9999 "        \
    "connect_rate = \"9999/1s\" registration_timeout = \"10m\" }\n"

static struct looped *
begin_looped(const char *config)
{
    struct looped *x = looped_new(config);
    looped_use_tls(x, "database { path = '' }");
    return x;
}

/* Clients that have sent the first part of their handshake. */
static void
begin_crowd(struct looped *x, struct tls_client **c, int n)
{
    for (int i = 0; i < n; i++) {
        c[i] = tls_client_new(x, "192.0.2.1");
        tls_client_handshake(c[i]);
        tls_client_send(c[i], SIZE_MAX);
    }
}

/* Ends all handshakes, of which at most `most` are under way. */
static void
end_handshakes(struct looped *x, struct tls_client **c, int n, unsigned most)
{
    int done = 0;
    for (int round = 0; round < 3 * n && done < n; round++) {
        int i = round % n;
        done += !SSL_is_init_finished(c[i]->ssl) && tls_client_connect(c[i]);
        CU_ASSERT(x->loop->under_way <= most);
    }
    EQUAL_NUMBER(done, n);
    EQUAL_NUMBER(x->loop->under_way, 0);
}

/* Handshakes that have begun take much memory; connections that send nothing do not. */
static void
handshakes_beyond_the_limit_wait_for_the_end_of_others(void)
{
    enum { ALL = 20, MOST = 8 };
    struct looped *x = begin_looped(CROWD "tls_limits { handshakes = 8 }");
    struct tls_client *c[ALL];
    int silent[ALL];
    for (int i = 0; i < ALL; i++)
        silent[i] = looped_connect(x, LOOPED_TLS, "192.0.2.1");
    begin_crowd(x, c, ALL);
    looped_turns(x, 20);
    EQUAL_NUMBER(x->loop->under_way, MOST);
    CU_ASSERT(handshake_is_full(x->loop));
    CU_ASSERT(!ev_is_active(&x->loop->unwritten)); /* the held ones cost no turns */
    end_handshakes(x, c, ALL, MOST);
    for (int i = 0; i < ALL; i++) {
        close(silent[i]);
        tls_client_free(c[i]);
    }
    looped_turns(x, 6);
    CU_ASSERT(list_empty(&x->loop->in_handshake));
    looped_free(x);
}

/* Held connections end like others. */
static void
a_held_handshake_can_end_and_the_limit_can_rise(void)
{
    enum { ALL = 20 };
    struct looped *x = begin_looped(CROWD "tls_limits { handshakes = 8 }");
    struct tls_client *c[ALL];
    begin_crowd(x, c, ALL);
    looped_turns(x, 10);
    x->loop->now += x->loop->handshake_timeout;
    handshake_expire(x->loop, 1000);
    looped_turns(x, 3);
    EQUAL_NUMBER(session_count(x->srv), 0);
    EQUAL_NUMBER(x->loop->under_way, 0);
    CU_ASSERT(list_empty(&x->loop->held_handshakes));
    for (int i = 0; i < ALL; i++)
        tls_client_free(c[i]);
    looped_free(x);
    x = begin_looped(CROWD "tls_limits { handshakes = 8 }");
    begin_crowd(x, c, ALL);
    looped_turns(x, 10);
    EQUAL_NUMBER(x->loop->under_way, 8);
    x->loop->handshakes_most = 100;
    handshake_release(x->loop);
    looped_turns(x, 5);
    EQUAL_NUMBER(x->loop->under_way, ALL);
    for (int i = 0; i < ALL; i++)
        tls_client_free(c[i]);
    looped_free(x);
}

/* Whether the server has shown this certificate to c. */
static bool
has_seen(const struct tls_client *c, const char *fingerprint)
{
    char seen[TLS_FINGERPRINT] = "";
    X509 *certificate = SSL_get1_peer_certificate(c->ssl);
    bool has = certificate && tls_fingerprint_of(certificate, seen) &&
               strcmp(seen, fingerprint) == 0;
    X509_free(certificate);
    return has;
}

static void
copy_fingerprint(const struct looped *x, char out[static TLS_FINGERPRINT])
{
    size_t n;
    strcpy(out, tls_certificates(loop_tls(x->loop), &n)->fingerprint);
    EQUAL_NUMBER(n, 1);
}

/* SIGHUP and REHASH TLS while handshakes wait: those that have begun keep the old
 * certificate, the held ones get the new one, also under a new limit. */
static void
a_reload_reaches_the_handshakes_that_have_not_begun(void)
{
    enum { ALL = 20, MOST = 12 };
    char before[TLS_FINGERPRINT], after[TLS_FINGERPRINT];
    struct looped *x = begin_looped(CROWD "tls_limits { handshakes = 12 }");
    struct tls_client *c[ALL];
    int old = 0, new = 0;
    begin_crowd(x, c, ALL);
    looped_turns(x, 20);
    EQUAL_NUMBER(x->loop->under_way, MOST);
    copy_fingerprint(x, before);
    looped_use_tls(x, "database { path = '' }"); /* makes another one */
    copy_fingerprint(x, after);
    struct config *lower = world_parse(CROWD "tls_limits { handshakes = 8 }");
    loop_configure(x->loop, lower);
    looped_turns(x, 20);
    EQUAL_NUMBER(x->loop->under_way, MOST); /* none is ended for the limit */
    end_handshakes(x, c, ALL, MOST);
    for (int i = 0; i < ALL; i++) {
        old += has_seen(c[i], before);
        new += has_seen(c[i], after);
        tls_client_free(c[i]);
    }
    EQUAL_NUMBER(old, MOST);
    EQUAL_NUMBER(new, ALL - MOST);
    config_free(lower);
    looped_free(x);
}

static void
a_handshake_has_a_deadline(void)
{
    struct looped *x = begin_looped(CROWD);
    struct tls_client *done = tls_client_new(x, "192.0.2.1");
    CU_ASSERT_FATAL(tls_client_connect(done));
    int silent = looped_connect(x, LOOPED_TLS, "192.0.2.1");
    looped_turn(x);
    struct conn_kept *first =
        LIST_ENTRY(x->loop->in_handshake.next, struct conn_kept, deadline);
    msec since = first->since;
    x->loop->now = since + 9999;
    EQUAL_NUMBER(handshake_expire(x->loop, 1000), 1);
    EQUAL_NUMBER(session_count(x->srv), 2);
    x->loop->now = since + 10000;
    EQUAL_NUMBER(handshake_expire(x->loop, 1000), 1000);
    looped_turns(x, 2);
    EQUAL_NUMBER(session_count(x->srv), 1);
    CU_ASSERT_PTR_NULL(looped_read(x, silent));
    CONTAINS(x->world->logged, "event=tls-failed host=192.0.2.1 why=\"timed out\"");
    close(silent);
    tls_client_free(done);
    looped_free(x);
}

/* What a client with a full handshake reads from this address. "": it gets the alert. */
static const char *
refusal_read(struct looped *x, const char *address)
{
    static char text[512];
    struct tls_client *c = tls_client_new(x, address);
    tls_client_connect(c);
    looped_turns(x, 3);
    tls_client_read(c);
    snprintf(text, sizeof text, "%.*s", (int)c->n, c->got);
    if (c->n == 0)
        EQUAL_NUMBER(c->alert, SSL_AD_ACCESS_DENIED);
    tls_client_free(c);
    return text;
}

static void
a_refused_host_reads_why_once_in_a_minute(void)
{
    struct looped *x = begin_looped("limits { per_host = 1 }");
    struct tls_client *first = tls_client_new(x, "192.0.2.1");
    struct tls_client *other = tls_client_new(x, "2001:db8::1");
    CU_ASSERT_FATAL(tls_client_connect(first) && tls_client_connect(other));
    CONTAINS(refusal_read(x, "192.0.2.1"), "ERROR :Closing Link: 192.0.2.1 (");
    EQUAL_TEXT(refusal_read(x, "192.0.2.1"), "");
    CONTAINS(refusal_read(x, "2001:db8::1"), "ERROR :Closing Link: 2001:db8::1 (");
    EQUAL_TEXT(refusal_read(x, "2001:db8::2"), ""); /* the same host: a /64 */
    for (size_t i = 0; i < EXPLAIN_HOSTS; i++)
        if (x->loop->explain.hosts[i].at > 0)
            x->loop->explain.hosts[i].at -= 59000;
    EQUAL_TEXT(refusal_read(x, "192.0.2.1"), "");
    for (size_t i = 0; i < EXPLAIN_HOSTS; i++)
        if (x->loop->explain.hosts[i].at > 0)
            x->loop->explain.hosts[i].at -= 1000;
    CONTAINS(refusal_read(x, "192.0.2.1"), "ERROR :Closing Link");
    EQUAL_NUMBER(x->loop->under_way, 0);
    CU_ASSERT(list_empty(&x->loop->in_handshake));
    EQUAL_NUMBER(session_count(x->srv), 2);
    tls_client_free(first);
    tls_client_free(other);
    looped_free(x);
}

static void
explanations_have_a_budget_and_a_deadline(void)
{
    struct looped *x = begin_looped(
        "limits { connect_rate = \"1/1h\" }\ntls_limits { explain = 3/1h }");
    struct addr addr;
    int fds[10];
    for (int i = 0; i < 10; i++) {
        char text[32];
        snprintf(text, sizeof text, "192.0.2.%d", i / 2);
        CU_ASSERT_FATAL(addr_parse(text, &addr));
        fds[i] = looped_connect(x, LOOPED_TLS, text); /* every second one is refused */
    }
    int waiting = 0;
    LIST_EACH(&x->loop->in_handshake, node)
        waiting +=
            (bool)(LIST_ENTRY(node, struct conn_kept, deadline)->state & CONN_EXPLAINS);
    EQUAL_NUMBER(waiting, 3);
    x->loop->now += x->loop->handshake_timeout;
    handshake_expire(x->loop, 1000);
    CU_ASSERT(list_empty(&x->loop->in_handshake));
    for (int i = 0; i < 10; i++)
        close(fds[i]);
    looped_free(x);
}

/* Whether a refused connection from this address gets an explanation. */
static bool
gets_explained(struct looped *x, const char *address)
{
    struct explain *e = &x->loop->explain;
    size_t before = e->next;
    close(looped_connect(x, LOOPED_TLS, address));
    looped_turns(x, 2);
    return e->next != before;
}

/* A budget that was used up under another rate is not missing for long. */
static void
a_new_rate_of_explanations_counts_at_once(void)
{
    static const struct config_words words = {0};
    struct looped *x = begin_looped(
        "limits { connect_rate = \"1/1h\" }\ntls_limits { explain = 1/1d }");
    struct config *c =
        config_parse("t.conf", "tls_limits { explain = 2000/1s }", &words, NULL, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    for (int i = 1; i <= 3; i++) {
        char text[32];
        snprintf(text, sizeof text, "192.0.2.%d", i);
        close(looped_connect(x, LOOPED_TLS, text));
        EQUAL_NUMBER(gets_explained(x, text), i == 1);
    }
    loop_configure(x->loop, c);
    x->loop->now += 2000;
    CU_ASSERT(gets_explained(x, "192.0.2.3"));
    /* A rate above one a millisecond is a bound as well. */
    CU_ASSERT(x->loop->explain.bucket.full_at > x->loop->now);
    config_free(c);
    looped_free(x);
}

/* The connections without a client are closed as well. */
static void
a_server_that_ends_drops_its_explanations(void)
{
    struct looped *x = begin_looped("limits { connect_rate = \"1/1h\" }");
    int fds[2];
    for (int i = 0; i < 2; i++)
        fds[i] = looped_connect(x, LOOPED_TLS, "192.0.2.1");
    looped_free(x);
    char byte;
    for (int i = 0; i < 2; i++) {
        EQUAL_NUMBER(read(fds[i], &byte, 1), 0);
        close(fds[i]);
    }
}

SUITE(handshake_limits)
{
    TEST(handshakes_beyond_the_limit_wait_for_the_end_of_others);
    TEST(a_held_handshake_can_end_and_the_limit_can_rise);
    TEST(a_reload_reaches_the_handshakes_that_have_not_begun);
    TEST(a_handshake_has_a_deadline);
    TEST(a_refused_host_reads_why_once_in_a_minute);
    TEST(explanations_have_a_budget_and_a_deadline);
    TEST(a_new_rate_of_explanations_counts_at_once);
    TEST(a_server_that_ends_drops_its_explanations);
}
