/* LIST with the searches of 005 ELIST (Modern IRC "LIST message"). */
#include "base/str.h"
#include "world.h"

static struct actor *ann;

/* #old (two hours old, three users, topic an hour old), #new (one user, fresh topic),
 * #bare (two users, no topic), #secret (+s). */
static struct world *
begin(void)
{
    struct world *w = world_new(world_easy);
    ann = world_user(w, "ann");
    world_channel(w, "#old", "bob@", "eve", "joe");
    struct actor *bob = world_actor(w, "bob"), *eve = world_actor(w, "eve");
    msec wall = w->srv->wall;
    world_set_wall(w, wall + 60 * MSEC_MINUTE);
    world_say(w, bob, "TOPIC #old :hot");
    world_set_wall(w, wall + 110 * MSEC_MINUTE);
    world_say(w, bob, "JOIN #bare,#secret");
    world_say(w, eve, "JOIN #bare");
    world_say(w, bob, "MODE #secret +s");
    world_set_wall(w, wall + 115 * MSEC_MINUTE);
    world_say(w, bob, "JOIN #new");
    world_say(w, bob, "TOPIC #new :cold");
    world_set_wall(w, wall + 120 * MSEC_MINUTE);
    world_drain_all(w);
    return w;
}

static void
searches_find_what_they_say(void)
{
    static const struct {
        const char *items, *want; /* in the order of the channels' ages */
    } cases[] = {
        {"", "#old #bare #new"},
        {"*", "#old #bare #new"},
        {"#ne?", "#new"},
        {"#OLD", "#old"},
        {"#old,#new", "#old #new"},
        {"#new,#o*", "#new #old"},
        {"#old,#o*", "#old"},
        {"#secret", ""},
        {"#none", ""},
        /* N: not matching */
        {"!#o*", "#bare #new"},
        {"!#o*,!#n*", "#bare"},
        {"#*,!*e*", "#old"},
        /* U: users */
        {">1", "#old #bare"},
        {"<3", "#bare #new"},
        {">1,<3", "#bare"},
        {">0,<1", ""},
        {"<4294967296", ""},
        {"#old,<3", ""},
        {"#old,#new,<3", "#new"},
        /* C: minutes since the channel was made */
        {"C>60", "#old"},
        {"C<60", "#bare #new"},
        {"c<10,c>4", "#new"},
        {"C>120", ""},
        {"C<120", "#bare #new"},
        /* T: minutes since the topic was set; without a topic, never */
        {"T>30", "#old"},
        {"T<30", "#new"},
        {"T>0", "#old #new"},
        {"T<6,>1", ""},
        {"*,T<6", "#new"},
        /* a search that is not understood lists no channel */
        {">x", ""},
        {">", ""},
        {">-1", ""},
        {"T<>3", ""},
        {",,,", ""},
        {"*a,*b,*c,*d,*e", ""},
    };
    char got[256], line[64];
    struct world *w = begin();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct str s;
        world_sayf(w, ann, "LIST %s", cases[i].items);
        str_init(&s, got, sizeof got);
        for (const char *at = ann->inbox; (at = strstr(at, " 322 ann ")) != NULL;) {
            at += strlen(" 322 ann ");
            str_addf(&s, "%s%.*s", s.len ? " " : "", (int)strcspn(at, " "), at);
        }
        str_format(line, sizeof line, "LIST %s: %s", cases[i].items, cases[i].want);
        char was[320];
        str_format(was, sizeof was, "LIST %s: %s", cases[i].items, got);
        EQUAL_TEXT(was, line);
        EXPECT(w, ann, ":irc.localhost 321 ann Channel :Users  Name");
        AWAIT(w, ann, ":irc.localhost 323 ann :End of LIST");
        SILENT(w, ann);
    }
    world_free(w);
}

static void
what_cannot_be_read_is_told(void)
{
    struct world *w = begin();
    world_say(w, ann, "LIST C>soon");
    AWAIT(w, ann, ":irc.localhost NOTICE ann :LIST C>soon: *");
    EXPECT(w, ann, ":irc.localhost 323 *");
    world_say(w, ann, "LIST *a,*b,*c,*d,*e");
    AWAIT(w, ann, ":irc.localhost NOTICE ann :LIST *e: too many masks*");
    world_free(w);
}

SUITE(list_search)
{
    TEST(searches_find_what_they_say);
    TEST(what_cannot_be_read_is_told);
}
