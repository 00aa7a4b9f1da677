/* Events for operators: the rows of events.def. Each event has its own fields. */
#ifndef BASE_EVENT_H
#define BASE_EVENT_H

#include "base/log.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* EVENT_start, EVENT_kline, ... */
enum event {
#define EVENT(name, word, level, rate, fields, notice, when) EVENT_##name,
#define LIKE(name, same, word, level, rate, notice, when) EVENT_##name,
#include "base/events.def"
#undef EVENT
#undef LIKE
    EVENTS
};
_Static_assert(EVENTS <= LOG_COUNTS, "each event has a counter");

/* struct event_start, struct event_kline, ...: the fields of each event. All texts are
 * borrowed; a text that is NULL is left out of the line. */
#define TEXT(key) const char *key;
#define NUMBER(key) uint64_t key;
#define NOTE_TEXT(name) const char *name;
#define NOTE_NUMBER(name) uint64_t name;
#define EVENT(name, word, level, rate, fields, notice, when)                           \
    struct event_##name {                                                              \
        fields                                                                         \
    };
#define LIKE(name, same, word, level, rate, notice, when)
#include "base/events.def"
#undef TEXT
#undef NUMBER
#undef NOTE_TEXT
#undef NOTE_NUMBER
#undef EVENT
#undef LIKE

enum event_rate { EVENT_EACH, EVENT_LIMITED, EVENT_NEVER };

struct event_field {
    const char *name; /* in events.def; NULL ends the fields */
    const char *key;  /* in the log line; NULL: not in it */
    bool number;
    size_t offset; /* in struct event_NAME */
};

struct event_row {
    const char *word; /* event=word in the log line */
    enum log_level level;
    enum event_rate rate;
    const struct event_field *(*fields)(void);
};
extern const struct event_row event_rows[EVENTS];

/* Writes the line of an event and counts it, without a notice: LOG_EVENT(log,
 * store_loss, .note = text). The compiler refuses a field that the event lacks, and a
 * value of another type. */
#define LOG_EVENT(log, name, ...)                                                      \
    event_log((log), EVENT_##name, NULL, &(struct event_##name){__VA_ARGS__})

/* The same for `event`, a row LIKE that of `name`; it aborts if the row is not one. */
#define LOG_EVENT_LIKE(log, event, name, ...)                                          \
    event_log((log), event_like((event), EVENT_##name), NULL,                          \
              &(struct event_##name){__VA_ARGS__})

/* Counts the event and writes its line. fields: the struct of the event. rate: the rate
 * in the place of the one in its row; NULL: the one in its row. */
void event_log(struct log *log, enum event event, const struct log_rate *rate,
               const void *fields);

/* Returns `event`; aborts unless its fields are those of `same`. */
enum event event_like(enum event event, enum event same);

/* False if lines of its level are dropped. Then the event is counted here, and the
 * caller need not make its fields. */
bool event_wants_line(struct log *log, enum event event);

#define EVENT_ROOM 24 /* room for the digits of a number */

/* The value of the field name[0..n), which the event must have; NULL: no value. A
 * number is written into room. */
const char *event_value(enum event event, const void *fields, const char *name,
                        size_t n, char room[EVENT_ROOM]);

#endif
