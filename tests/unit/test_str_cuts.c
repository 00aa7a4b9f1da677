/* No command cuts a text inside a UTF-8 character, wherever the text stands and however
 * long it is. world.c refuses each line that is not UTF-8. */
#include "base/str.h"
#include "cmd/command.h"
#include "cmd/registry.h"
#include "proto/utf8.h"
#include "world.h"

#define NAMES_MAX 160

static const char *const characters[] = {"\xC3\xBC", "\xE2\x82\xAC",
                                         "\xF0\x9F\x8D\xB5"};

/* The texts before the text, so that it is taken as a mask, a duration, an option. */
static const char *const openings[] = {"", "*@", "9", "#", "1.", "~time:1d:"};

/* `length` bytes at most: the opening, `pad` letters, and one character again and
 * again. */
static void
make_word(char *out, size_t length, const char *opening, size_t pad, const char *unit)
{
    size_t n = (size_t)sprintf(out, "%s%.*s", opening, (int)pad, "xxx");
    while (n + strlen(unit) < length)
        n += (size_t)sprintf(out + n, "%s", unit);
}

/* Commands that end the connection or the world. */
static bool
is_left_out(const char *name)
{
    static const char *const names[] = {"QUIT", "DIE", "RESTART"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

static void
try_command(struct world *w, struct actor *alice, const char *name, const char *word)
{
    static const char *const before[] = {"",    "x ",   "bob 1 :",           "#tea ",
                                         "1d ", "1h :", "1d *@192.0.2.7 :x|"};
    char line[512];
    for (size_t f = 0; f < sizeof before / sizeof *before; f++) {
        str_format(line, sizeof line, "%s %s%s", name, before[f], word);
        world_say(w, alice, line);
        world_store_news(w);
        world_drain_all(w);
    }
}

static void
try_words(struct world *w, struct actor *alice, const char *name)
{
    char word[200];
    for (size_t o = 0; o < sizeof openings / sizeof *openings; o++)
        for (size_t c = 0; c < sizeof characters / sizeof *characters; c++)
            for (size_t pad = 0; pad < 4; pad++) {
                make_word(word, 100, openings[o], pad, characters[c]);
                try_command(w, alice, name, word);
            }
}

static void
no_command_cuts_a_character(void)
{
    char names[NAMES_MAX][16];
    size_t n = 0;
    const struct command *row;
    struct world *w = world_new(world_easy);
    for (; n < NAMES_MAX && (row = registry_row(w->srv, n, NULL, NULL)) != NULL; n++)
        str_format(names[n], sizeof names[n], "%s", row->name);
    world_free(w);
    CU_ASSERT(n < NAMES_MAX);
    for (size_t i = 0; i < n; i++) {
        if (is_left_out(names[i]))
            continue;
        w = world_new(world_easy);
        struct actor *alice = world_oper(w, "alice");
        world_user_at(w, "bob", "198.51.100.7");
        world_say(w, alice, "JOIN #tea");
        try_words(w, alice, names[i]);
        world_free(w);
    }
}

static void
a_full_room_ends_with_a_whole_character(void)
{
    char room[32];
    for (size_t size = 1; size <= sizeof room; size++)
        for (size_t c = 0; c < sizeof characters / sizeof *characters; c++) {
            const char *u = characters[c];
            struct str s;
            str_format(room, size, "a%s%s%s%s%s%s%s", u, u, u, u, u, u, u);
            CU_ASSERT(utf8_valid(room, strlen(room)) && strlen(room) < size);
            CU_ASSERT(strlen(room) + strlen(u) >= size || strlen(room) > 7 * strlen(u));
            str_format(room, size, "%s%5s%s", u, u, "xxxxxxxxxxxxxxxxxxxxxxxxxxx");
            CU_ASSERT(utf8_valid(room, strlen(room)));
            str_init(&s, room, size);
            for (int i = 0; i < 9; i++)
                str_add(&s, u);
            str_add(&s, "x"); /* never behind the place of the cut */
            CU_ASSERT(utf8_valid(room, strlen(room)) && strlen(room) == s.len);
            CU_ASSERT(!s.cut || strchr(room, 'x') == NULL);
        }
}

static void
what_a_message_repeats_is_cut_at_60_bytes(void)
{
    char text[80], room[STR_SHOWN];
    memset(text, 'x', sizeof text);
    text[60] = '\0';
    EQUAL_TEXT(str_shown(text, room), text);
    text[60] = 'x';
    text[61] = '\0';
    EQUAL_NUMBER(strlen(str_shown(text, room)), 63);
    CU_ASSERT(strcmp(room + 60, "...") == 0);
    memcpy(text + 59, "\xC3\xBC!", 4);
    EQUAL_NUMBER(strlen(str_shown(text, room)), 62);
    CU_ASSERT(strcmp(room + 59, "...") == 0);
    EQUAL_TEXT(str_shown("", room), "");
    EQUAL_TEXT(SHOWN("short"), "short");
}

SUITE(str_cuts)
{
    TEST(no_command_cuts_a_character);
    TEST(a_full_room_ends_with_a_whole_character);
    TEST(what_a_message_repeats_is_cut_at_60_bytes);
}
