/* Each verdict of access is tried on both sides. */
#include "policy/access.h"
#include "policy/privs.h"
#include "state/channel.h"
#include "world.h"

/* op is the operator of #t, member is on it, and stranger is not. */
struct scene {
    struct world *w;
    struct actor *op, *member, *stranger;
};

static struct scene
begin(void)
{
    struct scene s = {.w = world_new(world_easy)};
    s.op = world_user(s.w, "op");
    s.member = world_user(s.w, "member");
    s.stranger = world_user(s.w, "stranger");
    world_channel(s.w, "#t", "op@", "member");
    return s;
}

static struct channel *
chan_of(const struct scene *s)
{
    return channel_find(s->w->srv, "#t");
}

static bool
speaks(const struct scene *s, const struct actor *who)
{
    char why[ACCESS_WHY];
    return access_speak(s->w->srv, chan_of(s), who->client, "text", why) == SPEAK_OK;
}

static void
join_is_judged_in_one_order_and_invitations_open_everything(void)
{
    static const struct {
        const char *mode, *key;
        enum access_join verdict;
    } cases[] = {
        {"+s", NULL, JOIN_OK},
        {"+i", NULL, JOIN_INVITE_ONLY},
        {"+b stranger!*@*", NULL, JOIN_BANNED},
        {"+b other!*@*", NULL, JOIN_OK},
        {"+k secret", NULL, JOIN_BAD_KEY},
        {"+k secret", "Secret", JOIN_BAD_KEY},
        {"+k secret", "secret", JOIN_OK},
        {"+l 2", NULL, JOIN_FULL},
        {"+l 3", NULL, JOIN_OK},
        {"+ibkl stranger!*@* secret 1", NULL, JOIN_INVITE_ONLY},
        {"+bkl stranger!*@* secret 1", NULL, JOIN_BANNED},
        {"+kl secret 1", NULL, JOIN_BAD_KEY},
        {"+kl secret 1", "secret", JOIN_FULL},
        {"+j 1:60", NULL, JOIN_OK},
        {"+iI stranger!*@*", NULL, JOIN_OK},
        {"+iI other!*@*", NULL, JOIN_INVITE_ONLY},
        {"+iIb stranger!*@* stranger!*@*", NULL, JOIN_BANNED},
        {"+be stranger!*@* *!*@*", NULL, JOIN_OK},
        {"+b ~mute:stranger!*@*", NULL, JOIN_OK},
        {"+q stranger!*@*", NULL, JOIN_OK},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct scene s = begin();
        world_sayf(s.w, s.op, "MODE #t %s", cases[i].mode);
        EQUAL_NUMBER(
            access_join(s.w->srv, chan_of(&s), s.stranger->client, cases[i].key),
            cases[i].verdict);
        world_say(s.w, s.op, "INVITE stranger #t");
        EQUAL_NUMBER(access_join(s.w->srv, chan_of(&s), s.stranger->client, NULL),
                     JOIN_OK);
        world_free(s.w);
    }
}

static void
override_opens_every_channel(void)
{
    struct scene s = begin();
    world_say(s.w, s.op, "MODE #t +ikl secret 1");
    CU_ASSERT(!access_is_op(chan_of(&s), s.stranger->client));
    world_say(s.w, s.stranger, "OPER alice secret");
    EQUAL_NUMBER(access_join(s.w->srv, chan_of(&s), s.stranger->client, NULL), JOIN_OK);
    CU_ASSERT(access_is_op(chan_of(&s), s.stranger->client));
    world_say(s.w, s.stranger, "MODE stranger -o");
    EQUAL_NUMBER(access_join(s.w->srv, chan_of(&s), s.stranger->client, NULL),
                 JOIN_INVITE_ONLY);
    world_free(s.w);
}

static void
speaking_depends_on_modes_status_and_bans(void)
{
    static const struct {
        const char *mode;
        bool op, voiced, member, stranger;
    } cases[] = {
        {"-n", true, true, true, true},
        {"+n", true, true, true, false},
        {"-n+m", true, true, false, false},
        {"-n+b *!*@*", true, true, false, false},
        {"-n+b stranger!*@*", true, true, true, false},
        {"-n+q *!*@*", true, true, false, false},
        {"-n+b ~mute:*!*@*", true, true, false, false},
        {"-n+qe *!*@* member!*@*", true, true, true, false},
        {"-n+q ~realname:real?str*", true, true, true, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct scene s = begin();
        struct actor *voiced = world_user(s.w, "voiced");
        world_say(s.w, voiced, "JOIN #t");
        world_say(s.w, s.op, "MODE #t +v voiced");
        world_sayf(s.w, s.op, "MODE #t %s", cases[i].mode);
        EQUAL_NUMBER(speaks(&s, s.op), cases[i].op);
        EQUAL_NUMBER(speaks(&s, voiced), cases[i].voiced);
        EQUAL_NUMBER(speaks(&s, s.member), cases[i].member);
        EQUAL_NUMBER(speaks(&s, s.stranger), cases[i].stranger);
        world_free(s.w);
    }
}

static void
a_banned_member_without_status_keeps_its_nick(void)
{
    char until[ACCESS_UNTIL];
    struct scene s = begin();
    CU_ASSERT(access_nick_forbidden(s.w->srv, s.member->client, until) == NULL);
    world_say(s.w, s.op, "MODE #t +b member!*@*");
    CU_ASSERT(access_nick_forbidden(s.w->srv, s.member->client, until) == chan_of(&s));
    CU_ASSERT(access_nick_forbidden(s.w->srv, s.op->client, until) == NULL);
    CU_ASSERT(access_nick_forbidden(s.w->srv, s.stranger->client, until) == NULL);
    world_say(s.w, s.op, "MODE #t +v member");
    CU_ASSERT(access_nick_forbidden(s.w->srv, s.member->client, until) == NULL);
    world_free(s.w);
}

static void
the_secret_and_the_invisible_are_seen_by_those_inside_and_by_see_address(void)
{
    struct scene s = begin();
    world_say(s.w, s.op, "MODE #t +s");
    world_say(s.w, s.member, "MODE member +i");
    CU_ASSERT(access_sees_channel(chan_of(&s), s.member->client));
    CU_ASSERT(!access_sees_channel(chan_of(&s), s.stranger->client));
    CU_ASSERT(access_sees_client(s.op->client, s.member->client));
    CU_ASSERT(access_sees_client(s.member->client, s.member->client));
    CU_ASSERT(!access_sees_client(s.stranger->client, s.member->client));
    CU_ASSERT(access_sees_client(s.stranger->client, s.op->client));
    world_say(s.w, s.stranger, "OPER alice secret");
    CU_ASSERT(access_sees_channel(chan_of(&s), s.stranger->client));
    CU_ASSERT(access_sees_client(s.stranger->client, s.member->client));
    world_free(s.w);
}

static void
rights_are_held_one_by_one(void)
{
    struct world *w =
        world_new("oper \"al\" { password = \"$argon2id$secret\" hosts = { "
                  "\"*@*\" } privileges = { \"kill\", \"unban\" } }");
    struct actor *al = world_user(w, "al");
    CU_ASSERT(access_has(al->client, PRIV_NONE));
    CU_ASSERT(!access_has(al->client, PRIV_OPER) && !access_has(al->client, PRIV_kill));
    world_say(w, al, "OPER al secret");
    CU_ASSERT(access_has(al->client, PRIV_OPER) && access_has(al->client, PRIV_kill));
    CU_ASSERT(access_has(al->client, PRIV_kill | PRIV_unban));
    CU_ASSERT(!access_has(al->client, PRIV_kill | PRIV_die));
    CU_ASSERT(!access_has(al->client, PRIV_die));
    world_free(w);
}

static void
oper_masks_are_strict(void)
{
    static const struct {
        const char *mask;
        bool good;
    } cases[] = {
        {"*@*", true},
        {"root@192.0.2.7", true},
        {"*@192.0.2.0/24", true},
        {"*@example.org", true},
        {"*@192.0.2.0/33", false},
        {"*@1.2.3", false},
        {"a@b@c", false},
        {"", false},
        {"*@[::1]", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char err[200] = "";
        EQUAL_NUMBER(access_host_mask(cases[i].mask, err, sizeof err), cases[i].good);
        CU_ASSERT(cases[i].good || *err);
    }
}

SUITE(access)
{
    TEST(join_is_judged_in_one_order_and_invitations_open_everything);
    TEST(override_opens_every_channel);
    TEST(speaking_depends_on_modes_status_and_bans);
    TEST(a_banned_member_without_status_keeps_its_nick);
    TEST(the_secret_and_the_invisible_are_seen_by_those_inside_and_by_see_address);
    TEST(rights_are_held_one_by_one);
    TEST(oper_masks_are_strict);
}
