/* What an operator without see_address learns: never which nick has which address,
 * neither by asking nor by what the server tells on its own. */
#include "base/str.h"
#include "policy/ban.h"
#include "policy/strikes.h"
#include "world.h"

#define ADDRESS "203.0.113.7"
#define OTHERS                                                                         \
    "\"kill\", \"resv\", \"xline\", \"permanent\", \"unban\", \"check\", \"strike\", " \
    "\"rehash\", \"die\", \"wallops\", \"override\", \"flood_exempt\", \"spy\""
#define BLOCK(name, more)                                                              \
    "oper \"" name "\" { password = \"$argon2id$secret\" hosts = { \"*@*\" } "         \
    "privileges = { " OTHERS more " } }\n"

static struct world *w;
static struct actor *alice, *warden, *setter, *bob;

static struct actor *
become(const char *name)
{
    struct actor *a = world_user(w, name);
    world_sayf(w, a, "OPER %s secret", name);
    CU_ASSERT_FATAL(a->client->oper != NULL);
    world_sayf(w, a, "MODE %s +s bcfkors", name);
    return a;
}

/* Alice may do everything, the warden all but see addresses and ban them, the setter
 * all but see them. */
static void
begin(void)
{
    char config[2048];
    str_format(config, sizeof config, "%s%s%s%s", world_easy, BLOCK("warden", ""),
               BLOCK("setter", ", \"kline\", \"dline\""), "server { cloak = true }\n");
    w = world_new(config);
    alice = world_oper(w, "alice");
    warden = become("warden");
    setter = become("setter");
    bob = world_user_at(w, "bob", ADDRESS);
    world_drain_all(w);
}

static void
testmask_answers_by_shown_hosts_alone(void)
{
    static const struct {
        const char *mask, *blind, *seeing;
    } cases[] = {
        {"bob!*@203.0.113.0/20", "* :TESTMASK refused: *'bob!?@203.0.112.0/20'*",
         "* 727 alice 1 *"},
        {"bob!*@203.0.113.7", "* :TESTMASK refused: *", "* 727 alice 1 *"},
        {"bob!*@2001:db8::/32", "* :TESTMASK refused: *", "* 727 alice 0 *"},
        {"bob!*@203.0.113.*", "* 727 warden 0 *", "* 727 alice 1 *"},
        {"bob!*@*.cloak", "* 727 warden 1 *", "* 727 alice 1 *"},
        {"bob!*@*", "* 727 warden 1 *", "* 727 alice 1 *"},
    };
    begin();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world_sayf(w, warden, "TESTMASK %s", cases[i].mask);
        EXPECT(w, warden, cases[i].blind);
        world_sayf(w, alice, "TESTMASK %s", cases[i].mask);
        EXPECT(w, alice, cases[i].seeing);
    }
    world_free(w);
}

SUITE(unseen)
{
    TEST(testmask_answers_by_shown_hosts_alone);
}
