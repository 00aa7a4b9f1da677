/* Gathers the facts of the shell for metrics, from the three that have them. */
#include "exposition.h"

#include "net/loop.h"
#include "net/tls.h"
#include "process_facts.h"
#include "serve_state.h"
#include "session/metrics.h"

static void
read_store(const struct store_choice *choice, struct metrics_facts *out)
{
    struct store_stats stats = {.saves = {.bounds = histogram_of_saves}};
    if (choice->stats)
        choice->stats(choice->store, &stats);
    out->saves = stats.saves;
    out->unsaved = stats.unsaved;
    out->failed_saves = stats.failed;
    out->records = choice->store->ops->count(choice->store).n;
}

void
exposition_write(const struct serve *s, struct draft *out)
{
    struct metrics_facts facts = {.openssl = tls_library()};
    loop_metrics(s->loop, &facts);
    read_store(&s->choice, &facts);
    process_facts_read(&s->process, loop_sockets(s->loop), &facts);
    session_metrics(s->srv, &facts, out);
    metrics_facts_clear(&facts);
}
