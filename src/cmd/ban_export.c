/* BANS EXPORT: every ban as text while the server runs (policy.md 5).
 *
 * A walk of the bans in the order in which they were set, kind after kind, which is a
 * cursor: a hundred thousand bans neither stop the server nor fill a queue. Bans that
 * are set meanwhile come as well, those that are lifted do not; nothing is said twice.
 * Must never keep a pointer to a ban between two pieces, but as the cursor's. */
#include "ban_export.h"

#include "command.h"
#include "policy/ban_text.h"
#include "state/cursor.h"

#define PIECE 380 /* bytes of a line that one NOTICE holds, whoever it comes from */

struct export
{
    struct cursor cursor; /* first */
    int kind;             /* whose bans the cursor is among */
    size_t said;
};

static void
say(struct server *srv, struct client *c, const struct ban *ban)
{
    char line[BAN_TEXT_LINE];
    ban_text_format(ban, line);
    for (const char *at = line; *at;) {
        size_t n = ban_text_piece(at, PIECE);
        out_notice(srv, c, "%.*s%s", (int)n, at, at[n] ? "\\" : "");
        at += n;
    }
}

static bool
step(struct server *srv, struct cursor *cur)
{
    struct export *e = (struct export *)(void *)cur;
    while (e->kind < BAN_KINDS) {
        struct list *bans = &srv->policy->kinds[e->kind];
        if (cur->node == NULL)
            cur->node = bans->next;
        for (; cur->node != bans; cur->node = cur->node->next) {
            const struct ban *ban = LIST_ENTRY(cur->node, struct ban, link);
            if (cursor_yields(cur))
                return false;
            if (ban_is_expired(ban, srv->wall))
                continue;
            say(srv, cur->owner, ban);
            e->said++;
        }
        e->kind++;
        cur->node = NULL;
    }
    out_notice(srv, cur->owner, BAN_TEXT_END "%zu", e->said);
    return true;
}

void
ban_export_run(struct server *srv, struct client *c, struct message *m)
{
    struct export *e = cursor_new(c, sizeof *e, step);
    (void)m;
    out_notice(srv, c, "%s", BAN_TEXT_HEAD);
    log_event(srv->log, LOG_LEVEL_INFO, "bans-export", "by", c->oper, NULL);
    cursor_start(srv, &e->cursor);
}
