/* Held lines: their order, any bytes in them, and their end with the client. */
#include "policy/client_policy.h"
#include "session/client_input.h"
#include "world.h"

static void
fill(struct world *w, struct actor *a, int lines)
{
    for (int i = 0; i < lines; i++)
        world_sayf(w, a, "PRIVMSG %s :%d", a->client->user.nick, i);
}

static void
every_line_comes_out_as_it_went_in(void)
{
    struct world *w = world_new("flood { burst = 4 interval = \"10ms\" hold = 300 }\n"
                                "limits { recvq = 65536 }");
    struct actor *bob = world_user(w, "bob");
    char want[600], text[500];
    int n = 0;
    for (; n < 200; n++) {
        size_t len = (size_t)(n * 37 % 230);
        memset(text, 'a' + n % 26, len);
        text[len] = '\0';
        world_sayf(w, bob, "PRIVMSG bob :%d %s", n, text);
        if (n % 9 == 0)
            world_sleep(w, 30);
    }
    CU_ASSERT(policy_of(bob->client)->held_lines > 50);
    world_sleep(w, 5000);
    for (int i = 0; i < n; i++) {
        size_t len = (size_t)(i * 37 % 230);
        memset(text, 'a' + i % 26, len);
        text[len] = '\0';
        snprintf(want, sizeof want, "* PRIVMSG bob :%d %s", i, text);
        EXPECT(w, bob, want);
    }
    EQUAL_NUMBER(policy_of(bob->client)->held_lines, 0);
    CU_ASSERT(input_of(bob->client)->held == NULL);
    world_free(w);
}

static void
a_client_that_goes_takes_its_lines_along(void)
{
    static const char *const last[] = {"QUIT", NULL};
    for (size_t i = 0; i < 2; i++) {
        struct world *w = world_new(NULL);
        struct actor *bob = world_user(w, "bob"), *eve = world_user(w, "eve");
        for (int n = 0; n < 26; n++)
            world_say(w, bob, "PRIVMSG eve :x");
        if (last[i])
            world_say(w, bob, last[i]);
        else
            world_close(w, bob);
        world_drain(eve);
        world_sleep(w, 20000);
        SILENT(w, eve);
        CU_ASSERT(list_empty(holding_of(w->srv)));
        world_free(w);
    }
}

static void
a_held_quit_ends_what_stands_behind_it(void)
{
    struct world *w = world_new(NULL);
    struct actor *bob = world_user(w, "bob"), *eve = world_user(w, "eve");
    fill(w, bob, 12);
    world_say(w, bob, "QUIT :bye");
    world_say(w, bob, "PRIVMSG eve :too late");
    CU_ASSERT(!bob->closed);
    world_sleep(w, 5000);
    CU_ASSERT(bob->closed);
    SILENT(w, eve);
    world_free(w);
}

static void
an_operators_held_lines_may_end_others_that_wait(void)
{
    struct world *w = world_new(world_alice);
    struct actor *alice = world_user(w, "alice");
    struct actor *bob = world_user(w, "bob"), *eve = world_user(w, "eve");
    w->verify_later = true;
    w->rehash_text = world_alice;
    static const char burst[] = "OPER alice secret\r\nKILL bob :x\r\nKILL eve :x\r\n"
                                "REHASH\r\nPING end\r\n";
    world_send(w, alice, burst, sizeof burst - 1);
    for (int i = 0; i < 15; i++) {
        world_say(w, bob, "ISON bob");
        world_say(w, eve, "ISON eve");
    }
    CU_ASSERT(policy_of(bob->client)->held_lines > 0 &&
              policy_of(eve->client)->held_lines > 0);
    world_verify(w);
    CU_ASSERT(bob->closed && eve->closed && !alice->closed);
    AWAIT(w, alice, "* PONG irc.localhost :end");
    world_sleep(w, 5000);
    CU_ASSERT(list_empty(holding_of(w->srv)));
    world_free(w);
}

static void
held_bytes_count_against_the_receive_queue(void)
{
    struct world *w = world_new("limits { recvq = 4096 }\n"
                                "flood { burst = 8 hold = 1000 interval = \"1m\" }");
    struct actor *bob = world_user(w, "bob");
    for (int i = 0; i < 13 && !bob->closed; i++)
        world_sayf(w, bob, "PRIVMSG bob :%0*d", 400, i);
    CU_ASSERT(!bob->closed);
    for (int i = 0; i < 5 && !bob->closed; i++)
        world_sayf(w, bob, "PRIVMSG bob :%0*d", 400, i);
    CU_ASSERT(bob->closed);
    AWAIT(w, bob, "ERROR *(Excess Flood)");
    world_free(w);
}

SUITE(held)
{
    TEST(every_line_comes_out_as_it_went_in);
    TEST(a_client_that_goes_takes_its_lines_along);
    TEST(a_held_quit_ends_what_stands_behind_it);
    TEST(an_operators_held_lines_may_end_others_that_wait);
    TEST(held_bytes_count_against_the_receive_queue);
}
