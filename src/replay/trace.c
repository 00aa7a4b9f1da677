/* Reads a trace. Each line is an object of its own; libjansson parses it, and the table
 * of keys says what each value must be.
 *
 * Nothing is guessed: an unknown key, a value of another type, a time before that of
 * the line before, or a line of an id without a connection is a fault with its place.
 * The whole file is read and every fault is reported before the simulation begins. */
#include "trace.h"

#include "base/duration.h"
#include "base/hash.h"
#include "base/str.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#define VALUE_SHOWN 60  /* bytes of a wrong value in a fault */
#define SECONDS_MAX 1e9 /* about 30 years */
#define ID_MAX 64       /* bytes */

/* An open connection, by its id in the trace. */
struct open_conn {
    UT_hash_handle hh;
    uint32_t conn;
    unsigned line; /* the line of its connect */
    char id[];
};

struct reader {
    struct trace *trace;
    const char *file;
    unsigned line;   /* from 1 */
    unsigned faults; /* so far */
    trace_fault *fault;
    void *ctx;
    size_t events_cap, conns_cap;
    struct open_conn *names; /* uthash by id */
    bool started; /* an event was read; its time decides the form of all times */
    bool iso;
    msec last; /* time of the line before */
    struct item {
        msec at;
        const char *id;
        bool has[10]; /* by row of `keys` */
        int kinds;    /* the number of keys among connect, line, lines and close */
        enum trace_kind kind;
        struct trace_conn conn;
        char *text; /* owned */
        size_t len;
    } item; /* the object on this line */
};

static bool ATTR_PRINTF(2, 3) report_fault(struct reader *r, const char *fmt, ...)
{
    char what[512], text[1024];
    va_list args;
    if (++r->faults > TRACE_FAULTS)
        return false;
    va_start(args, fmt);
    struct str s;
    str_init(&s, what, sizeof what);
    str_addv(&s, fmt, args);
    va_end(args);
    str_format(text, sizeof text, "%s:%u: %s", r->file, r->line, what);
    r->fault(r->ctx, text);
    return false;
}

/* A value as it stands in the trace, cut to VALUE_SHOWN. */
static const char *
show_value(const json_t *value, char out[static VALUE_SHOWN + 4])
{
    char *text =
        json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(12));
    size_t n = text ? strlen(text) : 0;
    str_format(out, VALUE_SHOWN + 1, "%s", text ? text : "?");
    if (n > VALUE_SHOWN)
        strncpy(out + VALUE_SHOWN, "...", 4);
    free(text);
    return out;
}

static bool
report_expected(struct reader *r, const char *key, const json_t *value,
                const char *what)
{
    char shown[VALUE_SHOWN + 4];
    return report_fault(r, "%s: %s; expected %s", key, show_value(value, shown), what);
}

static bool
read_time_value(struct reader *r, const json_t *value)
{
    static const char what[] =
        "seconds since the start (12.5) or a moment (\"2026-11-22T14:03:05.123Z\")";
    msec at;
    bool iso = json_is_string(value);
    double seconds = json_number_value(value);
    if (iso && !moment_parse_iso(json_string_value(value), &at))
        return report_expected(r, "time", value, what);
    if (!iso && (!json_is_number(value) || !(seconds >= 0 && seconds <= SECONDS_MAX)))
        return report_expected(r, "time", value, what);
    if (!iso)
        at = (msec)(seconds * MSEC_SECOND + 0.5);
    if (!r->started) {
        r->iso = iso;
        r->trace->wall = iso ? at : TRACE_WALL;
    }
    r->started = true;
    if (iso != r->iso)
        return report_expected(r, "time", value,
                               r->iso ? "a moment, as on the lines before"
                                      : "seconds, as on the lines before");
    r->item.at = iso ? at - r->trace->wall : at;
    if (r->item.at < r->last)
        return report_expected(r, "time", value, "no less than on the line before");
    r->last = r->item.at;
    return true;
}

static bool
read_id_value(struct reader *r, const json_t *value)
{
    size_t n = json_string_length(value);
    if (n == 0 || n > ID_MAX)
        return report_expected(r, "id", value,
                               "a name of 1 to 64 bytes, such as \"c1\"");
    r->item.id = json_string_value(value);
    return true;
}

static bool
read_connect_value(struct reader *r, const json_t *value)
{
    r->item.kinds++;
    r->item.kind = TRACE_CONNECT;
    const char *text = json_string_value(value);
    return (text && addr_parse(text, &r->item.conn.addr)) ||
           report_expected(r, "connect", value,
                           "an address, such as \"192.0.2.7\" or \"2001:db8::7\"");
}

static bool
add_trace_line(struct reader *r, const char *key, const json_t *value)
{
    struct item *i = &r->item;
    const char *text = json_string_value(value);
    size_t n = json_string_length(value);
    if (text == NULL || memchr(text, '\r', n) || memchr(text, '\n', n))
        return report_expected(r, key, value, "a line without CR and LF: \"JOIN #a\"");
    i->text = xrealloc(i->text, i->len + n + 3);
    memcpy(i->text + i->len, text, n);
    memcpy(i->text + i->len + n, "\r\n", 3);
    i->len += n + 2;
    return true;
}

static bool
add_trace_lines(struct reader *r, const char *key, const json_t *value)
{
    if (!json_is_array(value) || json_array_size(value) == 0)
        return report_expected(r, key, value, "lines: [\"NICK a\",\"USER a 0 * :A\"]");
    for (size_t i = 0; i < json_array_size(value); i++)
        if (!add_trace_line(r, key, json_array_get(value, i)))
            return false;
    return true;
}

static bool
read_line_value(struct reader *r, const json_t *value)
{
    r->item.kinds++;
    r->item.kind = TRACE_LINES;
    return add_trace_line(r, "line", value);
}

static bool
read_lines_value(struct reader *r, const json_t *value)
{
    r->item.kinds++;
    r->item.kind = TRACE_LINES;
    return add_trace_lines(r, "lines", value);
}

static bool
read_close_value(struct reader *r, const json_t *value)
{
    r->item.kinds++;
    r->item.kind = TRACE_CLOSE;
    return json_is_true(value) || report_expected(r, "close", value, "true");
}

static bool
read_login_value(struct reader *r, const json_t *value)
{
    return add_trace_lines(r, "login", value);
}

static bool
read_retry_value(struct reader *r, const json_t *value)
{
    static const char what[] = "1 to 16 waits of 0.1 to 86400 seconds: [10,20,40]";
    struct trace_conn *c = &r->item.conn;
    size_t n = json_array_size(value);
    if (!json_is_array(value) || n < 1 || n > TRACE_RETRIES)
        return report_expected(r, "retry", value, what);
    for (size_t i = 0; i < n; i++) {
        const json_t *wait = json_array_get(value, i);
        double seconds = json_number_value(wait);
        if (!json_is_number(wait) || !(seconds >= 0.1 && seconds <= 86400))
            return report_expected(r, "retry", value, what);
        c->retry[c->n_retry++] = (msec)(seconds * MSEC_SECOND + 0.5);
    }
    return true;
}

static bool
read_tls_value(struct reader *r, const json_t *value)
{
    r->item.conn.tls = json_is_true(value);
    return r->item.conn.tls || report_expected(r, "tls", value, "true");
}

static bool
read_certfp_value(struct reader *r, const json_t *value)
{
    static const char digits[] = "0123456789abcdef";
    const char *text = json_string_value(value);
    size_t n = sizeof r->item.conn.certfp - 1;
    if (text == NULL || json_string_length(value) != n || strspn(text, digits) != n)
        return report_expected(r, "certfp", value,
                               "a SHA-256 fingerprint: 64 lower-case hex digits");
    memcpy(r->item.conn.certfp, text, n);
    return true;
}

enum {
    KEY_TIME,
    KEY_ID,
    KEY_CONNECT,
    KEY_LINE,
    KEY_LINES,
    KEY_CLOSE,
    KEY_LOGIN,
    KEY_RETRY,
    KEY_TLS,
    KEY_CERTFP
};

static const struct {
    const char *name;
    bool (*read)(struct reader *, const json_t *);
} keys[] = {
    [KEY_TIME] = {"time", read_time_value},
    [KEY_ID] = {"id", read_id_value},
    [KEY_CONNECT] = {"connect", read_connect_value},
    [KEY_LINE] = {"line", read_line_value},
    [KEY_LINES] = {"lines", read_lines_value},
    [KEY_CLOSE] = {"close", read_close_value},
    [KEY_LOGIN] = {"login", read_login_value},
    [KEY_RETRY] = {"retry", read_retry_value},
    [KEY_TLS] = {"tls", read_tls_value},
    [KEY_CERTFP] = {"certfp", read_certfp_value},
};
#define N_KEYS (sizeof keys / sizeof *keys)

_Static_assert(N_KEYS <= sizeof((struct item *)0)->has / sizeof(bool), "room for all");

/* Reads every key of the object; the caller checks whether one is missing. */
static bool
read_keys(struct reader *r, json_t *object)
{
    const char *name;
    json_t *value;
    bool fine = true;
    json_object_foreach(object, name, value)
    {
        size_t k = 0;
        while (k < N_KEYS && strcmp(keys[k].name, name) != 0)
            k++;
        if (k == N_KEYS) {
            fine =
                report_fault(r,
                             "unknown key \"%s\"; there are time, id, connect, line, "
                             "lines, close, login, retry, tls and certfp",
                             SHOWN(name));
            continue;
        }
        r->item.has[k] = true;
        fine = keys[k].read(r, value) && fine;
    }
    return fine;
}

static bool
is_complete_item(struct reader *r)
{
    const struct item *i = &r->item;
    if (!i->has[KEY_TIME] || !i->has[KEY_ID] || i->kinds != 1)
        return report_fault(
            r, "expected time, id and one of connect, line, lines and close: "
               "{\"time\":0,\"id\":\"c1\",\"connect\":\"192.0.2.7\"}");
    if (i->kind != TRACE_CONNECT && (i->has[KEY_LOGIN] || i->has[KEY_RETRY]))
        return report_fault(r, "login and retry go with connect only");
    if (i->kind != TRACE_CONNECT && (i->has[KEY_TLS] || i->has[KEY_CERTFP]))
        return report_fault(r, "tls and certfp go with connect only");
    return true;
}

static void *
grow_array(void *array, size_t n, size_t *cap, size_t size)
{
    if (n < *cap)
        return array;
    *cap = *cap ? 2 * *cap : 256;
    return xrealloc(array, *cap * size);
}

static unsigned
hash_id(const char *id)
{
    static const struct hash_key fixed = {{1}};
    return hash_bytes(&fixed, id, strlen(id));
}

static struct open_conn *
find_connected(const struct reader *r, const char *id)
{
    struct open_conn *n;
    HASH_FIND_BYHASHVALUE(hh, r->names, id, strlen(id), hash_id(id), n);
    return n;
}

/* Finds or makes the connection of this line. An id is known while its connection is
 * open. */
static bool
resolve_connection(struct reader *r, uint32_t *conn)
{
    struct trace *t = r->trace;
    const char *id = r->item.id;
    struct open_conn *n = find_connected(r, id);
    if (r->item.kind != TRACE_CONNECT) {
        if (n == NULL)
            return report_fault(
                r, "id: \"%s\" is not connected; expected a connect before it", id);
        *conn = n->conn;
        return true;
    }
    if (n)
        return report_fault(
            r,
            "id: \"%s\" is connected since line %u; close it first, or use "
            "another id",
            id, n->line);
    size_t len = strlen(id);
    n = xcalloc(1, sizeof *n + len + 1);
    memcpy(n->id, id, len);
    n->line = r->line;
    *conn = n->conn = (uint32_t)t->n_conns;
    HASH_ADD_KEYPTR_BYHASHVALUE(hh, r->names, n->id, len, hash_id(id), n);
    t->conns = grow_array(t->conns, t->n_conns, &r->conns_cap, sizeof *t->conns);
    t->conns[t->n_conns++] = r->item.conn;
    return true;
}

static void
forget_connected(struct reader *r, struct open_conn *n)
{
    HASH_DEL(r->names, n);
    free(n);
}

static void
take_trace_object(struct reader *r, json_t *object)
{
    struct trace *t = r->trace;
    struct trace_event event = {0};
    r->item = (struct item){.text = xstrdup("")};
    bool fine = read_keys(r, object);
    /* also if it is faulty: one fault must not cause another on each line that
     * follows */
    bool known = r->item.id && r->item.kinds == 1 && resolve_connection(r, &event.conn);
    if (!fine || !is_complete_item(r) || !known) {
        free(r->item.text);
        return;
    }
    event.at = r->item.at;
    event.kind = r->item.kind;
    event.text = r->item.text;
    event.bytes = (uint32_t)r->item.len;
    t->events = grow_array(t->events, t->n_events, &r->events_cap, sizeof event);
    t->events[t->n_events++] = event;
    if (event.kind == TRACE_CLOSE)
        forget_connected(r, find_connected(r, r->item.id));
}

static void
take_trace_line(struct reader *r, const char *line, size_t n)
{
    json_error_t error;
    while (n > 0 && strchr(" \t\r\n", line[n - 1]))
        n--;
    if (n == 0)
        return;
    if (n > TRACE_LINE_MAX) {
        report_fault(r, "%zu bytes; expected at most %u on a line", n, TRACE_LINE_MAX);
        return;
    }
    json_t *object = json_loadb(line, n, JSON_REJECT_DUPLICATES, &error);
    if (object == NULL)
        report_fault(r, "column %d: %s; expected a JSON object", error.column,
                     error.text);
    else if (!json_is_object(object)) {
        char shown[VALUE_SHOWN + 4];
        report_fault(r, "%s; expected a JSON object: {\"time\":0,...}",
                     show_value(object, shown));
    } else
        take_trace_object(r, object);
    json_decref(object);
}

static void
finish_reading(struct reader *r, int error)
{
    char text[512];
    struct open_conn *n, *next;
    HASH_ITER(hh, r->names, n, next)
        forget_connected(r, n);
    r->line++;
    if (error != 0)
        report_fault(r, "cannot read it: %s", strerror(error));
    else if (r->faults == 0 && r->trace->n_events == 0)
        report_fault(r, "there is nothing in it; expected objects, one a line");
    if (r->faults <= TRACE_FAULTS)
        return;
    str_format(text, sizeof text, "%s: and %u faults more", r->file,
               r->faults - TRACE_FAULTS);
    r->fault(r->ctx, text);
}

struct trace *
trace_read(FILE *from, const char *name, trace_fault *fault, void *ctx)
{
    struct reader r = {.file = name, .fault = fault, .ctx = ctx};
    char *line = NULL;
    size_t room = 0;
    ssize_t n;
    r.trace = xcalloc(1, sizeof *r.trace);
    errno = 0;
    while ((n = getline(&line, &room, from)) > 0) {
        r.line++;
        take_trace_line(&r, line, (size_t)n);
    }
    int error = ferror(from) ? errno : 0;
    free(line);
    finish_reading(&r, error);
    if (r.faults == 0)
        return r.trace;
    trace_free(r.trace);
    return NULL;
}

void
trace_free(struct trace *t)
{
    if (t == NULL)
        return;
    for (size_t i = 0; i < t->n_events; i++)
        free(t->events[i].text);
    free(t->events);
    free(t->conns);
    free(t);
}
