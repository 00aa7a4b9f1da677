/* Operclass blocks: the privileges that operators share, faults in a file, and REHASH.
 */
#include "base/str.h"
#include "config/config.h"
#include "policy/access.h"
#include "policy/privs.h"
#include "world.h"

static const struct config_words words = {.privileges = privs_names,
                                          .host_mask = access_host_mask};

#define OPER(name, rest)                                                               \
    "oper \"" name "\" { password = \"$argon2id$secret\" hosts = { \"*@*\" } " rest    \
    " }\n"

static void
note_fault(void *ctx, const char *text)
{
    struct str *s = ctx;
    str_addf(s, "%s\n", text);
}

static void
an_oper_has_what_its_class_has_and_what_it_names(void)
{
    static const struct {
        const char *text;
        uint64_t want;
    } cases[] = {
        {OPER("a", "class = \"c\"") "operclass c { privileges = { kill } }", PRIV_kill},
        {"operclass c { privileges = { kill } }" OPER("a",
                                                      "privileges = { die } class = c"),
         PRIV_kill | PRIV_die},
        {"operclass c { extends = d privileges = { kill } }"
         "operclass d { extends = \"e\" privileges = { kline, unban } }"
         "operclass e { privileges = { spy } }" OPER("a", "class = c"),
         PRIV_kill | PRIV_kline | PRIV_unban | PRIV_spy},
        {"operclass c { extends = d }"
         "operclass d { privileges = { rehash } }" OPER("a", "class = c"),
         PRIV_rehash},
        {"operclass c { privileges = { all } }" OPER("a", "class = c"), UINT64_MAX},
        {"operclass c { privileges = { all } }" OPER("a", ""), 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char said[500] = "";
        struct str s;
        str_init(&s, said, sizeof said);
        struct config *c = config_parse("t", cases[i].text, &words, note_fault, &s);
        EQUAL_TEXT(said, "");
        CU_ASSERT_PTR_NOT_NULL_FATAL(c);
        CU_ASSERT(c->oper[0].privileges == cases[i].want);
        config_free(c);
    }
}

static void
wrong_classes_are_told_at_their_line(void)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        {OPER("a", "\nclass = \"mod\""),
         "t:2: oper \"a\" class: \"mod\" is no operclass block; there is none\n"},
        {"operclass x { privileges = { die } }\noperclass y { privileges = { die } }\n"
         "\n" OPER("a", "class = mod"),
         "t:4: oper \"a\" class: \"mod\" is no operclass block; there are: \"x\", "
         "\"y\"\n"},
        {"operclass x {\nextends =\n\"y\" }",
         "t:3: operclass \"x\" extends: \"y\" is no operclass block; there are: "
         "\"x\"\n"},
        {"operclass x {\nextends = \"x\" }",
         "t:2: operclass \"x\" extends: \"x\" leads back to \"x\"; classes must not "
         "extend each other in a circle\n"},
        {"operclass a { extends = x }\noperclass x { extends = y }\n"
         "operclass y { extends = x }",
         "t:2: operclass \"x\" extends: \"y\" leads back to \"x\"; classes must not "
         "extend each other in a circle\n"
         "t:3: operclass \"y\" extends: \"x\" leads back to \"y\"; classes must not "
         "extend each other in a circle\n"},
        {"operclass x { privileges = { die } }\noperclass x { privileges = { die } }",
         "t:2: block operclass x is there twice; the first is on line 1\n"},
        {"\noperclass x { }", "t:2: operclass \"x\": option privileges is missing: "
                              "what its operators may do\n"},
        {"operclass { }",
         "t:1: block operclass needs a title: operclass \"NAME\" { ... }\n"},
        {"operclass \"two words\" { privileges = { die } }",
         "t:1: operclass \"two words\": not a name: one word of 1 to 50 bytes\n"},
        {"operclass x { extends = \"\" }",
         "t:1: operclass \"x\" extends: \"\" is not the name of an operclass block\n"},
        {"operclass x { class = y }",
         "t:1: unknown option \"class\" in block operclass"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char said[1000] = "";
        struct str s;
        str_init(&s, said, sizeof said);
        CU_ASSERT_PTR_NULL(config_parse("t", cases[i].text, &words, note_fault, &s));
        CONTAINS(said, cases[i].want);
    }
}

static void
an_unknown_privilege_names_those_there_are(void)
{
    char said[1500] = "";
    struct str s;
    str_init(&s, said, sizeof said);
    CU_ASSERT_PTR_NULL(config_parse("t", "operclass x {\n privileges = { kil } }",
                                    &words, note_fault, &s));
    CONTAINS(said, "t:2: operclass \"x\" privileges: \"kil\" is not a privilege; there "
                   "are: all, kill, ");
    for (int i = 0; i < PRIV_COUNT; i++)
        CONTAINS(said, privs_names[i]);
}

static const char two_classes[] =
    "operclass helper { privileges = { kill, spy, rehash } }\n"
    "operclass mod { extends = helper privileges = { kline, permanent } }\n" OPER(
        "ann", "class = helper") OPER("bob", "class = mod");

static struct actor *
oper(struct world *w, const char *name)
{
    struct actor *a = world_user(w, name);
    world_sayf(w, a, "OPER %s secret", name);
    world_drain_all(w);
    return a;
}

static void
rehash_gives_clients_that_are_on_the_limits_of_their_class(void)
{
    struct world *w = world_new(two_classes);
    struct actor *ann = oper(w, "ann"), *bob = oper(w, "bob");
    world_say(w, ann, "KLINE 198.51.100.1 :x");
    AWAIT(w, ann, "* 481 ann *'kline'*");
    world_say(w, bob, "KLINE 198.51.100.1 :x");
    world_store_news(w);
    AWAIT(w, bob, "* :K-line ?@198.51.100.1 set *, saved");
    w->rehash_text = "operclass helper { privileges = { kline, rehash } }\n"
                     "operclass mod { extends = helper privileges = { kline } }\n" OPER(
                         "ann", "class = mod") OPER("bob", "class = mod");
    world_drain_all(w);
    world_say(w, ann, "REHASH");
    for (int i = 0; i < 2; i++) {
        struct actor *a = i ? bob : ann;
        AWAIT(w, a, "* MODE * :-s");
        EXPECT(w, a,
               "* NOTICE * :Your privileges have changed; they are now: kline, rehash");
        CU_ASSERT(a->client->user.privileges == (PRIV_kline | PRIV_rehash));
    }
    CONTAINS(w->logged, "event=oper-changed nick=bob name=bob class=mod");
    world_drain_all(w);
    world_say(w, ann, "REHASH");
    NEVER(w, bob, "*privileges*");
    world_free(w);
}

static void
a_class_that_goes_is_a_fault_and_changes_nothing(void)
{
    struct world *w = world_new(two_classes);
    struct actor *ann = oper(w, "ann");
    w->rehash_text = OPER("ann", "class = helper");
    world_say(w, ann, "REHASH");
    AWAIT(w, ann,
          "* :REHASH refused, nothing changed: test.conf:1: oper \"ann\" class: "
          "\"helper\" is no operclass block; there is none");
    CU_ASSERT(access_has(ann->client, PRIV_kill));
    world_free(w);
}

static void
stats_o_and_the_log_show_the_class(void)
{
    struct world *w = world_new(two_classes);
    struct actor *bob = oper(w, "bob");
    CONTAINS(w->logged, "event=oper client=bob!bob@10.1.1.1 name=bob class=mod\n");
    world_say(w, bob, "STATS o");
    EXPECT(w, bob, "* 243 bob O ? ? ann helper");
    EXPECT(w, bob, "* 243 bob O ? ? bob mod");
    world_free(w);
}

SUITE(operclass)
{
    TEST(an_oper_has_what_its_class_has_and_what_it_names);
    TEST(wrong_classes_are_told_at_their_line);
    TEST(an_unknown_privilege_names_those_there_are);
    TEST(rehash_gives_clients_that_are_on_the_limits_of_their_class);
    TEST(a_class_that_goes_is_a_fault_and_changes_nothing);
    TEST(stats_o_and_the_log_show_the_class);
}
