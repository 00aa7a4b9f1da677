/* The causes are the rows of a table, and each is judged by facts that were read before.
 * `ircd --health` looks at less: it asks whether a restart would help, and a restart
 * renews no certificate. */
#include "web_health.h"

#include "serve_state.h"
#include "state/certificate.h"

static bool
is_ending(const struct web_health_facts *facts)
{
    return facts->ending;
}

static bool
is_long_unsaved(const struct web_health_facts *facts)
{
    return facts->unsaved_for > WEB_HEALTH_UNSAVED;
}

static bool
has_no_listener(const struct web_health_facts *facts)
{
    return !facts->loop.listens;
}

static bool
has_expired_certificate(const struct web_health_facts *facts)
{
    return facts->certified > 0 && facts->certified <= facts->wall;
}

static bool
has_late_turn(const struct web_health_facts *facts)
{
    return facts->loop.late;
}

static bool
has_not_turned(const struct web_health_facts *facts)
{
    return !facts->loop.turned;
}

static const struct cause {
    bool (*holds)(const struct web_health_facts *facts);
    const char *sentence;
    bool ready; /* only for ?ready */
} causes[] = {
    {is_ending, "the server ends", false},
    {is_long_unsaved, "the database has changes that are unsaved for more than 60 s",
     false},
    {has_no_listener, "no listener of clients is open", false},
    {has_expired_certificate, "a certificate in use has expired", false},
    {has_late_turn, "the event loop stood still for more than 5 s", false},
    {has_not_turned, "the first turn of the event loop has not ended", true},
};

void
web_health_read(const struct serve *s, struct web_health_facts *out)
{
    struct store_stats stats = {.unsaved_for = 0};
    size_t n;
    const struct certificate *all = certificate_list(s->srv, &n);
    *out = (struct web_health_facts){.ending = s->ending, .wall = s->log.wall};
    loop_health(s->loop, &out->loop);
    if (s->choice.stats)
        s->choice.stats(s->choice.store, &stats);
    out->unsaved_for = stats.unsaved_for;
    for (size_t i = 0; i < n; i++)
        if (i == 0 || all[i].until < out->certified)
            out->certified = all[i].until;
}

unsigned
web_health_write(const struct web_health_facts *facts, bool ready, struct draft *out)
{
    unsigned status = 200;
    for (size_t i = 0; i < sizeof causes / sizeof *causes; i++) {
        const struct cause *cause = &causes[i];
        if ((cause->ready && !ready) || !cause->holds(facts))
            continue;
        status = 503;
        draft_add(out, cause->sentence);
        draft_add(out, "\n");
    }
    if (status == 200)
        draft_add(out, "ok\n");
    return status;
}
