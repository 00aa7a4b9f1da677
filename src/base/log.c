/* Writes one line for each event. A client may have chosen a value, so every control
 * character and every byte that is not UTF-8 is escaped. The length of a line is
 * limited: a value that does not fit is cut at a character, and the pairs behind it are
 * left out. The line is always well-formed. This file must never open or write a file,
 * read a clock, or let an outsider decide how many lines there are. */
#include "base/log.h"

#include "base/duration.h"
#include "base/json.h"
#include "base/str.h"

#include <stdint.h>
#include <string.h>

#define LINE_ROOM 2048   /* bytes of a line, its LF and NUL included */
#define TAIL_ROOM 4      /* a closing quote, a brace, LF, NUL */
#define NUMBER_DIGITS 15 /* of a JSON number at most; any reader stores 15 exactly */
#define LIMIT_BURST 10   /* lines at once; see log_limit */
#define LIMIT_INTERVAL MSEC_SECOND

static const char *const level_names[] = {"error", "warn", "info", "debug", "trace"};

struct line {
    struct str text;
    char room[LINE_ROOM];
    bool json;
};

/* Adds all bytes. If they do not fit, adds none, and all later calls for this line add
 * none. */
static bool
put_bytes(struct line *l, const char *bytes, size_t n)
{
    if (l->text.cut || l->text.len + n + TAIL_ROOM > LINE_ROOM) {
        l->text.cut = true;
        return false;
    }
    str_addn(&l->text, bytes, n);
    return true;
}

/* Writes the escape of the character of n bytes at p (n = 0: a byte that is not UTF-8)
 * in the text format; "" if the character needs none. */
static void
escape_character(const char *p, size_t n, char out[JSON_ESCAPE])
{
    unsigned c = (unsigned char)p[0];

    json_escape(p, n, out);
    if (strncmp(out, "\\u", 2) != 0)
        return;
    if (n == 2)
        c = (unsigned char)p[1]; /* U+0080 to U+009F */
    str_format(out, JSON_ESCAPE, "\\x%02x", c);
}

static void
put_escaped(struct line *l, const char *value)
{
    size_t left = strlen(value);

    while (left > 0) {
        size_t n = str_utf8(value, left);
        char escaped[JSON_ESCAPE];

        if (l->json)
            json_escape(value, n, escaped);
        else
            escape_character(value, n, escaped);
        n = n > 0 ? n : 1;
        if (!put_bytes(l, escaped[0] ? escaped : value,
                       escaped[0] ? strlen(escaped) : n))
            return;
        value += n;
        left -= n;
    }
}

/* True if a value needs no quotes in the text format. */
static bool
is_unquoted(const char *value)
{
    for (const char *p = value; *p != '\0'; p++) {
        if (*p <= ' ' || *p > '~' || *p == '"' || *p == '=' || *p == '\\')
            return false;
    }
    return value[0] != '\0';
}

/* True if a value has no quotes in JSON: the kind of its key is NUMBER, and it has the
 * form of a number. */
static bool
is_json_number(const char *key, const char *value)
{
    size_t digits = strspn(value, "0123456789");
    bool form = digits > 0 && digits <= NUMBER_DIGITS && value[digits] == '\0' &&
                (value[0] != '0' || digits == 1);
    return form && redact_kind_of(key) == REDACT_NUMBER;
}

static void
put_pair(struct line *l, const char *key, const char *value)
{
    bool plain = !l->json && is_unquoted(value);
    char head[64];

    /* a number is never cut, because that would make it another number */
    if (l->json && is_json_number(key, value)) {
        str_format(head, sizeof(head), ",\"%s\":%s", key, value);
        put_bytes(l, head, strlen(head));
        return;
    }
    if (l->json)
        str_format(head, sizeof(head), ",\"%s\":\"", key);
    else
        str_format(head, sizeof(head), " %s=%s", key, plain ? "" : "\"");
    if (!put_bytes(l, head, strlen(head)))
        return;
    put_escaped(l, value);
    if (!plain)
        str_addc(&l->text, '"'); /* TAIL_ROOM is left for it */
}

static void
put_head(struct line *l, msec wall, enum log_level level, const char *event)
{
    char when[MOMENT_TEXT], head[64];

    moment_format_iso(wall, when, sizeof(when));
    str_format(head, sizeof(head),
               l->json ? "{\"time\":\"%s\",\"level\":\"%s\"" : "%s %s", when,
               level_names[level]);
    put_bytes(l, head, strlen(head));
    put_pair(l, "event", event);
}

static void
emit_line(struct log *log, enum log_level level, const char *event, unsigned suppressed,
          const struct log_pair *pairs, size_t n)
{
    struct line l = {.json = log->format == LOG_FORMAT_JSON};
    char number[16], room[LINE_ROOM];

    str_init(&l.text, l.room, sizeof(l.room));
    put_head(&l, log->wall, level, event);
    if (suppressed > 0) {
        str_format(number, sizeof(number), "%u", suppressed);
        put_pair(&l, "suppressed", number);
    }
    for (const struct log_pair *p = pairs; p < pairs + n; p++) {
        if (p->value != NULL)
            put_pair(&l, p->key,
                     redact_value(&log->redact, p->key, p->value, room, sizeof(room)));
    }
    str_add(&l.text, l.json ? "}\n" : "\n");
    log->write(log->ctx, l.text.at, l.text.len);
}

bool
log_wants(const struct log *log, enum log_level level)
{
    return log->write != NULL && level <= log->level;
}

/* Returns the row of a name. A new name gets a free row or, if there is none, the row
 * with the earliest full_at. */
static struct log_repeat *
find_repeat(struct log *log, const char *name)
{
    struct log_repeat *oldest = &log->repeats[0];

    for (int i = 0; i < LOG_LIMITED; i++) {
        struct log_repeat *r = &log->repeats[i];

        if (r->name != NULL && strcmp(r->name, name) == 0)
            return r;
        if (oldest->name != NULL &&
            (r->name == NULL || r->bucket.full_at < oldest->bucket.full_at))
            oldest = r;
    }
    memset(oldest, 0, sizeof(*oldest));
    oldest->name = name;
    return oldest;
}

/* True if a line may be written now; *suppressed is the number of lines that were left
 * out since the last one. */
static bool
pass_rate(struct log *log, const struct log_rate *rate, unsigned *suppressed)
{
    struct log_repeat *r = find_repeat(log, rate->name);
    msec most = log->wall + rate->burst * rate->interval;

    if (r->bucket.full_at > most)
        r->bucket.full_at = most; /* the wall clock was set back */
    if (!bucket_take(&r->bucket, log->wall, rate->burst, rate->interval, 1)) {
        r->suppressed++;
        return false;
    }
    *suppressed = r->suppressed;
    r->suppressed = 0;
    return true;
}

struct log_rate
log_limit(const char *name)
{
    return (struct log_rate){name, LIMIT_BURST, LIMIT_INTERVAL};
}

void
log_line(struct log *log, enum log_level level, const struct log_rate *rate,
         const char *event, const struct log_pair *pairs, size_t n)
{
    unsigned suppressed = 0;

    if (!log_wants(log, level) || (rate && !pass_rate(log, rate, &suppressed)))
        return;
    emit_line(log, level, event, suppressed, pairs, n);
}

const char *
log_level_name(enum log_level level)
{
    return level_names[level];
}

bool
log_level_parse(const char *text, enum log_level *out)
{
    for (int i = 0; i < (int)(sizeof(level_names) / sizeof(level_names[0])); i++) {
        if (strcmp(text, level_names[i]) == 0) {
            *out = (enum log_level)i;
            return true;
        }
    }
    return false;
}
