/* Lengths of time, moments and rates as text. */
#ifndef BASE_DURATION_H
#define BASE_DURATION_H

#include "base/msec.h"

#include <stdbool.h>
#include <stddef.h>

#define DURATION_TEXT 32                /* room for any duration_format result */
#define DURATION_MAX (36500 * MSEC_DAY) /* a longer length becomes this one */
#define MOMENT_TEXT 32                  /* room for any moment_format result */

/* What a number without a unit is. */
enum duration_bare { DURATION_NEEDS_UNIT, DURATION_BARE_MINUTES };

/* Parses "500ms", "90s", "10m", "1h30m", "1d12h", "2w" or "1y" (365 days): digits and a
 * unit, the units in descending order, each at most once. "0" is 0 under both rules. A
 * length above DURATION_MAX becomes DURATION_MAX. Any other text: false, and *out is
 * not changed. */
bool duration_parse(const char *text, enum duration_bare bare, msec *out);

/* Writes the exact length in d, h, m and s: "1d12h", "10m", "1m30s"; the milliseconds
 * of a length of 1 s or more are dropped. Less than 1 s is "500ms", 0 and less is
 * "0s". */
void duration_format(msec length, char *out, size_t size);

/* The same with the largest unit and the next one alone: "6d23h" for a second less than
 * a week. For messages, not to be parsed again. */
void duration_words(msec length, char *out, size_t size);

/* Writes wall time as users see it: "2026-11-22 14:03:05 UTC"; years after 9999
 * clamp. */
void moment_format(msec wall, char *out, size_t size);

/* Writes wall time as in IRCv3 server-time: "2026-11-22T14:03:05.123Z". */
void moment_format_iso(msec wall, char *out, size_t size);

/* Writes wall time as in fields of HTTP: "Sun, 22 Nov 2026 14:03:05 GMT" (RFC 9110
 * 5.6.7). */
void moment_format_http(msec wall, char *out, size_t size);

/* Parses the form of moment_format_iso, with or without milliseconds: years 1970 to
 * 9999, no zone but Z. False leaves *out alone. */
bool moment_parse_iso(const char *text, msec *out);

/* A limit that is written as count/duration ("6/60s"): `count` at once, then one in
 * each per / count. */
struct rate {
    int count; /* 1..1000000 */
    msec per;  /* > 0 */
};

bool rate_parse(const char *text, struct rate *out);

/* The time in which one of count comes back, in milliseconds, at least 1; rate->count >
 * 0. */
msec rate_interval(const struct rate *rate);

#endif
