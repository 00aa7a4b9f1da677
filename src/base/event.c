/* The rows of events.def, and the log line of an event. A key that log_keys.def lacks,
 * or a key of the wrong type, does not compile. */
#include "base/event.h"

#include "base/redact.h"
#include "base/str.h"

#include <assert.h>
#include <string.h>

#define FIELDS_MAX 16 /* of one event */

/* A key is a NUMBER in both tables or in none. */
enum {
#define KEY(name, key, kind) KIND_##name = REDACT_##kind,
#include "base/log_keys.def"
#undef KEY
};
#define TEXT(name)                                                                     \
    _Static_assert((int)KIND_##name != (int)REDACT_NUMBER, #name " is a number");
#define NUMBER(name)                                                                   \
    _Static_assert((int)KIND_##name == (int)REDACT_NUMBER, #name " is a text");
#define NOTE_TEXT(name)
#define NOTE_NUMBER(name)
#define EVENT(name, word, level, rate, fields, notice, when) fields
#define LIKE(name, same, word, level, rate, notice, when)
#include "base/events.def"
#undef TEXT
#undef NUMBER
#undef NOTE_TEXT
#undef NOTE_NUMBER
#undef EVENT
#undef LIKE

/* The text of each key. */
#define KEY(name, key, kind) static const char key_##name[] = key;
#include "base/log_keys.def"
#undef KEY

/* One function for each row: a typedef in it tells the fields which struct they are
 * in. */
#define TEXT(name) {#name, key_##name, false, offsetof(fields_here, name)},
#define NUMBER(name) {#name, key_##name, true, offsetof(fields_here, name)},
#define NOTE_TEXT(name) {#name, NULL, false, offsetof(fields_here, name)},
#define NOTE_NUMBER(name) {#name, NULL, true, offsetof(fields_here, name)},
#define EVENT(name, word, level, rate, fields, notice, when)                           \
    static const struct event_field *list_fields_##name(void)                          \
    {                                                                                  \
        typedef struct event_##name fields_here;                                       \
        static const struct event_field all[] = {fields{NULL, NULL, false, 0}};        \
        _Static_assert(sizeof all <= (FIELDS_MAX + 1) * sizeof *all, "too many");      \
        return all;                                                                    \
    }
#define LIKE(name, same, word, level, rate, notice, when)
#include "base/events.def"
#undef TEXT
#undef NUMBER
#undef NOTE_TEXT
#undef NOTE_NUMBER
#undef EVENT
#undef LIKE

const struct event_row event_rows[EVENTS] = {
#define EVENT(name, word, level, rate, fields, notice, when)                           \
    [EVENT_##name] = {word, LOG_LEVEL_##level, EVENT_##rate, list_fields_##name},
#define LIKE(name, same, word, level, rate, notice, when)                              \
    [EVENT_##name] = {word, LOG_LEVEL_##level, EVENT_##rate, list_fields_##same},
#include "base/events.def"
#undef EVENT
#undef LIKE
};

enum event
event_like(enum event event, enum event same)
{
    assert(event_rows[event].fields == event_rows[same].fields);
    return event;
}

/* The text of a field; a number is written into room. NULL: no value. */
static const char *
read_field(const struct event_field *field, const void *fields, char room[EVENT_ROOM])
{
    const char *at = (const char *)fields + field->offset;
    const char *text;
    uint64_t number;
    if (!field->number) {
        memcpy(&text, at, sizeof text);
        return text;
    }
    struct str s;
    memcpy(&number, at, sizeof number);
    str_init(&s, room, EVENT_ROOM);
    str_addu(&s, number, 0);
    return room;
}

void
event_log(struct log *log, enum event event, const struct log_rate *rate,
          const void *fields)
{
    const struct event_row *row = &event_rows[event];
    struct log_pair pairs[FIELDS_MAX];
    char rooms[FIELDS_MAX][EVENT_ROOM];
    size_t n = 0;
    log->counts[event]++;
    if (row->rate == EVENT_NEVER || !log_wants(log, row->level))
        return;
    for (const struct event_field *field = row->fields(); field->name; field++) {
        if (field->key == NULL)
            continue;
        pairs[n].key = field->key;
        pairs[n].value = read_field(field, fields, rooms[n]);
        n++;
    }
    struct log_rate limit = log_limit(row->word);
    if (rate == NULL && row->rate == EVENT_LIMITED)
        rate = &limit;
    log_line(log, row->level, rate, row->word, pairs, n);
}

bool
event_wants_line(struct log *log, enum event event)
{
    if (log_wants(log, event_rows[event].level))
        return true;
    log->counts[event]++;
    return false;
}

const char *
event_value(enum event event, const void *fields, const char *name, size_t n,
            char room[EVENT_ROOM])
{
    const struct event_field *field = event_rows[event].fields();
    for (; field->name; field++)
        if (strlen(field->name) == n && memcmp(field->name, name, n) == 0)
            return read_field(field, fields, room);
    assert(!"a field that the event lacks");
    return NULL;
}
