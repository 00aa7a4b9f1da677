/* Guesses of the server password: each counts from the time of its check, whether its
 * client waits for the answer or not, and clients of other hosts get in meanwhile. */
#include "logged.h"
#include "policy/host.h"

#define LOCKED "server { password = \"$argon2id$secret\" }\n"
#define ROOM                                                                           \
    "limits { per_host = 99 per_network = 999 unregistered_per_host = 99 "             \
    "connect_rate = \"999/1s\" }\n"
#define ADDRESS "192.0.2.7"

static int
strikes_of(const struct world *w, const char *address)
{
    struct addr addr;
    CU_ASSERT_FATAL(addr_parse(address, &addr));
    const struct host *h = host_find(w->srv, &addr);
    return h ? h->strikes : 0;
}

/* NULL: it was refused at once. */
static struct actor *
guess(struct world *w, const char *address, const char *password)
{
    struct actor *a = world_connect(w, address);
    world_sayf(w, a, "PASS %s\r\nNICK n%d\r\nUSER u 0 * :U", password, w->n_actors);
    return a->client ? a : NULL;
}

static void
sixty_guesses_that_hang_up_are_counted_and_struck(void)
{
    struct world *w = world_new(LOCKED ROOM "strikes { limit = 100 }\n");
    int looked_at = 0;
    w->verify_later = true;
    for (int i = 0; i < 60; i++) {
        struct actor *a = guess(w, ADDRESS, "wrong");
        looked_at += a != NULL;
        if (a)
            world_close(w, a);
    }
    EQUAL_NUMBER(looked_at, 3); /* no more than may fail, though no answer has come */
    EQUAL_NUMBER(w->n_jobs, 3);
    EQUAL_NUMBER(strikes_of(w, ADDRESS), 0);
    world_verify(w);
    EQUAL_NUMBER(strikes_of(w, ADDRESS), 3);
    CONTAINS(w->logged, "event=password-failed client=n1!u@" ADDRESS);
    w->verify_later = false;
    struct actor *late = world_connect(w, ADDRESS);
    world_say(w, late, "PASS secret\r\nNICK late\r\nUSER u 0 * :U");
    AWAIT(w, late,
          "ERROR *Too many wrong server passwords from your host; try again *");
    world_free(w);
}

/* 3/10m: one comes back after 200 s. */
static void
both_sides_of_the_limit(void)
{
    struct world *w = world_new(LOCKED ROOM);
    for (int i = 0; i < 3; i++)
        CU_ASSERT_PTR_NULL(guess(w, ADDRESS, "wrong"));
    world_sleep(w, 199999);
    CU_ASSERT_PTR_NULL(guess(w, ADDRESS, "secret"));
    world_sleep(w, 1);
    CU_ASSERT_PTR_NOT_NULL(guess(w, ADDRESS, "secret"));
    CU_ASSERT_PTR_NOT_NULL(
        guess(w, ADDRESS, "secret")); /* a right password gives the token back */
    world_free(w);
}

static void
right_ones_do_not_count_whether_they_wait_or_not(void)
{
    struct world *w = world_new(LOCKED ROOM);
    w->verify_later = true;
    for (int i = 0; i < 30; i++) {
        struct actor *a = guess(w, ADDRESS, "secret");
        CU_ASSERT_PTR_NOT_NULL(a);
        if (a && i % 2)
            world_close(w, a);
        world_verify(w);
    }
    EQUAL_NUMBER(strikes_of(w, ADDRESS), 0);
    for (int i = 0; i < 3; i++)
        CU_ASSERT_PTR_NOT_NULL(guess(w, ADDRESS, "secret"));
    struct actor *fourth = world_connect(w, ADDRESS);
    world_say(w, fourth, "PASS secret\r\nNICK four\r\nUSER u 0 * :U");
    AWAIT(w, fourth, "ERROR *Other passwords from your host are being checked; *");
    world_free(w);
}

static void
what_was_not_looked_at_does_not_count(void)
{
    struct world *w = world_new(LOCKED ROOM);
    world_fill_worker(w, true);
    for (int i = 0; i < 9; i++)
        CU_ASSERT_PTR_NULL(guess(w, ADDRESS, "wrong"));
    world_fill_worker(w, false);
    CU_ASSERT_PTR_NOT_NULL(guess(w, ADDRESS, "secret"));
    EQUAL_NUMBER(strikes_of(w, ADDRESS), 0);
    world_free(w);
}

static void
a_login_gets_in_while_a_hundred_hosts_guess(void)
{
    struct world *w = world_new(LOCKED ROOM);
    char address[32];
    w->verify_later = true;
    for (int i = 0; i < 100; i++)
        for (int n = 0; n < 6; n++) {
            snprintf(address, sizeof address, "198.51.%d.7", i);
            struct actor *a = guess(w, address, "wrong");
            if (a)
                world_close(w, a);
        }
    EQUAL_NUMBER(w->n_jobs, 300);
    struct actor *ann = guess(w, ADDRESS, "secret");
    CU_ASSERT_PTR_NOT_NULL_FATAL(ann);
    world_verify(w);
    AWAIT(w, ann, "* 001 *");
    world_free(w);
}

/* When many hosts guess, the worker may need longer than a registration may take. */
static void
a_login_that_waits_too_long_for_the_worker_is_no_offence(void)
{
    struct world *w = world_new(LOCKED ROOM);
    w->verify_later = true;
    for (int i = 0; i < 3; i++) {
        struct actor *ann = guess(w, ADDRESS, "secret");
        struct actor *slow = world_connect(w, "192.0.2.8");
        CU_ASSERT_PTR_NOT_NULL_FATAL(ann);
        world_sleep(w, 31 * MSEC_SECOND);
        AWAIT(w, ann, "ERROR *(Your password could not be checked in time; try again)");
        AWAIT(w, slow, "ERROR *(Registration timed out)");
        world_verify(w);
    }
    EQUAL_NUMBER(strikes_of(w, ADDRESS), 0);
    EQUAL_NUMBER(strikes_of(w, "192.0.2.8"), 2);
    struct actor *wrong = guess(w, ADDRESS, "wrong");
    CU_ASSERT_PTR_NOT_NULL_FATAL(wrong);
    world_sleep(w, 31 * MSEC_SECOND);
    EQUAL_NUMBER(strikes_of(w, ADDRESS), 0);
    world_verify(w); /* the guess counts all the same */
    EQUAL_NUMBER(strikes_of(w, ADDRESS), 1);
    world_free(w);
}

static void
a_password_that_changes_meanwhile_lets_no_client_in(void)
{
    static const struct {
        const char *after, *answer;
    } cases[] = {{"server { password = \"$argon2id$other\" }\n",
                  "ERROR *The server password has changed meanwhile; try again*"},
                 {LOCKED, "* 001 *"},
                 {"", "* 001 *"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct world *w = world_new(LOCKED);
        struct actor *ann = world_connect(w, ADDRESS);
        w->verify_later = true;
        world_say(w, ann, "PASS secret\r\nNICK ann\r\nUSER u 0 * :U");
        w->rehash_text = cases[i].after;
        CU_ASSERT_FATAL(world_rehash(w));
        world_verify(w);
        AWAIT(w, ann, cases[i].answer);
        EQUAL_NUMBER(strikes_of(w, ADDRESS), 0);
        world_free(w);
    }
}

SUITE(password)
{
    TEST(sixty_guesses_that_hang_up_are_counted_and_struck);
    TEST(both_sides_of_the_limit);
    TEST(right_ones_do_not_count_whether_they_wait_or_not);
    TEST(what_was_not_looked_at_does_not_count);
    TEST(a_login_gets_in_while_a_hundred_hosts_guess);
    TEST(a_login_that_waits_too_long_for_the_worker_is_no_offence);
    TEST(a_password_that_changes_meanwhile_lets_no_client_in);
}
