/* The text format of bans: one line for each ban.
 *
 * People read and grep the lines, and reading a line gives back exactly the same ban.
 * So each byte that a terminal, an editor or an IRC client might change (control
 * characters, blanks at an edge or in a row, bytes that are not UTF-8) is written as an
 * escape. A line is accepted as a whole, or refused with the faulty value; nothing is
 * guessed or cut. */
#include "policy/ban_format/text.h"

#include "base/duration.h"
#include "base/str.h"
#include "proto/casemap.h"

#define HEX "0123456789abcdef"

/* clang-format off */
static const struct { char letter, byte; } escapes[] = {
    {'\\', '\\'}, {'|', '|'}, {'s', ' '}, {'n', '\n'}, {'r', '\r'}, {'t', '\t'},
};
/* clang-format on */

#define N_ESCAPES (sizeof escapes / sizeof *escapes)

/* True if a character of n bytes needs no escape. Control characters of one or two
 * bytes, a backslash and a bar need one. */
static bool
is_plain_char(const char *at, size_t n)
{
    unsigned char first = (unsigned char)at[0];
    if (n == 2 && first == 0xC2 && (unsigned char)at[1] < 0xA0)
        return false;
    return n > 0 && first >= ' ' && first != 0x7F && first != '\\' && first != '|';
}

static void
add_escape(struct str *s, char byte)
{
    for (size_t i = 0; i < N_ESCAPES; i++) {
        if (escapes[i].byte != byte)
            continue;
        str_addc(s, '\\');
        str_addc(s, escapes[i].letter);
        return;
    }
    str_add(s, "\\x");
    str_addc(s, HEX[(unsigned char)byte >> 4]);
    str_addc(s, HEX[(unsigned char)byte & 15]);
}

/* `blanks`: a single blank inside the text stays a blank. */
static void
add_escaped(struct str *s, const char *text, bool blanks)
{
    size_t len = strlen(text);
    for (size_t i = 0; i < len;) {
        size_t n = str_utf8(text + i, len - i);
        bool plain = is_plain_char(text + i, n);
        if (plain && text[i] == ' ')
            plain = blanks && i > 0 && i + 1 < len && text[i - 1] != ' ';
        if (plain) {
            str_addn(s, text + i, n);
            i += n;
            continue;
        }
        for (n = n ? n : 1; n > 0; n--)
            add_escape(s, text[i++]);
    }
}

void
ban_text_format(const struct ban *ban, bool forced, char out[BAN_TEXT_LINE])
{
    char moment[MOMENT_TEXT], why[128];
    struct str s;
    str_init(&s, out, BAN_TEXT_LINE);
    str_addf(&s, "%s ", ban_kinds[ban->kind].set);
    add_escaped(&s, ban->mask.text, false);
    moment_format_iso(ban->set_at, moment, sizeof moment);
    str_addf(&s, " set=%s until=", moment);
    if (ban->until)
        moment_format_iso(ban->until, moment, sizeof moment);
    str_add(&s, ban->until ? moment : "never");
    str_add(&s, " by=");
    add_escaped(&s, ban->setter, false);
    forced |= ban_is_broad(ban->kind, &ban->mask, why, sizeof why);
    str_addf(&s, " auto=%s%s :", ban->automatic ? "yes" : "no",
             forced ? " force=yes" : "");
    add_escaped(&s, ban->reason, true);
    if (*ban->oper_reason)
        str_addc(&s, '|');
    add_escaped(&s, ban->oper_reason, true);
}

/* True if a piece may end before line[at]. An escape must not be cut after its
 * backslash, which would then read as the mark of a continued line. */
static bool
may_cut_piece(const char *line, size_t at)
{
    size_t backslashes = 0;
    while (backslashes < at && line[at - 1 - backslashes] == '\\')
        backslashes++;
    return backslashes % 2 == 0 && line[at] != ' ' && line[at - 1] != ' ' &&
           ((unsigned char)line[at] & 0xC0) != 0x80;
}

size_t
ban_text_piece(const char *line, size_t max)
{
    size_t len = strlen(line), at = max - 1;
    if (len <= max)
        return len;
    while (at > 1 && !may_cut_piece(line, at))
        at--;
    return at;
}

bool
ban_text_is_continued(const char *line, size_t len)
{
    size_t backslashes = 0;
    while (backslashes < len && line[len - 1 - backslashes] == '\\')
        backslashes++;
    return backslashes % 2 == 1;
}

/* --- parsing --- */

enum ban_kind
ban_text_kind(const char *set)
{
    int kind = 0;
    while (kind < BAN_KINDS && !name_equal(ban_kinds[kind].set, set))
        kind++;
    return (enum ban_kind)kind;
}

/* The byte of the escape at text, which begins with a backslash; *n: its length. -1: it
 * is no escape. */
static int
escape_value(const char *text, size_t left, size_t *n)
{
    for (size_t i = 0; i < N_ESCAPES && left >= 2; i++) {
        *n = 2;
        if (text[1] == escapes[i].letter)
            return escapes[i].byte;
    }
    if (left < 4 || text[1] != 'x' || str_hex_digit(text[2]) < 0 ||
        str_hex_digit(text[3]) < 0)
        return -1;
    *n = 4;
    int value = str_hex_digit(text[2]) << 4 | str_hex_digit(text[3]);
    return value > 0 ? value : -1;
}

/* `what` names the text in err. */
static bool
unescape_any(const char *what, const char *text, size_t len, char *out, size_t size,
             char *err, size_t errlen)
{
    size_t used = 0;
    for (size_t i = 0; i < len;) {
        size_t n = 1;
        int byte = (unsigned char)text[i];
        if (text[i] == '\\')
            byte = escape_value(text + i, len - i, &n);
        if (byte < 0) {
            str_format(
                err, errlen,
                "%s: a backslash before '%.*s' means nothing (expected \\\\, \\|, "
                "\\s, \\n, \\r, \\t or \\x and two hex digits, not 00)",
                what, (int)str_utf8(text + i + 1, len - i - 1), text + i + 1);
            return false;
        }
        if (used + 1 >= size) {
            str_format(err, errlen, "%s is longer than %zu bytes", what, size - 1);
            return false;
        }
        out[used++] = (char)byte;
        i += n;
    }
    out[used] = '\0';
    return true;
}

/* The same, for a text that a line of IRC must carry. */
static bool
unescape_text(const char *what, const char *text, size_t len, char *out, size_t size,
              bool word, char *err, size_t errlen)
{
    if (!unescape_any(what, text, len, out, size, err, errlen))
        return false;
    const char *fault = ban_find_bad_byte(out, word);
    if (fault == NULL)
        return true;
    str_format(err, errlen,
               "%s has \\x%02x in it: expected %s, because it is said on IRC", what,
               (unsigned)(unsigned char)*fault,
               word ? "one word without control characters (by=alice)"
                    : "one line, without CR and LF");
    return false;
}

static bool
take_kind(const char *word, size_t len, struct ban_text *out, char *err, size_t errlen)
{
    char set[16];
    struct str s;
    if (len < sizeof set) {
        str_format(set, sizeof set, "%.*s", (int)len, word);
        out->kind = ban_text_kind(set);
        if (out->kind < BAN_KINDS)
            return true;
    }
    str_init(&s, err, errlen);
    str_addf(&s, "\"%.*s\" is no kind of ban: expected ", (int)str_cut(word, len, 40),
             word);
    for (int k = 0; k < BAN_KINDS; k++)
        str_addf(&s, "%s%s",
                 k == 0              ? ""
                 : k + 1 < BAN_KINDS ? ", "
                                     : " or ",
                 ban_kinds[k].set);
    return false;
}

static bool
take_mask_word(const char *word, size_t len, struct ban_text *out, char *err,
               size_t errlen)
{
    char text[MASK_TEXT];
    return unescape_any("the mask", word, len, text, sizeof text, err, errlen) &&
           ban_kinds[out->kind].parse(text, &out->mask, err, errlen);
}

/* Reads a moment after 1970. 0 is refused because it means "never" or "not given". */
static bool
take_moment(const char *value, msec *out)
{
    msec moment;
    if (!moment_parse_iso(value, &moment) || moment <= 0)
        return false;
    *out = moment;
    return true;
}

static bool
take_set(const char *value, struct ban_text *out, char *err, size_t errlen)
{
    (void)err, (void)errlen;
    return take_moment(value, &out->set_at);
}

static bool
take_until(const char *value, struct ban_text *out, char *err, size_t errlen)
{
    (void)err, (void)errlen;
    if (strcmp(value, "never") != 0)
        return take_moment(value, &out->until);
    out->until = 0;
    return true;
}

static bool
take_setter(const char *value, struct ban_text *out, char *err, size_t errlen)
{
    return unescape_text("by=", value, strlen(value), out->setter, sizeof out->setter,
                         true, err, errlen);
}

static bool
take_auto(const char *value, struct ban_text *out, char *err, size_t errlen)
{
    (void)err, (void)errlen;
    out->automatic = strcmp(value, "yes") == 0;
    return out->automatic || strcmp(value, "no") == 0;
}

static bool
take_force(const char *value, struct ban_text *out, char *err, size_t errlen)
{
    (void)err, (void)errlen;
    out->force = strcmp(value, "yes") == 0;
    return out->force || strcmp(value, "no") == 0;
}

/* Takes the mask. The other parameters of KLINE before the mask are refused with a
 * hint. */
static bool
take_target(const char *word, size_t len, struct ban_text *out, char *err,
            size_t errlen)
{
    char text[16];
    msec length;
    if (take_mask_word(word, len, out, err, errlen))
        return true;
    str_format(text, sizeof text, "%.*s", len < sizeof text ? (int)len : 0, word);
    if (name_equal(text, "FORCE"))
        str_format(
            err, errlen,
            "\"%s\" is a word of commands: expected the mask here, and force=yes "
            "behind it",
            text);
    else if (duration_parse(text, DURATION_BARE_MINUTES, &length))
        str_format(err, errlen,
                   "\"%s\" is a duration, as in commands: expected the mask here, and "
                   "the moment of its end behind it (until=2026-11-22T15:03:05Z)",
                   text);
    return false;
}

/* clang-format off */
static const struct {
    const char *name, *expected;
    bool (*take)(const char *value, struct ban_text *out, char *err, size_t errlen);
} fields[] = {
    {"set=",   "set=2026-11-22T14:03:05Z", take_set},
    {"until=", "until=2026-11-22T15:03:05Z or until=never", take_until},
    {"by=",    "by=alice", take_setter},
    {"auto=",  "auto=yes or auto=no", take_auto},
    {"force=", "force=yes or force=no", take_force},
};
/* clang-format on */

#define N_FIELDS (sizeof fields / sizeof *fields)

static bool
take_named_field(const char *word, size_t len, struct ban_text *out, char *err,
                 size_t errlen)
{
    char text[BAN_SETTER * 4 + 8];
    err[0] = '\0';
    str_format(text, sizeof text, "%.*s",
               len < sizeof text ? (int)len : (int)sizeof text - 1, word);
    for (size_t i = 0; i < N_FIELDS; i++) {
        size_t name = strlen(fields[i].name);
        if (strncmp(text, fields[i].name, name) != 0)
            continue;
        if (out->given & 1u << i) {
            str_format(err, errlen, "\"%s\": %s stands there twice", SHOWN(text),
                       fields[i].name);
            return false;
        }
        out->given |= 1u << i;
        if (fields[i].take(text + name, out, err, errlen))
            return true;
        if (err[0] == '\0')
            str_format(err, errlen, "\"%s\": expected %s", SHOWN(text),
                       fields[i].expected);
        return false;
    }
    str_format(err, errlen,
               "\"%s\" is not known: expected set=, until=, by=, auto= or force=, and "
               "then a reason behind ':'",
               SHOWN(text));
    return false;
}

static bool
take_reasons(const char *text, struct ban_text *out, char *err, size_t errlen)
{
    size_t len = strlen(text), bar = 0;
    while (bar < len && text[bar] != '|')
        bar += text[bar] == '\\' && bar + 1 < len ? 2 : 1;
    if (!unescape_text("the reason", text, bar, out->reason, sizeof out->reason, false,
                       err, errlen))
        return false;
    size_t at = bar < len ? bar + 1 : len;
    return unescape_text("the reason for operators", text + at, len - at,
                         out->oper_reason, sizeof out->oper_reason, false, err, errlen);
}

bool
ban_text_parse(const char *line, struct ban_text *out, char *err, size_t errlen)
{
    int words = 0;
    out->set_at = out->until = 0;
    out->automatic = out->force = false;
    out->given = 0;
    out->setter[0] = out->oper_reason[0] = '\0';
    str_format(out->reason, sizeof out->reason, "no reason given");
    for (;; words++) {
        line += strspn(line, " \t");
        size_t len = strcspn(line, " \t");
        if (len == 0 || (words > 1 && *line == ':'))
            break;
        if (!(words == 0   ? take_kind
              : words == 1 ? take_target
                           : take_named_field)(line, len, out, err, errlen))
            return false;
        line += len;
    }
    if (words < 2) {
        str_format(err, errlen,
                   "the mask is missing; example: KLINE *@192.0.2.7 :spam");
        return false;
    }
    if (*line == ':' && !take_reasons(line + 1, out, err, errlen))
        return false;
    if (out->until == 0 || out->until > out->set_at)
        return true;
    str_format(err, errlen, "until= is not after set=");
    return false;
}
