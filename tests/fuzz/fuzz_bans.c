/* Files of bans: lines of every form, and that what was taken is written as it was
 * read. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "policy/ban_foreign.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
there_and_back(const char *text)
{
    struct ban_text a, b;
    char err[320], line[BAN_TEXT_LINE];
    if (!ban_text_parse(text, &a, err, sizeof err))
        return;
    struct ban ban = {.kind = a.kind,
                      .set_at = a.set_at,
                      .until = a.until,
                      .automatic = a.automatic,
                      .reason = a.reason,
                      .oper_reason = a.oper_reason};
    mask_copy(&ban.mask, &a.mask);
    memcpy(ban.setter, a.setter, sizeof ban.setter);
    ban_text_format(&ban, line);
    assert(ban_text_parse(line, &b, err, sizeof err));
    assert(a.kind == b.kind && a.set_at == b.set_at && a.until == b.until);
    assert(strcmp(a.mask.text, b.mask.text) == 0 && strcmp(a.setter, b.setter) == 0);
    assert(strcmp(a.reason, b.reason) == 0);
    assert(strcmp(a.oper_reason, b.oper_reason) == 0);
    for (size_t at = 0, n; line[at]; at += n) {
        n = ban_text_piece(line + at, 16 + strlen(text) % 400);
        assert(n > 0);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"kline.conf", "dline.conf", "xline.conf",
                                        "resv.conf", "-"};
    struct ban_foreign got;
    char *text = malloc(size + 1);
    memcpy(text, data, size);
    text[size] = '\0';
    there_and_back(text);
    for (size_t i = 0; i < 5; i++) {
        memcpy(text, data, size);
        ban_foreign_csv(text, ban_foreign_hint(names[i]), &got);
    }
    memcpy(text, data, size);
    ban_foreign_xline(text, &got);
    free(text);
    return 0;
}
