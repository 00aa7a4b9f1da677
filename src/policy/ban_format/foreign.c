/* Bans of other servers, converted to bans of this one.
 *
 * Both formats are tables: the meaning of each column, and the kind of each type. A
 * mask is read by the same strict parser as the mask of KLINE, so a foreign line can
 * set no ban that an operator could not set. A mask that has no exact equivalent here
 * (regular expressions, classes of characters) is skipped with the reason. It is never
 * made wider. */
#include "policy/ban_format/foreign.h"

#include "base/addr.h"
#include "base/duration.h"
#include "base/str.h"
#include "proto/casemap.h"
#include "proto/utf8.h"

#define FIELDS_MAX 12
#define TIME_MAX ((uint64_t)WALL_MAX / 1000)
#define MASK_ROOM 512 /* room for a mask before it is parsed */
#define BEGIN_MAX 60  /* bytes of a faulty line that the fault names */

static const char no_regex[] = "regular expressions: masks here know only * and ?";
static const char no_class[] = "X-lines with @ or # (any letter, any digit) or a "
                               "backslash: masks here know only * "
                               "and ?";
static const char no_kind[] = "of a kind that this server does not have";

/* --- common --- */

static enum ban_read
refuse_foreign(struct ban_foreign *out, const char *value, const char *expected)
{
    str_format(out->why, sizeof out->why, "\"%s\": expected %s", SHOWN(value),
               expected);
    return BAN_READ_REFUSED;
}

static enum ban_read
skip_foreign(struct ban_foreign *out, const char *why)
{
    out->skipped = why;
    return BAN_READ_SKIPPED;
}

static void
copy_trimmed(struct ban_foreign *out, char *to, size_t size, const char *text)
{
    text += strspn(text, " ");
    size_t n = utf8_copy(to, size, text, strlen(text));
    out->cut |= n < strlen(text);
    while (n > 0 && to[n - 1] == ' ')
        to[--n] = '\0';
}

/* The text after a bar is for operators, unless the line has a field for it. */
static void
take_reason(struct ban_foreign *out, char *reason, const char *oper_reason)
{
    char *bar = *oper_reason ? NULL : strchr(reason, '|');
    if (bar) {
        *bar = '\0';
        oper_reason = bar + 1;
    }
    copy_trimmed(out, out->ban.reason, sizeof out->ban.reason, reason);
    copy_trimmed(out, out->ban.oper_reason, sizeof out->ban.oper_reason, oper_reason);
    if (out->ban.reason[0] == '\0')
        str_format(out->ban.reason, sizeof out->ban.reason, "no reason given");
}

static bool
take_seconds(const char *text, msec *out)
{
    uint64_t seconds = 0;
    if (*text && !str_to_uint(text, 0, TIME_MAX, &seconds))
        return false;
    *out = (msec)seconds * MSEC_SECOND;
    return true;
}

/* A user name never begins with "~" here, because there is no ident. */
static const char *
skip_tilde(const char *mask)
{
    return *mask == '~' && mask[1] != '\0' && mask[1] != '@' ? mask + 1 : mask;
}

static enum ban_read
parse_foreign_mask(struct ban_foreign *out, const char *set, const char *mask)
{
    char err[256];
    out->ban.kind = ban_text_kind(set);
    if (out->ban.kind == BAN_KINDS)
        return skip_foreign(out, no_kind);
    if (ban_kinds[out->ban.kind].parse(mask, &out->ban.mask, err, sizeof err))
        return BAN_READ_TAKEN;
    str_format(out->why, sizeof out->why, "%s", err);
    return BAN_READ_REFUSED;
}

/* --- quoted fields --- */

enum { USER, HOST, REASON, OPER_REASON, SETTER, SET, UNTIL, COLUMNS };

/* The columns of a kind of line, from 1; 0: it has no such column. */
struct shape {
    const char *set;
    unsigned char column[COLUMNS];
};

/* clang-format off */
enum { SHAPE_K, SHAPE_D, SHAPE_X_HYBRID, SHAPE_X, SHAPE_R_HYBRID, SHAPE_R, SHAPES };
static const struct shape shapes[SHAPES] = {
    [SHAPE_K]        = {"KLINE", {[USER] = 1, [HOST] = 2, [REASON] = 3, [OPER_REASON] = 4, [SETTER] = 6, [SET] = 7, [UNTIL] = 8}},
    [SHAPE_D]        = {"DLINE", {[HOST] = 1, [REASON] = 2, [OPER_REASON] = 3, [SETTER] = 5, [SET] = 6, [UNTIL] = 7}},
    [SHAPE_X_HYBRID] = {"XLINE", {[HOST] = 1, [REASON] = 2, [OPER_REASON] = 3, [SETTER] = 5, [SET] = 6, [UNTIL] = 7}},
    [SHAPE_X]        = {"XLINE", {[HOST] = 1, [REASON] = 3, [SETTER] = 4, [SET] = 5}},
    [SHAPE_R_HYBRID] = {"RESV",  {[HOST] = 1, [REASON] = 2, [UNTIL] = 3}},
    [SHAPE_R]        = {"RESV",  {[HOST] = 1, [REASON] = 2, [SETTER] = 3, [SET] = 4}},
};
static const struct { const char *prefix, *set; } names[] = {
    {"kline", "KLINE"}, {"dline", "DLINE"}, {"xline", "XLINE"}, {"resv", "RESV"},
    {"nresv", "RESV"}, {"cresv", "RESV"}, {"rkline", ""}, {"rxline", ""},
};
/* clang-format on */

const char *
ban_foreign_hint(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t n = strlen(names[i].prefix);
        if (strlen(name) > n && casemap_ncmp(name, names[i].prefix, n) == 0 &&
            strstr(name, ".conf"))
            return names[i].set;
    }
    return NULL;
}

struct fields {
    unsigned n;
    char *at[FIELDS_MAX];
};

/* True if a field may end here. `strict`: only if the text after a comma can be the
 * next field. */
static bool
ends_field(const char *at, bool strict)
{
    at += strspn(at, " \t");
    if (*at != ',' || !strict)
        return *at == ',' || *at == '\0';
    at += 1 + strspn(at + 1, " \t");
    return *at == '\0' || strchr("\"0123456789", *at) != NULL;
}

/* Cuts off a quoted field, which ends with the quote before a comma or the end of the
 * line. A quote inside may be single, doubled or escaped by a backslash; different
 * servers write all three. The backslash is removed. Returns the text after the field,
 * or NULL if it does not end. */
static char *
cut_quoted_field(char *at, char **field)
{
    char *to = *field = ++at;
    while (*at) {
        size_t quotes = strspn(at, "\"");
        if (quotes == 0) {
            at += *at == '\\' && at[1] == '"';
            *to++ = *at++;
            continue;
        }
        at += quotes;
        bool ends = ends_field(at, quotes % 2 == 0);
        size_t inside = (quotes + !ends) / 2;
        memset(to, '"', inside);
        to += inside;
        if (!ends)
            continue;
        *to = '\0';
        return at + strspn(at, " \t");
    }
    return NULL;
}

static char *
cut_bare_field(char *at, char **field)
{
    char *end = at + strcspn(at, ",");
    *field = at;
    return end;
}

static bool
split_fields(char *at, struct fields *out)
{
    for (out->n = 0; out->n < FIELDS_MAX;) {
        char **field = &out->at[out->n++];
        at += strspn(at, " \t");
        at = *at == '"' ? cut_quoted_field(at, field) : cut_bare_field(at, field);
        if (at == NULL)
            return false;
        if (*at == '\0')
            return true;
        *at++ = '\0';
    }
    return false;
}

static bool
is_number(const char *text)
{
    return *text && text[strspn(text, "0123456789")] == '\0';
}

/* "2005/3/17 05.33" */
static bool
is_date(const char *text)
{
    size_t digits = strspn(text, "0123456789");
    return digits == 4 && text[4] == '/' && text[strspn(text, "0123456789/. ")] == '\0';
}

static bool
is_address(const char *text)
{
    struct prefix prefix;
    char ignored[1];
    return prefix_parse(text, &prefix, ignored, sizeof ignored);
}

static bool
hint_is(const char *hint, const char *set)
{
    return hint && strcmp(hint, set) == 0;
}

/* Finds the kind of a line. The column of the date tells it for most; else the name of
 * the file and the number of columns do. SHAPES: unknown. */
static int
find_shape(const struct fields *f, const char *hint)
{
    bool x_type = f->n > 1 && is_number(f->at[1]);
    bool ends_in_time = is_number(f->at[f->n - 1]);
    if (f->n > 4 && is_date(f->at[4]))
        return SHAPE_K;
    if (f->n > 3 && is_date(f->at[3]))
        return !hint_is(hint, "XLINE") && is_address(f->at[0]) ? SHAPE_D
                                                               : SHAPE_X_HYBRID;
    if (hint_is(hint, "KLINE") && f->n > 2)
        return SHAPE_K;
    if (hint_is(hint, "XLINE") && f->n > 1)
        return x_type && f->n > 2 ? SHAPE_X : SHAPE_X_HYBRID;
    if (hint_is(hint, "DLINE") && f->n > 1)
        return SHAPE_D;
    if (hint_is(hint, "RESV") && f->n > 1)
        return f->n > 3 ? SHAPE_R : SHAPE_R_HYBRID;
    if (hint != NULL)
        return SHAPES;
    if (f->n == 5 && x_type && ends_in_time)
        return SHAPE_X;
    if (f->n == 4 && ends_in_time)
        return SHAPE_R;
    return f->n == 7 || f->n == 8 ? SHAPE_K : SHAPES;
}

static char *
field_in_column(const struct fields *f, const struct shape *shape, int which)
{
    static char none[1];
    unsigned at = shape->column[which];
    return at > 0 && at <= f->n ? f->at[at - 1] : none;
}

/* "\s" is a blank in such a mask. False if the mask has no equivalent here. */
static bool
unescape_realname(char *mask)
{
    char *to = mask;
    for (const char *at = mask; *at; at++) {
        bool blank = at[0] == '\\' && at[1] == 's';
        if (strchr("@#\\", *at) != NULL && !blank)
            return false;
        at += blank;
        *to++ = blank ? ' ' : *at;
    }
    *to = '\0';
    return true;
}

static enum ban_read
take_csv_row(struct fields *f, const struct shape *shape, struct ban_foreign *out)
{
    char mask[MASK_ROOM], *user = field_in_column(f, shape, USER),
                          *host = field_in_column(f, shape, HOST);
    if (strcmp(shape->set, "XLINE") == 0 && !unescape_realname(host))
        return skip_foreign(out, no_class);
    if (!take_seconds(field_in_column(f, shape, SET), &out->ban.set_at))
        return refuse_foreign(out, field_in_column(f, shape, SET),
                              "seconds since 1970");
    if (!take_seconds(field_in_column(f, shape, UNTIL), &out->ban.until))
        return refuse_foreign(out, field_in_column(f, shape, UNTIL),
                              "seconds since 1970");
    copy_trimmed(out, out->ban.setter, sizeof out->ban.setter,
                 field_in_column(f, shape, SETTER));
    take_reason(out, field_in_column(f, shape, REASON),
                field_in_column(f, shape, OPER_REASON));
    bool has_user = shape->column[USER] != 0;
    str_format(mask, sizeof mask, "%s%s%s", has_user ? skip_tilde(user) : "",
               has_user ? "@" : "", host);
    return parse_foreign_mask(out, shape->set, mask);
}

enum ban_read
ban_foreign_csv(char *line, const char *hint, struct ban_foreign *out)
{
    struct fields f;
    *out = (struct ban_foreign){0};
    if (hint && *hint == '\0')
        return skip_foreign(out, no_regex);
    char start[BEGIN_MAX + 1];
    str_format(start, sizeof start, "%.*s",
               (int)utf8_cut(line, strlen(line), BEGIN_MAX), line);
    if (!split_fields(line, &f))
        return refuse_foreign(out, start,
                              "fields in quotes with commas between, each closed");
    int shape = find_shape(&f, hint);
    if (shape == SHAPES)
        return refuse_foreign(
            out, start,
            "the columns of a kline.conf, dline.conf, xline.conf or resv.conf "
            "(a file of that name tells which)");
    return take_csv_row(&f, &shapes[shape], out);
}

/* --- xline.db --- */

static const struct {
    const char *type, *set, *why; /* set NULL: why tells why it is skipped */
} types[] = {
    {"K", "KLINE", NULL},
    {"G", "KLINE", NULL},
    {"Z", "DLINE", NULL},
    {"Q", "RESV", NULL},
    {"CBAN", "RESV", NULL},
    {"SVSHOLD", NULL, "SVSHOLD: nicks that services hold"},
    {"E", NULL, "E-lines: an exempt block of the configuration does that"},
    {"R", NULL, no_regex},
    {"SHUN", NULL, "shuns: this server mutes only in channels (~mute)"},
};

/* Cuts off the next word; "" at the end. */
static char *
cut_next_word(char **rest)
{
    char *word = *rest + strspn(*rest, " ");
    char *end = word + strcspn(word, " ");
    *rest = *end ? end + 1 : end;
    *end = '\0';
    return word;
}

/* A Z-line with wildcards has no prefix. As a K-line it matches the same addresses. */
static enum ban_read
take_xline_mask(struct ban_foreign *out, const char *set, const char *mask)
{
    char full[MASK_ROOM];
    bool glob = strcmp(set, "DLINE") == 0 && strpbrk(mask, "*?");
    str_format(full, sizeof full, "%s%s", glob ? "*@" : "", skip_tilde(mask));
    return parse_foreign_mask(out, glob ? "KLINE" : set, full);
}

static enum ban_read
take_xline_row(char *rest, struct ban_foreign *out)
{
    char *type = cut_next_word(&rest), *mask = cut_next_word(&rest);
    char *setter = cut_next_word(&rest), *set_at = cut_next_word(&rest);
    char *length = cut_next_word(&rest), *reason = rest + strspn(rest, " ");
    msec duration = 0;
    if (*reason != ':')
        return refuse_foreign(out, type,
                              "LINE <type> <mask> <setter> <set> <length> :<reason>");
    if (!take_seconds(set_at, &out->ban.set_at))
        return refuse_foreign(out, set_at, "seconds since 1970");
    if (!take_seconds(length, &duration))
        return refuse_foreign(out, length, "a length in seconds, 0 for good");
    if (duration > 0)
        out->ban.until = out->ban.set_at + duration;
    copy_trimmed(out, out->ban.setter, sizeof out->ban.setter, setter);
    take_reason(out, reason + 1, "");
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (strcmp(types[i].type, type) != 0)
            continue;
        return types[i].set ? take_xline_mask(out, types[i].set, mask)
                            : skip_foreign(out, types[i].why);
    }
    return skip_foreign(out, no_kind);
}

enum ban_read
ban_foreign_xline(char *line, struct ban_foreign *out)
{
    *out = (struct ban_foreign){0};
    const char *verb = cut_next_word(&line);
    if (strcmp(verb, "LINE") == 0)
        return take_xline_row(line, out);
    if (strcmp(cut_next_word(&line), "1") == 0)
        return BAN_READ_NOTHING;
    return refuse_foreign(out, "VERSION", "VERSION 1, the only version of xline.db");
}

/* --- one mask on each line --- */

/* Cuts the first word off *rest. */
static char *
cut_plain_word(char **rest)
{
    char *word = *rest + strspn(*rest, " \t");
    char *end = word + strcspn(word, " \t");
    *rest = *end ? end + 1 : end;
    *end = '\0';
    return word;
}

bool
ban_foreign_is_plain(const char *line)
{
    char word[MASK_ROOM], err[128];
    struct prefix prefix;
    size_t n = strcspn(line, " \t");
    str_format(word, sizeof word, "%.*s", n < sizeof word ? (int)n : 0, line);
    return ban_text_kind(word) == BAN_KINDS &&
           (strchr(word, '@') || prefix_parse(word, &prefix, err, sizeof err));
}

/* Takes the duration at the front of *rest, if there is one. False: it is a number
 * without a unit, which might be seconds or minutes. */
static bool
take_plain_length(char **rest, msec wall, msec *until)
{
    char word[32], *at = *rest + strspn(*rest, " \t");
    size_t n = strcspn(at, " \t");
    msec length = 0;
    str_format(word, sizeof word, "%.*s", n < sizeof word ? (int)n : 0, at);
    bool never = strcmp(word, "never") == 0;
    if (!never && !duration_parse(word, DURATION_NEEDS_UNIT, &length))
        return *word == '\0' || word[strspn(word, "0123456789")] != '\0';
    *until = length ? wall + length : 0;
    *rest = at + n;
    return true;
}

enum ban_read
ban_foreign_plain(char *line, msec wall, struct ban_foreign *out)
{
    *out = (struct ban_foreign){.cut = false};
    const char *mask = skip_tilde(cut_plain_word(&line));
    enum ban_read verdict = parse_foreign_mask(out, "KLINE", mask);
    if (verdict != BAN_READ_TAKEN)
        return verdict;
    if (!take_plain_length(&line, wall, &out->ban.until))
        return refuse_foreign(out, cut_plain_word(&line),
                              "a length with a unit, such as 1d or 86400s, or 0");
    line += strspn(line, " \t");
    take_reason(out, line + (*line == ':'), "");
    return BAN_READ_TAKEN;
}
