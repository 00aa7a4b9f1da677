/* Splits a configuration file into words before libconfuse sees it. libconfuse swallows
 * characters it does not know, replaces ${NAME} from the environment, lets strings run
 * over lines and miscounts lines after a comment; all of that is found or taken out
 * here. It must never accept a byte below space in a value: values end up in lines sent
 * to clients. */
#include "token.h"

#include "base/mem.h"
#include "base/str.h"

#include <stdlib.h>
#include <string.h>

struct lexer {
    const char *at;
    int line;
    struct faults *faults;
    struct tokens *out;
};

static void
add(struct lexer *x, enum token_kind kind, size_t len, bool bad)
{
    struct tokens *t = x->out;
    if (t->n == t->cap) {
        t->cap = 2 * t->cap + 64;
        t->list = xrealloc(t->list, t->cap * sizeof *t->list);
    }
    t->list[t->n++] = (struct token){kind, x->at, len, x->line, bad};
    x->at += len;
}

static bool
is_control(unsigned char c)
{
    return c < 0x20 || c == 0x7f;
}

/* Bytes of the UTF-8 character that begins here, 0 if none does (RFC 3629). config may
 * not use proto's; the text ends with NUL, which no trailing byte equals, so nothing is
 * read behind it. */
static size_t
utf8_length(const unsigned char *s)
{
    if (s[0] < 0x80)
        return 1;
    size_t n = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
    if (s[0] < 0xc2 || s[0] > 0xf4)
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    bool overlong = (s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xf0 && s[1] < 0x90);
    bool outside = (s[0] == 0xed && s[1] > 0x9f) || (s[0] == 0xf4 && s[1] > 0x8f);
    return overlong || outside ? 0 : n;
}

/* What is wrong with the text up to `end`, outside of escapes; NULL if nothing. */
static const char *
bytes_wrong(const char *at, const char *end)
{
    while (at < end) {
        const unsigned char *s = (const unsigned char *)at;
        size_t n = utf8_length(s);
        if (n == 0)
            return "this is not UTF-8";
        if (is_control(*s))
            return "a control character (such as a tab) stands in a value";
        at += n;
    }
    return NULL;
}

static bool
is_word(unsigned char c)
{
    return c > 0x20 && c != 0x7f && strchr("\"'#={}(),;+\\", c) == NULL;
}

static void
read_word(struct lexer *x)
{
    size_t n = 0;
    while (is_word((unsigned char)x->at[n]) &&
           !(x->at[n] == '/' && x->at[n + 1] == '*'))
        n++;
    const char *wrong = bytes_wrong(x->at, x->at + n);
    if (n > 0 && x->at[n - 1] == '$' && x->at[n] == '{') {
        wrong = "nothing is taken from the environment; write the value itself";
        n += strcspn(x->at + n, "}\n");
        n += x->at[n] == '}';
    }
    if (wrong != NULL)
        fault_add(x->faults, x->line, "%s", wrong);
    add(x, TOKEN_WORD, n, wrong != NULL);
}

/* What is wrong with the backslash or dollar here; NULL if nothing. */
static const char *
escape_wrong(const char *at, char quote)
{
    if (quote == '\'')
        return NULL;
    if (at[0] == '$' && at[1] == '{')
        return "nothing is taken from the environment; for the two characters \"${\" "
               "write \"\\${\", or use single quotes";
    if (at[0] == '\\' && strchr("\\\"'$", at[1]) == NULL)
        return "unknown escape in a string; only \\\\, \\\" and \\$ exist, or use "
               "single "
               "quotes";
    return NULL;
}

static void
read_string(struct lexer *x)
{
    const char quote = *x->at;
    const char *wrong = NULL;
    size_t n = 1;
    while (x->at[n] != quote && x->at[n] != '\n' && x->at[n] != '\0') {
        const char *at = x->at + n;
        if (wrong == NULL)
            wrong = escape_wrong(at, quote);
        bool pair = *at == '\\' && at[1] != '\0' && strchr("\\\"'$", at[1]) != NULL;
        /* In single quotes only \\ and \' are escapes. */
        if (pair && quote == '\'' && at[1] != '\\' && at[1] != '\'')
            pair = false;
        n += pair ? 2 : 1;
    }
    bool closed = x->at[n] == quote;
    if (!closed)
        wrong = "this string is not closed; the quote that ends it must stand on the "
                "same line";
    else if (wrong == NULL)
        wrong = bytes_wrong(x->at + 1, x->at + n);
    if (wrong != NULL)
        fault_add(x->faults, x->line, "%s", wrong);
    add(x, TOKEN_STRING, closed ? n + 1 : n, wrong != NULL);
}

static void
skip_long_comment(struct lexer *x)
{
    const char *end = strstr(x->at + 2, "*/");
    if (end == NULL) {
        fault_add(x->faults, x->line, "this comment is not closed with */");
        x->at += strlen(x->at);
        return;
    }
    for (; x->at < end; x->at++)
        x->line += *x->at == '\n';
    x->at += 2;
}

static void
skip_junk(struct lexer *x)
{
    unsigned char c = (unsigned char)*x->at++;
    if (c == ';')
        fault_add(x->faults, x->line, "unexpected \";\": nothing ends with one here");
    else if (is_control(c))
        fault_add(x->faults, x->line, "unexpected control character 0x%02x", c);
    else
        fault_add(x->faults, x->line, "unexpected \"%c\"", c);
    /* One fault for a run of the same. */
    while (*x->at != '\0' && (unsigned char)*x->at == c)
        x->at++;
}

static bool
read_mark(struct lexer *x)
{
    static const struct {
        char c;
        enum token_kind kind;
    } marks[] = {
        {'{', TOKEN_OPEN},
        {'}', TOKEN_CLOSE},
        {'=', TOKEN_EQUALS},
        {',', TOKEN_COMMA},
    };
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (*x->at == marks[i].c) {
            add(x, marks[i].kind, 1, false);
            return true;
        }
    return false;
}

static void
read_one(struct lexer *x)
{
    char c = *x->at;
    if (c == '\n')
        x->line++;
    if (c == '\n' || c == ' ' || c == '\t' || c == '\r')
        x->at++;
    else if (c == '#' || strncmp(x->at, "//", 2) == 0)
        x->at += strcspn(x->at, "\n");
    else if (strncmp(x->at, "/*", 2) == 0)
        skip_long_comment(x);
    else if (c == '"' || c == '\'')
        read_string(x);
    else if (is_word((unsigned char)c))
        read_word(x);
    else if (!read_mark(x))
        skip_junk(x);
}

void
tokens_read(const char *text, struct faults *faults, struct tokens *out)
{
    struct lexer x = {text, 1, faults, out};
    *out = (struct tokens){0};
    if (strncmp(text, "\xef\xbb\xbf", 3) == 0) /* a byte order mark */
        x.at += 3;
    while (*x.at != '\0')
        read_one(&x);
    add(&x, TOKEN_END, 0, false);
}

char *
token_value(const struct token *t)
{
    if (t->kind != TOKEN_STRING)
        return xstrndup(t->at, t->len);
    const char quote = *t->at;
    const char *end = t->at + t->len;
    if (t->len > 1 && end[-1] == quote)
        end--;
    char *out = xmalloc(t->len + 1);
    size_t n = 0;
    for (const char *at = t->at + 1; at < end; at++) {
        bool escape = quote == '"' || at[1] == '\\' || at[1] == '\'';
        if (*at == '\\' && escape && at + 1 < end)
            at++;
        out[n++] = *at;
    }
    out[n] = '\0';
    return out;
}

const char *
token_show(const struct token *t, char out[TOKEN_SHOWN])
{
    size_t n = str_cut(t->at, t->len, TOKEN_SHOWN - sizeof "...");
    memcpy(out, t->at, n);
    memcpy(out + n, n < t->len ? "..." : "", n < t->len ? sizeof "..." : 1);
    return out;
}
