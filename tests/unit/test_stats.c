/* STATS: the report of each letter and the right it needs (RFC 2812 3.4.4). */
#include "world.h"

static struct actor *ann, *root;

static struct world *
begin(void)
{
    struct world *w = world_new(
        "oper \"alice\" { password = \"$argon2id$secret\" hosts = { \"*@10.*\" "
        "} privileges = { \"all\" } }\n"
        "class \"bots\" { match = { \"192.0.2.0/24\" } per_host = 50 }\n"
        "flood { burst = 10000 }");
    ann = world_user(w, "ann");
    root = world_oper(w, "root");
    return w;
}

static void
all_clients_may_ask_for_these(void)
{
    static const struct {
        const char *letter, *line;
    } cases[] = {
        {"u", ":irc.localhost 242 ann :Server up 0 days, 0:00:00"},
        {"u", ":irc.localhost 250 ann :Highest connection count: 2 (2 clients) (2 *"},
        {"l", ":irc.localhost 211 ann ann[ann] * - * 0 0"},
        {"p", ":irc.localhost 249 ann p :root (root@*) idle 0 s"},
        {"p", ":irc.localhost 249 ann p :1 operators"},
        {"?", ":irc.localhost 249 ann ? :u uptime*"},
    };
    char end[64];
    struct world *w = begin();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world_sayf(w, ann, "STATS %s", cases[i].letter);
        EQUAL_NUMBER(world_count(ann, cases[i].line), 1);
        snprintf(end, sizeof end, ":irc.localhost 219 ann %s :*", cases[i].letter);
        AWAIT(w, ann, end);
        SILENT(w, ann);
    }
    world_free(w);
}

static void
a_port_is_shown_with_its_options(void)
{
    static const char listens[] =
        "listen \"[::1]:6697\" { tls = true }\n"
        "listen \"[::1]:6667\" { redirect = true }\n"
        "listen \"[::1]:6670\" { proxy = true class = tor }\n"
        "listen \"[::1]:6671\" { proxy = true tls = true }\n"
        "listen \"[::1]:8067\" { serves = { chat, websocket } class = tor }\n"
        "listen \"[::1]:8068\" { tls = true serves = metrics }\n"
        "class tor { match = fc00::/64 }\n"
        "proxy hap { match = ::2 accepts = proxy-protocol }\n";
    struct actor *alice;
    char config[1200];
    snprintf(config, sizeof config, "%s%s", world_alice, listens);
    struct world *w = world_with_oper(config, &alice);
    world_say(w, alice, "STATS P");
    EXPECT(w, alice, ":irc.localhost 220 alice P 6697 [::1]:6697 :tls");
    EXPECT(w, alice, ":irc.localhost 220 alice P 6667 [::1]:6667 :redirect");
    EXPECT(w, alice,
           ":irc.localhost 220 alice P 6670 [::1]:6670 :proxy, plain, class tor");
    EXPECT(w, alice, ":irc.localhost 220 alice P 6671 [::1]:6671 :proxy, tls");
    EXPECT(w, alice,
           ":irc.localhost 220 alice P 8067 [::1]:8067 :plain, serves "
           "chat,websocket, class tor");
    EXPECT(w, alice, ":irc.localhost 220 alice P 8068 [::1]:8068 :tls, serves metrics");
    world_free(w);
}

static void
operators_may_ask_for_these(void)
{
    static const struct {
        const char *letter, *line;
    } cases[] = {
        {"c", ":irc.localhost 218 root Y bots 120 50 1048576"},
        {"c", ":irc.localhost 249 root c :2 connections, 2 registered, *"},
        {"m", ":irc.localhost 212 root NICK 2 *"},
        {"P", ":irc.localhost 220 root P 6667 * :plain"},
        {"t", ":irc.localhost 249 root t :2 connections accepted, 0 refused"},
        {"t", ":irc.localhost 249 root t :0 WEBIRC lines refused"},
        {"z", ":irc.localhost 249 root z :2 clients, * KiB"},
        {"z", ":irc.localhost 249 root z :2 nicks in the table, * KiB"},
        {"z", ":irc.localhost 249 root z :* bytes a client"},
        {"z", ":irc.localhost 249 root z :* KiB in all"},
        {"K", ":irc.localhost 219 root K :*"},
        {"d", ":irc.localhost 219 root d :*"},
    };
    struct world *w = begin();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world_sayf(w, root, "STATS %s", cases[i].letter);
        CU_ASSERT(world_count(root, cases[i].line) >= 1);
        AWAIT(w, root, ":irc.localhost 219 root ? :End of /STATS report");
        SILENT(w, root);
        world_sayf(w, ann, "STATS %s", cases[i].letter);
        EXPECT(w, ann, ":irc.localhost 481 ann :*");
        EXPECT(w, ann, ":irc.localhost 219 ann ? :*");
        SILENT(w, ann);
    }
    world_free(w);
}

static void
hosts_of_oper_blocks_and_hidden_operators_need_a_privilege(void)
{
    struct world *w = begin();
    world_say(w, root, "STATS o");
    EXPECT(w, root, ":irc.localhost 243 root O ?@10.? ? alice ?");
    world_say(w, ann, "STATS o"); /* OPER answers all names alike, too */
    EXPECT(w, ann,
           ":irc.localhost 481 ann :Permission denied*STATS o is for operators*");
    EXPECT(w, ann, ":irc.localhost 219 ann o :*");
    SILENT(w, ann);
    world_say(w, ann, "STATS ?");
    NEVER(w, ann, "* 249 ann ? :o *");
    NEVER(w, ann, "*oper blocks*");
    world_drain_all(w);
    world_say(w, root, "MODE root +i");
    world_say(w, ann, "STATS p");
    EXPECT(w, ann, ":irc.localhost 249 ann p :0 operators");
    world_free(w);
}

static void
letters_that_are_none_end_too(void)
{
    static const struct {
        const char *line, *end;
    } cases[] = {
        {"STATS", ":irc.localhost 219 ann ? :*"},
        {"STATS :", ":irc.localhost 219 ann ? :*"},
        {"STATS w", ":irc.localhost 219 ann w :*"},
        {"STATS ::", ":irc.localhost 219 ann ? :*"},
        {"STATS \xc3\xa9", ":irc.localhost 219 ann ? :*"},
        {"STATS u nowhere", ":irc.localhost 402 ann nowhere :*"},
        {"STATS u irc.localhost", ":irc.localhost 219 ann u :*"},
    };
    struct world *w = begin();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world_say(w, ann, cases[i].line);
        AWAIT(w, ann, cases[i].end);
        SILENT(w, ann);
    }
    world_free(w);
}

static void
a_letter_without_a_report_is_said_to_be_none(void)
{
    struct world *w = begin();
    world_say(w, ann, "STATS Q");
    EXPECT(w, ann, "*NOTICE ann :STATS: there is no such report; STATS ? lists them");
    EXPECT(w, ann, ":irc.localhost 219 ann Q :*");
    SILENT(w, ann);
    world_free(w);
}

SUITE(stats)
{
    TEST(a_letter_without_a_report_is_said_to_be_none);
    TEST(all_clients_may_ask_for_these);
    TEST(a_port_is_shown_with_its_options);
    TEST(operators_may_ask_for_these);
    TEST(hosts_of_oper_blocks_and_hidden_operators_need_a_privilege);
    TEST(letters_that_are_none_end_too);
}
