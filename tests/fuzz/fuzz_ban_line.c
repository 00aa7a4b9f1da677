/* One line of a file of bans, read by each reader alone; an accepted ban is written as
 * it was read. */
#include "base/mem.h"
#include "fuzz.h"
#include "policy/ban_format/foreign.h"

#include <stdlib.h>
#include <string.h>

/* The texts on IRC about a ban, to its victim and to operators, are one line each. */
static void
is_sayable(const struct ban *ban)
{
    char words[BAN_REASON + 128];
    ban_why(ban, ban->set_at, words, sizeof words);
    MUST(strpbrk(words, "\r\n") == NULL);
    MUST(strpbrk(ban->oper_reason, "\r\n") == NULL);
    MUST(strpbrk(ban->setter, " \t\r\n") == NULL);
    MUST(strpbrk(ban->mask.text, " \t\r\n") == NULL && ban->mask.text[0] != ':');
}

static void
there_and_back(const char *text)
{
    struct ban_text a, b;
    char err[320], line[BAN_TEXT_LINE];
    if (!ban_text_parse(text, &a, err, sizeof err))
        return;
    if (a.set_at == 0) /* not given: the time of the import */
        a.set_at = 1;
    struct ban ban = {.kind = a.kind,
                      .set_at = a.set_at,
                      .until = a.until,
                      .automatic = a.automatic,
                      .reason = a.reason,
                      .oper_reason = a.oper_reason};
    mask_copy(&ban.mask, &a.mask);
    memcpy(ban.setter, a.setter, sizeof ban.setter);
    is_sayable(&ban);
    ban_text_format(&ban, false, line);
    MUST(strpbrk(line, "\r\n") == NULL);
    MUST(ban_text_parse(line, &b, err, sizeof err));
    MUST(a.kind == b.kind && a.set_at == b.set_at && a.until == b.until);
    MUST(strcmp(a.mask.text, b.mask.text) == 0 && strcmp(a.setter, b.setter) == 0);
    MUST(strcmp(a.reason, b.reason) == 0);
    MUST(strcmp(a.oper_reason, b.oper_reason) == 0);
    MUST(b.force == ban_is_broad(a.kind, &a.mask, err, sizeof err));
    for (size_t at = 0, n; line[at]; at += n) {
        n = ban_text_piece(line + at, 16 + strlen(text) % 400);
        MUST(n > 0);
    }
}

int
fuzz_ban_line(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"kline.conf", "dline.conf", "xline.conf",
                                        "resv.conf", "-"};
    struct ban_foreign got;
    char *text = xmalloc(size + 1);
    memcpy(text, data, size);
    text[size] = '\0';
    there_and_back(text);
    for (size_t i = 0; i < 5; i++) {
        memcpy(text, data, size);
        ban_foreign_csv(text, ban_foreign_hint(names[i]), &got);
    }
    memcpy(text, data, size);
    ban_foreign_xline(text, &got);
    memcpy(text, data, size);
    if (ban_foreign_is_plain(text))
        ban_foreign_plain(text, 1700000000000, &got);
    free(text);
    return 0;
}
