/* Wrong forms of KLINE and the other commands of bans: the answer names the word that
 * is wrong. */
#include "world.h"

static void
words_of_a_reason_without_a_colon_are_refused_whole(void)
{
    struct actor *alice;
    struct world *w = world_with_oper(world_alice, &alice);
    world_enact(w, alice, "KLINE 1h 192.0.2.7 spam and more");
    EXPECT(w, alice,
           "* :KLINE refused: '*' is a word too many: a reason of several words needs "
           "':' *");
    SILENT(w, alice);
    world_enact(w, alice, "KLINE -1 192.0.2.7 :x");
    EXPECT(w, alice, "* :KLINE refused: '-1' is not a duration *");
    world_free(w);
}

static void
a_refusal_names_the_word_that_is_wrong(void)
{
    static const struct {
        const char *line, *why;
    } cases[] = {
        {"KLINE 10m", "'10m' is a duration, and the mask is missing. Example: KLINE *"},
        {"KLINE FORCE 10m", "'10m' is a duration, and the mask is missing. *"},
        {"KLINE FORCE", "nothing comes after FORCE. Example: KLINE *"},
        {"KLINE 10m FORCE *@192.0.2.7 :x", "FORCE must come before all others. *"},
        {"KLINE *@192.0.2.7 FORCE :x", "FORCE must come before all others. *"},
        {"KLINE 1.5h foo@192.0.2.7 :x", "'1.5h' is not a duration (*number). *"},
        {"KLINE h foo@192.0.2.7 :x", "'h' is not a duration (*number). *"},
        {"KLINE 10x foo@192.0.2.7 :x", "'10x' is not a duration (*number). *"},
        {"KLINE 10x foo@192.0.2.7", "'10x' is not a duration (*number). *"},
        {"KLINE foo@192.0.2.7 spam here",
         "'spam' is not a duration (*number), and a reason of several words *"},
        {"KLINE 10m 10m foo@192.0.2.7 :x", "'x' is a word too many: *"},
    };
    struct actor *alice;
    struct world *w = world_with_oper(world_alice, &alice);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char want[200];
        snprintf(want, sizeof want, "* :KLINE refused: %s", cases[i].why);
        world_enact(w, alice, cases[i].line);
        EXPECT(w, alice, want);
        SILENT(w, alice);
    }
    world_free(w);
}

SUITE(ban_forms)
{
    TEST(words_of_a_reason_without_a_colon_are_refused_whole);
    TEST(a_refusal_names_the_word_that_is_wrong);
}
