/* Reads log lines back. Both formats are cut into keys and values by hand, so a line
 * that cannot be read back is found. */
#include "logged.h"

#include "base/event.h"
#include "base/str.h"

/* The length of the next key in *at, which is moved behind its value; 0: none. */
static size_t
next_key(const char **at, bool json, const char **key, const char **value)
{
    const char *p = *at + strspn(*at, json ? "{,\"" : " ");
    size_t n = strcspn(p, json ? "\"}" : "= ");
    *key = p;
    if (p[n] == '\0' || p[n] == '}')
        return 0;
    p += n + (json ? 2 : 1);
    bool quoted = *p == '"';
    *value = p += quoted;
    while (*p && (quoted ? *p != '"' : json ? *p != ',' && *p != '}' : *p != ' '))
        p += *p == '\\' && p[1] ? 2 : 1;
    *at = p + quoted;
    return n;
}

/* "event: key key" of one line. */
static void
shape(struct str *s, const char *line, bool json)
{
    const char *key, *value;
    size_t n;
    const char *at = json ? line : strstr(line, " event=");
    bool first = true;
    while (at && (n = next_key(&at, json, &key, &value)) > 0) {
        if (json && ((n == 4 && memcmp(key, "time", 4) == 0) ||
                     (n == 5 && memcmp(key, "level", 5) == 0)))
            continue;
        if (first)
            str_addf(s, "%.*s:", (int)strcspn(value, "\" "), value);
        else
            str_addf(s, " %.*s", (int)n, key);
        first = false;
    }
}

void
logged_clear(struct world *w)
{
    w->logged_len = 0;
    w->logged[0] = '\0';
}

const char *
logged_shape(const struct world *w)
{
    static char out[8192];
    char line[4096];
    struct str s;
    str_init(&s, out, sizeof out);
    for (const char *at = w->logged; *at;) {
        size_t n = strcspn(at, "\n");
        str_format(line, sizeof line, "%.*s", (int)n, at);
        str_add(&s, s.len ? "; " : "");
        shape(&s, line, line[0] == '{');
        at += n + 1;
    }
    return out;
}

static bool
is_text(const char *text, const char *word, size_t n)
{
    return strlen(text) == n && memcmp(text, word, n) == 0;
}

/* True if a row of events.def with this word has such a key. */
static bool
row_has_key(const char *event, size_t event_len, const char *key, size_t n)
{
    for (int i = 0; i < EVENTS; i++) {
        const struct event_field *field = event_rows[i].fields();
        if (!is_text(event_rows[i].word, event, event_len))
            continue;
        for (; field->name; field++)
            if (field->key && is_text(field->key, key, n))
                return true;
    }
    return false;
}

void
logged_check(const struct world *w)
{
    for (const char *at = logged_shape(w); *at; at += strspn(at, "; ")) {
        const char *end = at + strcspn(at, ";"), *name = at;
        size_t n = strcspn(at, ":");
        for (at += n + 1; at < end; at += strcspn(at, " ;")) {
            at += strspn(at, " ");
            size_t len = strcspn(at, " ;");
            bool known =
                row_has_key(name, n, at, len) || is_text("suppressed", at, len);
            if (!known)
                printf("\n    not in events.def: %.*s\n", (int)(end - name), name);
            CU_ASSERT(known);
        }
    }
}
