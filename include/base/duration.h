/* Lengths of time and moments, as people write and read them. */
#ifndef BASE_DURATION_H
#define BASE_DURATION_H

#include "base/msec.h"

#include <stdbool.h>
#include <stddef.h>

#define DURATION_TEXT 32                /* room for any duration_format result */
#define DURATION_MAX (36500 * MSEC_DAY) /* longer ones clamp to this */
#define MOMENT_TEXT 32                  /* room for any moment_format result */

/* What a number without a unit means. */
enum duration_bare { DURATION_NEEDS_UNIT, DURATION_BARE_MINUTES };

/* "500ms", "90s", "10m", "1h30m", "1d12h", "2w", "1y" (365 days): units descending,
 * each once, digits only. Too long clamps to DURATION_MAX; false (and *out untouched)
 * for anything else. "0" is accepted under both rules, and is 0. */
bool duration_parse(const char *text, enum duration_bare bare, msec *out);

/* The shortest exact form in y is not used: w is not used either: "1d12h", "10m", "90s"
 * -> "1m30s", "500ms"; 0 and less -> "0s". Milliseconds are dropped from anything of 1
 * s or more. */
void duration_format(msec length, char *out, size_t size);

/* The same for people, in the two greatest units, what is less dropped: "6d23h" for a
 * second less than a week. Not to be read back. */
void duration_words(msec length, char *out, size_t size);

/* Wall time as users see it: "2026-11-22 14:03:05 UTC"; years past 9999 clamp. */
void moment_format(msec wall, char *out, size_t size);

/* Wall time as IRCv3 server-time has it: "2026-11-22T14:03:05.123Z". */
void moment_format_iso(msec wall, char *out, size_t size);

/* The same back, milliseconds optional; years 1970 to 9999, no other zone than Z. False
 * leaves *out alone. */
bool moment_parse_iso(const char *text, msec *out);

/* "count/duration", as in "6/60s". */
struct rate {
    int count; /* 1..1000000 */
    msec per;  /* > 0 */
};

bool rate_parse(const char *text, struct rate *out);

/* The time in which one comes back, at least 1 ms; rate->count > 0. */
msec rate_interval(const struct rate *rate);

#endif
