/* Server notices by kind: each event that a letter stands for goes to the operators
 * with that letter alone, and to no others. */
#include "config/config.h"
#include "enact/strike.h"
#include "proto/snomask.h"
#include "world.h"

#define CONFIG                                                                         \
    "oper \"alice\" { password = \"$argon2id$secret\" hosts = { \"*@*\" } "            \
    "privileges = { \"all\" } }\n"                                                     \
    "oper \"blind\" { password = \"$argon2id$secret\" hosts = { \"*@*\" } "            \
    "privileges = { \"spy\" } }\n"                                                     \
    "class \"gateway\" { match = { \"198.51.100.0/24\" } strikes = \"disconnect\" }\n"

static struct world *w;
static struct actor *root, *bob;

static void
say_as_root(const char *line)
{
    world_say(w, root, line);
}

static void
say_as_bob(const char *line)
{
    world_say(w, bob, line);
}

static void
connect_from(const char *address)
{
    for (int i = 0; i < 4; i++)
        world_connect(w, address);
}

static void
register_from(const char *address)
{
    world_say(w, root, "KLINE 1h *@203.0.113.9 :x");
    world_drain_all(w);
    world_user_at(w, "eve", address);
}

static void
come_and_go(const char *nick)
{
    world_close(w, world_user_at(w, nick, "203.0.113.8"));
}

static void
flood(const char *line)
{
    for (int i = 0; i < 30; i++)
        world_say(w, bob, line);
}

static void
spam_unregistered(const char *line)
{
    struct actor *fresh = world_connect(w, "203.0.113.7");
    for (int i = 0; i < 21; i++)
        world_say(w, fresh, line);
}

static void
strike_out(const char *address)
{
    struct actor *a = world_user_at(w, "gate", address);
    for (int i = 0; i < 5 && a->client; i++)
        enact_strike(w->srv, a->client, STRIKE_FLOOD);
    world_sleep(w, 0);
}

static void
let_end(const char *line)
{
    world_say(w, root, line);
    world_drain_all(w);
    world_sleep(w, 61000);
}

static void
fail_three_times(const char *line)
{
    for (int i = 0; i < 3; i++) {
        world_say(w, bob, line);
        world_sleep(w, 3000);
    }
}

static void
reload(const char *text)
{
    w->rehash_text = text;
    world_say(w, root, "REHASH");
}

static const struct {
    char letter;
    void (*act)(const char *how);
    const char *how;
    const char *seen, *blind; /* with and without see_address; NULL: the same */
} cases[] = {
    {'c', come_and_go, "dave", "Client connecting: dave!dave@203.0.113.8", NULL},
    {'c', come_and_go, "dave", "Client exiting: dave!dave@203.0.113.8 (*)", NULL},
    {'f', connect_from, "203.0.113.9", "Refused a connection from 203.0.113.9: Too *",
     "Refused a connection from a host: Too *"},
    {'f', register_from, "203.0.113.9", "Refused eve!eve@203.0.113.9: You are banned *",
     "Refused eve: You are banned *"},
    {'f', flood, "ISON bob", "Lines of bob are refused: ISON comes too fast", NULL},
    {'f', spam_unregistered, "PONG x", "Excess flood of ?!?@203.0.113.7: disconnected",
     "Excess flood of ?: disconnected"},
    {'s', flood, "ISON bob", "Strike 1 of 5 for 192.0.2.7 (bob): messages sent *",
     "Strike 1 of 5 for a host (bob): messages sent *"},
    {'s', strike_out, "198.51.100.7", "5 strikes of gate (*): disconnected, not banned",
     NULL},
    {'b', strike_out, "203.0.113.6", "Automatic K-line ?@203.0.113.6 until *: 5 *",
     "Automatic K-line on gate until *: 5 *"},
    {'b', say_as_root, "KLINE 1h *@203.0.113.5 :x",
     "root: K-line ?@203.0.113.5 set *, reason: x",
     "root: K-line on a host set *, reason: x"},
    {'b', say_as_root, "KLINE 1h bob :x", "root: K-line ?@192.0.2.7 set *, reason: x",
     "root: K-line on bob set *, reason: x"},
    {'b', say_as_root, "DLINE 1h 203.0.113.5 :x|y",
     "root: D-line 203.0.113.5 set *, reason: x | y",
     "root: D-line on a host set *, reason: x | y"},
    {'b', say_as_root, "RESV 1h guest* :x", "root: RESV guest? set *, reason: x", NULL},
    {'b', let_end, "KLINE 1m *@203.0.113.5 :x", "K-line ?@203.0.113.5 has ended",
     "K-line on a host has ended"},
    {'k', say_as_root, "KILL bob :x", "root killed bob (bob@192.0.2.7): x", NULL},
    {'k', say_as_root, "CLOSE", "root closed 0 connections that had not registered",
     NULL},
    {'r', reload, CONFIG, "REHASH: the new configuration is in force", NULL},
    {'r', reload, "junk", "REHASH refused, nothing changed: test.conf:1: *", NULL},
    {'r', reload, CONFIG "limits { nick_length = 9 }",
     "REHASH: limits.nick_length has changed, which only a restart applies", NULL},
    {'o', say_as_bob, "OPER alice secret",
     "bob!bob@192.0.2.7 is now an operator (alice)", NULL},
    {'o', say_as_bob, "OPER alice wrong",
     "Failed OPER as 'alice' by bob!bob@192.0.2.7: wrong password", NULL},
    {'o', say_as_bob, "OPER secret alice",
     "Failed OPER as an unknown name by bob!bob@192.0.2.7: no such operator", NULL},
    {'o', fail_three_times, "OPER alice wrong",
     "Too many failed OPERs from 192.0.2.7: no OPER from there until *",
     "Too many failed OPERs from a host: no OPER from there until *"},
    {'o', say_as_root, "MODE root -o",
     "root!root@10.1.1.1 is no longer an operator (alice): logged out", NULL},
    {'o', say_as_root, "QUIT",
     "root!root@10.1.1.1 is no longer an operator (alice): disconnected", NULL},
    {'o', say_as_root, "SAJOIN bob #x", "root used SAJOIN: #x bob", NULL},
};

static struct actor *
spy(const char *nick, const char *block, const char *letters)
{
    struct actor *a = world_user(w, nick);
    world_sayf(w, a, "OPER %s secret", block);
    world_sayf(w, a, "MODE %s +s -bcfkors+%s", nick, letters);
    return a;
}

static unsigned
notices(const struct actor *a, const char *text)
{
    char want[300];
    snprintf(want, sizeof want, ":irc.localhost NOTICE * :?** %s", text);
    return world_count(a, want);
}

static void
each_kind_tells_operators_with_its_letter(void)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char one[2] = {cases[i].letter, 0}, others[SNO_COUNT] = "";
        for (int k = 0, n = 0; k < SNO_COUNT; k++)
            if (snomask_rows[k].letter != cases[i].letter)
                others[n++] = snomask_rows[k].letter;
        w = world_new(CONFIG);
        root = world_oper(w, "root");
        bob = world_user_at(w, "bob", "192.0.2.7");
        struct actor *sees = spy("sees", "alice", one);
        struct actor *blind = spy("blind", "blind", one);
        struct actor *other = spy("other", "alice", others);
        world_drain_all(w);
        cases[i].act(cases[i].how);
        const char *dim = cases[i].blind ? cases[i].blind : cases[i].seen;
        if (!notices(sees, cases[i].seen) || !notices(blind, dim))
            printf("\n    %s\n    %s    %s\n", cases[i].seen, sees->inbox,
                   blind->inbox);
        CU_ASSERT(notices(sees, cases[i].seen) > 0);
        CU_ASSERT(notices(blind, dim) > 0);
        EQUAL_NUMBER(notices(other, cases[i].seen), 0);
        world_free(w);
    }
}

static void
a_change_that_cannot_be_saved_is_told_when_its_setter_has_gone(void)
{
    static const struct store_news failed = {.upto = 99, .why = "the disk is full"};
    w = world_new(CONFIG);
    root = world_oper(w, "root");
    struct actor *other = world_oper(w, "other"), *blind = spy("blind", "blind", "b");
    world_say(w, root, "KLINE 1h *@203.0.113.5 :x");
    world_close(w, root);
    world_drain_all(w);
    session_stored(w->srv, &failed);
    world_sleep(w, 0);
    EXPECT(w, other, "* NOTICE other :??? K-line *, NOT saved: the disk is full");
    EXPECT(w, blind, "* :??? A change by an operator that has left, NOT saved: *");
    world_free(w);
}

SUITE(snomask)
{
    TEST(each_kind_tells_operators_with_its_letter);
    TEST(a_change_that_cannot_be_saved_is_told_when_its_setter_has_gone);
}
