/* Masks: a listed mask can be set again and means the same, and the matcher agrees with
 * one that tries everything. Input, a line each: mask, nick, user, host, address. */
#include "base/addr.h"
#include "fuzz.h"
#include "proto/casemap.h"
#include "proto/extban.h"
#include "proto/mask.h"

#include <stdlib.h>
#include <string.h>

enum { TRIED = 200 }; /* bytes of a glob and of a text that are tried in full */

/* All meanings of a glob, row by row. */
static bool
glob_plain(const char *glob, const char *text)
{
    bool row[TRIED + 1] = {true}, next[TRIED + 1];
    size_t n = strlen(text);
    for (; *glob; glob++) {
        next[0] = row[0] && *glob == '*';
        for (size_t i = 1; i <= n; i++) {
            bool same =
                *glob == '?' || casemap_fold(*glob) == casemap_fold(text[i - 1]);
            next[i] = *glob == '*' ? row[i] || next[i - 1] : row[i - 1] && same;
        }
        memcpy(row, next, sizeof row);
    }
    return row[n];
}

static void
check_glob(const char *glob, const char *text)
{
    if (strlen(glob) <= TRIED && strlen(text) <= TRIED)
        MUST(mask_glob(glob, text) == glob_plain(glob, text));
    else
        mask_glob(glob, text);
}

static bool
same_bits(const uint8_t *a, const uint8_t *b, unsigned bits)
{
    for (unsigned i = 0; i < bits; i++)
        if ((a[i / 8] ^ b[i / 8]) >> (7 - i % 8) & 1)
            return false;
    return true;
}

static void
check_addr(const char *text, const struct prefix *p)
{
    struct addr addr, again;
    char out[ADDR_TEXT];
    if (!addr_parse(text, &addr))
        return;
    addr_format(&addr, out, sizeof out);
    MUST(addr_parse(out, &again) && addr_equal(&addr, &again));
    MUST(addr_is_v4(&addr) == (strchr(out, ':') == NULL));
    if (p != NULL) {
        bool families = addr_is_v4(&addr) == (p->bits >= 96 && addr_is_v4(&p->addr));
        MUST(prefix_match(p, &addr) ==
             (families && same_bits(addr.ip, p->addr.ip, p->bits)));
    }
}

static void
check_prefix(const char *text, const char *address)
{
    struct prefix p, again;
    char out[PREFIX_TEXT], err[256] = "";
    if (!prefix_parse(text, &p, err, sizeof err)) {
        MUST(err[0] != '\0');
        check_addr(address, NULL);
        return;
    }
    prefix_format(&p, out, sizeof out);
    MUST(prefix_parse(out, &again, err, sizeof err));
    MUST(addr_equal(&p.addr, &again.addr) && p.bits == again.bits);
    MUST(prefix_match(&p, &p.addr) || p.bits < 96);
    check_addr(address, &p);
}

/* The matcher and the trial of everything agree on this subject. */
static void
check_match(const struct mask *m, const struct mask *again,
            const struct mask_subject *s)
{
    bool matched = mask_match(m, s);
    MUST(matched == mask_match(again, s));
    if (strlen(m->host) > TRIED || m->is_prefix)
        return;
    bool host = glob_plain(m->host, s->host) || glob_plain(m->host, s->address);
    MUST(matched ==
         (host && mask_glob(m->nick, s->nick) && mask_glob(m->user, s->user)));
}

static void
check_masks(const char *text, const struct mask_subject *s)
{
    struct mask m, again;
    struct extban ban, ban_again;
    const char *why = NULL;
    char err[256] = "";
    if (mask_parse_strict(text, &m, err, sizeof err)) {
        MUST(mask_parse_strict(m.text, &again, err, sizeof err));
        MUST(strcmp(m.text, again.text) == 0);
        check_match(&m, &again, s);
    } else {
        MUST(err[0] != '\0');
    }
    if (mask_parse_loose(text, &m)) {
        MUST(mask_parse_loose(m.text, &again));
        MUST(strcmp(m.text, again.text) == 0 && m.text[0] != ':');
        check_match(&m, &again, s);
        MUST(mask_literals(&m) <= strlen(m.text));
    }
    if (!extban_parse(text, &ban, &why)) {
        MUST(why != NULL && why[0] != '\0');
        return;
    }
    MUST(extban_parse(ban.mask.text, &ban_again, &why));
    MUST(strcmp(ban.mask.text, ban_again.mask.text) == 0);
    MUST(strchr(ban.mask.text, ' ') == NULL && ban.mask.text[0] != ':');
    MUST(ban.kind == ban_again.kind && ban.mute == ban_again.mute &&
         ban.length == ban_again.length);
}

int
fuzz_mask(const uint8_t *bytes, size_t n)
{
    struct fuzz_input in = {bytes, bytes + n};
    char *words[5], address[ADDR_TEXT];
    struct addr addr;
    for (int i = 0; i < 5; i++) {
        words[i] = fuzz_line(&in);
        if (i > 0 && strlen(words[i]) > TRIED)
            words[i][TRIED] = '\0';
    }
    if (!addr_parse(words[4], &addr))
        addr_parse("192.0.2.7", &addr);
    addr_format(&addr, address, sizeof address);
    struct mask_subject s = {.nick = words[1],
                             .user = words[2],
                             .host = words[3],
                             .address = address,
                             .addr = &addr};
    check_glob(words[0], words[3]);
    check_prefix(words[0], words[4]);
    check_masks(words[0], &s);
    for (int i = 0; i < 5; i++)
        free(words[i]);
    return 0;
}
