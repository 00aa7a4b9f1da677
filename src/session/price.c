/* The price of a line in flood tokens: that of its command, more for many targets and
 * for length. The queries that programs send after each JOIN, and the JOINs right after
 * registration, are paid by credits instead.
 *
 * A line is priced before it is parsed, so this file reads raw words and must never
 * change them. */
#include "price.h"

#include "base/attr.h"
#include "cmd/command.h"
#include "line.h"
#include "policy/flood.h"
#include "state/channel.h"

#include <string.h>

#define LONG_LINE 256 /* bytes of a line that cost one token more */

/* The next word at *at (before end) and its length; *at moves past it. A colon makes
 * the rest of the line one word, as in the parser. */
static const char *
next_raw_word(const char **at, const char *end, size_t *len)
{
    while (*at < end && **at == ' ')
        (*at)++;
    if (*at < end && **at == ':') {
        const char *rest = *at + 1;
        *len = (size_t)(end - rest);
        *at = end;
        return rest;
    }
    const char *word = *at;
    while (*at < end && **at != ' ')
        (*at)++;
    *len = (size_t)(*at - word);
    return word;
}

/* The letters of the lists that MODE #channel shows. */
static const struct {
    char letter;
    uint8_t bit;
} lists[] = {{'b', JOIN_CREDIT_BANS},
             {'e', JOIN_CREDIT_EXCEPTS},
             {'I', JOIN_CREDIT_INVEXES},
             {'q', JOIN_CREDIT_QUIETS}};

/* The bits of the lists in "b", "+b" or "beI"; 0 for any other text. */
static uint8_t
list_bits(const char *what, size_t len)
{
    uint8_t bits = 0;
    size_t i = len > 1 && *what == '+';
    for (; i < len; i++) {
        size_t k = 0;
        while (k < sizeof lists / sizeof *lists && lists[k].letter != what[i])
            k++;
        if (k == sizeof lists / sizeof *lists)
            return 0;
        bits |= lists[k].bit;
    }
    return bits;
}

/* The queries (JOIN_CREDIT_*) that a line makes about the channel of its first word. 0
 * if it is no such query, or if more words make it a change. An empty last parameter is
 * a word too: it clears the topic. */
static uint8_t
query_bits(enum command_credit credit, const char *words, const char *end)
{
    size_t len, more;
    if (credit == CREDIT_WHO)
        return JOIN_CREDIT_WHO;
    bool alone = words[strspn(words, " ")] == '\0';
    if (credit == CREDIT_NAMES)
        return alone ? JOIN_CREDIT_NAMES : 0;
    if (credit == CREDIT_TOPIC)
        return alone ? JOIN_CREDIT_TOPIC : 0;
    const char *what = next_raw_word(&words, end, &len);
    next_raw_word(&words, end, &more);
    if (more > 0)
        return 0;
    return len == 0 ? JOIN_CREDIT_MODE : list_bits(what, len);
}

/* Uses up the credits for these queries that c got from its JOIN. False if one is
 * missing. */
static bool
take_query(const struct server *srv, const struct client *c, const char *word,
           size_t len, uint8_t bits)
{
    char name[NAME_CHANNEL_MAX + 1];
    if (bits == 0 || len == 0 || len >= sizeof name)
        return false;
    memcpy(name, word, len);
    name[len] = '\0';
    const struct channel *chan = channel_find(srv, name);
    struct joined *j = chan ? channel_joined(chan, c) : NULL;
    if (j == NULL || (j->credit & bits) != bits)
        return false;
    j->credit &= (uint8_t)~bits;
    return true;
}

static unsigned
pay_query(const struct server *srv, const struct client *c, enum command_credit credit,
          const char *params, const char *end)
{
    size_t len;
    const char *word = next_raw_word(&params, end, &len);
    /* A list of channels is paid by the credit of its first one. */
    const char *comma = credit == CREDIT_WHO ? memchr(word, ',', len) : NULL;
    if (comma)
        len = (size_t)(comma - word);
    return take_query(srv, c, word, len, query_bits(credit, params, end));
}

static unsigned
pay_join(struct server *srv, struct client *c, const char *params, const char *end)
{
    size_t len;
    unsigned channels = 1;
    const char *word = next_raw_word(&params, end, &len);
    if (len == 0 || (len == 1 && *word == '0')) /* JOIN 0 leaves all channels */
        return 0;
    for (size_t i = 0; i < len; i++)
        channels += word[i] == ',';
    return flood_take_joins(srv, c, channels) ? 1 + channels : 0;
}

static ATTR_COLD unsigned
pay_credit(struct server *srv, struct client *c, enum command_credit credit,
           const struct input_line *raw)
{
    const char *params = raw->verb + raw->verb_len, *end = raw->line + raw->len;
    if (credit == CREDIT_JOIN)
        return pay_join(srv, c, params, end);
    return pay_query(srv, c, credit, params, end);
}

ATTR_HOT unsigned
price_pay(struct server *srv, struct client *c, const struct input_line *raw)
{
    const struct command *row = line_row(raw);
    if (row == NULL || row->credit == CREDIT_NONE) /* most lines */
        return 0;
    return pay_credit(srv, c, row->credit, raw);
}

/* Counts the targets in the first word, or in the second word if the row says so and
 * the line has one. */
static int
count_line_targets(const struct command *row, const char *at, const char *end)
{
    int n = 1;
    for (int words = row->flags & COMMAND_SECOND ? 2 : 1; words > 0; words--) {
        while (at < end && *at == ' ')
            at++;
        bool rest = at < end && *at == ':'; /* as in next_raw_word */
        at += rest;
        if (at == end)
            break;
        for (n = 1; at < end && (rest || *at != ' '); at++)
            n += *at == ',';
    }
    return n;
}

ATTR_HOT int
price_of_line(const struct input_line *raw)
{
    const struct command *row = line_row(raw);
    if (row == NULL)
        return 1;
    if (row->cost == 0)
        return 0;
    int cost = row->cost;
    if (row->flags & COMMAND_TARGETS)
        cost *=
            count_line_targets(row, raw->verb + raw->verb_len, raw->line + raw->len);
    return cost + (int)(raw->len / LONG_LINE);
}
