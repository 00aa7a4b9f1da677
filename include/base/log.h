/* Structured events for operators; the core decides what is said, the shell where it
 * goes. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/bucket.h"
#include "base/msec.h"
#include "base/redact.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum log_level {
    LOG_LEVEL_ERROR,
    LOG_LEVEL_WARN,
    LOG_LEVEL_INFO,
    LOG_LEVEL_DEBUG,
    LOG_LEVEL_TRACE, /* every line of every client */
};
enum log_format { LOG_FORMAT_TEXT, LOG_FORMAT_JSON };

#define LOG_LIMITED 64 /* distinct repeated events whose rate is bounded */
#define LOG_COUNTS 128 /* room for the counters of all events */

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
    uint64_t counts[LOG_COUNTS]; /* by enum event: how often each has come, whether it
                                    was written or not */
};

/* How often lines of one name may come: `burst` at once, then one each interval. */
struct log_rate {
    const char *name; /* a literal; other names are counted apart */
    int burst;
    msec interval;
};

/* What an outsider can cause at will: 10 lines of a name at once and one a second. */
struct log_rate log_limit(const char *name);

struct log_pair {
    const char *key, *value; /* value NULL: left out */
};

/* One line: time, level, event=name, then key=value. For base/event.h alone, which
 * knows what each event has. Each key has its row in log_keys.def, which says what
 * log.redact makes of its value. Text: logfmt, values with blanks, quotes, '=' or
 * control characters are quoted and escaped. JSON: one object a line, valid UTF-8
 * whatever the value; numbers by log_keys.def stand without quotes. rate: the line may
 * be left out, and the next one that passes carries suppressed=N; NULL: every line
 * comes. */
void log_line(struct log *log, enum log_level level, const struct log_rate *rate,
              const char *event, const struct log_pair *pairs, size_t n);

/* False: a line of this level would be dropped, and need not be made up. */
bool log_wants(const struct log *log, enum log_level level);

/* "error", "warn", "info", "debug", "trace" -> level; false for anything else. */
bool log_level_parse(const char *text, enum log_level *out);

#endif
