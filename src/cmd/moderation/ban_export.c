/* BANS EXPORT: all bans as text while the server runs.
 *
 * The bans come kind by kind, in the order in which they were set. The walk is a
 * cursor, so 100,000 bans neither stop the server nor fill a queue. A ban that is set
 * during the walk is sent as well, a ban that is lifted is not, and none is sent twice.
 * Between two pieces only the cursor may hold a pointer to a ban. */
#include "ban_export.h"

#include "cmd/command.h"
#include "policy/ban/ban.h"
#include "policy/ban/shown.h"
#include "policy/ban_format/text.h"
#include "policy/gateway.h"
#include "state/cursor.h"
#include "state/tell.h"

#define PIECE 380 /* bytes of text that fit in a NOTICE with the longest names */

struct export
{
    struct cursor cursor; /* first */
    struct ban_span kinds;
    size_t sent; /* bans */
};

static void
export_ban(struct server *srv, struct cursor *cur, const struct ban *ban)
{
    struct export *e = (struct export *)(void *)cur;
    char line[BAN_TEXT_LINE], none[1] = "", why[256];
    struct ban shown = *ban;
    bool forced = gateway_needs_force(srv, ban->kind, &ban->mask, why, sizeof why);
    if (*ban_shown_oper_reason(cur->owner, ban) == '\0')
        shown.oper_reason = none;
    ban_text_format(&shown, forced, line);
    for (const char *at = line; *at;) {
        size_t n = ban_text_piece(at, PIECE);
        reply_notice(&cur->request, "%.*s%s", (int)n, at, at[n] ? "\\" : "");
        at += n;
    }
    e->sent++;
}

static bool
step_export(struct server *srv, struct cursor *cur)
{
    struct export *e = (struct export *)(void *)cur;
    if (!ban_walk(srv, cur, &e->kinds, export_ban))
        return false;
    reply_notice(&cur->request, BAN_TEXT_END "%zu", e->sent);
    return true;
}

void
ban_export_run(struct request *req)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    struct export *e = cursor_new(srv, c, sizeof *e, step_export);
    e->kinds.last = BAN_KINDS - 1;
    reply_notice(req, "%s", BAN_TEXT_HEAD);
    TELL(srv, TELL_ALL, bans_export, .by = c->user.oper);
    cursor_start(srv, &e->cursor);
}
