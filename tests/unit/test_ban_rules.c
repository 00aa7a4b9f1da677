/* What operators may do with bans and whom a ban reaches: hosts of nicks, shorter bans,
 * addresses that begin with a colon, nicks that change. */
#include "policy/ban.h"
#include "policy/policy.h"
#include "world.h"

/* alice, an operator with all rights, in a world of her own. */
static struct world *
begin(struct actor **alice)
{
    struct world *w = world_new(world_easy);
    *alice = world_oper(w, "alice");
    return w;
}

/* What is told once the store has answered, without the notices to all operators. */
static void
says(struct world *w, struct actor *a, const char *line)
{
    world_drain(a);
    world_say(w, a, line);
    world_store_news(w);
}

/* An IPv6 host is a /64: whoever is banned by nick has 2^64 - 1 more addresses. */
static void
a_nick_means_its_host(void)
{
    static const struct {
        const char *config, *address, *other, *kline, *dline;
    } cases[] = {
        {"", "192.0.2.7", "192.0.2.7", "?@192.0.2.7", "192.0.2.7"},
        {"", "2001:db8::1", "2001:db8::ffff:2", "?@2001:db8::/64", "2001:db8::/64"},
        {"limits { host_prefix_v6 = 56 }", "2001:db8:0:ff::1", "2001:db8:0:1::2",
         "?@2001:db8::/56", "2001:db8::/56"},
    };
    for (size_t i = 0; i < 4 * sizeof cases / sizeof *cases; i++) {
        char want[200], config[600];
        bool d = i & 1, gone = i & 2;
        const char *mask = d ? cases[i / 4].dline : cases[i / 4].kline;
        const char *letter = d ? "D" : "K";
        snprintf(config, sizeof config, "%s\n%s", world_easy, cases[i / 4].config);
        struct world *w = world_new(config);
        struct actor *alice = world_oper(w, "alice");
        struct actor *bob = world_user_at(w, "bob", cases[i / 4].address);
        struct actor *eve = world_user_at(w, "eve", cases[i / 4].other);
        if (gone)
            world_close(w, bob);
        snprintf(want, sizeof want, "%sLINE 1h bob :x", letter);
        says(w, alice, want);
        snprintf(want, sizeof want, "*%s-line %s set *, saved", letter, mask);
        AWAIT(w, alice, want);
        CU_ASSERT(eve->closed);
        eve = d ? world_connect(w, cases[i / 4].other)
                : world_user_at(w, "eve", cases[i / 4].other);
        CU_ASSERT(eve->closed);
        snprintf(want, sizeof want, "UN%sLINE bob", letter);
        says(w, alice, want);
        snprintf(want, sizeof want, "*%s-line %s removed, saved", letter, mask);
        AWAIT(w, alice, want);
        CU_ASSERT(!world_connect(w, cases[i / 4].other)->closed);
        world_free(w);
    }
}

static void
a_typed_address_stays_one_address(void)
{
    struct actor *alice;
    struct world *w = begin(&alice);
    says(w, alice, "KLINE 1h 2001:db8::1 :x");
    AWAIT(w, alice, "*K-line ?@2001:db8::1 set *, saved");
    CU_ASSERT(world_user_at(w, "bob", "2001:db8::1")->closed);
    CU_ASSERT(!world_user_at(w, "bob", "2001:db8::2")->closed);
    world_free(w);
}

SUITE(ban_rules)
{
    TEST(a_nick_means_its_host);
    TEST(a_typed_address_stays_one_address);
}
