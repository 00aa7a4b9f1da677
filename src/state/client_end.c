/* Marks a client to be ended, and logs the event of its end. */
#include "state/client_end.h"

#include "base/mem.h"
#include "state/client.h"
#include "state/event_ring.h"
#include "state/server.h"

#include <assert.h>

enum end_logged { LOGGED_ASKED, LOGGED_EACH, LOGGED_BOUNDED };

static const struct end_row {
    const char *word;
    enum end_logged logged;
    const char *text;
    struct log_rate rate; /* LOGGED_BOUNDED: the limit for registered clients */
} rows[END_CAUSES] = {
#define END(NAME, word, LOGGED, text, when)                                            \
    [END_##NAME] = {word, LOGGED_##LOGGED, text, {"exit/" word, 100, MSEC_SECOND / 5}},
#include "state/ends.def"
#undef END
};

/* A lower limit, because a connection that does not register costs an outsider
 * little. */
static const struct log_rate unregistered_rate = {"exit", 10, MSEC_SECOND};

const char *
end_cause_word(enum end_cause cause)
{
    return rows[cause].word;
}

const char *
end_text(enum end_cause cause)
{
    return rows[cause].text;
}

static void
log_exit(struct server *srv, const struct client *c, const struct end *end)
{
    const struct end_row *row = &rows[end->cause];
    bool asked = row->logged == LOGGED_ASKED;
    char source[MASK_TEXT], host[CLIENT_HOST_TEXT];
    /* The end of a call of the API is no event: its command is. */
    if (!event_note_wanted(srv, asked ? EVENT_exit_asked : EVENT_exit) ||
        client_facts(c).oper)
        return;
    const struct log_rate *rate = NULL;
    if (row->logged == LOGGED_BOUNDED)
        rate = c->out.flags & CLIENT_REGISTERED ? &row->rate : &unregistered_rate;
    client_real_source(c, source, sizeof source);
    event_note(srv, asked ? EVENT_exit_asked : EVENT_exit, rate,
               &(struct event_exit){.client = source,
                                    .host = client_real_host(c, host),
                                    .cause = row->word,
                                    .reason = c->quit,
                                    .by = end->by,
                                    .mask = end->mask});
}

void
client_end(struct server *srv, struct client *c, const struct end *end)
{
    const char *why = end->why ? end->why : rows[end->cause].text;
    assert(why != NULL);
    if (c->out.flags & CLIENT_ENDING)
        return;
    srv->counts.ends[end->cause]++;
    c->out.flags |= CLIENT_DOOMED;
    xreplace(&c->quit, why);
    c->doomed_next = NULL;
    if (srv->doomed_tail)
        srv->doomed_tail->doomed_next = c;
    else
        srv->doomed = c;
    srv->doomed_tail = c;
    log_exit(srv, c, end);
}

void
client_kill(struct server *srv, struct client *c, enum end_cause cause, const char *why)
{
    struct end end = {.cause = cause, .why = why};
    client_end(srv, c, &end);
}
