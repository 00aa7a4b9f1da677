/* Bans through `ircd ctl`. An import is a series of KLINE, DLINE, RESV and XLINE, so the
 * server checks, applies, saves and logs each ban as one of an operator; the setter
 * is the owner, and the moment is now. A ban must not be counted as set before the server
 * has saved it. */
#include "ctl_bans.h"

#include "base/duration.h"
#include "base/str.h"
#include "net/loop.h"
#include "policy/ban_format/text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

struct ban_file {
    struct ctl_link *link;
    const char *name;
    unsigned long line, set, expired, refused;
};

static void
refuse_ban_line(struct ban_file *f, const char *why)
{
    f->refused++;
    fprintf(stderr, "%s:%lu: %s\n", f->name, f->line, why);
}

static void
print_refusal(void *ctx, const struct control_text *line)
{
    const struct ban_file *f = ctx;
    if (line->refuses)
        fprintf(stderr, "%s:%lu: %s\n", f->name, f->line, line->text);
}

/* Writes the command that sets the ban. False: it is too long for a line of IRC. */
static bool
write_order(const struct ban_text *ban, char out[static CTL_COMMAND])
{
    struct str s;
    char length[DURATION_TEXT];
    str_init(&s, out, CTL_COMMAND);
    str_addf(&s, "%s %s", ban_kinds[ban->kind].set, ban->force ? "FORCE " : "");
    if (ban->until) {
        duration_format(ban->until - loop_wall() + MSEC_SECOND - 1, length,
                        sizeof length);
        str_addf(&s, "%s ", length);
    }
    str_addf(&s, "%s :%s%s%s", ban->mask.text, ban->reason,
             *ban->oper_reason ? "|" : "", ban->oper_reason);
    return !s.cut;
}

/* False: the server is gone. */
static bool
import_line(struct ban_file *f, const char *text)
{
    char err[256], order[CTL_COMMAND];
    struct ban_text ban;
    if (text[strspn(text, " \t")] == '\0' || *text == '#')
        return true;
    if (!ban_text_parse(text, &ban, err, sizeof err)) {
        refuse_ban_line(f, err);
        return true;
    }
    if (ban.until && ban.until <= loop_wall()) {
        f->expired++;
        return true;
    }
    if (!write_order(&ban, order)) {
        refuse_ban_line(f, "the mask and the reason are too long for one line of IRC");
        return true;
    }
    enum ctl_result result = ctl_link_run(f->link, order, print_refusal, f);
    f->set += result == CTL_DONE;
    f->refused += result == CTL_REFUSED;
    return result != CTL_BROKEN;
}

static bool
import_lines(struct ban_file *f, FILE *from)
{
    char text[BAN_TEXT_LINE];
    bool goes_on = true;
    while (goes_on && fgets(text, sizeof text, from)) {
        size_t n = strcspn(text, "\r\n");
        bool whole = text[n] != '\0' || feof(from);
        f->line++;
        if (!whole) {
            refuse_ban_line(f, "the line is too long");
            for (int byte = 0; byte != '\n' && byte != EOF;)
                byte = fgetc(from);
            continue;
        }
        text[n] = '\0';
        goes_on = import_line(f, text);
    }
    if (!goes_on)
        fprintf(stderr, "ircd: %s, at %s:%lu\n", f->link->why, f->name, f->line);
    return goes_on;
}

int
ctl_bans_import(struct ctl_link *l, const char *file)
{
    struct ban_file f = {.link = l, .name = file};
    FILE *from = strcmp(file, "-") == 0 ? stdin : fopen(file, "re");
    if (from == NULL) {
        fprintf(stderr, "ircd: cannot read %s: %s\n", file, strerror(errno));
        return 1;
    }
    bool whole = import_lines(&f, from) && !ferror(from);
    if (from != stdin)
        fclose(from);
    printf("%lu bans set, %lu expired, %lu lines refused\n", f.set, f.expired,
           f.refused);
    if (!whole)
        return 2;
    return f.refused ? 1 : 0;
}
