/* Bans through `ircd ctl`. The server reads, checks, sets and saves the lines of a file;
 * here they are only bytes. */
#include "ctl_bans.h"

#include "base/str.h"
#include "policy/ban_format/text.h"

#include <stdio.h>
#include <string.h>

#define UPLOAD_BYTES 220 /* of the file, in a line of IRC as hex */

/* Prints a line of BANS EXPORT. A backslash at the end of a piece says that the next one
 * continues the line. */
static void
print_piece(void *ctx, const struct control_text *line)
{
    size_t n = strlen(line->text);
    (void)ctx;
    if (line->refuses || strcmp(line->code, "NOTICE") != 0)
        fprintf(stderr, "%s\n", line->text);
    else if (ban_text_is_continued(line->text, n))
        fwrite(line->text, 1, n - 1, stdout);
    else
        puts(line->text);
}

enum ctl_result
ctl_bans_export(struct ctl_link *l)
{
    return ctl_link_run(l, "BANS EXPORT", print_piece, NULL);
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
