/* OPER as an outsider sees it: the time of an answer does not tell which names exist,
 * and guesses at the same time gain nothing over guesses in a row. */
#include "logged.h"
#include "policy/client_policy.h"
#include "policy/host.h"

#define AT(name, secret, host)                                                         \
    "oper \"" name "\" { password = \"$argon2id$" secret "\" hosts = { \"" host        \
    "\" } privileges = { \"all\" } }\n"
#define BLOCK(name, secret) AT(name, secret, "*@*")
#define MANY "opers { failures = \"9999/10m\" }\nstrikes { limit = 999 }\n"

/* True if the worker was given the hash that `password` fits. */
static bool
was_checked_with(struct world *w, struct actor *a, const char *name,
                 const char *password)
{
    world_sayf(w, a, "OPER %s %s", name, password);
    EQUAL_NUMBER(w->n_jobs, 1);
    bool fits = w->answers[0];
    world_verify(w);
    AWAIT(w, a, "* 464 *");
    CU_ASSERT(a->client->user.oper == NULL);
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

/* The password of such a client is not checked, so it can guess nothing: no strike, no
 * lockout, and the same answer to every name. The log has the mask that would admit the
 * host. */
static void
hosts_that_no_block_admits_get_one_answer_to_all_names_at_once(void)
{
    static const struct {
        const char *config, *name, *logged;
    } cases[] = {
        {"", "alice", "client=eve!eve@10.1.1.1 mask=*@10.1.1.1 why="},
        {AT("alice", "one", "*@192.0.2.7"), "alice", "name=alice mask=*@10.1.1.1 why="},
        {AT("alice", "one", "*@192.0.2.7"), "nobody", "1 mask=*@10.1.1.1 why="},
        {AT("alice", "one", "*@192.0.2.7") AT("bob", "two", "root@*"), "bob",
         "name=bob mask=*@10.1.1.1 why="},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct world *w = world_new(cases[i].config);
        struct actor *eve = world_user(w, "eve");
        w->verify_later = true;
        for (int n = 0; n < 4; n++) {
            logged_clear(w);
            world_sayf(w, eve, "OPER %s %s", cases[i].name, n % 2 ? "one" : "wrong");
            EXPECT(w, eve, "* 491 eve :No appropriate operator block for your host");
            EXPECT(w, eve,
                   "* :OPER refused: no oper block of that name admits your host; to "
                   "admit it, the administrator adds \"?@10.1.1.1\" to the hosts of a "
                   "block");
            SILENT(w, eve);
            EQUAL_NUMBER(w->n_jobs, 0);
            CONTAINS(w->logged, "event=oper-host client=eve!eve@10.1.1.1 ");
            CONTAINS(w->logged, cases[i].logged);
            world_sleep(w, 2000);
        }
        world_free(w);
    }
}

/* A right password is no failure, however often it is given. A wrong one for a block of
 * other hosts is answered, struck and counted as one for an unknown name. */
static void
a_right_password_from_a_wrong_host_is_no_failure(void)
{
    struct world *w = world_new(AT("alice", "secret", "alice@*") AT(
        "hers", "one", "eve@*") AT("other", "two", "*@192.0.2.7"));
    struct actor *alice = world_oper(w, "alice"), *eve = world_user(w, "eve");
    for (int n = 0; n < 5; n++) {
        world_say(w, eve, "OPER other two");
        EXPECT(w, eve, "* 491 eve :No appropriate operator block for your host");
        EXPECT(w, eve, "* NOTICE eve :OPER refused: no oper block of that name *");
        SILENT(w, eve);
        EXPECT(w, alice, "*Failed OPER as 'other' by eve!*: a right password, but *");
        world_sleep(w, 3000);
    }
    CONTAINS(w->logged, "event=oper-host client=eve!eve@10.1.2.1 name=other "
                        "mask=*@10.1.2.1 why=\"a right password");
    CU_ASSERT(eve->client->user.oper == NULL &&
              policy_of(eve->client)->host->strikes == 0);
    world_say(w, eve, "OPER hers one"); /* there is no lockout */
    AWAIT(w, eve, "* 381 *");
    world_say(w, eve, "MODE eve -o");
    for (int n = 0; n < 3; n++) {
        world_drain(eve);
        world_say(w, eve, "OPER other wrong");
        EXPECT(w, eve, "* 464 eve :Password incorrect");
        EXPECT(w, eve, "* :Strike *: wrong operator password. *");
    }
    world_say(w, eve, "OPER other two");
    EXPECT(w, eve, "* :OPER refused: too many failures *");
    world_free(w);
}

/* The client hangs up before the answer: the result is the same. */
static void
a_right_password_from_a_wrong_host_is_no_failure_unheard(void)
{
    struct world *w =
        world_new(AT("hers", "one", "eve@*") AT("other", "two", "*@192.0.2.7"));
    for (int n = 0; n < 4; n++) {
        struct actor *eve = world_user_at(w, "eve", "192.0.2.9");
        w->verify_later = true;
        world_say(w, eve, "OPER other two");
        world_close(w, eve);
        world_verify(w);
    }
    CU_ASSERT(strstr(w->logged, "event=oper-failed") == NULL);
    CU_ASSERT(strstr(w->logged, "event=strike") == NULL);
    CONTAINS(w->logged, "event=oper-host client=eve!eve@192.0.2.9 name=other "
                        "mask=*@192.0.2.9 ");
    world_free(w);
}

/* Two blocks, one of them for eve: the attempts of eve, their answers, and the notices
 * to operators. */
static void
names_for_other_hosts_are_answered_as_unknown_ones_are(void)
{
    static const struct {
        const char *line, *why;
    } cases[] = {
        {"OPER hers wrong", "as 'hers' by eve!*: wrong password"},
        {"OPER other one", "as 'other' by eve!*: not from this host"},
        {"OPER other three", "as 'other' by eve!*: not from this host"},
        {"OPER nobody one", "as an unknown name by eve!*: no such operator"},
        {"OPER nobody two", "as an unknown name by eve!*: no such operator"},
    };
    struct world *w = world_new(AT("alice", "secret", "alice@*") AT(
        "hers", "one", "eve@*") AT("other", "two", "*@192.0.2.7") MANY);
    struct actor *alice = world_oper(w, "alice"), *eve = world_user(w, "eve");
    w->verify_later = true;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char told[100];
        snprintf(told, sizeof told, "*Failed OPER %s", cases[i].why);
        world_drain_all(w);
        world_say(w, eve, cases[i].line);
        SILENT(w, eve);
        EQUAL_NUMBER(w->n_jobs, 1);
        world_verify(w);
        EXPECT(w, eve, "* 464 eve :Password incorrect");
        EXPECT(w, eve, "* :Strike *: wrong operator password. *");
        EXPECT(w, alice, told);
        CU_ASSERT(eve->client->user.oper == NULL);
        world_sleep(w, 3000);
    }
    world_say(w, eve, "OPER hers one");
    world_verify(w);
    AWAIT(w, eve, "* 381 *");
    world_free(w);
}

/* The hash with which it was checked was not that of the new block. */
static void
a_name_that_comes_to_be_while_it_is_checked_is_not_right(void)
{
    struct world *w = world_new(BLOCK("alice", "secret"));
    struct actor *eve = world_user(w, "eve");
    w->verify_later = true;
    world_say(w, eve, "OPER eve secret");
    EQUAL_NUMBER(w->answers[0], true);
    w->rehash_text = BLOCK("alice", "secret") BLOCK("eve", "other");
    CU_ASSERT_FATAL(world_rehash(w));
    world_verify(w);
    EXPECT(w, eve, "* 464 *");
    CU_ASSERT(eve->client->user.oper == NULL);
    world_free(w);
}

static void
guesses_at_the_same_time_begin_one_lockout(void)
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
    const char *once = strstr(w->logged, "event=oper-lockout host=192.0.2.7 until=");
    CU_ASSERT_PTR_NOT_NULL_FATAL(once);
    CU_ASSERT_PTR_NULL(strstr(once + 1, "event=oper-lockout"));
    world_free(w);
}

static void
each_lockout_is_told_anew(void)
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
        CONTAINS(w->logged, "event=oper-lockout host=192.0.2.7");
        session_clock(w->srv, w->srv->now + 11 * MSEC_MINUTE,
                      w->srv->wall + 11 * MSEC_MINUTE);
        world_sleep(w, 0);
    }
    world_say(w, eve, "OPER alice secret");
    AWAIT(w, eve, "* 381 *");
    world_free(w);
}

static void
a_password_in_the_place_of_a_name_is_never_shown(void)
{
    struct world *w = world_new(BLOCK("alice", "secret"));
    struct actor *root = world_oper(w, "root"), *bob = world_user(w, "bob");
    world_say(w, bob, "OPER secret alice");
    EXPECT(w, root, "* Failed OPER as an unknown name by bob!*: no such operator");
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
    AWAIT(w, other, "* root used SAMODE: #a +mk ?");
    CONTAINS(w->logged, "command=SAMODE channel=#a text=\"+mk *\"\n");
    world_free(w);
}

SUITE(oper_lockout_told)
{
    TEST(an_unknown_name_costs_what_some_block_costs_the_same_each_time);
    TEST(a_known_name_is_checked_with_its_own_hash);
    TEST(hosts_that_no_block_admits_get_one_answer_to_all_names_at_once);
    TEST(a_right_password_from_a_wrong_host_is_no_failure);
    TEST(a_right_password_from_a_wrong_host_is_no_failure_unheard);
    TEST(names_for_other_hosts_are_answered_as_unknown_ones_are);
    TEST(a_name_that_comes_to_be_while_it_is_checked_is_not_right);
    TEST(guesses_at_the_same_time_begin_one_lockout);
    TEST(each_lockout_is_told_anew);
    TEST(a_password_in_the_place_of_a_name_is_never_shown);
    TEST(the_key_of_a_channel_is_in_no_log_and_no_notice);
}
