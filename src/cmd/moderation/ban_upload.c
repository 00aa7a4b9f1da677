/* BANS IMPORT: a file of bans, set as a whole or not at all.
 *
 * The bytes of the file are kept until its end has come. Then all lines are checked, and
 * if none is refused, all bans are set in the same turn, so that an import that is broken
 * off sets nothing. The bytes come as hex, because a line of IRC carries neither each
 * byte nor a line of any length. One file is sent at a time. */
#include "ban_upload.h"

#include "base/mem.h"
#include "base/str.h"
#include "cmd/ack.h"
#include "cmd/command.h"
#include "enact/ban_import.h"
#include "policy/access.h"
#include "proto/casemap.h"
#include "state/census.h"
#include "state/subsystem.h"
#include "state/tell.h"

#include <stdlib.h>
#include <string.h>

#define UPLOAD_MOST (32u << 20) /* bytes of a file */
#define UPLOAD_PIECE 4096       /* its memory grows by at least this */

/* An import that may set any ban needs all of these. */
#define UPLOAD_PRIVILEGES                                                              \
    (PRIV_kline | PRIV_dline | PRIV_resv | PRIV_xline | PRIV_permanent | PRIV_unban)

/* The file that is sent. */
struct ban_upload {
    const struct client *from; /* NULL: none is sent */
    char *file;                /* its name for messages */
    char *text;                /* n of size bytes */
    size_t n, size;
};

static struct ban_upload *
upload_of(const struct server *srv)
{
    return subsystem_state(srv, SUBSYSTEM_ban_upload);
}

static void
clear_upload(struct ban_upload *u)
{
    free(u->file);
    free(u->text);
    *u = (struct ban_upload){.from = NULL};
}

static void
begin_upload(struct request *req, const char *file)
{
    struct ban_upload *u = upload_of(req->srv);
    if (u->from && u->from != req->client) {
        reply_notice(req, "BANS refused: another import runs; try again");
        return;
    }
    clear_upload(u);
    u->from = req->client;
    u->file = xstrdup(file);
}

/* Adds the bytes of this hex. False: it is no hex. */
static bool
add_upload_hex(struct ban_upload *u, const char *hex)
{
    size_t n = strlen(hex) / 2;
    if (u->size - u->n < n) {
        u->size = 2 * u->size + n + UPLOAD_PIECE;
        u->text = xrealloc(u->text, u->size);
    }
    for (; hex[0] && hex[1]; hex += 2) {
        int high = str_hex_digit(hex[0]), low = str_hex_digit(hex[1]);
        if (high < 0 || low < 0)
            return false;
        u->text[u->n++] = (char)(high << 4 | low);
    }
    return *hex == '\0';
}

static void
add_upload(struct request *req, const char *hex)
{
    struct ban_upload *u = upload_of(req->srv);
    const char *why = NULL;
    if (u->from != req->client)
        why = "no import has begun: BANS IMPORT BEGIN";
    else if (u->n + strlen(hex) / 2 > UPLOAD_MOST)
        why = "the file is longer than 32 MiB";
    else if (!add_upload_hex(u, hex))
        why = "expected the bytes of the file as hex";
    if (why == NULL)
        return;
    reply_notice(req, "BANS refused: %s; nothing was set", why);
    if (u->from == req->client)
        clear_upload(u);
}

static void
tell_upload_fault(void *ctx, const char *text)
{
    reply_notice(ctx, "BANS refused: %s", text);
}

static void
say_upload(void *ctx, const char *text)
{
    reply_notice(ctx, "%s", text);
}

/* Checks the lines of the file, or sets their bans. Returns the number of refused
 * lines. */
static unsigned long
import_upload(struct request *req, struct ban_import *im, bool checks)
{
    const struct ban_upload *u = upload_of(req->srv);
    ban_import_init(im, req->srv, u->file);
    im->checks = checks;
    im->fault = checks ? tell_upload_fault : NULL;
    im->ctx = req;
    for (size_t at = 0; at < u->n;) {
        const char *line = u->text + at, *end = memchr(line, '\n', u->n - at);
        size_t len = end ? (size_t)(end - line) : u->n - at;
        ban_import_line(im, line, len, len <= BAN_IMPORT_LINE);
        at += len + (end != NULL);
    }
    ban_import_end(im);
    unsigned long refused = im->refused;
    for (int form = 0; form < BAN_FORMS; form++)
        refused += im->forms[form].refused;
    return refused;
}

/* Tells what was set; the last line comes when it is saved. */
static void
tell_imported(struct request *req, const struct ban_import *im)
{
    unsigned long taken = 0;
    char text[200];
    ban_import_report(im, say_upload, req);
    for (int form = 0; form < BAN_FORMS; form++)
        for (int k = 0; k < BAN_KINDS; k++)
            taken += im->forms[form].taken[k];
    TELL(req->srv, TELL_ALL, bans_import, .by = req->client->user.oper,
         .file = im->file, .bans = taken);
    if (taken == 0) {
        reply_notice(req, "there is nothing to set");
        return;
    }
    str_format(text, sizeof text, "%lu ban%s set", taken, taken == 1 ? "" : "s");
    ack_when_saved(req->srv, req->client, im->last, text);
}

static void
end_upload(struct request *req)
{
    struct ban_upload *u = upload_of(req->srv);
    if (u->from != req->client) {
        reply_notice(req, "BANS refused: no import has begun; nothing was set");
        return;
    }
    struct ban_import *im = xmalloc(sizeof *im); /* too large for the stack */
    unsigned long refused = import_upload(req, im, true);
    if (refused > 0)
        reply_notice(req, "BANS refused: %lu of the lines %s wrong; nothing was set",
                     refused, refused == 1 ? "is" : "are");
    else {
        refused = import_upload(req, im, false);
        tell_imported(req, im);
        if (refused > 0)
            reply_notice(req, "BANS refused: the database does not take %lu of them",
                         refused);
    }
    free(im);
    clear_upload(u);
}

void
ban_upload_run(struct request *req)
{
    const struct message *m = req->message;
    const char *word = m->nparams > 1 ? m->params[1] : "";
    if (!access_has(req->client, UPLOAD_PRIVILEGES))
        reply(req, ERR_NOPRIVILEGES,
              "an import needs the privileges kline, dline, resv, xline, permanent and "
              "unban");
    else if (name_equal(word, "BEGIN"))
        begin_upload(req, m->nparams > 2 ? m->params[2] : "(no name)");
    else if (name_equal(word, "END"))
        end_upload(req);
    else
        add_upload(req, word);
}

static void
forget_upload(struct server *srv, struct client *c)
{
    if (upload_of(srv)->from == c)
        clear_upload(upload_of(srv));
}

static void
count_upload(const struct server *srv, struct census *out)
{
    const struct ban_upload *u = upload_of(srv);
    if (u->from)
        census_add(out, CENSUS_OF_SERVER, "a file of bans that is sent", 1,
                   mem_text(u->file) + mem_block(u->size));
}

static void
free_upload(struct server *srv)
{
    clear_upload(upload_of(srv));
}

const struct subsystem ban_upload_subsystem = {
    .id = SUBSYSTEM_ban_upload,
    .of_sessions = true,
    .state = sizeof(struct ban_upload),
    .client_leaves = forget_upload,
    .memory = count_upload,
    .free = free_upload,
};
