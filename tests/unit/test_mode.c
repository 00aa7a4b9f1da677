/* MODE on channels and on oneself. */
#include "proto/mode.h"
#include "world.h"

static struct actor *ann, *bob, *eve;

static void
modes_are_shown_and_the_key_only_inside(void)
{
    struct world *w = world_three(&ann, &bob, &eve);
    world_say(w, eve, "MODE #A");
    EXPECT(w, eve, ":irc.localhost 324 eve #a +nt");
    EXPECT(w, eve, ":irc.localhost 329 eve #a 1795305600");
    world_say(w, ann, "MODE #a +kl sesame 7");
    world_drain_all(w);
    world_say(w, eve, "MODE #a");
    EXPECT(w, eve, ":irc.localhost 324 eve #a +klnt * 7");
    world_say(w, bob, "MODE #a");
    EXPECT(w, bob, ":irc.localhost 324 bob #a +klnt sesame 7");
    world_say(w, ann, "MODE #a +s");
    world_drain_all(w);
    world_say(w, eve, "MODE #a");
    EXPECT(w, eve, ":irc.localhost 403 eve #a :*");
    world_say(w, eve, "MODE #a b");
    EXPECT(w, eve, ":irc.localhost 403 eve #a :*");
    world_free(w);
}

static void
a_change_is_told_as_it_happened(void)
{
    static const struct {
        const char *line, *told; /* NULL: no change is relayed */
    } cases[] = {
        {"+m", "+m"},
        {"+m", NULL},
        {"m", NULL},
        {"-m", "-m"},
        {"+im-n", "+im-n"},
        {"-im+n", "-im+n"},
        {"+i-i", "+i-i"},
        {"+o bob", "+o bob"},
        {"+o BOB", NULL},
        {"-o+v bob bob", "-o+v bob bob"},
        {"+k key", "+k key"},
        {"-k key", "-k *"},
        {"-k", NULL},
        {"+l 10", "+l 10"},
        {"+l 10", NULL},
        {"+l 11", "+l 11"},
        {"-l", "-l"},
        {"-l", NULL},
        {"+b eve", "+b eve!*@*"},
        {"+b EVE!*@*", NULL},
        {"-b eve", "-b eve!*@*"},
        {"-b eve", NULL},
        {"+b user@host", "+b *!user@host"},
        {"+b 10.0.0.0/8", "+b *!*@10.0.0.0/8"},
        {"+bbb a b c", "+bbb a!*@* b!*@* c!*@*"},
        {"-bbb+s a b c", "-bbb+s a!*@* b!*@* c!*@*"},
        {"-s", "-s"},
    };
    char want[256];
    struct world *w = world_three(&ann, &bob, &eve);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world_sayf(w, ann, "MODE #A %s", cases[i].line);
        if (cases[i].told) {
            snprintf(want, sizeof want, ":ann!ann@10.1.1.1 MODE #a %s", cases[i].told);
            EXPECT(w, ann, want);
            EXPECT(w, bob, want);
        }
        SILENT(w, ann);
        SILENT(w, bob);
    }
    world_free(w);
}

static void
a_bad_change_is_answered(void)
{
    static const struct {
        const char *line, *reply;
    } cases[] = {
        {"MODE", ":irc.localhost 461 ann MODE :*"},
        {"MODE :", ":irc.localhost 461 ann MODE :*"},
        {"MODE #none", ":irc.localhost 403 ann #none :*"},
        {"MODE #none +b x", ":irc.localhost 403 ann #none :*"},
        {"MODE #a X", ":irc.localhost 472 ann X :*"},
        {"MODE #a +XXXXX-X", ":irc.localhost 472 ann X :*"},
        {"MODE #a +\xc3\xa9\xc3\xa8", ":irc.localhost 472 ann ? :*"},
        {"MODE #a +o", ":irc.localhost 461 ann MODE :*"},
        {"MODE #a +o :", ":irc.localhost 461 ann MODE :*"},
        {"MODE #a +ovovklkl", ":irc.localhost 461 ann MODE :*"},
        {"MODE #a +k", ":irc.localhost 461 ann MODE :*"},
        {"MODE #a +o nobody", ":irc.localhost 401 ann nobody :*"},
        {"MODE #a +v eve", ":irc.localhost 441 ann eve #a :*"},
        {"MODE #a +k a,b", ":irc.localhost 696 ann #a k ? :*"},
        {"MODE #a +k :", ":irc.localhost 696 ann #a k * :*"},
        {"MODE #a +k 123456789012345678901234", ":irc.localhost 696 ann #a k ? :*"},
        {"MODE #a +l 0", ":irc.localhost 696 ann #a l 0 :*"},
        {"MODE #a +l -1", ":irc.localhost 696 ann #a l -1 :*"},
        {"MODE #a +l 99999999999999999999", ":irc.localhost 696 ann #a l 9* :*"},
        {"MODE #a +l x", ":irc.localhost 696 ann #a l x :*"},
        {"MODE #a +b ::x", ":irc.localhost 696 ann #a b * :*"},
    };
    struct world *w = world_three(&ann, &bob, &eve);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world_say(w, ann, cases[i].line);
        EXPECT(w, ann, cases[i].reply);
        SILENT(w, ann);
        SILENT(w, bob);
    }
    world_free(w);
}

static void
changes_need_an_operator(void)
{
    static const char *const changes[] = {
        "+i",     "-n",     "+m",   "+s",       "-t",         "+k x",
        "-k",     "+l 5",   "-l",   "+b",       "b",          "-b",
        "+o bob", "+v bob", "+b x", "-b x!*@*", "+imnst-b x", "-o ann"};
    struct world *w = world_three(&ann, &bob, &eve);
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        bool is_list = strlen(changes[i]) <= 2 && strchr(changes[i], 'b');
        struct actor *who = i % 2 ? bob : eve;
        world_sayf(w, who, "MODE #a %s", changes[i]);
        EXPECT(w, who,
               is_list ? ":irc.localhost 368 * #a :*" : ":irc.localhost 482 * #a :*");
        SILENT(w, who);
    }
    SILENT(w, ann);
    world_say(w, ann, "MODE #a");
    EXPECT(w, ann, ":irc.localhost 324 ann #a +nt");
    world_free(w);
}

static void
the_ban_list_ends_always(void)
{
    struct world *w = world_three(&ann, &bob, &eve);
    world_say(w, ann, "MODE #a +bb x y@z");
    world_drain_all(w);
    world_say(w, eve, "MODE #a +bbb");
    EXPECT(w, eve, ":irc.localhost 367 eve #a x!*@* ann!ann@10.1.1.1 1795305600");
    EXPECT(w, eve, ":irc.localhost 367 eve #a *!y@z ann!ann@10.1.1.1 1795305600");
    EXPECT(w, eve, ":irc.localhost 368 eve #a :End of channel ban list");
    SILENT(w, eve);
    world_free(w);
}

static void
the_ban_list_is_limited(void)
{
    struct world *w = world_new("limits { bans_per_channel = 2 } flood { burst = 99 }");
    struct actor *a = world_user(w, "ann");
    world_say(w, a, "JOIN #a");
    world_drain(a);
    world_say(w, a, "MODE #a +bbb a b c");
    EXPECT(w, a, ":irc.localhost 478 ann #a b :*");
    EXPECT(w, a, ":ann!ann@* MODE #a +bb a!*@* b!*@*");
    SILENT(w, a);
    world_free(w);
}

static void
no_mask_is_cut_in_a_long_line(void)
{
    char chan[65], nick[31], mask[100], line[600];
    struct world *w = world_new(world_easy);
    memset(nick, 'n', 30);
    nick[30] = '\0';
    memset(chan, 'c', 64);
    chan[0] = '#';
    chan[64] = '\0';
    struct actor *a = world_connect(w, "2001:db8:1111:2222:3333:4444:5555:6666");
    world_sayf(w, a, "NICK %s", nick);
    world_say(w, a, "USER abcdefghij 0 * :x");
    world_sayf(w, a, "JOIN %s", chan);
    world_drain(a);
    snprintf(line, sizeof line, "MODE %s +bbbbbbb", chan);
    for (int i = 0; i < 7; i++) {
        snprintf(mask, sizeof mask,
                 " nick%d!user%d@%d.a.host.name.that.is.some.bytes.longer", i, i, i);
        strncat(line, mask, sizeof line - strlen(line) - 1);
    }
    world_say(w, a, line);
    for (int i = 0; i < 7; i++) {
        snprintf(mask, sizeof mask,
                 "*MODE*nick%d!user%d@%d.a.host.name.that.is.some.bytes.longer*", i, i,
                 i);
        EQUAL_NUMBER(world_count(a, mask), 1);
    }
    EQUAL_NUMBER(world_count(a, "*MODE*longer"), world_count(a, "*"));
    world_drain(a);
    world_sayf(w, a, "MODE %s +b", chan);
    EQUAL_NUMBER(world_count(a, "* 367 *"), 7);
    world_free(w);
}

static void
no_more_than_modes_parameters_count(void)
{
    struct world *w = world_three(&ann, &bob, &eve);
    world_say(w, ann, "MODE #a +bbbbbbbbbbbbb 1 2 3 4 5 6 7 8 9 a b c d");
    world_drain(ann);
    world_say(w, ann, "MODE #a b");
    EQUAL_NUMBER(world_count(ann, "* 367 *"), MODES_MAX);
    world_free(w);
}

static void
user_modes_are_ones_own(void)
{
    static const struct {
        const char *line, *reply;
    } cases[] = {
        {"MODE ann", ":irc.localhost 221 ann +"},
        {"MODE ANN +iw", ":ann!ann@* MODE ann :+iw"},
        {"MODE ann +i", NULL},
        {"MODE ann", ":irc.localhost 221 ann +iw"},
        {"MODE ann -i+w-w", ":ann!ann@* MODE ann :-iw"},
        {"MODE ann +i-i", NULL},
        {"MODE ann +o", ":irc.localhost 481 ann :*"},
        {"MODE ann +oooo", ":irc.localhost 481 ann :*"},
        {"MODE ann +s", ":irc.localhost 481 ann :*"},
        {"MODE ann -os", NULL},
        {"MODE ann +X", ":irc.localhost 501 ann :*X"},
        {"MODE ann +XYZXYZ", ":irc.localhost 501 ann :*X"},
        {"MODE ann \xc3\xa9", ":irc.localhost 501 ann :*?"},
        {"MODE bob", ":irc.localhost 502 ann :*"},
        {"MODE bob +i", ":irc.localhost 502 ann :*"},
        {"MODE nobody", ":irc.localhost 401 ann nobody :*"},
        {"MODE ann", ":irc.localhost 221 ann +"},
    };
    struct world *w = world_three(&ann, &bob, &eve);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world_say(w, ann, cases[i].line);
        if (cases[i].reply)
            EXPECT(w, ann, cases[i].reply);
        SILENT(w, ann);
    }
    SILENT(w, bob);
    world_free(w);
}

static void
an_oper_gives_up_all_rights_at_once(void)
{
    struct world *w = world_three(&ann, &bob, &eve);
    struct actor *o = world_oper(w, "root");
    world_say(w, o, "MODE root");
    EXPECT(w, o, ":irc.localhost 221 root +os*");
    EXPECT(w, o, ":irc.localhost 008 root +bfkors :*");
    world_say(w, o, "MODE root -s");
    EXPECT(w, o, ":root!root@* MODE root :-s");
    world_say(w, o, "MODE root -o+s");
    EXPECT(w, o, ":root!root@* MODE root :-o");
    world_say(w, o, "MODE root +s");
    EXPECT(w, o, ":irc.localhost 481 root :*");
    world_say(w, o, "KILL ann :x");
    EXPECT(w, o, ":irc.localhost 481 root :*");
    CU_ASSERT(!ann->closed);
    EQUAL_NUMBER(w->srv->n_opers, 0);
    world_free(w);
}

/* Server notices, chosen by letters (include/proto/snomasks.def). */
static void
server_notices_are_chosen_by_letters(void)
{
    static const struct {
        const char *line, *reply[2];
    } cases[] = {
        {"MODE root",
         {":irc.localhost 221 root +os*", ":irc.localhost 008 root +bfkors :*"}},
        {"MODE root +s c", {":irc.localhost 008 root +bcfkors :*", NULL}},
        {"MODE root +s -bc", {":irc.localhost 008 root +fkors :*", NULL}},
        {"MODE root +s f-fk+b", {":irc.localhost 008 root +bors :*", NULL}},
        {"MODE root +s", {":irc.localhost 008 root +bfkors :*", NULL}},
        {"MODE root +s !",
         {"*no server notice '!'*", ":irc.localhost 008 root +bfkors :*"}},
        {"MODE root -s", {":root!* MODE root :-s", NULL}},
        {"MODE root +s k", {":root!* MODE root :+s", ":irc.localhost 008 root +k :*"}},
        {"MODE root +s -k", {":root!* MODE root :-s", ":irc.localhost 008 root + :*"}},
    };
    struct world *w = world_three(&ann, &bob, &eve);
    struct actor *o = world_oper(w, "root");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world_say(w, o, cases[i].line);
        for (int r = 0; r < 2 && cases[i].reply[r]; r++)
            EXPECT(w, o, cases[i].reply[r]);
        SILENT(w, o);
    }
    world_free(w);
}

static void
a_server_notice_goes_to_operators_with_its_letter(void)
{
    struct world *w = world_three(&ann, &bob, &eve);
    struct actor *o = world_oper(w, "root");
    world_say(w, o, "MODE root +s -k");
    EXPECT(w, o, "* 008 root +bfors :*");
    world_say(w, o, "KILL ann :first");
    EXPECT(w, o, "* NOTICE root :KILL: ann is disconnected: first"); /* its answer */
    SILENT(w, o);
    world_say(w, o, "MODE root +s ck");
    EXPECT(w, o, "* 008 root +bcfkors :*");
    struct actor *cat = world_user(w, "cat");
    EXPECT(w, o, "*NOTICE root :*** Client connecting: cat!cat@*");
    world_say(w, cat, "QUIT :bye");
    EXPECT(w, o, "*NOTICE root :*** Client exiting: cat!cat@* (Quit: bye)");
    world_say(w, o, "KILL bob :second");
    EXPECT(w, o, "*root killed bob*");
    world_free(w);
}

static void
notices_that_outsiders_cause_are_bounded_and_counted(void)
{
    struct world *w = world_three(&ann, &bob, &eve);
    struct actor *o = world_oper(w, "root");
    char told[64];
    world_say(w, o, "MODE root +s c-bfkors");
    EXPECT(w, o, "* 008 root +c :*");
    for (int i = 0; i < 10; i++) {
        snprintf(told, sizeof told, "u%d", i);
        world_user(w, told);
        EXPECT(w, o, "*Client connecting: u*");
    }
    world_user(w, "u10");
    world_user(w, "u11");
    SILENT(w, o);
    world_sleep(w, 1000);
    world_user(w, "u12");
    EXPECT(w, o, "*2 notices of this kind were left out");
    EXPECT(w, o, "*Client connecting: u12!*");
    world_free(w);
}

static void
the_thirteenth_parameter_is_refused_in_words(void)
{
    struct world *w = world_three(&ann, &bob, &eve);
    world_say(w, ann,
              "MODE #a +bbbbbbbbbbbbb m1 m2 m3 m4 m5 m6 m7 m8 m9 m10 m11 m12 m13");
    EXPECT(w, ann, "* NOTICE ann :MODE #a: at most 12 changes *");
    EXPECT(w, ann, ":ann!* MODE #a +bbbbbbbbbbbb m1!*@* *");
    SILENT(w, ann);
    world_free(w);
}

SUITE(mode)
{
    TEST(modes_are_shown_and_the_key_only_inside);
    TEST(a_change_is_told_as_it_happened);
    TEST(a_bad_change_is_answered);
    TEST(changes_need_an_operator);
    TEST(the_ban_list_ends_always);
    TEST(the_ban_list_is_limited);
    TEST(no_mask_is_cut_in_a_long_line);
    TEST(no_more_than_modes_parameters_count);
    TEST(user_modes_are_ones_own);
    TEST(an_oper_gives_up_all_rights_at_once);
    TEST(server_notices_are_chosen_by_letters);
    TEST(a_server_notice_goes_to_operators_with_its_letter);
    TEST(notices_that_outsiders_cause_are_bounded_and_counted);
    TEST(the_thirteenth_parameter_is_refused_in_words);
}
