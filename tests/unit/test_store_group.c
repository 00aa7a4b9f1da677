/* Groups of puts: wherever the process dies, either all records of an act are stored,
 * or none is. Each case is done again and again, and cut after each step. */
#include "base/hash.h"
#include "policy/host.h"
#include "state/store_ram.h"
#include "world.h"

/* The content of a store, whatever the order. */
struct content {
    size_t n;
    uint64_t sum;
};

static struct world *w;
static struct actor *ann, *root;

static void
add_record(void *ctx, const void *key, size_t key_len, const void *value, size_t n)
{
    struct content *c = ctx;
    uint32_t crc = hash_crc32(hash_crc32(0, key, key_len), "\xff", 1);
    c->n++;
    c->sum += (uint64_t)hash_crc32(crc, value, n) * (key_len + 1);
}

static struct content
content_of_store(void)
{
    struct content c = {0};
    store_each(w->store, add_record, &c);
    return c;
}

static bool
is_equal(struct content a, struct content b)
{
    return a.n == b.n && a.sum == b.sum;
}

static const struct group_case {
    const char *before[6]; /* the first lines of ann and root: "a:…", "r:…" */
    const char *act;
} cases[] = {
    {{"a:MODE #p +bbeIk x y z i key", "a:TOPIC #p :tea"}, "r:MODE #p +P"},
    {{"a:MODE #p +bbeI x y z i", "r:MODE #p +P"}, "r:MODE #p -P"},
    {{"r:MODE #p +P"}, "a:MODE #p +bbek x y z key"},
    {{"r:MODE #p +P", "a:MODE #p +bbek x y z key"}, "a:MODE #p -be+l x z 9"},
    {{"r:MODE #p +P", "a:MODE #p +bb x y", "a:TOPIC #p :tea"}, "r:RENAME #p #new"},
    {{"r:MODE #p +P", "a:JOIN #q", "r:MODE #q +P", "a:MODE #q +f #p"},
     "r:RENAME #p #new"},
    {{"r:MODE #p +P", "a:JOIN #q", "a:MODE #p +f #q"}, "r:RENAME #p #q2"},
    {{0}, "r:STRIKE 192.0.2.7 5 :so it is"},
    {{"r:STRIKE 192.0.2.7 3"}, "r:STRIKE 192.0.2.7 5 :so it is"},
    {{"r:KLINE 1m *@192.0.2.7 :by hand"}, "r:STRIKE 192.0.2.7 5 :so it is"},
    {{"r:STRIKE 192.0.2.7 5 :so it is"}, "r:PARDON 192.0.2.7"},
};

static void
say_for(const char *what)
{
    world_say(w, *what == 'a' ? ann : root, what + 2);
}

static void
begin_case(const struct group_case *one)
{
    w = world_new(world_easy);
    ann = world_user(w, "ann");
    root = world_oper(w, "root");
    world_say(w, ann, "JOIN #p");
    for (size_t i = 0; i < sizeof one->before / sizeof *one->before; i++)
        if (one->before[i])
            say_for(one->before[i]);
    world_drain_all(w);
}

/* False: the act has fewer steps than this. */
static bool
cut_after(const struct group_case *one, unsigned steps, struct content after)
{
    begin_case(one);
    struct content before = content_of_store();
    store_ram_cut(w->store, steps);
    say_for(one->act);
    world_drain_all(w);
    struct content now = content_of_store();
    bool done = is_equal(now, after);
    if (!done && !is_equal(now, before)) {
        printf("\n    %s: in parts when cut after %u\n", one->act, steps);
        CU_ASSERT(false);
    }
    CU_ASSERT(steps > 0 || !done);
    world_free(w);
    return !done;
}

static void
what_belongs_together_is_there_whole_or_not_at_all(void)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        begin_case(&cases[i]);
        struct content before = content_of_store();
        say_for(cases[i].act);
        world_drain_all(w);
        struct content after = content_of_store();
        CU_ASSERT_FALSE(is_equal(before, after));
        world_free(w);
        unsigned steps = 0;
        while (steps < 100 && cut_after(&cases[i], steps, after))
            steps++;
        CU_ASSERT(steps >= 2 && steps < 100); /* more than one record, or no case */
    }
}

struct moving {
    size_t n;
    char key[8][128], value[8][512];
    size_t key_len[8], value_len[8];
};

static void
take_movable(void *ctx, const void *key, size_t key_len, const void *value, size_t n)
{
    struct moving *m = ctx;
    if (strchr("BEH", *(const char *)key) == NULL)
        return;
    CU_ASSERT_FATAL(m->n < 8 && key_len < 127 && n < 512);
    memcpy(m->key[m->n], key, key_len);
    memcpy(m->value[m->n], value, n);
    m->key_len[m->n] = key_len;
    m->value_len[m->n++] = n;
}

/* A key that the record would not get today is an old one. */
static void
move_to_old_keys(void)
{
    struct moving m = {0};
    store_each(w->store, take_movable, &m);
    EQUAL_NUMBER(m.n, 3);
    for (size_t i = 0; i < m.n; i++) {
        store_put(w->store, m.key[i], m.key_len[i], NULL, 0);
        m.key[i][m.key_len[i]] = '~';
        store_put(w->store, m.key[i], m.key_len[i] + 1, m.value[i], m.value_len[i]);
    }
}

/* A move that was cut between its two steps: the record is there once, neither twice
 * nor not at all. */
static void
a_record_is_moved_to_its_new_key_whole(void)
{
    for (unsigned steps = 0; steps < 12; steps++) {
        w = world_new(world_easy);
        root = world_oper(w, "root");
        ann = world_user(w, "ann");
        world_say(w, root, "STRIKE 192.0.2.7 3");
        world_say(w, root, "KLINE *@192.0.2.9 :so it is");
        world_say(w, ann, "JOIN #p");
        world_say(w, root, "MODE #p +P");
        world_say(w, ann, "MODE #p +b x");
        world_drain_all(w);
        struct content good = content_of_store();
        move_to_old_keys();
        EQUAL_NUMBER(content_of_store().n, good.n);
        CU_ASSERT_FALSE(is_equal(content_of_store(), good));
        store_ram_cut(w->store, steps);
        world_restart(w, world_easy);
        EQUAL_NUMBER(content_of_store().n, good.n);
        CU_ASSERT(steps < 11 || is_equal(content_of_store(), good));
        world_free(w);
    }
}

SUITE(store_group)
{
    TEST(what_belongs_together_is_there_whole_or_not_at_all);
    TEST(a_record_is_moved_to_its_new_key_whole);
}
