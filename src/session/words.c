/* The words of a command of `ircd ctl` as a line of IRC.
 *
 * A shell gives words, and a line of IRC has one parameter with blanks, the last one.
 * Whether a command ends with a free text, and with which word that begins, is in the
 * syntax of its row: ":<text>" is the text, "[FORCE]" and "[<duration>]" may be left
 * out, and all other parameters are one word each. */
#include "session/words.h"

#include "base/duration.h"
#include "base/str.h"
#include "cmd/registry.h"
#include "proto/casemap.h"

#include <stdlib.h>
#include <string.h>

/* The syntax of a command; NULL: it is unknown. */
static const char *
find_syntax(const char *name)
{
    size_t n;
    const char *syntax = NULL;
    const struct command **all = registry_all(&n);
    for (size_t i = 0; i < n; i++)
        if (name_equal(all[i]->name, name))
            syntax = all[i]->syntax;
    free(all);
    return syntax;
}

/* The bytes of the first parameter of a syntax: up to a blank outside of brackets. */
static size_t
measure_parameter(const char *syntax)
{
    size_t n = 0;
    for (int depth = 0; syntax[n] && (depth > 0 || syntax[n] != ' '); n++) {
        if (strchr("[<", syntax[n]))
            depth++;
        else if (strchr("]>", syntax[n]))
            depth--;
    }
    return n;
}

/* Whether the word is the parameter that may be left out: 1 yes, 0 no, -1: the syntax
 * does not tell. */
static int
match_optional(const char *parameter, size_t n, const char *word)
{
    char name[32];
    msec length;
    str_format(name, sizeof name, "%.*s", n < sizeof name + 2 ? (int)n - 2 : 0,
               parameter + 1);
    if (strcmp(name, "<duration>") == 0)
        return duration_parse(word, DURATION_BARE_MINUTES, &length);
    if (*name == '\0' || name[strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")] != '\0')
        return -1;
    return name_equal(name, word);
}

/* The number of the word with which the free text begins; 0: there is none. */
static size_t
find_free_text(char **words)
{
    const char *at = find_syntax(words[0]);
    size_t word = 1;
    while (at && *at && words[word]) {
        size_t n = measure_parameter(at);
        if (*at == ':' || strncmp(at, "[:", 2) == 0)
            return word;
        int matches = *at == '[' ? match_optional(at, n, words[word]) : 1;
        if (matches < 0)
            return 0;
        word += (size_t)matches;
        at += n + (at[n] == ' ');
    }
    return 0;
}

static bool
refuse_word(const char *why, const char *word, char *err, size_t errlen)
{
    str_format(err, errlen, "%s: %s", why, word);
    return false;
}

bool
words_line(char **words, char *out, size_t size, char *err, size_t errlen)
{
    struct str s;
    str_init(&s, out, size);
    size_t text = find_free_text(words);
    for (size_t i = 0; words[i]; i++) {
        const char *word = words[i];
        bool last = words[i + 1] == NULL, blank = strchr(word, ' ') != NULL;
        bool begins = (i == text && !last) ||
                      (last && (text == 0 || i <= text) && (blank || *word == '\0'));
        bool inside = text > 0 && i >= text;
        if (strpbrk(word, "\r\n") ||
            (i == 0 && (blank || *word == '\0' || *word == ':')))
            return refuse_word("not a command", word, err, errlen);
        if (!last && !inside && (*word == '\0' || blank))
            return refuse_word("only the last parameter may have blanks", word, err,
                               errlen);
        str_addf(&s, "%s%s%s", i ? " " : "", begins && i > 0 && *word != ':' ? ":" : "",
                 word);
    }
    for (char *at = out; *at && *at != ' '; at++)
        *at = (char)(*at >= 'a' && *at <= 'z' ? *at - 'a' + 'A' : *at);
    return !s.cut || refuse_word("the command is too long", words[0], err, errlen);
}
