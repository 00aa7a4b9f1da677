/* Reads log lines back. Both formats are cut into keys and values by hand, so that what
 * cannot be read back is seen. */
#include "logged.h"

#include "base/str.h"

static const struct {
    const char *name, *keys;
} events[] = {
#define EVENT(name, keys, when) {name, keys},
#include "base/log_events.def"
#undef EVENT
};

/* The next key of a line in *at: its length, and *at stands behind its value; 0: none.
 */
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

/* Is this word one of a list? */
static bool
has_word(const char *list, const char *word, size_t n)
{
    for (; *list; list += strspn(list, " ")) {
        size_t len = strcspn(list, " ");
        if (len == n && memcmp(list, word, n) == 0)
            return true;
        list += len;
    }
    return false;
}

static const char *
keys_of(const char *event, size_t n)
{
    for (size_t i = 0; i < sizeof events / sizeof *events; i++)
        if (strlen(events[i].name) == n && memcmp(events[i].name, event, n) == 0)
            return events[i].keys;
    return NULL;
}

void
logged_check(const struct world *w)
{
    for (const char *at = logged_shape(w); *at; at += strspn(at, "; ")) {
        const char *end = at + strcspn(at, ";"), *name = at;
        size_t n = strcspn(at, ":");
        const char *keys = keys_of(at, n);
        for (at += n + 1; at < end; at += strcspn(at, " ;")) {
            at += strspn(at, " ");
            size_t len = strcspn(at, " ;");
            bool known = keys && (has_word(keys, at, len) ||
                                  (len == 10 && memcmp(at, "suppressed", 10) == 0));
            if (!known)
                printf("\n    not in log_events.def: %.*s\n", (int)(end - name), name);
            CU_ASSERT(known);
        }
    }
}
