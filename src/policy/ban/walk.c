/* The walk over all bans. Between two pieces only the cursor holds a ban; the removal
 * of that ban moves the cursor on. */
#include "policy/ban/walk.h"

#include "policy/ban/ban.h"
#include "policy/policy.h"
#include "state/cursor.h"
#include "state/server.h"

bool
ban_walk(struct server *srv, struct cursor *cur, struct ban_span *span,
         void (*fn)(struct server *srv, struct cursor *cur, const struct ban *ban))
{
    for (; span->kind <= span->last; span->kind++) {
        struct list *head = &srv->policy->kinds[span->kind];
        if (cur->node == NULL)
            cur->node = head->next;
        while (cur->node != head) {
            if (cursor_yields(cur))
                return false;
            const struct ban *ban = LIST_ENTRY(cur->node, struct ban, link);
            cur->node = cur->node->next;
            if (!ban_is_expired(ban, srv->wall))
                fn(srv, cur, ban);
        }
        cur->node = NULL;
    }
    return true;
}
