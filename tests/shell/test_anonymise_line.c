/* The parts of a line that a recording keeps, and those that it must not keep. */
#include "../../src/replay/anonymise_line.h"
#include "test.h"

static const char *const every_verb[] = {
    "PRIVMSG",  "NOTICE",    "TAGMSG",   "JOIN",      "PART",      "TOPIC",
    "KICK",     "INVITE",    "KNOCK",    "NAMES",     "WHO",       "WHOIS",
    "WHOWAS",   "ISON",      "USERHOST", "USERIP",    "MONITOR",   "MODE",
    "NICK",     "USER",      "PASS",     "CAP",       "AWAY",      "SETNAME",
    "PING",     "QUIT",      "LIST",     "MOTD",      "LUSERS",    "VERSION",
    "TIME",     "INFO",      "ADMIN",    "HELP",      "STATS",     "ACCEPT",
    "BATCH",    "RENAME",    "LINKS",    "MAP",       "OPER",      "PONG",
    "ISUPPORT", "KLINE",     "TRACE",    "CAP REQ",   "CAP LS",    "CAP END",
    "MODE #a",  "MODE #a b", "MODE bob", "MONITOR +", "MONITOR C", "AUTHENTICATE",
};
#define VERBS (sizeof every_verb / sizeof *every_verb)

/* A pattern: '?' is any small letter, and any other character is itself. */
static bool
fits(const char *text, const char *pattern)
{
    for (; *pattern; pattern++, text++) {
        bool same = *pattern == '?' ? *text >= 'a' && *text <= 'z' : *text == *pattern;
        if (!same)
            return false;
    }
    return *text == '\0';
}

static void
each_command_keeps_its_form_and_length_only(void)
{
    static const struct {
        const char *line, *kept; /* NULL: the line is left out */
    } cases[] = {
        {"PRIVMSG #tea :my secret plan", "PRIVMSG #??? :xx xxxxxx xxxx"},
        {"privmsg bob,@#tea hi", "privmsg ???,@#??? xx"},
        {"PRIVMSG bob :\x01"
         "ACTION waves\x01",
         "PRIVMSG ??? :\x01"
         "ACTION xxxxx\x01"},
        {"PRIVMSG bob :\x01"
         "DCC SEND\x01",
         "PRIVMSG ??? :\x01xxx xxxx\x01"},
        {"PRIVMSG bob :\x01", "PRIVMSG ??? :x"},
        {"NOTICE bob :\x02"
         "b\xc3\xa9",
         "NOTICE ??? :xxxx"},
        {"JOIN #a,#bc key,word", "JOIN #?,#?? xxxxxxxx"},
        {"JOIN 0", "JOIN 0"},
        {"WHO * o", "WHO * x"},
        {"MODE #tea +ok bob word", "MODE #??? +ok xxx xxxx"},
        {"MODE #tea b", "MODE #??? b"},
        {"MODE #tea +b *!*@host", "MODE #??? +b xxxxxxxx"},
        {"NICK alice", "NICK ?????"},
        {"USER alice 0 * :Alice Liddell", "USER xxxxx x x :xxxxx xxxxxxx"},
        {"PASS hunter2", "PASS xxxxxxx"},
        {"OPER alice hunter2", NULL},
        {"PONG :irc.example.org", NULL},
        {"CAP LS 302", "CAP LS 302"},
        {"CAP LS 3021", "CAP LS xxxx"},
        {"cap req :-multi-prefix  batch sasl=x!",
         "cap req :-multi-prefix  batch xxxxxxx"},
        {"CAP REQ :my secret diary", "CAP REQ :xx xxxxxx xxxxx"},
        {"CAP secret multi-prefix secret", "CAP xxxxxx multi-prefix xxxxxx"},
        {"CAP REQ :", "CAP REQ :"},
        {"CAP REQ batc", "CAP REQ xxxx"},
        {"MODE bob my-password", "MODE ??? xxxxxxxxxxx"},
        {"MODE bob +iw-g", "MODE ??? +iw-g"},
        {"MODE bob +password", "MODE ??? xxxxxxxxx"},
        {"MODE bob +m", "MODE ??? xx"},
        {"MODE #tea +g", "MODE #??? xx"},
        {"MODE #tea g", "MODE #??? x"},
        {"MODE #tea :+b *!*@host", "MODE #??? :xx xxxxxxxx"},
        {"MONITOR + bob,carol", "MONITOR + ???,?????"},
        {"MONITOR +bob,carol", "MONITOR xxxxxxxxxx"},
        {"monitor c", "monitor c"},
        {"MONITOR secret", "MONITOR xxxxxx"},
        {"AUTHENTICATE cGFzcw==", "xxxxxxxxxxxx xxxxxxxx"},
        {"hunter2", "xxxxxxx"},
        {"@label=7;+x=bob :alice PRIVMSG bob :hi",
         "@xxxxxxxxxxxxxx :xxxxx PRIVMSG ??? :xx"},
        {"ISON :bob carol", "ISON :??? ?????"},
        {"  PING   a", "  PING   x"},
        {"@", "@"},
        {":", ":"},
        {"", ""},
    };
    struct anonymise_names names = {{{4, 2}}, .n = 0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char out[512] = "";
        size_t len = strlen(cases[i].line);
        bool kept = anonymise_line(&names, cases[i].line, len, out);
        EQUAL_NUMBER(kept, cases[i].kept != NULL);
        if (!kept)
            continue;
        EQUAL_NUMBER(strlen(out), len);
        if (!fits(out, cases[i].kept))
            EQUAL_TEXT(out, cases[i].kept);
    }
    anonymise_names_clear(&names);
}

static void
a_name_becomes_the_same_name_each_time(void)
{
    char one[128], two[128];
    struct anonymise_names names = {{{9}}, .n = 0};
    anonymise_line(&names, "NICK Alice", 10, one);
    anonymise_line(&names, "KICK #x aLICE :y", 16, two);
    CU_ASSERT(strncmp(one + 5, two + 8, 5) == 0);
    CU_ASSERT(strcmp(one + 5, "alice") != 0);
    anonymise_names_clear(&names);
}

/* However many words of a length there are. */
static void
no_two_names_become_one(void)
{
    struct anonymise_names names = {{{5}}, .n = 0};
    char *seen = calloc(2000, 8);
    for (unsigned i = 0; i < 2000; i++) {
        char name[8], *out = seen + (size_t)8 * i;
        size_t len = i < 60 ? 1 : 2;
        snprintf(name, sizeof name, "%c%c", '0' + (int)(i % 60) % 43,
                 '0' + (int)(i / 60));
        if (i < 60)
            snprintf(name, sizeof name, "%c", (int)(0x80 + i));
        else if (i % 60 >= 43)
            snprintf(name, sizeof name, "%c%c", (int)(0x80 + i % 60),
                     (int)(0x80 + i / 60));
        out[anonymise_name(&names, name, len, out)] = '\0';
        CU_ASSERT(strlen(out) >= len && strlen(out) <= len + ANONYMISE_NAME_GROWS);
        CU_ASSERT(i >= 26 || strlen(out) == len);
        for (unsigned j = 0; j < i; j++)
            if (strcmp(out, seen + (size_t)8 * j) == 0)
                CU_FAIL_FATAL("two names have become one");
    }
    free(seen);
    anonymise_names_clear(&names);
}

static void
a_full_table_still_knows_its_own_and_gives_a_length(void)
{
    struct anonymise_names names = {{{5}}, .n = 0};
    char name[16], first[16] = "", out[16] = "";
    anonymise_name(&names, "n0", 2, first);
    for (unsigned i = 1; i <= ANONYMISE_NAMES_MAX; i++)
        anonymise_name(&names, name, (size_t)snprintf(name, sizeof name, "n%u", i),
                       out);
    EQUAL_NUMBER(names.n, ANONYMISE_NAMES_MAX);
    anonymise_name(&names, "N0", 2, out);
    CU_ASSERT(strncmp(out, first, 2) == 0);
    EQUAL_NUMBER(anonymise_name(&names, "somebody", 8, out), 8);
    EQUAL_NUMBER(names.n, ANONYMISE_NAMES_MAX);
    anonymise_names_clear(&names);
}

static unsigned state;

static unsigned
next(void)
{
    state = state * 1103515245u + 12345u;
    return state >> 16;
}

/* A verb, perhaps cut or with a byte changed, and any bytes behind it. */
static size_t
make_line(char line[64])
{
    const char *verb = every_verb[next() % VERBS];
    size_t len = strlen(verb), n = next() % 3 ? len : next() % (len + 1);
    memset(line, next() % 2 ? '\0' : ' ', 64);
    memcpy(line, verb, n);
    for (size_t i = n + next() % 6; i < 60; i++) {
        line[i] = (char)next();
        if (line[i] == '\n')
            line[i] = ' ';
    }
    if (n > 0 && next() % 4 == 0)
        line[next() % n] = (char)next();
    return n + next() % (61 - n);
}

static void
what_is_written_can_stand_in_json(void)
{
    struct anonymise_names names = {{{4, 2}}, .n = 0};
    state = 1;
    for (int round = 0; round < 40000; round++) {
        char line[64], out[ANONYMISE_LINE_ROOM(60)];
        size_t len = make_line(line);
        char *exact = malloc(len); /* the sanitizer sees a read beyond the end */
        memcpy(exact, line, len);
        bool kept = anonymise_line(&names, exact, len, out);
        free(exact);
        if (!kept)
            continue;
        size_t n = strlen(out);
        CU_ASSERT_FATAL(n >= len && n < ANONYMISE_LINE_ROOM(len));
        for (size_t i = 0; i < n; i++)
            CU_ASSERT_FATAL(out[i] == '\x01' || (out[i] >= ' ' && out[i] <= '~'));
    }
    anonymise_names_clear(&names);
}

static void
a_nul_ends_no_verb(void)
{
    static const char *const verbs[] = {"TIME", "OPER", "CAP", "PRIVMSG"};
    for (size_t v = 0; v < 4; v++)
        for (size_t nuls = 1; nuls < 40; nuls++) {
            struct anonymise_names names = {{{1}}, .n = 0};
            char line[64] = "", out[ANONYMISE_LINE_ROOM(64)], want[64];
            size_t n = strlen(verbs[v]);
            memcpy(line, verbs[v], n);
            memset(want, 'x', sizeof want);
            want[n + nuls] = '\0';
            CU_ASSERT(anonymise_line(&names, line, n + nuls, out));
            EQUAL_TEXT(out, want);
        }
}

SUITE(anonymise_line)
{
    TEST(each_command_keeps_its_form_and_length_only);
    TEST(a_name_becomes_the_same_name_each_time);
    TEST(no_two_names_become_one);
    TEST(a_full_table_still_knows_its_own_and_gives_a_length);
    TEST(what_is_written_can_stand_in_json);
    TEST(a_nul_ends_no_verb);
}
