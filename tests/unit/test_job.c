/* Jobs of the password worker: order, late answers, a full queue. */
#include "cmd/job.h" /* the internal header of cmd: the test has jobs of its own */
#include "policy/client_policy.h"
#include "policy/host.h"
#include "world.h"

static void
lines_behind_oper_wait_for_its_answer(void)
{
    struct world *w = world_new(world_alice);
    struct actor *bob = world_user(w, "bob");
    w->verify_later = true;
    static const char burst[] = "OPER alice secret\r\nPING 1\r\nISON bob\r\nPING 2\r\n";
    world_send(w, bob, burst, sizeof burst - 1);
    world_sleep(w, 3000);
    SILENT(w, bob);
    world_verify(w);
    EXPECT(w, bob, ":bob!bob@10.1.1.1 MODE bob :+o*");
    EXPECT(w, bob, "* 381 bob *");
    AWAIT(w, bob, "* PONG irc.localhost :1");
    EXPECT(w, bob, "* 303 bob *");
    EXPECT(w, bob, "* PONG irc.localhost :2");
    SILENT(w, bob);
    world_free(w);
}

/* The worker serves hosts in turn, so the answer of a later client may come first. This
 * changes nothing for the other client, and each reads its own answers in the order of
 * its questions. */
static void
each_client_reads_its_answers_in_the_order_it_asked(void)
{
    struct world *w = world_new(world_alice);
    struct actor *ann = world_user_at(w, "ann", "10.1.1.1");
    struct actor *bob = world_user_at(w, "bob", "10.1.2.1");
    w->verify_later = true;
    world_say(w, ann, "OPER alice wrong\r\nPING 1\r\nOPER alice secret\r\nPING 2");
    world_say(w, bob, "OPER alice secret\r\nPING 3");
    EQUAL_NUMBER(w->n_jobs, 2);
    world_drain_all(w);
    session_answered(w->srv, w->jobs[1], "\1", 1);
    world_sleep(w, 0);
    AWAIT(w, bob, "* 381 bob *");
    EXPECT(w, bob, "* PONG irc.localhost :3");
    SILENT(w, ann);
    w->n_jobs = 1;
    world_verify(w); /* ann's job, and the job that ann has begun behind it */
    EXPECT(w, ann, "* 464 ann *");
    AWAIT(w, ann, "* PONG irc.localhost :1");
    AWAIT(w, ann, "* 381 ann *");
    AWAIT(w, ann, "* PONG irc.localhost :2");
    world_free(w);
}

static void
an_answer_for_a_client_that_has_gone_finds_none(void)
{
    static const bool rights[] = {true, false};
    for (size_t i = 0; i < 2; i++) {
        struct world *w = world_new(world_alice);
        struct actor *bob = world_user(w, "bob");
        w->verify_later = true;
        world_sayf(w, bob, "OPER alice %s", rights[i] ? "secret" : "wrong");
        world_close(w, bob);
        struct actor *eve = world_user(w, "eve");
        world_verify(w);
        world_sleep(w, 1000);
        CU_ASSERT(eve->client && eve->client->user.oper == NULL);
        EQUAL_NUMBER(w->srv->n_opers, 0);
        CU_ASSERT(list_empty(&w->srv->jobs));
        world_free(w);
    }
}

static void
unknown_and_repeated_answers_are_ignored(void)
{
    struct world *w = world_new(world_alice);
    struct actor *bob = world_user(w, "bob");
    session_answered(w->srv, 99, "\1", 1);
    world_say(w, bob, "OPER alice wrong");
    AWAIT(w, bob, "* 464 *");
    session_answered(w->srv, w->srv->last_deferred, "\1", 1);
    world_sleep(w, 0);
    CU_ASSERT(bob->client->user.oper == NULL);
    world_free(w);
}

static void
a_full_queue_is_told_and_counts_as_no_failure(void)
{
    struct world *w = world_new(world_alice);
    struct actor *bob = world_user(w, "bob");
    world_fill_worker(w, true);
    for (int i = 0; i < 4; i++)
        world_say(w, bob, "OPER alice secret");
    EQUAL_NUMBER(
        world_count(bob, "* :OPER refused: too many logins at once; try again"), 4);
    world_fill_worker(w, false);
    world_say(w, bob, "OPER alice secret");
    AWAIT(w, bob, "* 381 *");
    world_free(w);
}

static void
many_ask_at_once_and_each_gets_its_own_answer(void)
{
    struct world *w = world_new(world_alice);
    struct actor *who[20];
    char nick[16];
    w->verify_later = true;
    for (int i = 0; i < 20; i++) {
        snprintf(nick, sizeof nick, "u%d", i);
        who[i] = world_user(w, nick);
        world_sayf(w, who[i], "OPER alice %s", i % 3 ? "wrong" : "secret");
    }
    world_verify(w);
    for (int i = 0; i < 20; i++)
        EQUAL_NUMBER(who[i]->client->user.oper != NULL, i % 3 == 0);
    world_free(w);
}

static void
the_configuration_of_the_moment_of_the_answer_counts(void)
{
    struct world *w = world_new(world_alice);
    struct actor *bob = world_user(w, "bob");
    w->verify_later = true;
    world_say(w, bob, "OPER alice secret");
    w->rehash_text = "";
    CU_ASSERT_FATAL(world_rehash(w));
    world_verify(w);
    EXPECT(w, bob, "* 464 *");
    CU_ASSERT(bob->client->user.oper == NULL);
    world_free(w);
}

/* The effect of a right password after REHASH has changed the block. */
static void
an_oper_password_that_changes_meanwhile_is_refused(void)
{
    struct world *w = world_new(world_alice);
    struct actor *bob = world_user(w, "bob");
    for (int changed = 1; changed >= 0; changed--) {
        w->verify_later = true;
        world_sayf(w, bob, "OPER alice %s", changed ? "secret" : "other");
        w->rehash_text = "oper \"alice\" { password = \"$argon2id$other\" "
                         "hosts = { \"*@*\" } privileges = { \"all\" } }\n";
        CU_ASSERT_FATAL(world_rehash(w));
        world_verify(w);
        if (changed)
            EXPECT(w, bob, "* :OPER refused: the configuration has changed; *");
        EQUAL_NUMBER(bob->client->user.oper != NULL, !changed);
        EQUAL_NUMBER(policy_of(bob->client)->host->strikes, 0);
    }
    world_free(w);
}

/* The password was right, so it is no failed attempt. */
static void
oper_hosts_that_change_meanwhile_are_no_wrong_password(void)
{
    struct world *w = world_new(world_alice);
    struct actor *bob = world_user(w, "bob");
    for (int right = 1; right >= 0; right--) {
        w->rehash_text = world_alice;
        CU_ASSERT_FATAL(world_rehash(w));
        w->verify_later = true;
        world_sayf(w, bob, "OPER alice %s", right ? "secret" : "wrong");
        w->rehash_text = "oper \"alice\" { password = \"$argon2id$secret\" "
                         "hosts = { \"*@192.0.2.77\" } privileges = { \"all\" } }\n";
        CU_ASSERT_FATAL(world_rehash(w));
        world_verify(w);
        CU_ASSERT(bob->client->user.oper == NULL);
        EQUAL_NUMBER(policy_of(bob->client)->host->strikes, right ? 0 : 2);
    }
    world_free(w);
}

static void
a_server_password_holds_registration_until_its_answer(void)
{
    struct world *w = world_new("server { password = \"$argon2id$secret\" }");
    struct actor *bob = world_connect(w, "192.0.2.1");
    w->verify_later = true;
    static const char burst[] =
        "PASS secret\r\nNICK bob\r\nUSER b 0 * :B\r\nISON bob\r\n";
    world_send(w, bob, burst, sizeof burst - 1);
    SILENT(w, bob);
    world_verify(w);
    EXPECT(w, bob, "* 001 bob *");
    AWAIT(w, bob, "* 303 bob *");
    world_free(w);
}

static void
a_full_queue_after_failures_begins_no_lockout(void)
{
    struct world *w = world_new(world_alice);
    struct actor *bob = world_user(w, "bob");
    world_say(w, bob, "OPER alice wrong\r\nOPER alice wrong");
    world_fill_worker(w, true);
    world_say(w, bob, "OPER alice secret");
    AWAIT(w, bob, "* :OPER refused: too many logins at once; try again");
    world_fill_worker(w, false);
    world_say(w, bob, "OPER alice secret");
    AWAIT(w, bob, "* 381 *");
    world_free(w);
}

static struct client *second_answered;

static void
second_done(struct server *srv, struct client *c, const struct job_result *result,
            void *ctx)
{
    (void)srv, (void)ctx;
    second_answered = c;
    CU_ASSERT(job_is_right(result));
}

/* Begins one more job, and then c goes. */
static void
first_done(struct server *srv, struct client *c, const struct job_result *result,
           void *ctx)
{
    (void)ctx;
    CU_ASSERT(job_is_right(result));
    CU_ASSERT(job_verify(srv, c, "$secret", "secret", second_done, NULL, 0) ==
              JOB_STARTED);
    job_leave(srv, c);
}

static void
the_end_of_a_job_may_begin_another_one(void)
{
    struct world *w = world_new(world_alice);
    struct actor *bob = world_user(w, "bob");
    w->verify_later = true;
    second_answered = bob->client;
    CU_ASSERT(job_verify(w->srv, bob->client, "$secret", "secret", first_done, NULL,
                         0) == JOB_STARTED);
    world_verify(w);
    CU_ASSERT_PTR_NULL(second_answered); /* not the first job, which was over */
    CU_ASSERT(list_empty(&w->srv->jobs));
    world_free(w);
}

/* A job still counts when its client has gone; each answer makes room for one job. */
static void
a_host_has_a_share_of_the_queue(void)
{
    struct world *w = world_new(world_easy);
    struct actor *who[JOB_SHARE + 1];
    char nick[16];
    for (int i = 0; i <= JOB_SHARE; i++) {
        snprintf(nick, sizeof nick, "u%d", i);
        who[i] = world_user_at(w, nick, "127.0.0.1");
    }
    struct actor *bob = world_user_at(w, "bob", "10.1.1.9");
    w->verify_later = true;
    for (int i = 0; i < JOB_SHARE; i++) {
        CU_ASSERT(job_verify(w->srv, who[i]->client, "$secret", "secret", second_done,
                             NULL, 0) == JOB_STARTED);
    }
    world_close(w, who[0]);
    CU_ASSERT(job_verify(w->srv, who[JOB_SHARE]->client, "$secret", "secret",
                         second_done, NULL, 0) == JOB_HOST_FULL);
    world_say(w, who[JOB_SHARE], "OPER alice secret");
    AWAIT(w, who[JOB_SHARE],
          "* :OPER refused: too many logins from your host at once; try again");
    CU_ASSERT(job_verify(w->srv, bob->client, "$secret", "secret", second_done, NULL,
                         0) == JOB_STARTED);
    world_verify(w);
    EQUAL_NUMBER(w->srv->n_jobs, 0);
    w->verify_later = false;
    world_say(w, who[JOB_SHARE], "OPER alice secret");
    AWAIT(w, who[JOB_SHARE], "* 381 *");
    world_free(w);
}

SUITE(job)
{
    TEST(a_host_has_a_share_of_the_queue);
    TEST(lines_behind_oper_wait_for_its_answer);
    TEST(each_client_reads_its_answers_in_the_order_it_asked);
    TEST(an_answer_for_a_client_that_has_gone_finds_none);
    TEST(unknown_and_repeated_answers_are_ignored);
    TEST(a_full_queue_is_told_and_counts_as_no_failure);
    TEST(many_ask_at_once_and_each_gets_its_own_answer);
    TEST(the_configuration_of_the_moment_of_the_answer_counts);
    TEST(an_oper_password_that_changes_meanwhile_is_refused);
    TEST(oper_hosts_that_change_meanwhile_are_no_wrong_password);
    TEST(a_server_password_holds_registration_until_its_answer);
    TEST(a_full_queue_after_failures_begins_no_lockout);
    TEST(the_end_of_a_job_may_begin_another_one);
}
