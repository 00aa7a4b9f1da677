/* What a recording keeps of a line, and what it must not. */
#include "../../src/main/scrub.h"
#include "test.h"

static const struct hash_key key = {{4, 2}};

/* A pattern: '?' is any small letter, all else itself. */
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
        {"CAP REQ :multi-prefix sasl=x!", "CAP REQ :multi-prefix sasl=xx"},
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
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char out[256] = "";
        size_t len = strlen(cases[i].line);
        bool kept = scrub(&key, cases[i].line, len, out);
        EQUAL_NUMBER(kept, cases[i].kept != NULL);
        if (!kept)
            continue;
        EQUAL_NUMBER(strlen(out), len);
        if (!fits(out, cases[i].kept))
            EQUAL_TEXT(out, cases[i].kept);
    }
}

static void
a_name_becomes_the_same_name_each_time(void)
{
    char one[64], two[64], three[64];
    struct hash_key other = {{9}};
    scrub(&key, "NICK Alice", 10, one);
    scrub(&key, "KICK #x aLICE :y", 16, two);
    scrub(&other, "NICK Alice", 10, three);
    CU_ASSERT(strncmp(one + 5, two + 8, 5) == 0);
    CU_ASSERT(strcmp(one, three) != 0);
    CU_ASSERT(strcmp(one + 5, "alice") != 0);
}

static void
what_is_written_can_stand_in_json(void)
{
    unsigned state = 1;
    for (int round = 0; round < 20000; round++) {
        char line[64], out[64];
        size_t len = 0;
        memcpy(line, round % 2 ? "PRIVMSG " : "MODE #a ", 8);
        for (len = 8; len < 60; len++) {
            state = state * 1103515245u + 12345u;
            line[len] = (char)(state >> 16);
            if (line[len] == '\n')
                line[len] = ' ';
        }
        if (!scrub(&key, line, len, out))
            continue;
        EQUAL_NUMBER(strlen(out), len);
        for (size_t i = 0; i < len; i++)
            CU_ASSERT_FATAL(out[i] == '\x01' || (out[i] >= ' ' && out[i] <= '~'));
    }
}

SUITE(scrub)
{
    TEST(each_command_keeps_its_form_and_length_only);
    TEST(a_name_becomes_the_same_name_each_time);
    TEST(what_is_written_can_stand_in_json);
}
