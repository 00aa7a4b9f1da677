/* What may stay of a line in a recording: its verb, if it is one of the table, and what
 * the table says of each parameter. All else becomes 'x'.
 *
 * It works from what is allowed: a command that is not listed, a typing error or a
 * password typed in the wrong place leave nothing but their length. */
#include "scrub.h"

#include <string.h>

/* By parameter, the last letter for all that follow: n names (lists with commas), k
 * kept if it is made of letters, digits and a few marks, x filler. "-": no such line.
 */
static const struct {
    const char *verb, *params;
} rows[] = {
    {"PRIVMSG", "nx"}, {"NOTICE", "nx"},  {"TAGMSG", "nx"},  {"JOIN", "nx"},
    {"PART", "nx"},    {"TOPIC", "nx"},   {"KICK", "nnx"},   {"INVITE", "n"},
    {"KNOCK", "nx"},   {"NAMES", "n"},    {"WHO", "nx"},     {"WHOIS", "n"},
    {"WHOWAS", "nx"},  {"ISON", "n"},     {"USERHOST", "n"}, {"USERIP", "n"},
    {"MONITOR", "kn"}, {"MODE", "nkx"},   {"NICK", "n"},     {"USER", "x"},
    {"PASS", "x"},     {"CAP", "k"},      {"AWAY", "x"},     {"SETNAME", "x"},
    {"PING", "x"},     {"QUIT", "x"},     {"LIST", "x"},     {"MOTD", "x"},
    {"LUSERS", "x"},   {"VERSION", "x"},  {"TIME", "x"},     {"INFO", "x"},
    {"ADMIN", "x"},    {"HELP", "x"},     {"STATS", "x"},    {"ACCEPT", "x"},
    {"BATCH", "x"},    {"RENAME", "nnx"}, {"LINKS", "x"},    {"MAP", "x"},
    {"ISUPPORT", "x"}, {"OPER", "-"},     {"PONG", "-"},
};

static char
lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool
is_verb(const char *at, size_t len, const char *verb)
{
    for (size_t i = 0; i < len; i++)
        if (lower(at[i]) != lower(verb[i])) /* the NUL of a shorter one differs */
            return false;
    return verb[len] == '\0';
}

static const char *
params_of(const char *at, size_t len)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (is_verb(at, len, rows[i].verb))
            return rows[i].params;
    return NULL;
}

static void
fill(char *out, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (out[i] != ' ')
            out[i] = 'x';
}

/* CTCP stays CTCP, and an action an action: they are counted in other ways. */
static void
fill_text(char *out, size_t len)
{
    bool ctcp = len > 1 && out[0] == '\x01';
    bool ends = ctcp && out[len - 1] == '\x01';
    bool action = ctcp && len > 8 && memcmp(out + 1, "ACTION ", 7) == 0;
    size_t head = action ? 8 : ctcp;
    fill(out + head, len - head - ends);
}

static void
rename_word(const struct hash_key *key, char *out, size_t len)
{
    char folded[512];
    size_t n = len < sizeof folded ? len : sizeof folded;
    if (len == 0 || (len == 1 && (*out == '0' || *out == '*')))
        return;
    for (size_t i = 0; i < n; i++)
        folded[i] = lower(out[i]);
    uint64_t state = hash_bytes(key, folded, n);
    for (size_t i = 0; i < len; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        out[i] = (char)('a' + (state >> 33) % 26);
    }
}

/* Names in a list, each behind its marks. */
static void
rename_list(const struct hash_key *key, char *out, size_t len)
{
    size_t at = 0;
    while (at < len) {
        while (at < len && strchr("@%+# ,", out[at]) && out[at] != '\0')
            at++;
        size_t start = at;
        while (at < len && out[at] != ',' && out[at] != ' ')
            at++;
        rename_word(key, out + start, at - start);
    }
}

static void
keep(char *out, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        char c = lower(out[i]);
        bool harmless = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                        (c != '\0' && strchr("+-/=. ", c));
        if (!harmless)
            out[i] = 'x';
    }
}

static void
treat(const struct hash_key *key, char how, char *out, size_t len)
{
    if (how == 'n')
        rename_list(key, out, len);
    else if (how == 'k')
        keep(out, len);
    else
        fill_text(out, len);
}

static size_t
word_length(const char *at, const char *end)
{
    size_t n = 0;
    while (at + n < end && at[n] != ' ')
        n++;
    return n;
}

static char *
skip_spaces(char *at, const char *end)
{
    while (at < end && *at == ' ')
        at++;
    return at;
}

/* Fills what stands before the verb: tags, a source. Returns where the verb is. */
static char *
skip_head(char *at, const char *end)
{
    for (const char *mark = "@:"; *mark; mark++) {
        at = skip_spaces(at, end);
        if (at == end || *at != *mark)
            continue;
        size_t n = word_length(at, end);
        fill(at + 1, n - 1);
        at += n;
    }
    return skip_spaces(at, end);
}

bool
scrub(const struct hash_key *key, const char *line, size_t len, char *out)
{
    const char *end = out + len;
    memcpy(out, line, len);
    out[len] = '\0';
    char *at = skip_head(out, end);
    size_t n = word_length(at, end);
    const char *params = params_of(at, n);
    if (params && *params == '-')
        return false;
    if (params == NULL) {
        fill(at, (size_t)(end - at));
        return true;
    }
    for (at += n; (at = skip_spaces(at, end)) < end; at += n) {
        bool last = *at == ':';
        at += last;
        n = last ? (size_t)(end - at) : word_length(at, end);
        treat(key, *params, at, n);
        params += params[1] != '\0';
    }
    return true;
}
