/* The subsystem row of the bans, and the check of their counters. */
#include "state/subsystem.h"
#include "base/list.h"
#include "base/mem.h"
#include "policy/ban/ban.h"
#include "policy/ban/internal.h"
#include "policy/policy.h"
#include "state/census.h"
#include "state/server.h"

#include <assert.h>

#define CHECK_BANS 1000 /* with more K-lines and D-lines, check_bans is too slow */

static void
init_bans(struct server *srv, const struct server_start *start)
{
    struct policy *p = srv->policy;
    (void)start;
    list_init(&p->stale);
    list_init(&p->automatic);
    for (int k = 0; k < BAN_KINDS; k++) {
        list_init(&p->kinds[k]);
        ban_index_init(&p->index[k]);
    }
}

static void
end_loading_bans(struct server *srv, const struct server_start *start)
{
    (void)start;
    ban_loaded(srv);
}

/* Recounts all bans, unless there are more than CHECK_BANS K-lines and D-lines. */
static void
check_bans(const struct server *srv)
{
    const struct policy *p = srv->policy;
    size_t automatic = 0;
    if (p->n_bans[BAN_KLINE] + p->n_bans[BAN_DLINE] > CHECK_BANS)
        return;
    for (int k = 0; k < BAN_KINDS; k++) {
        size_t n = 0, memory = 0;
        LIST_EACH(&p->kinds[k], node) {
            const struct ban *ban = LIST_ENTRY(node, struct ban, link);
            n++;
            memory += ban_memory(ban);
            automatic += ban->automatic;
            assert(ban->automatic == !list_empty(&ban->by_strikes));
        }
        assert(n == p->n_bans[k] && memory == p->ban_memory[k]);
        ban_index_check(&p->index[k]);
    }
    assert(automatic == p->n_automatic);
}

static void
add_ban_memory(const struct server *srv, struct census *out)
{
    static const char *const names[BAN_KINDS] = {
        [BAN_KLINE] = "K-lines",
        [BAN_DLINE] = "D-lines",
        [BAN_RESV] = "RESVs",
        [BAN_XLINE] = "X-lines",
    };
    const struct policy *p = srv->policy;
    size_t bytes = HASH_MEMORY(p->bans) + mem_block(p->due.room * sizeof *p->due.heap);
    for (int k = 0; k < BAN_KINDS; k++) {
        census_add(out, CENSUS_OF_HOSTS, names[k], p->n_bans[k], p->ban_memory[k]);
        bytes += ban_index_memory(&p->index[k]);
    }
    census_add(out, CENSUS_OF_HOSTS, "bans in the index", HASH_COUNT(p->bans), bytes);
}

const struct subsystem ban_subsystem = {
    .id = SUBSYSTEM_ban,
    .memory = add_ban_memory,
    .init = init_bans,
    .records = ban_records,
    .loaded = end_loading_bans,
    .check = check_bans,
    .free = ban_free_all,
};
