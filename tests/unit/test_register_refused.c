/* Refused lines of registration (468, 432, 410, FAIL): each is answered, so no program
 * waits for ever. */
#include "world.h"

/* Each refusal has the numeric that programs wait for, and the next try registers; with
 * the capability and without it. */
static void
a_refused_line_of_registration_says_so_and_leaves_a_way_on(void)
{
    static const struct {
        const char *line, *told, *also;
    } cases[] = {
        {"USER \xf0\x9f\x98\x80 0 * :x", ":* 468 ? :*; send USER again", NULL},
        {"USER u 0 * :caf\xe9", ":* 468 ? :*UTF-8*; send USER again",
         ":* FAIL USER INVALID_UTF8 :*"},
        {"USER \xff 0 * :x", ":* 468 ? :*; send USER again",
         ":* FAIL USER INVALID_UTF8 :*"},
        {"USER u 0 * :a\rb", ":* 468 ? :*; send USER again", ":* NOTICE ? :*bare CR*"},
        {"USER u 0 *", ":* 461 ? USER :*", NULL},
        {"NICK caf\xe9", ":* 432 ? ? :*", ":* FAIL NICK INVALID_UTF8 :*"},
        {"NICK \xf0\x9f\x98\x80", ":* 432 ? \xf0\x9f\x98\x80 :*", NULL},
        {"NICK :a b", ":* 432 ? ? :Erroneous*", NULL},
        {"NICK ::a", ":* 432 ? ? :Erroneous*", NULL},
        {"NICK a\rb", ":* 432 ? ? :*", ":* NOTICE ? :*bare CR*"},
        {"NICK", ":* 431 ? :*", NULL},
        {"PASS \xff", ":* FAIL PASS INVALID_UTF8 :*", NULL},
        {"PASS", ":* 461 ? PASS :*", NULL},
        {"CAP REQ :\xff", ":* 410 ? ? :*", ":* FAIL CAP INVALID_UTF8 :*"},
        {"CAP :a b", ":* 410 ? ? :*", NULL},
        {"FROB \xff", ":* FAIL ? INVALID_UTF8 :*", NULL},
    };
    struct world *w = world_new("flood { burst = 1000 unregistered = 1000 }");
    for (size_t i = 0; i < 2 * sizeof cases / sizeof *cases; i++) {
        struct actor *a = world_connect(w, "192.0.2.1");
        if (i % 2) {
            world_say(w, a, "CAP REQ standard-replies");
            EXPECT(w, a, ":* CAP ? ACK :standard-replies");
        }
        world_say(w, a, cases[i / 2].line);
        EXPECT(w, a, cases[i / 2].told);
        if (cases[i / 2].also)
            EXPECT(w, a, cases[i / 2].also);
        SILENT(w, a);
        world_say(w, a, "NICK ann\r\nUSER ann 0 * :Ann\r\nCAP END");
        AWAIT(w, a, ":* 001 ann :*");
        world_close(w, a);
        world_sleep(w, MSEC_MINUTE);
    }
    world_free(w);
}

SUITE(register_refused)
{
    TEST(a_refused_line_of_registration_says_so_and_leaves_a_way_on);
}
