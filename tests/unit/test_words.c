/* The words of a shell as a line of IRC. */
#include "base/str.h"
#include "session/words.h"
#include "test.h"

/* Splits a text at each slash and makes the line; a refusal is "! reason". */
static const char *
make_line(const char *text)
{
    static char line[128];
    char copy[128], err[128], *words[16] = {copy};
    size_t n = 1;
    str_format(copy, sizeof copy, "%s", text);
    for (char *at = copy; *at; at++)
        if (*at == '/') {
            *at = '\0';
            words[n++] = at + 1;
        }
    words[n] = NULL;
    if (!words_line(words, line, sizeof line, err, sizeof err))
        str_format(line, sizeof line, "! %s", err);
    return line;
}

static void
words_become_the_parameters_of_the_command(void)
{
    static const struct {
        const char *words, *line;
    } cases[] = {
        {"wallops/hello/there", "WALLOPS :hello there"},
        {"wallops/hello there", "WALLOPS :hello there"},
        {"wallops/hello", "WALLOPS hello"},
        {"wallops/:hello/there", "WALLOPS :hello there"},
        {"privmsg/bob/", "PRIVMSG bob :"},
        {"privmsg/bob/a//b", "PRIVMSG bob :a  b"},
        {"Kline/*@a.b/two/words|x y", "KLINE *@a.b :two words|x y"},
        {"kline/force/2h/*@a.b/two/words", "KLINE force 2h *@a.b :two words"},
        {"kline/2h/*@a.b", "KLINE 2h *@a.b"},
        {"kline/60/*@a.b/for an/hour", "KLINE 60 *@a.b :for an hour"},
        {"resv/now/1d/#x*/not/here", "RESV now 1d #x* :not here"},
        {"topic/#chan", "TOPIC #chan"},
        {"topic/#chan/", "TOPIC #chan :"},
        {"topic/#chan/new/topic", "TOPIC #chan :new topic"},
        {"die/irc.test/good/night", "DIE irc.test :good night"},
        {"mode/#chan/+o/ann", "MODE #chan +o ann"},
        {"nosuch/a/b c", "NOSUCH a :b c"},
        {"nosuch/a b/c", "! only the last parameter may have blanks: a b"},
        {"kline/a b/c", "! only the last parameter may have blanks: a b"},
        {"", "! not a command: "},
        {":x", "! not a command: :x"},
        {"wallops/a\nDIE x", "! not a command: a\nDIE x"},
        {"wallops/a/b\r", "! not a command: b\r"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        EQUAL_TEXT(make_line(cases[i].words), cases[i].line);
    char copy[] = "wallops", text[200], out[128], err[128],
         *words[] = {copy, text, NULL};
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    CU_ASSERT_FALSE(words_line(words, out, sizeof out, err, sizeof err));
    EQUAL_TEXT(err, "the command is too long: wallops");
}

SUITE(words)
{
    TEST(words_become_the_parameters_of_the_command);
}
