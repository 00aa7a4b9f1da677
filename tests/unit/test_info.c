/* TIME, ADMIN, INFO, LINKS, MAP, USERS, SUMMON, and the server name in their
 * parameters. */
#include "world.h"

static struct actor *ann;

static struct world *
begin(const char *config)
{
    struct world *w = world_new(config);
    ann = world_user(w, "ann");
    return w;
}

static void
one_line_answers(void)
{
    static const struct {
        const char *line, *first, *last;
    } cases[] = {
        /* Modern IRC "TIME message" */
        {"TIME", ":irc.localhost 391 ann irc.localhost :2026-11-22 00:00:00 UTC", NULL},
        {"TIME irc.*", ":irc.localhost 391 ann *", NULL},
        {"TIME ann", ":irc.localhost 391 ann *", NULL},
        {"TIME :", ":irc.localhost 391 ann *", NULL},
        {"TIME other.example", ":irc.localhost 402 ann other.example :*", NULL},
        {"TIME :a b", ":irc.localhost 402 ann ? :*", NULL},
        {"ADMIN", ":irc.localhost 423 ann irc.localhost :*", NULL},
        {"ADMIN nowhere", ":irc.localhost 402 ann nowhere :*", NULL},
        {"INFO nowhere", ":irc.localhost 402 ann nowhere :*", NULL},
        {"VERSION nowhere", ":irc.localhost 402 ann nowhere :*", NULL},
        {"MOTD nowhere", ":irc.localhost 402 ann nowhere :*", NULL},
        {"LUSERS * nowhere", ":irc.localhost 402 ann nowhere :*", NULL},
        /* RFC 2812 3.4.5 */
        {"LINKS", ":irc.localhost 364 ann irc.localhost irc.localhost :0 An IRC server",
         ":irc.localhost 365 ann ? :End of LINKS list"},
        {"LINKS *.localhost", ":irc.localhost 364 ann irc.localhost *",
         ":irc.localhost 365 ann ?.localhost :*"},
        {"LINKS x*", ":irc.localhost 365 ann x? :*", NULL},
        {"LINKS irc.localhost *", ":irc.localhost 364 ann *",
         ":irc.localhost 365 ann ? :*"},
        {"LINKS nowhere *", ":irc.localhost 402 ann nowhere :*", NULL},
        {"MAP", ":irc.localhost 015 ann :irc.localhost | Users: 1 (100.0%)",
         ":irc.localhost 017 ann :End of MAP"},
        /* RFC 2812 4.5, 4.6 */
        {"USERS", ":irc.localhost 446 ann :*", NULL},
        {"USERS nowhere", ":irc.localhost 402 ann nowhere :*", NULL},
        {"SUMMON", ":irc.localhost 445 ann :*", NULL},
        {"SUMMON bob", ":irc.localhost 445 ann :*", NULL},
    };
    struct world *w = begin(world_easy);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world_say(w, ann, cases[i].line);
        EXPECT(w, ann, cases[i].first);
        if (cases[i].last)
            EXPECT(w, ann, cases[i].last);
        SILENT(w, ann);
    }
    world_free(w);
}

static void
admin_says_who_runs_it(void)
{
    struct world *w = begin("admin { location = \"Tea House\" description = \"\" email "
                            "= \"tea@example.org\" }");
    world_say(w, ann, "ADMIN");
    EXPECT(w, ann, ":irc.localhost 256 ann irc.localhost :Administrative info");
    EXPECT(w, ann, ":irc.localhost 257 ann :Tea House");
    EXPECT(w, ann, ":irc.localhost 258 ann :");
    EXPECT(w, ann, ":irc.localhost 259 ann :tea@example.org");
    SILENT(w, ann);
    world_free(w);
}

static void
info_ends(void)
{
    struct world *w = begin(world_easy);
    world_say(w, ann, "INFO");
    EXPECT(w, ann, ":irc.localhost 371 ann :ircd-*");
    AWAIT(w, ann, ":irc.localhost 371 ann :On-line since 2026-11-22 *");
    EXPECT(w, ann, ":irc.localhost 374 ann :End of INFO list");
    SILENT(w, ann);
    world_free(w);
}

SUITE(info)
{
    TEST(one_line_answers);
    TEST(admin_says_who_runs_it);
    TEST(info_ends);
}
