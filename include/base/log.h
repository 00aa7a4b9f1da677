/* Structured events for operators; the core decides what is said, the shell where it
 * goes. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/attr.h"
#include "base/bucket.h"
#include "base/msec.h"
#include "base/redact.h"

#include <stdbool.h>
#include <stddef.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };
enum log_format { LOG_FORMAT_TEXT, LOG_FORMAT_JSON };

#define LOG_LIMITED 64 /* distinct repeated events whose rate is bounded */

struct log {
    enum log_level level; /* what is above it is dropped */
    enum log_format format;
    struct redact redact;
    msec wall; /* stamped on each line; the shell sets it once a turn */
    void (*write)(void *ctx, const char *line,
                  size_t n); /* line ends with LF; NULL: dropped */
    void *ctx;
    struct log_repeat {
        const char *name; /* compared by content; borrowed, a literal */
        struct bucket bucket;
        unsigned suppressed;
    } repeats[LOG_LIMITED];
};

/* One line: time, level, event=name, then key=value pairs (all const char *, a NULL
 * value is left out), closed by a NULL key. Each key has its row in
 * log_keys.def, which says what log.redact makes of its value. Text: logfmt, values
 * with blanks, quotes,
 * '=' or control characters are quoted and escaped. JSON: one object a line, valid
 * UTF-8 whatever the value; numbers by log_keys.def stand without quotes. */
void log_event(struct log *log, enum log_level level, const char *event,
               ...) ATTR_SENTINEL;

/* The same for what an outsider can cause at will: at most 10 lines at once and one a
 * second of an event name; the next line that passes carries suppressed=N. */
void log_limited(struct log *log, enum log_level level, const char *event,
                 ...) ATTR_SENTINEL;

/* How often lines of one name may come: `burst` at once, then one each interval. */
struct log_rate {
    const char *name; /* a literal; other names are counted apart */
    int burst;
    msec interval;
};

/* log_limited with another rate; NULL: log_event. */
void log_rated(struct log *log, enum log_level level, const struct log_rate *rate,
               const char *event, ...) ATTR_SENTINEL;

/* False: a line of this level would be dropped, and need not be made up. */
bool log_wants(const struct log *log, enum log_level level);

/* "error", "warn", "info", "debug" -> level; false for anything else. */
bool log_level_parse(const char *text, enum log_level *out);

#endif
