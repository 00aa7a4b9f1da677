/* The input of --load-bans: own and foreign forms in any mixture. Each accepted ban can
 * be written as text and read back the same, in pieces too, and is there after a
 * restart; each refused line is told. Input: a byte that picks the name of the file,
 * then the file. */
#include "base/mem.h"
#include "enact/ban_import.h"
#include "facts.h"
#include "fuzz.h"
#include "policy/ban_format/text.h"
#include "policy/policy.h"
#include "world.h"

#define FAR 253370764800000LL /* 9999-01-01; times beyond have no text */

/* A line in pieces, each but the last with a backslash behind it, joined as a reader
 * joins them. */
static void
check_pieces(const char *line, size_t max)
{
    char whole[BAN_TEXT_LINE], piece[BAN_TEXT_LINE];
    size_t n = 0;
    for (const char *at = line; *at;) {
        size_t len = ban_text_piece(at, max);
        bool more = at[len] != '\0';
        MUST(len > 0 && len + more <= max && at[0] != ' ' && at[len - 1] != ' ');
        memcpy(piece, at, len);
        piece[len] = '\\';
        MUST(ban_text_is_continued(piece, len + more) == more);
        memcpy(whole + n, piece, len);
        n += len;
        at += len;
    }
    whole[n] = '\0';
    MUST(strcmp(whole, line) == 0);
}

static void
check_ban(const struct ban *ban)
{
    char line[BAN_TEXT_LINE], err[512] = "";
    struct ban_text text;
    ban_text_format(ban, false, line);
    MUST(strlen(line) < sizeof line && strpbrk(line, "\r\n\t") == NULL);
    MUST(strstr(line, "  ") == NULL);
    if (!ban_text_parse(line, &text, err, sizeof err))
        fuzz_fail(line, err, 0);
    MUST(text.kind == ban->kind && strcmp(text.mask.text, ban->mask.text) == 0);
    MUST(text.until == ban->until && text.automatic == ban->automatic);
    MUST(ban->set_at == text.set_at);
    MUST(strcmp(text.setter, ban->setter) == 0);
    MUST(strcmp(text.reason, ban->reason) == 0);
    MUST(strcmp(text.oper_reason, ban->oper_reason) == 0);
    check_pieces(line, 16 + strlen(line) % 64);
}

static void
said(void *ctx, const char *text)
{
    unsigned *n = ctx;
    MUST(text[0] != '\0' && strpbrk(text, "\r\n") == NULL);
    ++*n;
}

static void
load(struct world *w, const char *file, const uint8_t *bytes, size_t n)
{
    static struct ban_import im;
    unsigned told = 0;
    ban_import_init(&im, w->srv, file);
    im.fault = said;
    im.ctx = &told;
    while (n > 0) {
        const uint8_t *lf = memchr(bytes, '\n', n);
        size_t len = lf ? (size_t)(lf - bytes) : n;
        bool whole = len <= BAN_IMPORT_LINE;
        /* A block of exactly this length, for the sanitizers. */
        char *line = memcpy(xmalloc(len + 1), bytes, len);
        ban_import_line(&im, line, whole ? len : BAN_IMPORT_LINE, whole);
        free(line);
        len += lf != NULL;
        bytes += len;
        n -= len;
    }
    ban_import_end(&im);
    unsigned before = told;
    ban_import_report(&im, said, &told);
    MUST(told > before);
}

int
fuzz_ban_text(const uint8_t *bytes, size_t n)
{
    static const char *const files[] = {"bans.txt",   "kline.conf", "dline.conf",
                                        "xline.conf", "resv.conf",  "xline.db"};
    struct world *w = world_new(world_easy);
    if (n > 0)
        load(w, files[bytes[0] % 6], bytes + 1, n - 1);
    session_check(w->srv);
    for (const struct ban *b = w->srv->policy->bans; b; b = b->hh.next)
        if (b->until < FAR && b->set_at < FAR)
            check_ban(b);
    uint64_t sum = facts_sum(w->srv);
    world_restart(w, world_easy);
    MUST(sum == facts_sum(w->srv));
    world_free(w);
    return 0;
}
