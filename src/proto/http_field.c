/* Fields of a request: they are found by their name, and the lists in them are read
 * where they are. A field that is not understood is as one that is missing, unless the
 * header of this file says otherwise; a request with a field that must not stand twice
 * was refused before. */
#include "proto/http_field.h"

#include "proto/casemap.h"

#include <string.h>

bool
http_field_next(const struct http_request *r, const char *name, unsigned *cursor,
                struct http_text *value)
{
    while (*cursor < r->fields_count) {
        const struct http_field *f = &r->fields[(*cursor)++];
        *value = http_text(r, f->value);
        if (http_text_is(http_text(r, f->name), name))
            return true;
    }
    *value = (struct http_text){"", 0};
    return false;
}

bool
http_field(const struct http_request *r, const char *name, struct http_text *value)
{
    unsigned cursor = 0;
    return http_field_next(r, name, &cursor, value);
}

bool
http_list_next(struct http_text *rest, struct http_text *element)
{
    while (rest->n > 0) {
        http_text_cut(rest, ',', element);
        *element = http_text_trim(*element);
        if (element->n > 0)
            return true;
    }
    return false;
}

bool
http_field_has(const struct http_request *r, const char *name, const char *word)
{
    struct http_text value, element;
    for (unsigned cursor = 0; http_field_next(r, name, &cursor, &value);)
        while (http_list_next(&value, &element))
            if (http_text_is(element, word))
                return true;
    return false;
}

/* The index of the text in words[0..n), with case; -1: it is none of them. */
static int
find_exact_word(struct http_text text, const char *const *words, int n)
{
    for (int i = 0; i < n; i++)
        if (strlen(words[i]) == text.n && memcmp(words[i], text.at, text.n) == 0)
            return i;
    return -1;
}

int
http_field_choose(const struct http_request *r, const char *name,
                  const char *const *words, int n)
{
    struct http_text value, element;
    for (unsigned cursor = 0; http_field_next(r, name, &cursor, &value);) {
        while (http_list_next(&value, &element)) {
            int found = find_exact_word(element, words, n);
            if (found >= 0)
                return found;
        }
    }
    return -1;
}

bool
http_keeps_open(const struct http_request *r)
{
    if (http_field_has(r, "connection", "close"))
        return false;
    return r->is_1_1 || http_field_has(r, "connection", "keep-alive");
}

/* Whether the text is ";q=" and a weight: 0 to 1 with at most three decimals (RFC 9110
 * 12.4.2), or empty, which is 1. *is_zero: the weight is 0. */
static bool
read_weight(struct http_text text, bool *is_zero)
{
    char weight[6];
    struct http_text name;
    *is_zero = false;
    if (text.n == 0)
        return true;
    if (!http_text_cut(&text, '=', &name) || !http_text_is(name, "q") ||
        !http_text_copy(text, weight, sizeof weight) ||
        (weight[0] != '0' && weight[0] != '1') ||
        (weight[1] != '.' && weight[1] != '\0'))
        return false;
    size_t decimals = weight[1] == '.' ? strlen(weight + 2) : 0;
    const char *digits = weight[0] == '0' ? "0123456789" : "0";
    if (decimals > 0 && strspn(weight + 2, digits) != decimals)
        return false;
    *is_zero =
        weight[0] == '0' && (decimals == 0 || strspn(weight + 2, "0") == decimals);
    return true;
}

bool
http_accepts_coding(const struct http_request *r, const char *coding)
{
    struct http_text value, element, name;
    bool is_zero, accepts_any = false;
    for (unsigned cursor = 0; http_field_next(r, "accept-encoding", &cursor, &value);) {
        while (http_list_next(&value, &element)) {
            http_text_cut(&element, ';', &name);
            name = http_text_trim(name);
            if (!read_weight(http_text_trim(element), &is_zero))
                continue;
            if (http_text_is(name, coding))
                return !is_zero;
            if (http_text_is(name, "*"))
                accepts_any = !is_zero;
        }
    }
    return accepts_any;
}

/* Takes a tag with its quotes, and what separates it from the next one, from the start
 * of a list. False: the list does not begin with a tag. */
static bool
take_entity_tag(struct http_text *list, struct http_text *tag)
{
    struct http_text rest = *list, inside, between;
    if (rest.n > 2 && memcmp(rest.at, "W/", 2) == 0) {
        rest.at += 2;
        rest.n -= 2;
    }
    if (rest.n < 2 || rest.at[0] != '"')
        return false;
    tag->at = rest.at++;
    rest.n--;
    if (!http_text_cut(&rest, '"', &inside))
        return false;
    tag->n = inside.n + 2;
    http_text_cut(&rest, ',', &between);
    *list = http_text_trim(rest);
    return http_text_trim(between).n == 0;
}

/* Whether the list of tags has the tag, and is one to its end. */
static bool
has_entity_tag(struct http_text list, const char *tag)
{
    struct http_text given;
    bool found = false;
    while (list.n > 0) {
        if (!take_entity_tag(&list, &given))
            return false;
        found = found || find_exact_word(given, &tag, 1) == 0;
    }
    return found;
}

bool
http_tag_matches(const struct http_request *r, const char *tag)
{
    struct http_text value;
    for (unsigned cursor = 0; http_field_next(r, "if-none-match", &cursor, &value);)
        if (http_text_is(value, "*") || has_entity_tag(value, tag))
            return true;
    return false;
}

static bool
is_bearer_byte(char c)
{
    return (c >= '0' && c <= '9') ||
           (casemap_fold(c) >= 'a' && casemap_fold(c) <= 'z') ||
           (c != '\0' && strchr("-._~+/", c) != NULL);
}

/* Whether the text is a token68 (RFC 9110 11.2). */
static bool
is_token68(struct http_text text)
{
    size_t n = 0, end = text.n;
    while (end > 0 && text.at[end - 1] == '=')
        end--;
    while (n < end && is_bearer_byte(text.at[n]))
        n++;
    return n > 0 && n == end;
}

int
http_bearer(const struct http_request *r, struct http_text *token)
{
    struct http_text value, scheme;
    bool is_there = http_field(r, "authorization", &value);
    http_text_cut(&value, ' ', &scheme);
    *token = http_text_trim(value);
    if (is_there && http_text_is(scheme, "bearer") && is_token68(*token))
        return 1;
    *token = (struct http_text){"", 0};
    return is_there ? -1 : 0;
}
