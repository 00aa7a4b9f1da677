/* Texts inside a head of HTTP: they are compared and cut where they are, because a head
 * is read in one buffer and nothing of it is copied before it is known to be good. */
#include "proto/http_text.h"

#include "proto/casemap.h"

#include <string.h>

bool
http_text_is(struct http_text text, const char *word)
{
    return strlen(word) == text.n && casemap_ncmp(text.at, word, text.n) == 0;
}

static bool
is_token_byte(char c)
{
    if ((c >= '0' && c <= '9') || (casemap_fold(c) >= 'a' && casemap_fold(c) <= 'z'))
        return true;
    return c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL;
}

bool
http_text_is_token(struct http_text text)
{
    for (size_t i = 0; i < text.n; i++)
        if (!is_token_byte(text.at[i]))
            return false;
    return text.n > 0;
}

static bool
is_blank_byte(char c)
{
    return c == ' ' || c == '\t';
}

struct http_text
http_text_trim(struct http_text text)
{
    while (text.n > 0 && is_blank_byte(text.at[0])) {
        text.at++;
        text.n--;
    }
    while (text.n > 0 && is_blank_byte(text.at[text.n - 1]))
        text.n--;
    return text;
}

bool
http_text_cut(struct http_text *text, char mark, struct http_text *before)
{
    const char *found = text->n > 0 ? memchr(text->at, mark, text->n) : NULL;
    *before = *text;
    if (found == NULL) {
        text->at += text->n;
        text->n = 0;
        return false;
    }
    before->n = (size_t)(found - text->at);
    text->at = found + 1;
    text->n -= before->n + 1;
    return true;
}

bool
http_text_copy(struct http_text text, char *out, size_t size)
{
    out[0] = '\0';
    if (text.n >= size || (text.n > 0 && memchr(text.at, '\0', text.n) != NULL))
        return false;
    if (text.n > 0)
        memcpy(out, text.at, text.n);
    out[text.n] = '\0';
    return true;
}
