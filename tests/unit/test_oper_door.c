/* OPER as an outsider sees it: what names there are cannot be told by the time an
 * answer takes, and guesses at the same time are no more than guesses in a row. */
#include "logged.h"

#define BLOCK(name, secret)                                                            \
    "oper \"" name "\" { password = \"$argon2id$" secret "\" hosts = { \"*@*\" } "     \
    "privileges = { \"all\" } }\n"
#define MANY "opers { failures = \"9999/10m\" }\nstrikes { limit = 999 }\n"

/* Whether the worker was given the hash that `password` fits. */
static bool
was_checked_with(struct world *w, struct actor *a, const char *name,
                 const char *password)
{
    world_sayf(w, a, "OPER %s %s", name, password);
    EQUAL_NUMBER(w->n_jobs, 1);
    bool fits = w->answers[0];
    world_verify(w);
    AWAIT(w, a, "* 464 *");
    CU_ASSERT(a->client->oper == NULL);
    world_drain(a);
    world_sleep(w, 2000);
    return fits;
}

static void
an_unknown_name_costs_what_some_block_costs_the_same_each_time(void)
{
    struct world *w = world_new(BLOCK("cheap", "one") BLOCK("dear", "two") MANY);
    struct actor *eve = world_user(w, "eve");
    int first = 0;
    w->verify_later = true;
    for (int i = 0; i < 32; i++) {
        char name[16];
        snprintf(name, sizeof name, "nobody%d", i);
        bool one = was_checked_with(w, eve, name, "one");
        EQUAL_NUMBER(was_checked_with(w, eve, name, "one"), one);
        EQUAL_NUMBER(was_checked_with(w, eve, name, "two"), !one);
        first += one;
    }
    CU_ASSERT(first > 4 && first < 28);
    world_free(w);
}

static void
a_known_name_is_checked_with_its_own_hash(void)
{
    struct world *w = world_new(BLOCK("cheap", "one") BLOCK("dear", "two") MANY);
    struct actor *eve = world_user(w, "eve");
    w->verify_later = true;
    EQUAL_NUMBER(was_checked_with(w, eve, "cheap", "two"), false);
    EQUAL_NUMBER(was_checked_with(w, eve, "dear", "one"), false);
    world_say(w, eve, "OPER dear two");
    world_verify(w);
    AWAIT(w, eve, "* 381 *");
    world_free(w);
}

static void
without_oper_blocks_the_worker_is_asked_all_the_same(void)
{
    struct world *w = world_new("");
    struct actor *eve = world_user(w, "eve");
    w->verify_later = true;
    EQUAL_NUMBER(was_checked_with(w, eve, "alice", "secret"), false);
    world_free(w);
}

static void
guesses_at_the_same_time_close_the_door_once(void)
{
    struct world *w = world_new(BLOCK("alice", "secret") "limits { per_host = 9 }\n");
    struct actor *root = world_oper(w, "root"), *a[4];
    w->verify_later = true;
    for (int i = 0; i < 4; i++) {
        char nick[8];
        snprintf(nick, sizeof nick, "n%d", i);
        a[i] = world_user_at(w, nick, "192.0.2.7");
    }
    world_drain_all(w);
    logged_clear(w);
    for (int i = 0; i < 4; i++)
        world_say(w, a[i], "OPER alice wrong");
    EQUAL_NUMBER(w->n_jobs, 3);
    EXPECT(w, a[3],
           "* :OPER refused: too many failures from your host; try again in 10m");
    world_verify(w);
    for (int i = 0; i < 3; i++)
        AWAIT(w, a[i], "* 464 *");
    EQUAL_NUMBER(world_count(root, "*Too many failed OPERs from 192.0.2.7*"), 1);
    const char *once = strstr(w->logged, "event=oper-door host=192.0.2.7 until=");
    CU_ASSERT_PTR_NOT_NULL_FATAL(once);
    CU_ASSERT_PTR_NULL(strstr(once + 1, "event=oper-door"));
    world_free(w);
}

static void
each_time_the_door_closes_is_told_anew(void)
{
    struct world *w = world_new(BLOCK(
        "alice", "secret") "limits { ping_every = \"1h\" ping_timeout = \"1h\" }");
    struct actor *eve = world_user_at(w, "eve", "192.0.2.7");
    for (int round = 0; round < 2; round++) {
        logged_clear(w);
        for (int i = 0; i < 3; i++) {
            world_say(w, eve, "OPER alice wrong");
            world_sleep(w, 2000);
        }
        CONTAINS(w->logged, "event=oper-door host=192.0.2.7");
        session_clock(w->srv, w->srv->now + 11 * MSEC_MINUTE,
                      w->srv->wall + 11 * MSEC_MINUTE);
        world_sleep(w, 0);
    }
    world_say(w, eve, "OPER alice secret");
    AWAIT(w, eve, "* 381 *");
    world_free(w);
}

static void
a_password_in_the_place_of_a_name_is_shown_to_nobody(void)
{
    struct world *w = world_new(BLOCK("alice", "secret"));
    struct actor *root = world_oper(w, "root"), *bob = world_user(w, "bob");
    world_say(w, bob, "OPER secret alice");
    EXPECT(w, root, "* Failed OPER as somebody unknown by bob!*: no such operator");
    CU_ASSERT_PTR_NULL(strstr(w->logged, "secret"));
    CU_ASSERT_PTR_NULL(strstr(root->inbox, "secret"));
    world_free(w);
}

static void
the_key_of_a_channel_is_in_no_log_and_no_notice(void)
{
    struct world *w = world_new(world_alice);
    struct actor *root = world_oper(w, "root"), *other = world_oper(w, "other");
    world_say(w, root, "JOIN #a\r\nSAMODE #a +mk swordfish");
    AWAIT(w, other, "* root used SAMODE: #a +mk");
    CONTAINS(w->logged, "command=SAMODE channel=#a text=+mk\n");
    world_free(w);
}

/* Who closes before the worker answers is struck, logged and told like anybody. */
static void
guesses_of_who_does_not_wait_count_in_full(void)
{
    static const char *const ways[] = {NULL, "QUIT", "QUIT :x"};
    struct world *w = world_new(BLOCK("alice", "secret") "limits { per_host = 9 }\n");
    struct actor *root = world_oper(w, "root");
    struct actor *same = world_user_at(w, "same", "192.0.2.7");
    w->verify_later = true;
    logged_clear(w);
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        struct actor *eve = world_user_at(w, "eve", "192.0.2.7");
        world_drain(root);
        world_say(w, eve, "OPER alice wrong");
        if (ways[i])
            world_say(w, eve, ways[i]);
        world_close(w, eve);
        EXPECT(w, root,
               "*Failed OPER as 'alice' by eve!eve@192.0.2.7: left before the answer");
        EXPECT(w, root, "*Strike ? of 5 for 192.0.2.7 (eve): wrong operator password");
        world_sleep(w, 2000);
    }
    EXPECT(w, root, "*Too many failed OPERs from 192.0.2.7: no OPER from there *");
    CONTAINS(w->logged, "event=oper-failed");
    CONTAINS(w->logged, "why=\"left before the answer\"");
    CONTAINS(w->logged, "event=strike ");
    CONTAINS(w->logged, "event=oper-door host=192.0.2.7");
    world_verify(w);
    world_drain_all(w);
    world_say(w, same, "OPER alice secret");
    EXPECT(w, same, "* :OPER refused: too many failures *");
    world_free(w);
}

SUITE(oper_door)
{
    TEST(guesses_of_who_does_not_wait_count_in_full);
    TEST(an_unknown_name_costs_what_some_block_costs_the_same_each_time);
    TEST(a_known_name_is_checked_with_its_own_hash);
    TEST(without_oper_blocks_the_worker_is_asked_all_the_same);
    TEST(guesses_at_the_same_time_close_the_door_once);
    TEST(each_time_the_door_closes_is_told_anew);
    TEST(a_password_in_the_place_of_a_name_is_shown_to_nobody);
    TEST(the_key_of_a_channel_is_in_no_log_and_no_notice);
}
