/* Structured log lines for operators. The core decides which lines there are, the shell
 * where they go. */
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

/* rows for names with a limited rate */
#define LOG_LIMITED 64
#define LOG_COUNTS 128 /* room for the counters of all events */

struct log {
    enum log_level level; /* lines of a level behind it are dropped */
    enum log_format format;
    struct redact redact;
    msec wall; /* the time of each line; the shell sets it once a turn */
    /* Takes a line that ends with LF. NULL: all lines are dropped. */
    void (*write)(void *ctx, const char *line, size_t n);
    void *ctx;
    struct log_repeat {
        const char *name;     /* borrowed, a literal; compared by content */
        struct bucket bucket; /* in wall time */
        unsigned suppressed;  /* lines left out since the last one */
    } repeats[LOG_LIMITED];
    /* how often each event has come, written or not; by enum event */
    uint64_t counts[LOG_COUNTS];
};

/* The rate of the lines of one name: `burst` at once, then one in each interval. */
struct log_rate {
    const char *name; /* a literal; each name is counted apart */
    int burst;
    msec interval; /* > 0 */
};

/* The rate of an event that an outsider can cause at will: 10 lines at once, then one a
 * second. */
struct log_rate log_limit(const char *name);

struct log_pair {
    const char *key, *value; /* value NULL: left out */
};

/* Writes one line: time, level, event=name, then key=value. For base/event.h alone,
 * which knows the fields of each event. Each key has its row in log_keys.def, which
 * says what log.redact makes of its value. The text format is logfmt: a value with
 * blanks, quotes, '=' or control characters is quoted and escaped. The JSON format is
 * one object a line, valid UTF-8 whatever the values; the value of a key of kind NUMBER
 * has no quotes. rate: a line beyond it is left out, and the next line that passes has
 * suppressed=N; NULL: no line is left out. */
void log_line(struct log *log, enum log_level level, const struct log_rate *rate,
              const char *event, const struct log_pair *pairs, size_t n);

/* False if a line of this level would be dropped, so that the caller need not make
 * it. */
bool log_wants(const struct log *log, enum log_level level);

/* "error", "warn", "info", "debug" or "trace". */
const char *log_level_name(enum log_level level);

/* Parses "error", "warn", "info", "debug" or "trace"; false for any other text. */
bool log_level_parse(const char *text, enum log_level *out);

#endif
