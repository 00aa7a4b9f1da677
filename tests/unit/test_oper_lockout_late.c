/* OPERs of clients that hang up before the worker has answered: the attempt counts as a
 * failure until the answer comes, and then by its result. */
#include "logged.h"
#include "policy/host.h"
#include "policy/policy.h"

#define ADDRESS "192.0.2.7"
#define ROOT                                                                           \
    "oper \"alice\" { password = \"$argon2id$secret\" hosts = { \"*@*\" } "            \
    "privileges = { \"all\" } }\n"                                                     \
    "oper \"warden\" { password = \"$argon2id$secret\" hosts = { \"*@*\" } "           \
    "privileges = { \"spy\" } }\n"
#define ROOM "limits { per_host = 9 connect_rate = \"99/1s\" }\n"

static const char *const ways[] = {NULL, "QUIT", "QUIT :x"};

static struct host *
host(const struct world *w)
{
    struct addr addr;
    CU_ASSERT_FATAL(addr_parse(ADDRESS, &addr));
    return host_find(w->srv, &addr);
}

/* The failures of the host, which may be forgotten. */
static int
strikes(const struct world *w)
{
    return host(w) ? host(w)->strikes : 0;
}

/* eve tries and is gone; the answer waits for world_verify. */
static void
try_and_leave(struct world *w, const char *password, const char *way)
{
    struct actor *eve = world_user_at(w, "eve", ADDRESS);
    CU_ASSERT_FATAL(eve->client != NULL);
    world_sayf(w, eve, "OPER alice %s", password);
    if (way)
        world_say(w, eve, way);
    world_close(w, eve);
}

static void
a_right_one_is_no_failure(void)
{
    struct world *w = world_new(ROOT ROOM);
    struct actor *root = world_oper(w, "root");
    w->verify_later = true;
    logged_clear(w);
    for (int i = 0; i < 6; i++) {
        try_and_leave(w, "secret", ways[i % 3]);
        world_verify(w);
        world_sleep(w, 1000);
        EQUAL_NUMBER(strikes(w), 0);
        EQUAL_NUMBER(world_counted(w, "hosts with failed OPERs"), 0);
    }
    NEVER(w, root, "*Failed OPER*");
    NEVER(w, root, "*is now an operator*");
    NEVER(w, root, "*Strike*");
    CU_ASSERT_PTR_NULL(strstr(w->logged, "oper-failed"));
    CONTAINS(w->logged, "event=oper-left client=eve!eve@" ADDRESS " name=alice");
    logged_check(w);
    struct actor *eve = world_user_at(w, "eve", ADDRESS);
    w->verify_later = false;
    world_say(w, eve, "OPER alice secret");
    EXPECT(w, eve, "* MODE eve :+o*");
    world_free(w);
}

static void
a_wrong_one_is_a_failure_like_any_other(void)
{
    struct world *w = world_new(ROOT ROOM);
    struct actor *root = world_oper(w, "root");
    struct actor *same = world_user_at(w, "same", ADDRESS);
    w->verify_later = true;
    logged_clear(w);
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        world_drain(root);
        try_and_leave(w, "wrong", ways[i]);
        SILENT(w, root);
        world_verify(w);
        EXPECT(w, root,
               "*Failed OPER as 'alice' by eve!eve@" ADDRESS ": wrong password");
        EXPECT(w, root,
               "*Strike ? of 5 for " ADDRESS " (eve): wrong operator password");
        world_sleep(w, 2000);
    }
    EXPECT(w, root, "*Too many failed OPERs from " ADDRESS ": no OPER from there *");
    EQUAL_NUMBER(strikes(w), 4);
    CONTAINS(w->logged, "event=oper-failed client=eve!eve@" ADDRESS
                        " name=alice why=\"wrong password\"");
    CONTAINS(w->logged, "event=strike ");
    CONTAINS(w->logged, "event=oper-lockout host=" ADDRESS);
    world_drain_all(w);
    world_say(w, same, "OPER alice secret");
    EXPECT(w, same, "* :OPER refused: too many failures *");
    world_free(w);
}

/* The hash was that of no block: a password that fits it is not right. */
static void
a_name_that_no_block_has_fails_whatever_fits(void)
{
    struct world *w = world_new(ROOT ROOM);
    struct actor *root = world_oper(w, "root");
    struct actor *eve = world_user_at(w, "eve", ADDRESS);
    w->verify_later = true;
    world_drain_all(w);
    world_say(w, eve, "OPER nobody secret");
    EQUAL_NUMBER(w->answers[0], true);
    world_close(w, eve);
    world_verify(w);
    EXPECT(w, root, "*Failed OPER as an unknown name by eve!*: no such operator");
    EQUAL_NUMBER(strikes(w), 2);
    world_free(w);
}

static void
until_the_answer_each_counts(void)
{
    struct world *w = world_new(ROOT ROOM);
    struct actor *same = world_user_at(w, "same", ADDRESS);
    w->verify_later = true;
    for (int i = 0; i < 3; i++)
        try_and_leave(w, i ? "secret" : "wrong", NULL);
    world_say(w, same, "OPER alice secret");
    EXPECT(w, same, "* :OPER refused: too many failures *");
    EQUAL_NUMBER(w->n_jobs, 3);
    world_verify(w);
    w->verify_later = false;
    world_say(w, same, "OPER alice secret");
    AWAIT(w, same, "* 381 *");
    world_free(w);
}

/* The attempts stay as they were, also if another client has the nick eve now. */
static void
both_names_are_those_of_the_client_that_left(void)
{
    struct world *w = world_new(ROOT ROOM "server { cloak = true }\n");
    struct actor *root = world_oper(w, "root"), *warden = world_user(w, "warden");
    world_say(w, warden, "OPER warden secret");
    w->verify_later = true;
    try_and_leave(w, "wrong", NULL);
    struct actor *eve = world_user_at(w, "eve", "192.0.2.99");
    world_drain_all(w);
    world_verify(w);
    EXPECT(w, root, "*Failed OPER as 'alice' by eve!eve@" ADDRESS ": wrong password");
    EXPECT(w, warden, "*Failed OPER as 'alice' by eve!eve@*: wrong password");
    CU_ASSERT_PTR_NULL(strstr(warden->inbox, ADDRESS));
    SILENT(w, eve);
    CU_ASSERT(eve->client->user.oper == NULL);
    world_free(w);
}

static void
a_host_that_was_forgotten_is_struck_all_the_same(void)
{
    static const bool rights[] = {false, true};
    for (size_t i = 0; i < 2; i++) {
        struct world *w = world_new(ROOT ROOM);
        struct actor *root = world_oper(w, "root");
        w->verify_later = true;
        try_and_leave(w, rights[i] ? "secret" : "wrong", NULL);
        host_trim(w->srv, 0, 100);
        CU_ASSERT(host(w) == NULL);
        world_drain_all(w);
        world_verify(w);
        EQUAL_NUMBER(world_count(root, "*Failed OPER as 'alice' by eve!*"), !rights[i]);
        EQUAL_NUMBER(strikes(w), rights[i] ? 0 : 2);
        world_free(w);
    }
}

static void
exempt_hosts_are_not_struck_but_locked_out(void)
{
    struct world *w =
        world_new(ROOT ROOM "exempt \"" ADDRESS "\" { from = { \"strikes\" } }\n");
    struct actor *root = world_oper(w, "root");
    struct actor *same = world_user_at(w, "same", ADDRESS);
    w->verify_later = true;
    for (int i = 0; i < 3; i++)
        try_and_leave(w, "wrong", NULL);
    world_verify(w);
    EQUAL_NUMBER(strikes(w), 0);
    AWAIT(w, root, "*Too many failed OPERs from " ADDRESS ": *");
    world_say(w, same, "OPER alice secret");
    EXPECT(w, same, "* :OPER refused: too many failures *");
    world_free(w);
}

/* Neither the attempt of a client that left before, nor that of one that is ended. */
static void
the_end_of_the_server_is_no_failure_of_a_client(void)
{
    for (int answered = 0; answered < 2; answered++) {
        struct world *w = world_new(ROOT ROOM);
        w->verify_later = true;
        try_and_leave(w, "wrong", NULL);
        struct actor *stays = world_user_at(w, "stays", ADDRESS);
        world_say(w, stays, "OPER alice wrong");
        logged_clear(w);
        session_shutdown(w->srv, "the end");
        if (answered)
            world_verify(w);
        EQUAL_NUMBER(strikes(w), 0);
        CU_ASSERT_PTR_NULL(strstr(w->logged, "oper-failed"));
        world_restart(w, ROOT);
        CU_ASSERT(host(w) == NULL);
        world_free(w);
    }
}

static size_t
jobs(const struct world *w)
{
    size_t n = 0;
    LIST_EACH(&w->srv->jobs, node)
        n++;
    return n;
}

static void
clients_that_left_fill_the_queue_and_no_more(void)
{
    struct world *w = world_new(ROOT ROOM);
    struct actor *a;
    char nick[16];
    w->verify_later = true;
    for (int i = 0; i < WORLD_JOBS + 6; i++) {
        snprintf(nick, sizeof nick, "u%d", i);
        a = world_user(w, nick);
        world_say(w, a, "OPER alice secret");
        EQUAL_NUMBER(world_count(a, "* :OPER refused: too many logins at once; *"),
                     i >= WORLD_JOBS);
        world_close(w, a);
    }
    EQUAL_NUMBER(jobs(w), WORLD_JOBS);
    world_verify(w);
    EQUAL_NUMBER(jobs(w), 0);
    w->verify_later = false;
    a = world_user(w, "late");
    world_say(w, a, "OPER alice secret");
    AWAIT(w, a, "* 381 *");
    world_free(w);
}

static void
labels_of_a_client_that_left_go_with_it(void)
{
    struct world *w = world_new(ROOT ROOM);
    struct actor *same = world_user_at(w, "same", ADDRESS);
    struct actor *eve = world_user_at(w, "eve", ADDRESS);
    world_say(w, same, "CAP REQ :labeled-response batch");
    world_say(w, eve, "CAP REQ :labeled-response batch");
    world_drain_all(w);
    w->verify_later = true;
    world_say(w, eve, "@label=e OPER alice wrong");
    world_say(w, same, "@label=s OPER alice wrong");
    world_close(w, eve);
    world_verify(w);
    EXPECT(w, same, "@label=s * BATCH +* labeled-response");
    EXPECT(w, same, "@batch=* 464 same *");
    EXPECT(w, same, "@batch=* :Strike 4 of 5: *");
    EXPECT(w, same, "* BATCH -*");
    SILENT(w, same);
    CU_ASSERT(w->srv->at_work == NULL);
    world_free(w);
}

static void
a_wrong_server_password_is_struck_and_a_right_one_is_not(void)
{
    struct world *w = world_new("server { password = \"$argon2id$secret\" }");
    w->verify_later = true;
    for (int i = 0; i < 2; i++) {
        struct actor *bob = world_connect(w, ADDRESS);
        world_sayf(w, bob, "PASS %s", i ? "secret" : "wrong");
        world_say(w, bob, "NICK bob\r\nUSER b 0 * :B");
        EQUAL_NUMBER(w->n_jobs, 1);
        world_close(w, bob);
        world_verify(w);
        EQUAL_NUMBER(strikes(w), 1);
    }
    EQUAL_NUMBER(w->srv->n_clients, 0);
    world_free(w);
}

SUITE(oper_lockout_late)
{
    TEST(a_right_one_is_no_failure);
    TEST(a_wrong_one_is_a_failure_like_any_other);
    TEST(a_name_that_no_block_has_fails_whatever_fits);
    TEST(until_the_answer_each_counts);
    TEST(both_names_are_those_of_the_client_that_left);
    TEST(a_host_that_was_forgotten_is_struck_all_the_same);
    TEST(exempt_hosts_are_not_struck_but_locked_out);
    TEST(the_end_of_the_server_is_no_failure_of_a_client);
    TEST(clients_that_left_fill_the_queue_and_no_more);
    TEST(labels_of_a_client_that_left_go_with_it);
    TEST(a_wrong_server_password_is_struck_and_a_right_one_is_not);
}
