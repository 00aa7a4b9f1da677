/* The import of a file of bans, line by line: format, encoding, report.
 *
 * If one of a thousand lines is faulty, the others are imported, and the report names
 * the line and the fault. A ban that is in the store already and is equal is not
 * written again, so importing a file twice changes nothing. A line is never imported in
 * part. A foreign ban that needs FORCE is never imported. */
#include "enact/ban_import.h"

#include "base/str.h"
#include "enact/ban.h"
#include "policy/gateway.h"
#include "proto/casemap.h"
#include "proto/utf8.h"
#include "state/server.h"

static const char *const form_names[BAN_FORMS] = {
    [BAN_FORM_OWN] = "in this server's format",  [BAN_FORM_CSV] = "of quoted fields",
    [BAN_FORM_XLINE] = "of InspIRCd's xline.db", [BAN_FORM_PLAIN] = "of one mask each",
    [BAN_FORM_UNKNOWN] = "in an unknown format",
};

void
ban_import_init(struct ban_import *import, struct server *srv, const char *file)
{
    *import =
        (struct ban_import){.srv = srv, .file = file, .hint = ban_foreign_hint(file)};
}

static void
tell_line_fault(struct ban_import *im, const char *why)
{
    char text[1024];
    if (im->fault == NULL || im->examples++ >= BAN_IMPORT_EXAMPLES)
        return;
    str_format(text, sizeof text, "%s:%lu: %s", im->file, im->line, why);
    for (char *at = text; *at; at++) /* it may have bytes of the file */
        if ((unsigned char)*at < ' ' || *at == 0x7f)
            *at = '?';
    im->fault(im->ctx, text);
}

static void
count_skipped_line(struct ban_import *im, struct ban_import_count *count,
                   const char *why)
{
    for (size_t i = 0; i < BAN_IMPORT_SKIPS; i++) {
        if (count->skipped[i].why && strcmp(count->skipped[i].why, why) != 0)
            continue;
        count->skipped[i].why = why;
        count->skipped[i].n++;
        return;
    }
    count->refused++;
    tell_line_fault(im, why);
}

/* True if the ban in force equals the line. A field that the line lacks is no
 * difference. */
static bool
equals_ban(const struct ban *ban, const struct ban_text *text, bool dated, bool named)
{
    return (!dated || ban->set_at == text->set_at) && ban->until == text->until &&
           ban->automatic == text->automatic &&
           (!named || strcmp(ban->setter, text->setter) == 0) &&
           strcmp(ban->reason, text->reason) == 0 &&
           strcmp(ban->oper_reason, text->oper_reason) == 0;
}

static void
refuse_import_line(struct ban_import *im, struct ban_import_count *count,
                   const char *why)
{
    count->refused++;
    tell_line_fault(im, why);
}

static void
set_imported_ban(struct ban_import *im, struct ban_import_count *count,
                 const struct ban_text *text)
{
    struct ban_outcome done;
    struct ban_request request = {.kind = text->kind,
                                  .mask = &text->mask,
                                  .set_at = text->set_at,
                                  .automatic = text->automatic,
                                  .setter = text->setter,
                                  .reason = text->reason,
                                  .oper_reason = text->oper_reason};
    if (text->until)
        request.length = text->until - text->set_at;
    ban_put(im->srv, &request, &done);
    if (done.ticket == STORE_REFUSED) {
        refuse_import_line(im, count, "it is too long for the database");
        return;
    }
    im->last = done.ticket;
    count->taken[text->kind]++;
    count->replaced += done.replaced;
}

/* Replaces each byte that is not UTF-8, and each byte in `bad`, by '?'. */
static void
replace_invalid_bytes(char *text, const char *bad)
{
    for (size_t len; *text; text += len) {
        len = str_utf8(text, strlen(text));
        if (len > 0 && strchr(bad, *text) == NULL)
            continue;
        *text = '?';
        len = 1;
    }
}

/* True if an operator would need FORCE for this ban; full is the whole reason. */
static bool
needs_import_force(const struct ban_import *im, const struct ban_text *text, bool own,
                   char *full, size_t size)
{
    char why[256];
    if (mask_is_misspelled(&text->mask, full, size))
        return true;
    bool broad = ban_is_broad(text->kind, &text->mask, why, sizeof why);
    if (!broad &&
        !gateway_needs_force(im->srv, text->kind, &text->mask, why, sizeof why))
        return false;
    str_format(full, size, "%s %s%s; %s%s", text->mask.text,
               broad ? "is too broad: " : "", why,
               own ? "force=yes in the line sets it anyway" : ban_kinds[text->kind].set,
               own ? "" : " FORCE … sets it by hand");
    return true;
}

static void
take_imported_ban(struct ban_import *im, struct ban_import_count *count,
                  struct ban_text *text, bool own)
{
    char full[512];
    replace_invalid_bytes(text->reason, "\r\n");
    replace_invalid_bytes(text->oper_reason, "\r\n");
    replace_invalid_bytes(text->setter, " \r\n");
    if (text->setter[0] == ':')
        text->setter[0] = '?';
    if (!utf8_valid(text->mask.text, strlen(text->mask.text))) {
        refuse_import_line(im, count, "its mask is not UTF-8");
        return;
    }
    bool dated = text->set_at != 0, named = text->setter[0] != '\0';
    if (text->set_at == 0)
        text->set_at = im->srv->wall;
    if (text->until && text->until <= im->srv->wall) {
        count->expired++;
        return;
    }
    if (text->until && text->until <= text->set_at) {
        refuse_import_line(im, count, "it would end before it was set");
        return;
    }
    ban_clean_text(text->setter, true);
    ban_clean_text(text->reason, false);
    ban_clean_text(text->oper_reason, false);
    if (text->setter[0] == '\0')
        str_format(text->setter, sizeof text->setter, "import");
    if (!text->force && needs_import_force(im, text, own, full, sizeof full)) {
        refuse_import_line(im, count, full);
        return;
    }
    const struct ban *there = ban_find(im->srv, text->kind, text->mask.text);
    if (there && equals_ban(there, text, dated, named))
        count->same++;
    else if (im->checks)
        count->taken[text->kind]++;
    else
        set_imported_ban(im, count, text);
}

static void
require_end_line(struct ban_import *im)
{
    if (!im->begun || im->ended)
        return;
    im->refused++;
    tell_line_fault(im, "the line \"" BAN_TEXT_END
                        "…\" is missing: part of the file may be missing; if you "
                        "edited it, remove its first line");
}

static unsigned long
count_own_lines(const struct ban_import *im)
{
    return im->forms[BAN_FORM_OWN].lines + im->forms[BAN_FORM_UNKNOWN].lines;
}

static void
read_end_line(struct ban_import *im, const char *count)
{
    char why[280];
    uint64_t said = 0;
    unsigned long n = count_own_lines(im) - im->above;
    im->ended = true;
    if (!im->begun || (str_to_uint(count, 0, INT64_MAX, &said) && said == n))
        return;
    str_format(why, sizeof why,
               "\"" BAN_TEXT_END "%s\": there are %lu above it: part of the file may "
               "be missing; if you edited it, remove its first line",
               SHOWN(count), n);
    im->refused++;
    tell_line_fault(im, why);
}

/* Reads the comments of the own format that tell its version and its end. */
static void
read_comment(struct ban_import *im, const char *line)
{
    static const char head[] = "# ircd bans ";
    if (strncmp(line, BAN_TEXT_END, strlen(BAN_TEXT_END)) == 0)
        read_end_line(im, line + strlen(BAN_TEXT_END));
    if (strncmp(line, head, strlen(head)) != 0)
        return;
    require_end_line(im);
    im->begun = true;
    im->ended = false;
    im->above = count_own_lines(im);
    if (strcmp(line, BAN_TEXT_HEAD) == 0)
        return;
    im->refused++;
    tell_line_fault(im,
                    "another version of this format: expected \"" BAN_TEXT_HEAD "\"");
}

static bool
begins_with_word(const char *line, const char *word)
{
    size_t n = strlen(word);
    return strncmp(line, word, n) == 0 && line[n] == ' ';
}

/* True if the first word of the line is the name of a kind of bans. */
static bool
begins_with_kind(const char *line)
{
    char set[16];
    str_format(set, sizeof set, "%.*s", (int)strcspn(line, " \t"), line);
    return ban_text_kind(set) != BAN_KINDS;
}

static void
read_own_line(struct ban_import *im, char *line)
{
    char err[320];
    struct ban_text text;
    struct ban_import_count *count =
        &im->forms[begins_with_kind(line) ? BAN_FORM_OWN : BAN_FORM_UNKNOWN];
    count->lines++;
    if (ban_text_parse(line, &text, err, sizeof err))
        take_imported_ban(im, count, &text, true);
    else
        refuse_import_line(im, count, err);
}

static void
read_foreign_line(struct ban_import *im, enum ban_form form, char *line)
{
    struct ban_foreign got;
    struct ban_import_count *count = &im->forms[form];
    enum ban_read verdict = form == BAN_FORM_CSV ? ban_foreign_csv(line, im->hint, &got)
                                                 : ban_foreign_xline(line, &got);
    count->lines += verdict != BAN_READ_NOTHING;
    if (verdict == BAN_READ_SKIPPED)
        count_skipped_line(im, count, got.skipped);
    if (verdict == BAN_READ_REFUSED)
        refuse_import_line(im, count, got.why);
    if (verdict != BAN_READ_TAKEN)
        return;
    count->cut += got.cut;
    take_imported_ban(im, count, &got.ban, false);
}

static void
read_plain_line(struct ban_import *im, char *line)
{
    struct ban_foreign got;
    struct ban_import_count *count = &im->forms[BAN_FORM_PLAIN];
    count->lines++;
    if (ban_foreign_plain(line, im->srv->wall, &got) != BAN_READ_TAKEN) {
        refuse_import_line(im, count, got.why);
        return;
    }
    count->cut += got.cut;
    take_imported_ban(im, count, &got.ban, false);
}

static void
read_import_line(struct ban_import *im, char *line)
{
    line += strspn(line, " \t");
    if (*line == '\0')
        return;
    if (*line == '#')
        read_comment(im, line);
    else if (*line == '"')
        read_foreign_line(im, BAN_FORM_CSV, line);
    else if (begins_with_word(line, "LINE") || begins_with_word(line, "VERSION"))
        read_foreign_line(im, BAN_FORM_XLINE, line);
    else if (ban_foreign_is_plain(line))
        read_plain_line(im, line);
    else
        read_own_line(im, line);
}

/* Converts a line to UTF-8 in im->text and returns its length. A line that is not UTF-8
 * is read as Latin-1, as older servers write it: each byte is one character. */
static size_t
convert_to_utf8(struct ban_import *im, const char *line, size_t len)
{
    size_t used = 0;
    bool is_utf8 = utf8_valid(line, len);
    im->latin1 += !is_utf8;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)line[i];
        if (is_utf8 || c < 0x80) {
            im->text[used++] = line[i];
            continue;
        }
        im->text[used++] = (char)(0xC0 | c >> 6);
        im->text[used++] = (char)(0x80 | (c & 0x3F));
    }
    im->text[used] = '\0';
    return used;
}

static void
refuse_unread_line(struct ban_import *im, const char *why)
{
    im->refused++;
    im->pending = 0;
    tell_line_fault(im, why);
}

/* True if the next line continues this one. Only the own format has continued lines;
 * elsewhere a backslash at the end is text. */
static bool
may_be_continued(const char *text, size_t len)
{
    return strchr("#\"", *text) == NULL && !begins_with_word(text, "LINE") &&
           ban_text_is_continued(text, len);
}

void
ban_import_line(struct ban_import *im, const char *line, size_t len, bool whole)
{
    /* a byte order mark, which some editors write */
    static const char mark[] = "\xEF\xBB\xBF";
    if (im->line++ == 0 && len >= 3 && memcmp(line, mark, 3) == 0)
        line += 3, len -= 3;
    if (len > 0 && line[len - 1] == '\r')
        len--;
    if (!whole || len > BAN_IMPORT_LINE) {
        refuse_unread_line(im, "the line is longer than 8192 bytes");
        return;
    }
    if (memchr(line, '\0', len)) {
        refuse_unread_line(im, "there is a NUL byte in the line: expected a text file");
        return;
    }
    size_t n = convert_to_utf8(im, line, len);
    if (im->pending + n > 2 * BAN_IMPORT_LINE) {
        refuse_unread_line(im, "a continued line is longer than 16384 bytes");
        return;
    }
    memcpy(im->whole + im->pending, im->text, n + 1);
    n += im->pending;
    im->pending = 0;
    if (may_be_continued(im->whole, n))
        im->pending = n - 1;
    else
        read_import_line(im, im->whole);
}

void
ban_import_end(struct ban_import *im)
{
    if (im->pending)
        refuse_unread_line(
            im, "the last line ends with a backslash, but the file ends there");
    require_end_line(im);
    if (im->last)
        enact_ban_enforce_all(im->srv);
}

/* --- report --- */

static void
append_taken(const struct ban_import_count *count, struct str *s)
{
    unsigned long all = 0;
    for (int k = 0; k < BAN_KINDS; k++)
        all += count->taken[k];
    str_addf(s, ": %lu taken", all);
    const char *before = " (";
    for (int k = 0; k < BAN_KINDS; k++) {
        if (count->taken[k] == 0)
            continue;
        str_addf(s, "%s%lu %s%s", before, count->taken[k], ban_kinds[k].name,
                 count->taken[k] == 1 ? "" : "s");
        before = ", ";
    }
    str_add(s, all ? ")" : "");
}

static void
append_count(struct str *s, unsigned long n, const char *what)
{
    if (n > 0)
        str_addf(s, ", %lu %s", n, what);
}

/* The name of a file of quoted fields tells its columns. */
static void
append_hint(struct str *s, const struct ban_import *im)
{
    if (im->hint == NULL || *im->hint == '\0')
        return;
    str_add(s, " (");
    for (const char *at = im->hint; *at; at++)
        str_addc(s, casemap_fold(*at));
    str_add(s, ".conf)");
}

/* Reports the lines of one format. True if no line was left out. */
static bool
report_form(const struct ban_import *im, enum ban_form form,
            void (*say)(void *ctx, const char *text), void *ctx)
{
    char line[1024];
    struct str s;
    const struct ban_import_count *count = &im->forms[form];
    if (count->lines == 0)
        return true;
    str_init(&s, line, sizeof line);
    str_addf(&s, "%s: %lu line%s %s", im->file, count->lines,
             count->lines == 1 ? "" : "s", form_names[form]);
    if (form == BAN_FORM_CSV)
        append_hint(&s, im);
    append_taken(count, &s);
    append_count(&s, count->replaced, "of them replaced another");
    append_count(&s, count->cut, "with a reason or a setter cut to fit");
    append_count(&s, count->same, "there already");
    append_count(&s, count->expired, "expired");
    append_count(&s, count->refused, "refused");
    say(ctx, line);
    size_t i = 0;
    for (; i < BAN_IMPORT_SKIPS && count->skipped[i].why; i++) {
        str_format(line, sizeof line, "%s: %lu skipped: %s", im->file,
                   count->skipped[i].n, count->skipped[i].why);
        say(ctx, line);
    }
    return count->refused == 0 && i == 0;
}

bool
ban_import_report(const struct ban_import *im, void (*say)(void *ctx, const char *text),
                  void *ctx)
{
    char line[512];
    bool all = im->refused == 0, any = false;
    for (int form = 0; form < BAN_FORMS; form++) {
        all &= report_form(im, (enum ban_form)form, say, ctx);
        any |= im->forms[form].lines > 0;
    }
    if (im->refused > 0)
        str_format(line, sizeof line, "%s: %lu more could not be read", im->file,
                   im->refused);
    if (im->refused > 0)
        say(ctx, line);
    if (im->latin1 > 0) {
        str_format(
            line, sizeof line,
            "%s: %lu line%s read as Latin-1, because of bytes that are not UTF-8",
            im->file, im->latin1, im->latin1 == 1 ? "" : "s");
        say(ctx, line);
    }
    if (im->examples > BAN_IMPORT_EXAMPLES) {
        str_format(line, sizeof line, "%s: %lu more refused lines are not shown",
                   im->file, im->examples - BAN_IMPORT_EXAMPLES);
        say(ctx, line);
    }
    if (!any && im->refused == 0) {
        str_format(line, sizeof line, "%s: there are no bans in it", im->file);
        say(ctx, line);
    }
    return all;
}
