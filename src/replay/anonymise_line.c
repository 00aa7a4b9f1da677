/* Makes a line of a recording anonymous. Its verb stays if it is in the table, and the
 * table says what stays of each parameter. All else becomes 'x'.
 *
 * The table says what may stay and not what must go: a command that is not listed, a
 * typing error or a password in the wrong place leave nothing but their length. */
#include "anonymise_line.h"

#include "proto/cap.h"
#include "proto/casemap.h"
#include "proto/mode.h"

#include <string.h>

/* The treatment of each parameter, as a letter of `treatments` below; the last letter
 * is for all that follow. "-": the line is left out. */
static const struct {
    const char *verb, *params;
} rows[] = {
    {"PRIVMSG", "nx"}, {"NOTICE", "nx"},  {"TAGMSG", "nx"},  {"JOIN", "nx"},
    {"PART", "nx"},    {"TOPIC", "nx"},   {"KICK", "nnx"},   {"INVITE", "n"},
    {"KNOCK", "nx"},   {"NAMES", "n"},    {"WHO", "nx"},     {"WHOIS", "n"},
    {"WHOWAS", "nx"},  {"ISON", "n"},     {"USERHOST", "n"}, {"USERIP", "n"},
    {"MONITOR", "on"}, {"MODE", "nmx"},   {"NICK", "n"},     {"USER", "x"},
    {"PASS", "x"},     {"CAP", "cr"},     {"AWAY", "x"},     {"SETNAME", "x"},
    {"PING", "x"},     {"QUIT", "x"},     {"LIST", "x"},     {"MOTD", "x"},
    {"LUSERS", "x"},   {"VERSION", "x"},  {"TIME", "x"},     {"INFO", "x"},
    {"ADMIN", "x"},    {"HELP", "x"},     {"STATS", "x"},    {"ACCEPT", "x"},
    {"BATCH", "x"},    {"RENAME", "nnx"}, {"LINKS", "x"},    {"MAP", "x"},
    {"ISUPPORT", "x"}, {"OPER", "-"},     {"PONG", "-"},     {"WEBIRC", "-"},
};

/* The line that is written. */
struct line_writer {
    struct anonymise_names *names;
    char *out;       /* the place of the next byte */
    bool of_channel; /* the first parameter is the name of a channel */
};

/* Compares without case; the len bytes may have a NUL. */
static bool
matches_word(const char *at, size_t len, const char *word)
{
    return len == strlen(word) && casemap_ncmp(at, word, len) == 0;
}

static bool
matches_one_of(const char *at, size_t len, const char *const *words)
{
    for (; *words; words++)
        if (matches_word(at, len, *words))
            return true;
    return false;
}

static const char *
find_treatments(const char *at, size_t len)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (matches_word(at, len, rows[i].verb))
            return rows[i].params;
    return NULL;
}

static void
write_bytes(struct line_writer *s, const char *at, size_t len)
{
    memcpy(s->out, at, len);
    s->out += len;
}

static void
write_filler(struct line_writer *s, const char *at, size_t len)
{
    for (size_t i = 0; i < len; i++)
        *s->out++ = at[i] == ' ' ? ' ' : 'x';
}

/* CTCP stays CTCP, and ACTION stays ACTION, because they are counted in other ways. */
static void
fill_text(struct line_writer *s, const char *at, size_t len)
{
    bool ctcp = len > 1 && at[0] == '\x01';
    bool ends = ctcp && at[len - 1] == '\x01';
    bool action = ctcp && len > 8 && memcmp(at + 1, "ACTION ", 7) == 0;
    size_t head = action ? 8 : ctcp;
    write_bytes(s, at, head);
    write_filler(s, at + head, len - head - ends);
    write_bytes(s, at + len - ends, ends);
}

static size_t
measure_word(const char *at, const char *end)
{
    const char *space = memchr(at, ' ', (size_t)(end - at));
    return (size_t)((space ? space : end) - at);
}

static void
rename_word(struct line_writer *s, const char *at, size_t len)
{
    if (len == 1 && (*at == '0' || *at == '*'))
        write_bytes(s, at, len);
    else
        s->out += anonymise_name(s->names, at, len, s->out);
}

/* Names in a list, each with marks in front. */
static void
rename_list(struct line_writer *s, const char *at, size_t len)
{
    const char *end = at + len;
    while (at < end) {
        while (at < end && *at != '\0' && strchr("@%+# ,", *at))
            write_bytes(s, at++, 1);
        const char *start = at;
        while (at < end && *at != ',' && *at != ' ')
            at++;
        rename_word(s, start, (size_t)(at - start));
    }
}

static void
copy_if_known(struct line_writer *s, bool known, const char *at, size_t len)
{
    if (known)
        write_bytes(s, at, len);
    else
        write_filler(s, at, len);
}

static void
treat_subcommand(struct line_writer *s, const char *at, size_t len)
{
    static const char *const words[] = {"LS", "LIST", "REQ", "END", NULL};
    copy_if_known(s, matches_one_of(at, len, words), at, len);
}

static void
treat_operation(struct line_writer *s, const char *at, size_t len)
{
    static const char *const words[] = {"+", "-", "C", "L", "S", NULL};
    copy_if_known(s, matches_one_of(at, len, words), at, len);
}

static bool
is_capability(const char *at, size_t len)
{
    for (unsigned i = 0; i < CAP_COUNT; i++)
        if (len == strlen(cap_names[i]) && memcmp(at, cap_names[i], len) == 0)
            return true;
    return matches_word(at, len, "302"); /* the version of LS */
}

static void
treat_request(struct line_writer *s, const char *at, size_t len)
{
    const char *end = at + len;
    while (at < end) {
        size_t n = measure_word(at, end), minus = *at == '-';
        copy_if_known(s, is_capability(at + minus, n - minus), at, n);
        at += n;
        if (at < end)
            write_bytes(s, at++, 1);
    }
}

/* A change, which begins with a sign, or one letter of a list that the client asks
 * for. */
static void
treat_modes(struct line_writer *s, const char *at, size_t len)
{
    bool known = len == 1 || (len > 0 && (*at == '+' || *at == '-'));
    for (size_t i = 0; known && i < len; i++)
        known = at[i] == '+' || at[i] == '-' ||
                (s->of_channel ? mode_find_channel(at[i]) != NULL
                               : mode_find_user(at[i]) != NULL);
    copy_if_known(s, known, at, len);
}

static void (*const treatments[128])(struct line_writer *, const char *, size_t) = {
    ['n'] = rename_list,     ['x'] = fill_text,     ['c'] = treat_subcommand,
    ['o'] = treat_operation, ['r'] = treat_request, ['m'] = treat_modes};

static const char *
pass_spaces(struct line_writer *s, const char *at, const char *end)
{
    while (at < end && *at == ' ')
        write_bytes(s, at++, 1);
    return at;
}

/* Writes filler for the tags and the source before the verb. Returns the place of the
 * verb. */
static const char *
pass_head(struct line_writer *s, const char *at, const char *end)
{
    for (const char *mark = "@:"; *mark; mark++) {
        at = pass_spaces(s, at, end);
        if (at == end || *at != *mark)
            continue;
        size_t n = measure_word(at, end);
        write_bytes(s, at, 1);
        write_filler(s, at + 1, n - 1);
        at += n;
    }
    return pass_spaces(s, at, end);
}

static void
pass_params(struct line_writer *s, const char *params, const char *at, const char *end)
{
    bool first = true;
    while ((at = pass_spaces(s, at, end)) < end) {
        bool last = *at == ':';
        write_bytes(s, at, last);
        at += last;
        size_t n = last ? (size_t)(end - at) : measure_word(at, end);
        if (first)
            s->of_channel = n > 0 && *at == '#';
        first = false;
        treatments[(unsigned char)*params](s, at, n);
        params += params[1] != '\0';
        at += n;
    }
}

bool
anonymise_line(struct anonymise_names *names, const char *line, size_t len, char *out)
{
    struct line_writer s = {names, out, false};
    const char *end = line + len, *at = pass_head(&s, line, end);
    size_t n = measure_word(at, end);
    const char *params = find_treatments(at, n);
    if (params && *params == '-')
        return false;
    if (params) {
        write_bytes(&s, at, n);
        pass_params(&s, params, at + n, end);
    } else
        write_filler(&s, at, (size_t)(end - at));
    *s.out = '\0';
    return true;
}
