/* The client of the control socket: it is the owner, whatever the configuration says. */
#include "state/store_ram.h"
#include "world.h"

static const char strict[] =
    "server { password = \"$argon2id$secret\" }\n"
    "limits { clients = 10 per_host = 1 connect_rate = \"1/1h\" }\n";

static struct actor *
connect_owner(struct world *w)
{
    return world_connect_with(
        w, "::1", (struct connection_info){.owner = true, .listener = "1000"});
}

static struct actor *
register_owner(struct world *w, const char *nick)
{
    struct actor *a = connect_owner(w);
    world_say(w, a, "CAP REQ :labeled-response batch");
    world_sayf(w, a, "NICK %s", nick);
    world_say(w, a, "USER ctl 0 * :ircd ctl");
    world_say(w, a, "CAP END");
    AWAIT(w, a, ":irc.localhost 381 * :*");
    return a;
}

static void
no_limit_password_or_ban_stops_the_owner(void)
{
    struct world *w = world_new(strict);
    CU_ASSERT(!world_connect(w, "::1")->closed); /* it takes all that its host may */
    for (int i = 0; i < 30; i++) {
        char nick[16];
        snprintf(nick, sizeof nick, "ctl%d", i);
        struct actor *a = register_owner(w, nick);
        CU_ASSERT_FATAL(!a->closed);
        world_say(w, a, "KLINE FORCE 1h *@0::1 :all of this host");
        world_say(w, a, "DLINE FORCE 1h ::1 :all of this host");
        world_say(w, a, "RESV FORCE 1h ctl* :its nicks");
        world_say(w, a, "XLINE FORCE 1h *ctl* :its name");
        world_store_news(w);
        CU_ASSERT(!a->closed);
    }
    CU_ASSERT(world_connect(w, "::1")->closed); /* the limits hold for all others */
    world_free(w);
}

static void
the_same_connection_without_the_mark_is_no_owner(void)
{
    struct world *w = world_new("");
    struct actor *a =
        world_user_with(w, "ann", (struct connection_info){.owner = false});
    world_say(w, a, "STATS s");
    EXPECT(w, a, ":irc.localhost 481 ann :Permission denied*");
    CU_ASSERT(a->client->user.oper == NULL);
    world_free(w);
}

static void
the_owner_has_all_privileges_and_keeps_them_at_rehash(void)
{
    struct world *w = world_new(world_alice);
    struct actor *a = register_owner(w, "ctl1");
    w->rehash_text = "";
    world_drain(a);
    world_say(w, a, "@label=x REHASH");
    AWAIT(w, a, "*NOTICE ctl1 :REHASH: the new configuration is in force");
    CU_ASSERT(a->client->user.privileges == UINT64_MAX);
    world_say(w, a, "STATS s");
    AWAIT(w, a, ":irc.localhost 249 ctl1 s :wrong: nothing");
    world_free(w);
}

static size_t
count_control_lines(const struct world *w)
{
    size_t n = 0;
    for (const char *at = w->logged; (at = strstr(at, "event=control ")) != NULL; at++)
        n++;
    return n;
}

static void
each_command_and_each_act_is_one_line_of_the_log(void)
{
    struct world *w = world_new("");
    struct actor *a = register_owner(w, "ctl1");
    EQUAL_NUMBER(count_control_lines(w), 0);
    world_say(w, a, "PRIVMSG ctl9 :x");
    EQUAL_NUMBER(count_control_lines(w), 1);
    CU_ASSERT(strstr(w->logged, "event=control nick=ctl1 name=owner uid=1000 "
                                "command=PRIVMSG\n") != NULL);
    world_say(w, a, "BANS IMPORT BEGIN :x\r\nBANS IMPORT 0a\r\nBANS IMPORT END");
    EQUAL_NUMBER(count_control_lines(w), 2);
    CU_ASSERT(strstr(w->logged, "event=oper ") == NULL);
    world_enact(w, a, "KLINE 1h *@192.0.2.9 :spam");
    CU_ASSERT(strstr(w->logged, "by=owner") != NULL);
    world_say(w, a, "QUIT");
    CU_ASSERT(strstr(w->logged, "event=oper-ended") == NULL);
    world_free(w);
}

static void
a_check_of_the_health_has_no_privileges_and_no_line(void)
{
    struct world *w = world_new("");
    struct actor *a = connect_owner(w);
    world_say(w, a, "NICK ctl1\r\nUSER health 0 * :ircd ctl");
    AWAIT(w, a, ":irc.localhost 381 * :*");
    world_drain(a);
    world_say(w, a, "STATS s");
    EXPECT(w, a, ":irc.localhost 249 ctl1 s :server: irc.localhost, ircd *");
    AWAIT(w, a, ":irc.localhost 219 ctl1 s :*");
    world_say(w, a, "KLINE 1h *@192.0.2.9 :spam");
    EXPECT(w, a, ":irc.localhost 481 ctl1 :*");
    world_say(w, a, "DIE irc.localhost");
    EXPECT(w, a, ":irc.localhost 481 ctl1 :*");
    CU_ASSERT(strstr(w->logged, "event=control") == NULL);
    world_free(w);
}

static void
operators_are_not_told_of_each_status(void)
{
    struct actor *alice;
    struct world *w = world_with_oper(world_alice, &alice);
    world_drain_all(w);
    struct actor *a = register_owner(w, "ctl1");
    world_say(w, a, "STATS s");
    world_say(w, a, "QUIT");
    NEVER(w, alice, "*operator*");
    world_free(w);
}

static void
status_names_what_is_wrong(void)
{
    struct world *w = world_new("");
    struct actor *a = register_owner(w, "ctl1");
    world_drain(a);
    world_say(w, a, "STATS s");
    EXPECT(w, a, ":irc.localhost 249 ctl1 s :server: irc.localhost, ircd *");
    EXPECT(w, a, ":irc.localhost 249 ctl1 s :up: *");
    AWAIT(w, a,
          ":irc.localhost 249 ctl1 s :clients: 0 of *, 0 registered, 0 operators");
    AWAIT(w, a, ":irc.localhost 249 ctl1 s :wrong: nothing");
    EXPECT(w, a, ":irc.localhost 219 ctl1 s :*");
    store_ram_fail(w->store, "No space left on device");
    world_say(w, a, "KLINE 1h *@192.0.2.9 :spam");
    world_store_news(w);
    AWAIT(w, a, "*, NOT saved: No space left on device");
    world_say(w, a, "STATS s");
    AWAIT(w, a,
          ":irc.localhost 249 ctl1 s :wrong: changes cannot be saved: No space *; *");
    store_ram_fail(w->store, NULL);
    world_store_news(w);
    world_drain(a);
    world_say(w, a, "STATS s");
    AWAIT(w, a, ":irc.localhost 249 ctl1 s :wrong: nothing");
    CU_ASSERT(!world_rehash(w)); /* there is no text: it fails */
    world_drain(a);
    world_say(w, a, "STATS s");
    AWAIT(w, a, ":irc.localhost 249 ctl1 s :wrong: the configuration read last*");
    world_free(w);
}

static void
status_shows_the_facts_of_the_process_in_their_order(void)
{
    struct world *w = world_new("");
    struct actor *a = register_owner(w, "ctl1");
    session_about(w->srv,
                  "configuration: x.conf\nwrong: too little room\ncontrol: c\n");
    world_drain(a);
    world_say(w, a, "STATS s");
    EXPECT(w, a, ":irc.localhost 249 ctl1 s :server: *");
    EXPECT(w, a, ":irc.localhost 249 ctl1 s :up: *");
    EXPECT(w, a, ":irc.localhost 249 ctl1 s :configuration: x.conf");
    EXPECT(w, a, ":irc.localhost 249 ctl1 s :control: c");
    EXPECT(w, a, ":irc.localhost 249 ctl1 s :clients: *");
    AWAIT(w, a, ":irc.localhost 249 ctl1 s :store: * records, * bytes, in *");
    EXPECT(w, a, ":irc.localhost 249 ctl1 s :wrong: too little room");
    EXPECT(w, a, ":irc.localhost 219 ctl1 s :*");
    world_free(w);
}

static void
certificates_that_were_refused_are_a_fault_until_they_are_read(void)
{
    struct world *w = world_new("");
    struct actor *a = register_owner(w, "ctl1");
    w->answer_later = true;
    world_say(w, a, "REHASH TLS");
    session_configure_failed(w->srv, w->asked[0].id, "no such file\nand more");
    w->n_asked = 0;
    world_drain(a);
    world_say(w, a, "STATS s");
    AWAIT(w, a,
          ":irc.localhost 249 ctl1 s :wrong: the certificates *: no such file; *");
    session_certificates(w->srv, 0, NULL, 0);
    world_say(w, a, "STATS s");
    AWAIT(w, a, ":irc.localhost 249 ctl1 s :wrong: nothing");
    world_free(w);
}

static void
no_other_client_sees_the_owner(void)
{
    static const struct {
        const char *line, *never;
    } asked[] = {
        {"WHO *", "*hidden*"},         {"WHO ctl1", "*hidden*"},
        {"WHO * o", "*hidden*"},       {"WHOIS ctl1", "*hidden*"},
        {"USERHOST ctl1", "*hidden*"}, {"STATS p", "*hidden*"},
        {"TRACE", "*hidden*"},         {"TRACE ctl1", "*hidden*"},
        {"WHOWAS ctl1", "*hidden*"},   {"ISON ctl1", "* 303 bob :ctl1*"},
        {"MONITOR + ctl1", "* 730 *"}, {"PRIVMSG ctl1 :x", "*hidden*"},
    };
    struct actor *alice;
    struct world *w = world_with_oper(world_alice, &alice);
    struct actor *ann = world_user(w, "ann"), *a = connect_owner(w);
    world_say(w, ann, "MONITOR + ctl1,ctl2");
    world_drain_all(w);
    world_say(w, a, "NICK ctl1\r\nUSER hidden 0 * :hidden\r\nMODE ctl1 -i");
    AWAIT(w, a, ":irc.localhost 381 ctl1 :*");
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
        struct actor *bob = world_user(w, "bob");
        world_say(w, bob, asked[i].line);
        NEVER(w, bob, asked[i].never);
        world_say(w, bob, "QUIT");
    }
    world_drain(a);
    world_say(w, a, "JOIN #a,#b");
    EXPECT(w, a, ":irc.localhost NOTICE ctl1 :JOIN refused: *");
    CU_ASSERT(w->srv->n_channels == 0);
    world_say(w, a, "NICK ctl2");
    world_say(w, a, "QUIT");
    NEVER(w, ann, "*ctl*");
    NEVER(w, alice, "*ctl*");
    world_say(w, alice, "WHOWAS ctl2");
    NEVER(w, alice, "*hidden*");
    world_free(w);
}

static void
no_count_has_the_owner(void)
{
    struct actor *alice;
    struct world *w = world_with_oper(world_alice, &alice);
    for (int i = 0; i < 2; i++) {
        world_drain_all(w);
        world_say(w, alice, "LUSERS");
        EXPECT(w, alice,
               ":irc.localhost 251 alice :There are 1 users and 0 invisible *");
        EXPECT(w, alice, ":irc.localhost 252 alice 1 :*");
        EXPECT(w, alice, ":irc.localhost 255 alice :I have 1 clients *");
        EXPECT(w, alice, ":irc.localhost 265 alice 1 1 :*");
        EXPECT(w, alice, ":irc.localhost 266 alice 1 1 :*");
        world_say(w, alice, "TESTMASK *@*");
        AWAIT(w, alice, ":irc.localhost 727 alice 1 *");
        if (i == 0) {
            register_owner(w, "ctl1");
            world_say(w, register_owner(w, "ctl2"), "MODE ctl2 -i");
        }
    }
    struct actor *a = register_owner(w, "ctl3");
    world_say(w, a, "STATS s");
    AWAIT(w, a,
          ":irc.localhost 249 ctl3 s :clients: 1 of *, 1 registered, 1 operators");
    world_free(w);
}

SUITE(control_owner)
{
    TEST(no_other_client_sees_the_owner);
    TEST(no_count_has_the_owner);
    TEST(no_limit_password_or_ban_stops_the_owner);
    TEST(the_same_connection_without_the_mark_is_no_owner);
    TEST(the_owner_has_all_privileges_and_keeps_them_at_rehash);
    TEST(each_command_and_each_act_is_one_line_of_the_log);
    TEST(a_check_of_the_health_has_no_privileges_and_no_line);
    TEST(operators_are_not_told_of_each_status);
    TEST(status_names_what_is_wrong);
    TEST(status_shows_the_facts_of_the_process_in_their_order);
    TEST(certificates_that_were_refused_are_a_fault_until_they_are_read);
}
