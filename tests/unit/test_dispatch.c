/* The checks before every handler; the handlers themselves are in test_parameters.c. */
#include "../../src/session/line.h"
#include "../../src/session/price.h"
#include "cmd/command.h"
#include "cmd/registry.h"
#include "policy/client_policy.h"
#include "world.h"

static void
every_row_is_complete_and_in_order(void)
{
    const struct command *row;
    const char *last = "";
    struct world *w = world_new(NULL);
    for (size_t i = 0; (row = registry_row(w->srv, i, NULL, NULL)) != NULL; i++) {
        CU_ASSERT(strcmp(last, row->name) < 0);
        CU_ASSERT(strspn(row->name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == strlen(row->name));
        CU_ASSERT(row->run && row->syntax && row->help && row->help[0]);
        CU_ASSERT(row->cost >= 0 && row->cost <= 10 && row->min_params >= 0);
        CU_ASSERT(registry_find(w->srv, row->name, strlen(row->name)) == row);
        CU_ASSERT(registry_find(w->srv, row->name, strlen(row->name) - 1) != row);
        last = row->name;
    }
    CU_ASSERT_PTR_NULL(registry_find(w->srv, "", 0));
    CU_ASSERT_PTR_NULL(registry_find(w->srv, "JOINS", 5));
    CU_ASSERT_PTR_NOT_NULL(registry_find(w->srv, "joIn", 4));
    world_free(w);
}

static void
bad_input_is_answered(void)
{
    static const struct {
        const char *bytes;
        size_t n;
        const char *reply; /* NULL: none */
    } cases[] = {
#define CASE(bytes, reply) {bytes, sizeof bytes - 1, reply}
        CASE("FROB\r\n", ":irc.localhost 421 ann FROB :Unknown command"),
        CASE("frob x\n", ":irc.localhost 421 ann frob :Unknown command"),
        CASE("123\r\n", ":irc.localhost 421 ann 123 :*"),
        CASE("JOIN\r\n",
             ":irc.localhost 461 ann JOIN :Not enough parameters: JOIN <#*"),
        CASE("jOiN :\r\n", ":irc.localhost 461 ann JOIN :*"),
        CASE("  PING  x\r\n", ":irc.localhost PONG irc.localhost :x"),
        CASE("@a=b :src PING x\r\n", ":irc.localhost PONG irc.localhost :x"),
        CASE("PING x\n", ":irc.localhost PONG irc.localhost :x"),
        CASE("\r\n", NULL),
        CASE("\n", NULL),
        CASE("    \r\n", NULL),
        CASE(":prefix\r\n", NULL),
        CASE(":prefix  \r\n", NULL),
        CASE(":\r\n", NULL),
        CASE("@tags\r\n", NULL),
        CASE("@tags :src\r\n", NULL),
        CASE("PING a\0b\r\n", ":irc.localhost NOTICE ann :*NUL*refused"),
        CASE("\0\r\n", ":irc.localhost NOTICE ann :*NUL*refused"),
        CASE("PING a\rb\r\n", ":irc.localhost NOTICE ann :*CR*refused"),
        CASE("PRIVMSG ann :a\rQUIT\r\n", ":irc.localhost NOTICE ann :*CR*refused"),
        CASE("PING x\r\r\n", ":irc.localhost NOTICE ann :*CR*refused"),
        CASE("PRIVMSG bob :\xff\r\n",
             ":irc.localhost FAIL PRIVMSG INVALID_UTF8 :PRIVMSG refused: *UTF-8*"),
        CASE("PRIVMSG bob :\xc0\x80\r\n",
             ":irc.localhost FAIL PRIVMSG INVALID_UTF8 :PRIVMSG *UTF-8*"),
        CASE("FROB \xe9\r\n",
             ":irc.localhost FAIL ? INVALID_UTF8 :A line was refused: *UTF-8*"),
        CASE("@+a=\xff PRIVMSG bob :x\r\n",
             ":irc.localhost FAIL PRIVMSG INVALID_UTF8 :PRIVMSG *UTF-8*"),
#undef CASE
    };
    struct world *w = world_new(world_easy);
    struct actor *a = world_user(w, "ann"), *b = world_user(w, "bob");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world_send(w, a, cases[i].bytes, cases[i].n);
        if (cases[i].reply)
            EXPECT(w, a, cases[i].reply);
        SILENT(w, a);
        SILENT(w, b);
    }
    CU_ASSERT(!a->closed);
    world_free(w);
}

static void
a_long_line_is_refused_and_the_next_is_not(void)
{
    static const struct {
        size_t body;
        const char *end;
        bool fits;
    } cases[] = {{510, "\r\n", true},
                 {511, "\r\n", false},
                 {510, "\n", true},
                 {511, "\n", false},
                 {5000, "\r\n", false}};
    char line[5100];
    struct world *w = world_new(world_easy);
    struct actor *a = world_user(w, "ann");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        memset(line, 'x', sizeof line);
        memcpy(line, "PING ", 5);
        size_t n = cases[i].body + strlen(cases[i].end);
        memcpy(line + cases[i].body, cases[i].end, strlen(cases[i].end));
        world_send(w, a, line, n);
        EXPECT(w, a,
               cases[i].fits ? ":irc.localhost PONG *"
                             : ":irc.localhost 417 ann :Input line was too long");
        SILENT(w, a);
        world_say(w, a, "PING next");
        EXPECT(w, a, ":irc.localhost PONG irc.localhost :next");
    }
    world_free(w);
}

static void
a_right_that_is_lacked_is_named(void)
{
    char line[64], want[128];
    const struct command *row;
    struct world *w = world_new(world_easy);
    struct actor *a = world_user(w, "ann");
    for (size_t i = 0; (row = registry_row(w->srv, i, NULL, NULL)) != NULL; i++) {
        if (row->priv == PRIV_NONE)
            continue;
        snprintf(line, sizeof line, "%s", row->name);
        world_say(w, a, line);
        snprintf(want, sizeof want,
                 ":irc.localhost 481 ann :Permission Denied - you *");
        EXPECT(w, a, want);
        SILENT(w, a);
        CU_ASSERT(!a->closed);
    }
    EQUAL_TEXT(w->died, "");
    world_free(w);
}

static void
a_parameter_that_is_lacked_is_461(void)
{
    char want[128];
    const struct command *row;
    struct world *w = world_new(world_easy);
    struct actor *o = world_oper(w, "root");
    for (size_t i = 0; (row = registry_row(w->srv, i, NULL, NULL)) != NULL; i++) {
        if (row->min_params == 0 || row->when == WHEN_UNREGISTERED)
            continue;
        char line[128];
        int n = snprintf(line, sizeof line, "%s", row->name);
        for (int p = 1; p < row->min_params; p++)
            n += snprintf(line + n, sizeof line - (size_t)n, " x");
        snprintf(want, sizeof want,
                 ":irc.localhost 461 root %s :Not enough parameters: *", row->name);
        world_say(w, o, line);
        EXPECT(w, o, want);
        SILENT(w, o);
        snprintf(line + n, sizeof line - (size_t)n, " :");
        world_say(w, o, line);
        EXPECT(w, o, want);
        SILENT(w, o);
    }
    world_free(w);
}

static int
cost(struct world *w, struct actor *a, char *line, size_t len)
{
    struct input_line raw = line_look(w->srv, line, len);
    (void)a;
    return price_of_line(&raw);
}

static void
cost_grows_with_targets_and_length(void)
{
    char line[600];
    struct world *w = world_new(NULL);
    struct actor *a = world_user(w, "ann");
    static const struct {
        const char *line;
        int cost;
    } cases[] = {{"PRIVMSG a :x", 1},
                 {"PRIVMSG a,b,c :x", 3},
                 {"@+t :s NOTICE a,b :x", 2},
                 {"PING x", 0},
                 {"QUIT", 0},
                 {"FROB", 1},
                 {"", 1},
                 {"JOIN #a,#b,#c", 1},
                 {"LIST", 2},
                 {"WHOIS a,b", 2},
                 /* The last parameter may hold blanks, and it is one list. */
                 {"WHOIS :a ,b", 2},
                 {"TAGMSG :a ,b,c", 3},
                 {"PART :#x y,#a,#b", 3},
                 {"PRIVMSG a,b :c,d,e", 2},
                 {"KICK #a b,c :d,e,f", 2},
                 {"KICK #a :b ,c,d", 3},
                 {"KICK #a", 1},
                 {"KICK #a,#b :", 2}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t len = (size_t)snprintf(line, sizeof line, "%s", cases[i].line);
        EQUAL_NUMBER(cost(w, a, line, len), cases[i].cost);
    }
    memset(line, 'x', sizeof line);
    memcpy(line, "PRIVMSG a :", 11);
    EQUAL_NUMBER(cost(w, a, line, 510), 2);
    world_free(w);
}

static void
a_line_dearer_than_the_burst_still_runs(void)
{
    char line[400] = "PRIVMSG bob";
    struct world *w = world_new(NULL);
    struct actor *a = world_user(w, "ann"), *b = world_user(w, "bob");
    for (int i = 0; i < 90; i++)
        strncat(line, ",b", sizeof line - strlen(line) - 1);
    strncat(line, " :x", sizeof line - strlen(line) - 1);
    world_say(w, a, "PRIVMSG bob :first");
    world_say(w, a, line);
    world_sleep(w, 10 * MSEC_SECOND);
    AWAIT(w, b, ":ann!ann@* PRIVMSG bob :x");
    world_free(w);
}

static void
an_own_join_pays_for_the_queries_behind_it(void)
{
    struct world *w = world_new("flood { burst = 10 }");
    struct actor *a = world_user(w, "ann");
    world_say(w, a, "JOIN #1,#2,#3,#4,#5,#6,#7,#8");
    for (int i = 1; i <= 8; i++)
        world_sayf(w, a, "MODE #%d\r\nMODE #%d b\r\nWHO #%d", i, i, i);
    EQUAL_NUMBER(world_count(a, "* 324 *"), 8);
    EQUAL_NUMBER(world_count(a, "* 368 *"), 8);
    EQUAL_NUMBER(world_count(a, "* 315 *"), 8);
    EQUAL_NUMBER(policy_of(a->client)->held_lines, 0);
    for (int i = 1; i <= 9; i++)
        world_sayf(w, a, "MODE #%d", i);
    CU_ASSERT(policy_of(a->client)->counters[COUNTER_lines].full_at > w->srv->now);
    world_free(w);
}

static void
repeats_in_a_list_are_seen(void)
{
    static const struct {
        const char *list, *fresh;
    } cases[] = {{"a,b,A,b,c", "a b c "},
                 {",,a,,a,", "a "},
                 {"aa,a,aaa,AA", "aa a aaa "},
                 {"", ""}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char list[32], got[64] = "", *at = list, *item;
        snprintf(list, sizeof list, "%s", cases[i].list);
        while ((item = command_next_item(&at)) != NULL)
            if (!command_is_repeat(list, item))
                snprintf(got + strlen(got), sizeof got - strlen(got), "%s ", item);
        EQUAL_TEXT(got, cases[i].fresh);
    }
}

SUITE(dispatch)
{
    TEST(every_row_is_complete_and_in_order);
    TEST(bad_input_is_answered);
    TEST(a_long_line_is_refused_and_the_next_is_not);
    TEST(a_right_that_is_lacked_is_named);
    TEST(a_parameter_that_is_lacked_is_461);
    TEST(cost_grows_with_targets_and_length);
    TEST(a_line_dearer_than_the_burst_still_runs);
    TEST(an_own_join_pays_for_the_queries_behind_it);
    TEST(repeats_in_a_list_are_seen);
}
