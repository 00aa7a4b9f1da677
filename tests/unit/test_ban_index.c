/* The match index compared with a walk over all masks, on random masks and subjects. */
#include "base/mem.h"
#include "base/str.h"
#include "dice.h"
#include "policy/ban/index.h"
#include "test.h"

#define MASKS 400
#define SUBJECTS 1000

struct entry {
    struct ban_indexed indexed;
    struct mask mask;
    bool in;
    int asked; /* the last question for which it was counted */
};

static uint64_t seed = 7;

static const char *
random_mask(char *out, size_t size)
{
    static const char *const hosts[] = {
        "*.b.c.cloak", "a.b.c.cloak", "*.c.cloak", "*b*",
        "?.b.c.cloak", "*.cloak",     "192.0.2.*", "*"};
    unsigned a = dice(&seed, 4), b = dice(&seed, 8);
    switch (dice(&seed, 5)) {
    case 0:
        str_format(out, size, "u%u@192.0.%u.%u", dice(&seed, 3), a, b);
        break;
    case 1:
        str_format(out, size, "*@192.0.%u.%u/%u", a, b, 8 + dice(&seed, 25));
        break;
    case 2:
        str_format(out, size, "*@2001:db8:%u::%u/%u", a, b, 20 + dice(&seed, 109));
        break;
    case 3:
        str_format(out, size, "n%u!*@%s", dice(&seed, 3), hosts[dice(&seed, 8)]);
        break;
    default:
        str_format(out, size, "u%u@%s", dice(&seed, 3), hosts[dice(&seed, 8)]);
        break;
    }
    return out;
}

struct random_subject {
    char nick[8], user[8], host[64], address[ADDR_TEXT];
    struct addr addr;
    struct mask_subject is;
};

static void
random_subject(struct random_subject *s)
{
    static const char *const hosts[] = {"a.b.c.cloak", "A.B.C.CLOAK", "x.b.c.cloak",
                                        "x.y.c.cloak", "x.y.z.cloak", "cloak"};
    char text[ADDR_TEXT];
    if (dice(&seed, 2))
        str_format(text, sizeof text, "192.0.%u.%u", dice(&seed, 4), dice(&seed, 8));
    else
        str_format(text, sizeof text, "2001:db8:%u::%u", dice(&seed, 4),
                   dice(&seed, 8));
    CU_ASSERT_FATAL(addr_parse(text, &s->addr));
    addr_format(&s->addr, s->address, sizeof s->address);
    str_format(s->nick, sizeof s->nick, "n%u", dice(&seed, 3));
    str_format(s->user, sizeof s->user, "u%u", dice(&seed, 3));
    str_format(s->host, sizeof s->host, "%s",
               dice(&seed, 3) ? hosts[dice(&seed, 6)] : s->address);
    s->is =
        (struct mask_subject){.nick = s->nick,
                              .user = s->user,
                              .host = s->host,
                              .address = s->address,
                              .cloak = dice(&seed, 2) ? hosts[dice(&seed, 6)] : NULL,
                              .addr = &s->addr};
}

struct seen {
    const struct mask_subject *subject;
    unsigned matched;
    int question;
};

static bool
judge(void *ctx, struct ban_indexed *entry)
{
    struct seen *seen = ctx;
    struct entry *e = LIST_ENTRY(entry, struct entry, indexed);
    /* A suffix that host and cloak share comes twice. */
    if (e->asked != seen->question)
        seen->matched += mask_match(&e->mask, seen->subject);
    e->asked = seen->question;
    return false;
}

static bool
judge_text(void *ctx, struct ban_indexed *entry)
{
    struct seen *seen = ctx;
    struct entry *e = LIST_ENTRY(entry, struct entry, indexed);
    if (e->asked != seen->question)
        seen->matched += mask_glob(e->mask.host, seen->subject->host);
    e->asked = seen->question;
    return false;
}

static unsigned
by_walk(const struct entry *all, const struct mask_subject *subject)
{
    unsigned n = 0;
    for (int i = 0; i < MASKS; i++)
        n += all[i].in && mask_match(&all[i].mask, subject);
    return n;
}

static void
toggle(struct ban_index *index, const struct hash_key *key, struct entry *e)
{
    char text[MASK_TEXT], err[200];
    if (e->in) {
        ban_index_remove(index, &e->indexed);
    } else {
        CU_ASSERT_FATAL(mask_parse_strict(random_mask(text, sizeof text), &e->mask, err,
                                          sizeof err));
        ban_index_add(index, key, &e->mask, &e->indexed);
    }
    e->in = !e->in;
}

/* Adding, removing and asking in any order: 1e5 questions, and each mask is found
 * exactly once. */
static void
the_index_finds_what_a_walk_finds(void)
{
    struct entry *all = xcalloc(MASKS, sizeof *all);
    struct hash_key key = {{42}};
    struct ban_index index;
    int question = 0;
    struct random_subject s;
    ban_index_init(&index);
    for (int round = 0; round < 100; round++) {
        for (int i = 0; i < 50; i++)
            toggle(&index, &key, &all[dice(&seed, MASKS)]);
        for (int i = 0; i < SUBJECTS; i++) {
            random_subject(&s);
            struct seen seen = {&s.is, 0, ++question};
            ban_index_find(&index, &key, &s.is, judge, &seen);
            unsigned want = by_walk(all, &s.is);
            if (seen.matched != want)
                EQUAL_NUMBER(seen.matched, want);
        }
    }
    for (int i = 0; i < MASKS; i++)
        if (all[i].in)
            toggle(&index, &key, &all[i]);
    CU_ASSERT(index.buckets == NULL && list_empty(&index.rest));
    EQUAL_NUMBER(index.hosts + index.suffixes, 0);
    free(all);
}

/* So many masks that prefixes share places in the filter: when one is removed, the
 * others stay. */
static void
prefixes_may_share_a_place_in_the_filter(void)
{
    enum { PREFIXES = 30000 };
    struct entry *all = xcalloc(PREFIXES, sizeof *all);
    struct hash_key key = {{42}};
    struct ban_index index;
    char text[MASK_TEXT], err[200];
    int wrong = 0;
    ban_index_init(&index);
    for (unsigned i = 0; i < PREFIXES; i++) {
        str_format(text, sizeof text, i % 2 ? "*@10.%d.%d.%d" : "*@2001:db8:%d:%d::%d",
                   (int)(i / 10000), (int)(i / 100 % 100), (int)(i % 100));
        CU_ASSERT_FATAL(mask_parse_strict(text, &all[i].mask, err, sizeof err));
        ban_index_add(&index, &key, &all[i].mask, &all[i].indexed);
    }
    for (unsigned i = 0; i < PREFIXES; i += 3)
        ban_index_remove(&index, &all[i].indexed);
    for (unsigned i = 0; i < PREFIXES; i++) {
        struct addr addr = all[i].mask.prefix.addr;
        struct mask_subject s = {
            .nick = "", .user = "", .host = "", .address = "", .addr = &addr};
        struct seen seen = {&s, 0, (int)i + 1};
        ban_index_find(&index, &key, &s, judge, &seen);
        wrong += seen.matched != (i % 3 != 0);
    }
    EQUAL_NUMBER(wrong, 0);
    for (unsigned i = 0; i < PREFIXES; i++)
        if (i % 3)
            ban_index_remove(&index, &all[i].indexed);
    CU_ASSERT(index.buckets == NULL && index.filter == NULL);
    free(all);
}

/* Bans of one text (nicks, channels, real names): each is a glob, and a subject has
 * only a host. */
static const char *
random_word(bool wild, char *out, size_t size)
{
    static const char letters[] = "abB.# *?";
    struct str s;
    str_init(&s, out, size);
    for (unsigned n = 1 + dice(&seed, 4); n > 0; n--)
        str_addc(&s, letters[dice(&seed, wild ? 8 : 6)]);
    return out;
}

static void
the_index_finds_globs_of_one_text(void)
{
    struct entry *all = xcalloc(MASKS, sizeof *all);
    struct hash_key key = {{42}};
    struct ban_index index;
    char text[8];
    int matched = 0;
    ban_index_init(&index);
    for (int i = 0; i < MASKS; i++) {
        random_word(dice(&seed, 2), text, sizeof text);
        CU_ASSERT_FATAL(mask_from_glob(text, text, &all[i].mask));
        ban_index_add(&index, &key, &all[i].mask, &all[i].indexed);
        all[i].in = true;
    }
    for (int i = 1; i <= 20000; i++) {
        struct mask_subject s = {.nick = "", .user = "", .host = text};
        struct seen seen = {&s, 0, i};
        unsigned want = 0;
        random_word(false, text, sizeof text);
        for (int m = 0; m < MASKS; m++)
            want += mask_glob(all[m].mask.host, text);
        ban_index_find(&index, &key, &s, judge_text, &seen);
        if (seen.matched != want)
            EQUAL_NUMBER(seen.matched, want);
        matched += want > 0;
    }
    CU_ASSERT(matched > 1000 && matched <= 20000);
    for (int i = 0; i < MASKS; i++)
        ban_index_remove(&index, &all[i].indexed);
    CU_ASSERT(index.buckets == NULL && list_empty(&index.rest));
    free(all);
}

SUITE(ban_index)
{
    TEST(the_index_finds_globs_of_one_text);
    TEST(the_index_finds_what_a_walk_finds);
    TEST(prefixes_may_share_a_place_in_the_filter);
}
