/* Bans through `ircd ctl`. The server reads, checks, sets and saves the lines of a file;
 * here they are only bytes. */
#include "ctl_bans.h"

#include "base/str.h"
#include "policy/ban_format/text.h"

#include <stdio.h>
#include <string.h>

#define UPLOAD_BYTES 220 /* of the file, in a line of IRC as hex */

/* The lines of BANS EXPORT, put together again. */
struct ban_lines {
    char whole[BAN_TEXT_LINE];
    size_t n; /* bytes of a line that is continued */
    void (*take)(void *ctx, const struct control_text *line);
    void *ctx;
};

/* A backslash at the end of a piece says that the next one continues the line. */
static void
join_piece(void *ctx, const struct control_text *line)
{
    struct ban_lines *b = ctx;
    struct control_text whole = *line;
    size_t n = strlen(line->text), room = sizeof b->whole - b->n;
    bool is_ban = !line->refuses && strcmp(line->code, "NOTICE") == 0;
    if (!is_ban || n >= room) {
        b->take(b->ctx, line);
        return;
    }
    memcpy(b->whole + b->n, line->text, n + 1);
    b->n += n;
    if (ban_text_is_continued(line->text, n)) {
        b->n--;
        return;
    }
    b->n = 0;
    whole.text = b->whole;
    b->take(b->ctx, &whole);
}

enum ctl_result
ctl_bans_export(struct ctl_link *l,
                void (*take)(void *ctx, const struct control_text *line), void *ctx)
{
    struct ban_lines lines = {.take = take, .ctx = ctx};
    return ctl_link_run(l, "BANS EXPORT", join_piece, &lines);
}

/* Sends the bytes of the file; the server answers only if it refuses them. */
static bool
send_ban_file(struct ctl_link *l, FILE *from)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char bytes[UPLOAD_BYTES];
    char line[2 * UPLOAD_BYTES + 32];
    for (size_t n; (n = fread(bytes, 1, sizeof bytes, from)) > 0;) {
        struct str s;
        str_init(&s, line, sizeof line);
        str_add(&s, "BANS IMPORT ");
        for (size_t i = 0; i < n; i++) {
            str_addc(&s, digits[bytes[i] >> 4]);
            str_addc(&s, digits[bytes[i] & 15]);
        }
        str_add(&s, "\r\n");
        if (!ctl_link_send(l, line))
            return false;
    }
    return true;
}

enum ctl_result
ctl_bans_import(struct ctl_link *l, FILE *from, const char *name,
                void (*take)(void *ctx, const struct control_text *line), void *ctx)
{
    char begin[CTL_COMMAND];
    str_format(begin, sizeof begin, "BANS IMPORT BEGIN :%s",
               strlen(name) < 200 ? name : SHOWN(name));
    enum ctl_result result = ctl_link_run(l, begin, take, ctx);
    if (result != CTL_DONE)
        return result;
    if (!send_ban_file(l, from))
        return CTL_BROKEN;
    return ctl_link_run(l, "BANS IMPORT END", take, ctx);
}
