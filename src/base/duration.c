/* Lengths of time and moments as text. Dates are computed here and not by libc,
 * because libc uses the time zone of the machine, and users see UTC only. Lengths
 * clamp and never overflow, so "9999999y" is a long ban and not an expired one. This
 * file must never read a clock, and must never accept a number without a unit
 * where it would have to guess one. */
#include "base/duration.h"

#include "base/str.h"

#include <string.h>

struct unit {
    char name[3];
    msec length;
};

/* clang-format off */
static const struct unit units[] = { /* descending */
    {"y", 365 * MSEC_DAY}, {"w", 7 * MSEC_DAY}, {"d", MSEC_DAY}, {"h", MSEC_HOUR},
    {"m", MSEC_MINUTE}, {"s", MSEC_SECOND}, {"ms", 1},
};
/* clang-format on */

#define UNITS (sizeof(units) / sizeof(units[0]))
#define DAYS 2 /* index of "d": y and w are read, but never written */

/* Reads a number; false if there is no digit. A large number stops at DURATION_MAX. */
static bool
read_number(const char **p, msec *out)
{
    const char *start = *p;
    msec n = 0;

    for (; **p >= '0' && **p <= '9'; (*p)++) {
        n = n * 10 + (**p - '0');
        if (n > DURATION_MAX)
            n = DURATION_MAX;
    }
    *out = n;
    return *p > start;
}

/* Reads the letters of a unit and returns its index; UNITS: they are no unit. */
static size_t
read_unit(const char **p)
{
    size_t letters = 0;

    while ((*p)[letters] >= 'a' && (*p)[letters] <= 'z')
        letters++;
    for (size_t i = 0; i < UNITS; i++) {
        if (letters == strlen(units[i].name) &&
            memcmp(*p, units[i].name, letters) == 0) {
            *p += letters;
            return i;
        }
    }
    return UNITS;
}

static msec
add_clamped(msec total, msec n, msec length)
{
    if (n > DURATION_MAX / length || total + n * length > DURATION_MAX)
        return DURATION_MAX;
    return total + n * length;
}

bool
duration_parse(const char *text, enum duration_bare bare, msec *out)
{
    msec total = 0, n;
    size_t next = 0; /* the largest unit that may still come */

    for (const char *p = text; p == text || *p != '\0';) {
        size_t unit;

        if (!read_number(&p, &n))
            return false;
        if (*p == '\0' && next == 0) {
            if (bare != DURATION_BARE_MINUTES && strcmp(text, "0") != 0)
                return false;
            *out = add_clamped(0, n, MSEC_MINUTE);
            return true;
        }
        unit = read_unit(&p);
        if (unit == UNITS || unit < next)
            return false;
        next = unit + 1;
        total = add_clamped(total, n, units[unit].length);
    }
    *out = total;
    return true;
}

/* Writes at most `most` units, from the largest one that is not 0 on. A unit of 0
 * behind it counts, but is not written. */
static void
format_units(msec length, int most, char *out, size_t size)
{
    struct str s;

    str_init(&s, out, size);
    if (length <= 0) {
        str_add(&s, "0s");
        return;
    }
    if (length < MSEC_SECOND) {
        str_addf(&s, "%dms", (int)length);
        return;
    }
    for (size_t i = DAYS; units[i].length >= MSEC_SECOND && most > 0; i++) {
        msec n = length / units[i].length;

        if (n > 0)
            str_addf(&s, "%lld%s", (long long)n, units[i].name);
        most -= s.len > 0;
        length -= n * units[i].length;
    }
}

void
duration_format(msec length, char *out, size_t size)
{
    format_units(length, 4, out, size);
}

void
duration_words(msec length, char *out, size_t size)
{
    format_units(length, 2, out, size);
}

struct civil {
    int year, month, day, hour, minute, second, milli;
};

/* Days from 1970-01-01 to January 1 of a year from 1970 on. */
static long
count_days_before(long year)
{
    long y = year - 1; /* 477 leap days before 1970 */

    return 365 * (year - 1970) + y / 4 - y / 100 + y / 400 - 477;
}

static bool
is_leap_year(long year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int
count_month_days(int month, bool leap)
{
    static const char lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return lengths[month - 1] + (month == 2 && leap ? 1 : 0);
}

static struct civil
make_civil(msec wall)
{
    struct civil c;
    long days, year;
    int ms;
    bool leap;

    wall = wall < 0 ? 0 : wall > WALL_MAX ? WALL_MAX : wall;
    days = (long)(wall / MSEC_DAY);
    ms = (int)(wall % MSEC_DAY);
    year = 1970 + days / 366; /* not later than the year that is sought */
    while (count_days_before(year + 1) <= days)
        year++;
    days -= count_days_before(year);
    leap = is_leap_year(year);
    for (c.month = 1; days >= count_month_days(c.month, leap); c.month++)
        days -= count_month_days(c.month, leap);
    c.year = (int)year;
    c.day = (int)days + 1;
    c.hour = ms / (int)MSEC_HOUR;
    c.minute = ms / (int)MSEC_MINUTE % 60;
    c.second = ms / (int)MSEC_SECOND % 60;
    c.milli = ms % 1000;
    return c;
}

void
moment_format(msec wall, char *out, size_t size)
{
    struct civil c = make_civil(wall);

    str_format(out, size, "%04d-%02d-%02d %02d:%02d:%02d UTC", c.year, c.month, c.day,
               c.hour, c.minute, c.second);
}

void
moment_format_iso(msec wall, char *out, size_t size)
{
    struct civil c = make_civil(wall);

    str_format(out, size, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", c.year, c.month, c.day,
               c.hour, c.minute, c.second, c.milli);
}

void
moment_format_http(msec wall, char *out, size_t size)
{
    static const char days[][4] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
    static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    msec clamped = wall < 0 ? 0 : wall > WALL_MAX ? WALL_MAX : wall;
    struct civil c = make_civil(clamped);

    /* 1970-01-01 was a Thursday. */
    str_format(out, size, "%s, %02d %s %04d %02d:%02d:%02d GMT",
               days[clamped / MSEC_DAY % 7], c.day, months[c.month - 1], c.year, c.hour,
               c.minute, c.second);
}

/* Reads exactly n digits and the mark behind them, and moves *p behind the mark (not
 * behind the mark '\0'). */
static bool
take_digits(const char **p, int n, char mark, int *out)
{
    *out = 0;
    for (; n > 0; n--, ++*p) {
        if (**p < '0' || **p > '9')
            return false;
        *out = *out * 10 + (**p - '0');
    }
    if (**p != mark)
        return false;
    *p += mark != '\0';
    return true;
}

static bool
take_date(const char **p, msec *out)
{
    int year, month, day;

    if (!take_digits(p, 4, '-', &year) || !take_digits(p, 2, '-', &month) ||
        !take_digits(p, 2, 'T', &day) || year < 1970 || month < 1 || month > 12)
        return false;
    bool leap = is_leap_year(year);
    if (day < 1 || day > count_month_days(month, leap))
        return false;
    long days = count_days_before(year) + day - 1;
    while (--month > 0)
        days += count_month_days(month, leap);
    *out = days * MSEC_DAY;
    return true;
}

bool
moment_parse_iso(const char *text, msec *out)
{
    const char *p = text;
    int hour, minute, second, milli = 0;
    msec wall;

    if (!take_date(&p, &wall) || !take_digits(&p, 2, ':', &hour) ||
        !take_digits(&p, 2, ':', &minute))
        return false;
    bool has_milli = strlen(p) > 2 && p[2] == '.';
    if (!take_digits(&p, 2, has_milli ? '.' : 'Z', &second) ||
        (has_milli && !take_digits(&p, 3, 'Z', &milli)) || *p != '\0')
        return false;
    if (hour > 23 || minute > 59 || second > 59)
        return false;
    *out =
        wall + hour * MSEC_HOUR + minute * MSEC_MINUTE + second * MSEC_SECOND + milli;
    return true;
}

bool
rate_parse(const char *text, struct rate *out)
{
    const char *slash = strchr(text, '/');
    char number[8]; /* 1000000 and its NUL */
    uint64_t count;
    msec per;

    if (slash == NULL || (size_t)(slash - text) >= sizeof(number))
        return false;
    memcpy(number, text, (size_t)(slash - text));
    number[slash - text] = '\0';
    if (!str_to_uint(number, 1, 1000000, &count))
        return false;
    if (!duration_parse(slash + 1, DURATION_NEEDS_UNIT, &per) || per <= 0)
        return false;
    out->count = (int)count;
    out->per = per;
    return true;
}

msec
rate_interval(const struct rate *rate)
{
    return rate->per / rate->count > 0 ? rate->per / rate->count : 1;
}
