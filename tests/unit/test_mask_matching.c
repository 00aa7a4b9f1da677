/* Masks, prefixes and the match index compared with a second implementation.
 *
 * The second one knows the meaning of each mask from how it was made, not from its
 * text: it compares addresses bit by bit, globs by a table of all splits, and walks
 * over every mask. So parser, canonical form, matcher and index are all tested.
 * IRCD_TEST_MATCH_SEED in the environment gives another run; a failure names the seed.
 */
#include "base/mem.h"
#include "base/str.h"
#include "dice.h"
#include "policy/ban/index.h"
#include "test.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#define ROUNDS 100
#define PEOPLE 40     /* the subjects for which masks are made */
#define MASKS 60      /* in the index at a time */
#define SUBJECTS 1000 /* questions a round: 1e5 in all */
#define FIELD 48

struct person {
    char nick[FIELD], user[FIELD], host[FIELD], cloak[FIELD], address[ADDR_TEXT];
    struct addr addr;
};

/* The intended meaning of a mask. */
struct meant {
    struct ban_indexed indexed;
    struct mask mask; /* the result of the parser */
    char text[MASK_TEXT];
    char nick[FIELD], user[FIELD], host[FIELD];
    bool is_prefix;
    struct addr net;
    unsigned bits; /* of 128 */
    int asked;     /* the last question for which it was found */
};

static uint64_t first_seed, state;

static void
begin(void)
{
    const char *given = getenv("IRCD_TEST_MATCH_SEED");
    first_seed = state = given ? strtoull(given, NULL, 0) : 20261122;
}

/* Returns whether it held; if not, prints the mask and the subject. */
static bool
holds(bool ok, const char *what, const char *mask, const char *subject)
{
    if (!ok)
        printf("\n    %s: \"%s\" against \"%s\"; IRCD_TEST_MATCH_SEED=%llu\n", what,
               mask, subject, (unsigned long long)first_seed);
    return ok;
}

/* --- the second matcher ---------------------------------------------------------- */

static char
lower(char c)
{
    static const char upper[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const char *at = c ? strchr(upper, c) : NULL;
    return at ? "abcdefghijklmnopqrstuvwxyz"[at - upper] : c;
}

/* reach[i]: the glob so far matches the first i bytes of the text. */
static bool
brute_glob(const char *glob, const char *text)
{
    bool reach[MASK_TEXT] = {true};
    size_t n = strlen(text);
    for (; *glob; glob++) {
        for (size_t i = 1; *glob == '*' && i <= n; i++)
            reach[i] = reach[i] || reach[i - 1];
        for (size_t i = n; *glob != '*' && i > 0; i--)
            reach[i] =
                reach[i - 1] && (*glob == '?' || lower(*glob) == lower(text[i - 1]));
        reach[0] = reach[0] && *glob == '*';
    }
    return reach[n];
}

static unsigned
bit(const struct addr *a, unsigned i)
{
    return a->ip[i / 8] >> (7 - i % 8) & 1u;
}

/* ::ffff:0:0/96 */
static bool
brute_v4(const struct addr *a)
{
    for (unsigned i = 0; i < 96; i++)
        if (bit(a, i) != (i >= 80))
            return false;
    return true;
}

static bool
brute_prefix(const struct addr *net, unsigned bits, const struct addr *a)
{
    for (unsigned i = 0; i < bits; i++)
        if (bit(net, i) != bit(a, i))
            return false;
    return bits >= 96 || !brute_v4(a);
}

static bool
brute_match(const struct meant *m, const struct person *p)
{
    if (!brute_glob(m->nick, p->nick) || !brute_glob(m->user, p->user))
        return false;
    if (m->is_prefix)
        return brute_prefix(&m->net, m->bits, &p->addr);
    return brute_glob(m->host, p->host) || brute_glob(m->host, p->address) ||
           (p->cloak[0] && brute_glob(m->host, p->cloak));
}

/* --- subjects and masks of them ----------------------------------------------------
 */

static void
random_addr(struct addr *a)
{
    char text[ADDR_TEXT];
    if (dice(&state, 3))
        str_format(text, sizeof text, "%u.%u.%u.%u", 192 + dice(&state, 2),
                   dice(&state, 3), dice(&state, 4), dice(&state, 256));
    else
        str_format(text, sizeof text, "2001:db8:%x:%x::%x", dice(&state, 4),
                   dice(&state, 3), dice(&state, 300));
    CU_ASSERT_FATAL(addr_parse(text, a));
}

static void
random_person(struct person *p)
{
    static const char *const tails[] = {"example.net", "dsl.isp.example", "b.c.cloak",
                                        "b.d.cloak"};
    static const char *const nicks[] = {"alice", "Bot", "spam[x]", "\\o", "a", "Zoe|w"};
    random_addr(&p->addr);
    addr_format(&p->addr, p->address, sizeof p->address);
    str_format(p->nick, sizeof p->nick, "%s%u", nicks[dice(&state, 6)],
               dice(&state, 30));
    str_format(p->user, sizeof p->user, "%s%u", dice(&state, 2) ? "user" : "Ident",
               dice(&state, 4));
    str_format(p->host, sizeof p->host, "h%u.%s", dice(&state, 9),
               tails[dice(&state, 4)]);
    str_format(p->cloak, sizeof p->cloak, "%x.%s", dice(&state, 4096),
               tails[2 + dice(&state, 2)]);
    if (dice(&state, 3) == 0)
        memcpy(p->host, p->address, sizeof p->address);
    if (dice(&state, 3) == 0)
        p->cloak[0] = '\0';
    if (p->cloak[0] && dice(&state, 2))
        memcpy(p->host, p->cloak, sizeof p->host);
}

static void
flip_case(char *text)
{
    for (; *text; text++) {
        bool letter = lower(*text) != *text || (*text >= 'a' && *text <= 'z');
        if (letter && dice(&state, 4) == 0)
            *text = (char)(*text ^ 0x20);
    }
}

/* Puts a wildcard somewhere in the place of nothing, a byte, or all of one side. */
static void
put_wildcard(char *text, size_t size)
{
    char copy[FIELD];
    size_t n = strlen(text), at = dice(&state, (unsigned)n + 1), over = dice(&state, 3);
    str_format(copy, sizeof copy, "%s", text);
    if (at < n && dice(&state, 3) == 0) {
        text[at] = '?';
        return;
    }
    if (dice(&state, 4) == 0)
        over = n - at; /* "192.0.*" */
    else if (dice(&state, 3) == 0)
        at = 0, over = dice(&state, (unsigned)n + 1); /* "*.example.net" */
    if (over > n - at)
        over = n - at;
    str_format(text, size, "%.*s*%s", (int)at, copy, copy + at + over);
}

static void
mutate(char *text, size_t size)
{
    if (dice(&state, 3) == 0)
        flip_case(text);
    for (unsigned times = dice(&state, 4); times > 0; times--)
        put_wildcard(text, size);
}

/* An address in one of the spellings that a user may type. */
static void
spell(const struct addr *a, char *out, size_t size)
{
    const uint8_t *b = a->ip;
    bool v4 = brute_v4(a);
    if (v4 && dice(&state, 2))
        str_format(out, size, "%u.%u.%u.%u", b[12], b[13], b[14], b[15]);
    else if (v4 && dice(&state, 2))
        str_format(out, size, "::%s:%u.%u.%u.%u", dice(&state, 2) ? "ffff" : "FFFF",
                   b[12], b[13], b[14], b[15]);
    else if (v4 || dice(&state, 2))
        str_format(out, size, "%x:%04X:%x:%x:%x:%X:%02x%02x:%02X%02x", b[0] << 8 | b[1],
                   b[2] << 8 | b[3], b[4] << 8 | b[5], b[6] << 8 | b[7],
                   b[8] << 8 | b[9], b[10] << 8 | b[11], b[12], b[13], b[14], b[15]);
    else
        addr_format(a, out, size);
}

/* A prefix around the address of a subject; half of the time its length is at the
 * border of a byte. One flipped bit is just inside or just outside of it. */
static void
make_prefix(struct meant *m, const struct person *of, char *host, size_t size)
{
    char text[ADDR_TEXT];
    bool v4 = brute_v4(&of->addr);
    unsigned least = v4 ? 96 : 0, bits = least + dice(&state, 129 - least);
    if (dice(&state, 2))
        bits = least + bits % (129 - least) / 8 * 8;
    unsigned flip = dice(&state, 3) ? bits : bits - 1;
    m->is_prefix = true;
    m->net = of->addr;
    m->bits = bits;
    if (flip >= least && flip < 128 && dice(&state, 2))
        m->net.ip[flip / 8] ^= (uint8_t)(0x80 >> flip % 8);
    if (brute_v4(&m->net) != v4)
        /* The address changed its family, so the length means something else. */
        m->net = of->addr;
    spell(&m->net, text, sizeof text);
    bool dotted = strchr(text, ':') == NULL;
    if (bits == 128 && dice(&state, 2))
        str_format(host, size, "%s", text);
    else
        str_format(host, size, "%s/%u", text, dotted ? bits - 96 : bits);
}

/* The text has the meaning of the fields. */
static void
make_mask(struct meant *m, const struct person *of)
{
    char host[MASK_TEXT];
    const char *texts[] = {of->host, of->address, of->cloak};
    m->is_prefix = false;
    str_format(m->nick, sizeof m->nick, "%s", dice(&state, 3) ? "*" : of->nick);
    str_format(m->user, sizeof m->user, "%s", dice(&state, 3) ? "*" : of->user);
    mutate(m->nick, sizeof m->nick);
    mutate(m->user, sizeof m->user);
    str_format(m->host, sizeof m->host, "%s",
               texts[dice(&state, of->cloak[0] ? 3 : 2)]);
    mutate(m->host, sizeof m->host);
    bool wild = strpbrk(m->host, "*?") != NULL;
    struct addr whole;
    if (dice(&state, 3) == 0 || (!wild && addr_parse(m->host, &whole)))
        make_prefix(m, of, host, sizeof host);
    else
        str_format(host, sizeof host, "%s%s", m->host,
                   !wild && dice(&state, 4) == 0 ? "." : "");
    if (strcmp(m->nick, "*") == 0 && dice(&state, 2))
        str_format(m->text, sizeof m->text, "%s@%s", m->user, host);
    else
        str_format(m->text, sizeof m->text, "%s!%s@%s", m->nick, m->user, host);
}

/* --- the comparison -------------------------------------------------------------- */

static struct mask_subject
subject_of(const struct person *p)
{
    return (struct mask_subject){.nick = p->nick,
                                 .user = p->user,
                                 .host = p->host,
                                 .address = p->address,
                                 .cloak = p->cloak[0] ? p->cloak : NULL,
                                 .addr = &p->addr};
}

struct asking {
    const struct person *who;
    struct mask_subject subject;
    int question;
    unsigned found;
};

static bool
judge(void *ctx, struct ban_indexed *entry)
{
    struct asking *q = ctx;
    struct meant *m = LIST_ENTRY(entry, struct meant, indexed);
    if (m->asked != q->question)
        q->found += mask_match(&m->mask, &q->subject);
    m->asked = q->question;
    return false;
}

/* Compares the verdict of each mask, and the masks that the index finds. Returns how
 * many matched. */
static unsigned
ask(const struct ban_index *index, const struct hash_key *key, struct meant *all,
    const struct person *p, int question)
{
    struct asking q = {p, subject_of(p), question, 0};
    unsigned want = 0;
    for (int i = 0; i < MASKS; i++) {
        bool brute = brute_match(&all[i], p);
        want += brute;
        if (!holds(mask_match(&all[i].mask, &q.subject) == brute,
                   brute ? "does not match" : "matches", all[i].text, p->address))
            CU_FAIL("mask_match differs from the second matcher");
    }
    ban_index_find(index, key, &q.subject, judge, &q);
    if (!holds(q.found == want, "the index finds another number", p->host, p->nick))
        EQUAL_NUMBER(q.found, want);
    return want;
}

static void
parse(struct meant *m)
{
    struct mask again;
    char err[200] = "", canonical[MASK_TEXT];
    bool ok = mask_parse_strict(m->text, &m->mask, err, sizeof err);
    CU_ASSERT_FATAL(holds(ok, err, m->text, ""));
    str_format(canonical, sizeof canonical, "%s", m->mask.text);
    ok = mask_parse_strict(canonical, &again, err, sizeof err);
    CU_ASSERT_FATAL(holds(ok, err, canonical, m->text));
    EQUAL_TEXT(again.text, canonical);
    if (m->mask.is_prefix && strchr(m->host, ':') && strpbrk(m->host, "*?")) {
        /* A glob over IPv6 with this meaning: see test_addr_glob.c. */
        m->is_prefix = true;
        m->net = m->mask.prefix.addr;
        m->bits = m->mask.prefix.bits;
    }
    EQUAL_NUMBER(m->mask.is_prefix, m->is_prefix);
}

static void
masks_match_as_a_second_matcher_says(void)
{
    struct person *people = xcalloc(PEOPLE, sizeof *people);
    struct meant *all = xcalloc(MASKS, sizeof *all);
    struct hash_key key = {{7}};
    struct ban_index index;
    unsigned matched = 0;
    begin();
    ban_index_init(&index);
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < PEOPLE; i++)
            random_person(&people[i]);
        for (int i = 0; i < MASKS; i++) {
            make_mask(&all[i], &people[dice(&state, PEOPLE)]);
            parse(&all[i]);
            ban_index_add(&index, &key, &all[i].mask, &all[i].indexed);
        }
        for (int i = 1; i <= SUBJECTS; i++) {
            struct person p = people[dice(&state, PEOPLE)];
            flip_case(p.nick);
            flip_case(p.host);
            matched += ask(&index, &key, all, &p, round * SUBJECTS + i);
        }
        for (int i = 0; i < MASKS; i++)
            ban_index_remove(&index, &all[i].indexed);
    }
    /* Otherwise the run would prove little: both answers are frequent. */
    CU_ASSERT(matched > ROUNDS * SUBJECTS && matched < ROUNDS * SUBJECTS * MASKS / 2);
    CU_ASSERT(index.buckets == NULL && index.filter == NULL && list_empty(&index.rest));
    free(people);
    free(all);
}

/* A mask of a channel with the same text has the same meaning. */
static void
channel_masks_match_as_a_second_matcher_says(void)
{
    struct person p;
    struct meant m;
    struct mask loose;
    unsigned matched = 0;
    begin();
    for (int i = 0; i < 100000; i++) {
        random_person(&p);
        make_mask(&m, &p);
        if (dice(&state, 3) == 0)
            random_person(&p);
        struct mask_subject s = subject_of(&p);
        bool brute = brute_match(&m, &p);
        CU_ASSERT_FATAL(mask_parse_loose(m.text, &loose));
        if (!holds(mask_match(&loose, &s) == brute, "loose", m.text, p.address))
            CU_FAIL("a channel's mask differs from the second matcher");
        matched += brute;
    }
    CU_ASSERT(matched > 20000 && matched < 80000);
}

/* --- addresses compared with the C library ---------------------------------------- */

/* Forms that inet_pton accepts and this server does not: "compatible" addresses with a
 * dotted end. */
static bool
library_parse(const char *text, struct addr *out)
{
    static const uint8_t zero[12];
    if (strchr(text, ':') == NULL) {
        memset(out->ip, 0, 10);
        memset(out->ip + 10, 0xff, 2);
        return inet_pton(AF_INET, text, out->ip + 12) == 1;
    }
    return inet_pton(AF_INET6, text, out->ip) == 1 &&
           !(strchr(text, '.') && memcmp(out->ip, zero, sizeof zero) == 0);
}

static void
scratch(char *text, size_t size)
{
    static const char bytes[] = "0123456789abcfF:.:. x/%";
    char copy[64];
    size_t n = strlen(text), at = dice(&state, (unsigned)n + 1);
    str_format(copy, sizeof copy, "%s", text);
    char put[2] = {bytes[dice(&state, sizeof bytes - 1)], 0};
    str_format(text, size, "%.*s%s%s", (int)at, copy, dice(&state, 3) ? put : "",
               copy + (at < n && dice(&state, 2) ? at + 1 : at));
}

static void
addresses_are_read_as_the_library_reads_them(void)
{
    unsigned good = 0;
    begin();
    for (int i = 0; i < 100000; i++) {
        struct addr a, got, want;
        char text[64], canonical[ADDR_TEXT];
        random_addr(&a);
        for (unsigned k = dice(&state, 2) ? 0 : dice(&state, 16); k > 0; k--)
            a.ip[dice(&state, 16)] = dice(&state, 2) ? 0 : (uint8_t)dice(&state, 256);
        spell(&a, text, sizeof text);
        for (unsigned k = dice(&state, 3); k > 0; k--)
            scratch(text, sizeof text);
        bool ok = library_parse(text, &want);
        if (!holds(addr_parse(text, &got) == ok, ok ? "refused" : "taken", text, ""))
            CU_FAIL("addr_parse differs from inet_pton");
        if (!ok)
            continue;
        good++;
        if (!holds(addr_equal(&got, &want), "read as another", text, ""))
            CU_FAIL("addr_parse differs from inet_pton");
        addr_format(&got, canonical, sizeof canonical);
        if (!holds(addr_parse(canonical, &want) && addr_equal(&got, &want),
                   "written as another", text, canonical))
            CU_FAIL("addr_format does not read back");
    }
    CU_ASSERT(good > 30000 && good < 90000);
}

SUITE(mask_matching)
{
    TEST(masks_match_as_a_second_matcher_says);
    TEST(channel_masks_match_as_a_second_matcher_says);
    TEST(addresses_are_read_as_the_library_reads_them);
}
