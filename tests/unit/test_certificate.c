/* The facts of certificates: STATS P, and what is told before one ends. */
#include "session/session.h"
#include "state/certificate.h"
#include "world.h"

#define PRINT "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define OTHER "ff23456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static struct certificate
certificate_until(msec until)
{
    return (struct certificate){
        .name = "irc.example.org", .fingerprint = PRINT, .until = until};
}

static void
operators_read_them_in_stats(void)
{
    struct certificate c[2] = {certificate_until(0), certificate_until(0)};
    struct actor *alice;
    struct world *w = world_with_oper(world_alice, &alice);
    c[1].name = "*.example.org";
    c[1].self_signed = true;
    session_certificates(w->srv, 0, c, 2);
    world_say(w, alice, "STATS P");
    AWAIT(w, alice,
          ":irc.localhost 249 alice P :certificate of irc.example.org: SHA-256 " PRINT
          ", until 1970-01-01 00:00:00 UTC");
    AWAIT(w, alice,
          ":irc.localhost 249 alice P :certificate of *.example.org: SHA-256 " PRINT
          ", until 1970-01-01 00:00:00 UTC, self-signed");
    session_certificates(w->srv, 0, c, 0);
    world_drain(alice);
    world_say(w, alice, "STATS P");
    EQUAL_NUMBER(world_count(alice, "*certificate*"), 0);
    world_free(w);
}

/* Whether the next tick tells operators, and the log, of an end. */
static bool
is_told(struct world *w, struct actor *alice, const char *what)
{
    world_drain(alice);
    world_sleep(w, 1100);
    return world_count(alice, what) == 1;
}

static void
an_end_is_told_at_each_step_once(void)
{
    static const int days[] = {14, 7, 3, 1};
    struct actor *alice;
    struct world *w = world_with_oper(world_alice, &alice);
    struct certificate c = certificate_until(w->srv->wall + 20 * MSEC_DAY);
    session_certificates(w->srv, 0, &c, 1);
    CU_ASSERT(!is_told(w, alice, "*The certificate of*"));
    for (size_t i = 0; i < sizeof days / sizeof *days; i++) {
        world_set_wall(w, c.until - days[i] * MSEC_DAY - 5000);
        CU_ASSERT(!is_told(w, alice, "*The certificate of*"));
        world_set_wall(w, c.until - days[i] * MSEC_DAY);
        CU_ASSERT(is_told(w, alice, "*The certificate of irc.example.org ends in *"));
        CU_ASSERT(!is_told(w, alice, "*The certificate of*"));
    }
    world_set_wall(w, c.until);
    CU_ASSERT(is_told(w, alice, "*The certificate of irc.example.org has ended *"));
    CU_ASSERT(!is_told(w, alice, "*The certificate of*"));
    CONTAINS(w->logged, "event=tls-expiry name=irc.example.org until=");
    world_free(w);
}

static void
an_end_is_told_again_each_day(void)
{
    struct actor *alice;
    struct world *w = world_with_oper(world_alice, &alice);
    struct certificate c = certificate_until(w->srv->wall + MSEC_HOUR);
    session_certificates(w->srv, 0, &c, 1);
    CU_ASSERT(is_told(w, alice, "*The certificate of irc.example.org ends in *"));
    world_set_wall(w, c.until);
    CU_ASSERT(is_told(w, alice, "*The certificate of irc.example.org has ended *"));
    for (int day = 1; day <= 3; day++) {
        world_set_wall(w, c.until + day * MSEC_DAY - 5000);
        CU_ASSERT(!is_told(w, alice, "*The certificate of*"));
        world_set_wall(w, c.until + day * MSEC_DAY);
        CU_ASSERT(is_told(w, alice, "*The certificate of irc.example.org has ended *"));
        CU_ASSERT(!is_told(w, alice, "*The certificate of*"));
    }
    /* Days in which no turn was made are told once. */
    world_set_wall(w, c.until + 400 * MSEC_DAY);
    CU_ASSERT(is_told(w, alice, "*The certificate of irc.example.org has ended *"));
    CU_ASSERT(!is_told(w, alice, "*The certificate of*"));
    world_free(w);
}

/* A REHASH that finds the same certificate tells nothing again; a new one is judged
 * anew. */
static void
a_rehash_repeats_nothing(void)
{
    struct actor *alice;
    struct world *w = world_with_oper(world_alice, &alice);
    struct certificate c = certificate_until(w->srv->wall + 5 * MSEC_DAY);
    session_certificates(w->srv, 0, &c, 1);
    CU_ASSERT(is_told(w, alice, "*The certificate of*"));
    session_certificates(w->srv, 0, &c, 1);
    CU_ASSERT(!is_told(w, alice, "*The certificate of*"));
    c.fingerprint = OTHER;
    session_certificates(w->srv, 0, &c, 1);
    CU_ASSERT(is_told(w, alice, "*The certificate of*"));
    c.fingerprint = PRINT;
    c.until += 90 * MSEC_DAY;
    session_certificates(w->srv, 0, &c, 1);
    CU_ASSERT(!is_told(w, alice, "*The certificate of*"));
    world_free(w);
}

SUITE(certificate)
{
    TEST(operators_read_them_in_stats);
    TEST(an_end_is_told_at_each_step_once);
    TEST(an_end_is_told_again_each_day);
    TEST(a_rehash_repeats_nothing);
}
