/* Splits a configuration file into tokens. The syntax is that of libconfuse, which
 * earlier versions used, without its surprises: nothing comes from the environment,
 * a string ends on its line, and no character is dropped. This file
 * must never accept a byte below space in a value: values go into lines that are sent
 * to clients. */
#include "token.h"

#include "base/mem.h"
#include "base/str.h"

#include <string.h>

#define IS_CONTROL(c) ((unsigned char)(c) < 0x20 || (c) == 0x7f)

/* Takes n bytes as a token. */
static struct token
take_token(struct lexer *x, enum token_kind kind, size_t n, const char *wrong)
{
    struct token t = {kind, x->at, n, x->line, wrong != NULL};
    if (wrong != NULL)
        fault_add(x->faults, x->line, "%s", wrong);
    x->at += n;
    return t;
}

/* The fault in n bytes, escapes aside; NULL: there is none. */
static const char *
judge_bytes(const char *at, size_t n)
{
    for (const char *end = at + n; at < end;) {
        size_t len = str_utf8(at, (size_t)(end - at));
        if (len == 0)
            return "this is not UTF-8";
        if (IS_CONTROL(*at))
            return "there is a control character (such as a tab) in a value";
        at += len;
    }
    return NULL;
}

static bool
is_word_byte(const char *at)
{
    return (unsigned char)*at > 0x20 && *at != 0x7f &&
           strchr("\"'#={}(),;+\\", *at) == NULL && !(at[0] == '/' && at[1] == '*');
}

/* The bytes of include("x") behind its first word, up to the end of the line; 0: the n
 * bytes of a word do not begin one. */
static size_t
measure_include(const char *word, size_t n)
{
    size_t blanks = strspn(word + n, " \t");
    if (n != strlen("include") || strncmp(word, "include", n) != 0 ||
        word[n + blanks] != '(')
        return 0;
    size_t inside = strcspn(word + n, ")\n");
    return inside + (word[n + inside] == ')');
}

static struct token
read_word(struct lexer *x)
{
    size_t n = 0;
    while (is_word_byte(x->at + n))
        n++;
    const char *wrong = judge_bytes(x->at, n);
    size_t include = measure_include(x->at, n);
    if (include > 0)
        return take_token(x, TOKEN_INCLUDE, n + include,
                          "an include has no parentheses, and stands outside of "
                          "blocks, alone on its line: "
                          "include \"conf.d/*.conf\"");
    if (n > 0 && x->at[n - 1] == '$' && x->at[n] == '{') {
        wrong = "environment variables are not supported; write the value itself";
        n += strcspn(x->at + n, "}\n");
        n += x->at[n] == '}';
    }
    return take_token(x, TOKEN_WORD, n, wrong);
}

/* True for a backslash and a character that can be escaped. */
static bool
is_escape(const char *at, char quote)
{
    return at[0] == '\\' && at[1] != '\0' &&
           strchr(quote == '"' ? "\\\"'$" : "\\'", at[1]) != NULL;
}

/* The fault in a backslash or dollar; NULL: there is none. */
static const char *
judge_escape(const char *at, char quote)
{
    if (quote == '\'')
        return NULL;
    if (at[0] == '$' && at[1] == '{')
        return "environment variables are not supported; for the two characters \"${\" "
               "write \"\\${\", or use single quotes";
    if (at[0] == '\\' && !is_escape(at, quote))
        return "unknown escape in a string; only \\\\, \\\" and \\$ exist, or use "
               "single quotes";
    return NULL;
}

static struct token
read_string(struct lexer *x)
{
    const char quote = *x->at, *wrong = NULL;
    size_t n = 1;
    while (x->at[n] != quote && x->at[n] != '\n' && x->at[n] != '\0') {
        if (wrong == NULL)
            wrong = judge_escape(x->at + n, quote);
        n += is_escape(x->at + n, quote) ? 2 : 1;
    }
    bool closed = x->at[n] == quote;
    if (!closed)
        wrong = "this string is not closed; the quote that ends it must stand on the "
                "same line";
    else if (wrong == NULL)
        wrong = judge_bytes(x->at + 1, n - 1);
    return take_token(x, TOKEN_STRING, n + closed, wrong);
}

static void
skip_long_comment(struct lexer *x)
{
    const char *end = strstr(x->at + 2, "*/");
    if (end == NULL) {
        fault_add(x->faults, x->line, "this comment is not closed with */");
        x->open_comment = x->line;
        end = x->at + strlen(x->at);
    }
    for (; x->at < end; x->at++)
        x->line += *x->at == '\n';
    x->at += *end != '\0' ? 2 : 0;
}

/* Skips one blank or one comment; false: there is none. */
static bool
skip_blank(struct lexer *x)
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
    else
        return false;
    return true;
}

/* Skips a byte that cannot begin a token; a run of the same byte is one fault. */
static void
skip_junk(struct lexer *x)
{
    unsigned char c = (unsigned char)*x->at;
    if (c == ';')
        fault_add(x->faults, x->line,
                  "unexpected \";\": options and blocks end without one");
    else if (IS_CONTROL(c))
        fault_add(x->faults, x->line, "unexpected control character 0x%02x", c);
    else
        fault_add(x->faults, x->line, "unexpected \"%c\"", c);
    while ((unsigned char)*x->at == c)
        x->at++;
}

struct token
lexer_next(struct lexer *x)
{
    for (;; skip_junk(x)) {
        while (skip_blank(x))
            ;
        const char *mark = strchr(TOKEN_MARKS, *x->at);
        if (*x->at == '\0')
            return take_token(x, TOKEN_END, 0, NULL);
        if (mark != NULL)
            return take_token(x, (enum token_kind)(TOKEN_OPEN + (mark - TOKEN_MARKS)),
                              1, NULL);
        if (*x->at == '"' || *x->at == '\'')
            return read_string(x);
        if (is_word_byte(x->at))
            return read_word(x);
    }
}

char *
token_value(const struct token *t)
{
    if (t->kind != TOKEN_STRING)
        return xstrndup(t->at, t->len);
    const char quote = *t->at, *end = t->at + t->len;
    if (t->len > 1 && end[-1] == quote)
        end--;
    char *out = xmalloc(t->len + 1);
    size_t n = 0;
    for (const char *at = t->at + 1; at < end; at++) {
        at += is_escape(at, quote) && at + 1 < end;
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
