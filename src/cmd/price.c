/* What a line costs in flood tokens: its row's price, more for many targets and for
 * length, nothing for a query that a client sends after each JOIN (policy.md 3). Asked
 * before anything looks into a line, so it reads raw words and must never change them.
 */
#include "price.h"

#include "command.h"
#include "dispatch.h"
#include "state/channel.h"

#include <string.h>

#define LONG_LINE 256 /* each such many bytes more cost one token more */

/* The word at *at (before end): its start and length; *at moves behind it. Behind a
 * colon it is the rest of the line, as the parser takes it. */
static const char *
next_word(const char **at, const char *end, size_t *len)
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

/* The credit that pays for this query: the membership and its bit, or NULL. */
static struct joined *
find_credit(const struct server *srv, const struct client *c, const char *params,
            const char *end, bool is_mode, uint8_t *bit)
{
    char name[NAME_CHANNEL_MAX + 1];
    size_t len, rest;
    const char *word = next_word(&params, end, &len);
    /* WHO takes a list; the first one pays for the line, each for its own rows. */
    const char *comma = is_mode ? NULL : memchr(word, ',', len);
    if (comma)
        len = (size_t)(comma - word);
    if (len == 0 || len >= sizeof name)
        return NULL;
    memcpy(name, word, len);
    name[len] = '\0';
    const char *what = next_word(&params, end, &rest);
    if (!is_mode)
        *bit = JOIN_CREDIT_WHO;
    else if (rest == 0)
        *bit = JOIN_CREDIT_MODE;
    else if ((rest == 1 && *what == 'b') || (rest == 2 && memcmp(what, "+b", 2) == 0))
        *bit = JOIN_CREDIT_BANS;
    else
        return NULL;
    const struct channel *chan = channel_find(srv, name);
    struct joined *j = chan ? channel_joined(chan, c) : NULL;
    return j && j->credit & *bit ? j : NULL;
}

static struct joined *
credit_of_line(const struct server *srv, const struct client *c, const struct raw *raw,
               const struct command *row, uint8_t *bit)
{
    if (row == NULL || !(row->flags & COMMAND_CREDIT)) /* most lines */
        return NULL;
    return find_credit(srv, c, raw->verb + raw->verb_len, raw->line + raw->len,
                       row->name[0] == 'M', bit);
}

/* Of the first word, or where the row says so of the second one, if there is one. */
static int
count_targets(const struct command *row, const char *params, const char *end)
{
    int n = 1;
    for (int words = row->flags & COMMAND_SECOND ? 2 : 1; words > 0; words--) {
        while (params < end && *params == ' ')
            params++;
        if (params == end)
            break;
        for (n = 1; params < end && *params != ' '; params++)
            n += *params == ',';
    }
    return n;
}

int
price_of_line(const struct server *srv, const struct client *c, const struct raw *raw)
{
    uint8_t bit;
    const struct command *row = dispatch_row_of(raw);
    if (row == NULL)
        return 1;
    if (row->cost == 0)
        return 0;
    if (credit_of_line(srv, c, raw, row, &bit))
        return -1;
    int cost = row->cost;
    if (row->flags & COMMAND_TARGETS)
        cost *= count_targets(row, raw->verb + raw->verb_len, raw->line + raw->len);
    return cost + (int)(raw->len / LONG_LINE);
}

void
price_paid(struct server *srv, struct client *c, const struct raw *raw)
{
    uint8_t bit;
    struct joined *j = credit_of_line(srv, c, raw, dispatch_row_of(raw), &bit);
    c->flags &= ~(unsigned)CLIENT_PAID;
    if (j == NULL)
        return;
    j->credit &= (uint8_t)~bit;
    c->flags |= CLIENT_PAID;
}
