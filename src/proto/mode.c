/* The tables of mode letters, made of modes.def.
 *
 * What a letter does is not said here: cmd/mode.c has one function for each type, and
 * policy/access.c asks for the bits. */
#include "proto/mode.h"

#include "base/str.h"

const struct mode_row mode_channel[CHAN_MODE_COUNT] = {
#define CHAN_LIST(letter, NAME)                                                        \
    {letter, MODE_LIST, CHAN_##NAME, 0, 0, LIST_##NAME, NULL},
#define CHAN_KEY(letter, NAME) {letter, MODE_KEY, CHAN_##NAME, 0, 0, 0, NULL},
#define CHAN_NUMBER(letter, NAME) {letter, MODE_NUMBER, CHAN_##NAME, 0, 0, 0, NULL},
#define CHAN_FLAG(letter, NAME, help) {letter, MODE_FLAG, CHAN_##NAME, 0, 0, 0, help},
#define CHAN_PREFIX(letter, NAME, symbol, rank)                                        \
    {letter, MODE_PREFIX, CHAN_##NAME, symbol, rank, 0, NULL},
#define USER_FLAG(letter, NAME, help)
#include "proto/modes.def"
#undef CHAN_LIST
#undef CHAN_KEY
#undef CHAN_NUMBER
#undef CHAN_FLAG
#undef CHAN_PREFIX
#undef USER_FLAG
};

const struct mode_row mode_user[USER_MODE_COUNT] = {
#define CHAN_LIST(letter, NAME)
#define CHAN_KEY(letter, NAME)
#define CHAN_NUMBER(letter, NAME)
#define CHAN_FLAG(letter, NAME, help)
#define CHAN_PREFIX(letter, NAME, symbol, rank)
#define USER_FLAG(letter, NAME, help) {letter, MODE_FLAG, USER_##NAME, 0, 0, 0, help},
#include "proto/modes.def"
};

static const struct mode_row *
find(const struct mode_row *rows, size_t n, char letter)
{
    for (size_t i = 0; i < n; i++)
        if (rows[i].letter == letter)
            return &rows[i];
    return NULL;
}

const struct mode_row *
mode_find_channel(char letter)
{
    return find(mode_channel, CHAN_MODE_COUNT, letter);
}

const struct mode_row *
mode_find_user(char letter)
{
    return find(mode_user, USER_MODE_COUNT, letter);
}

void
mode_letters(enum mode_type type, char *out, size_t size)
{
    struct str s;
    str_init(&s, out, size);
    for (size_t i = 0; i < CHAN_MODE_COUNT; i++)
        if (mode_channel[i].type == type)
            str_addc(&s, mode_channel[i].letter);
}

void
mode_letters_channel(char *out, size_t size)
{
    struct str s;
    str_init(&s, out, size);
    for (size_t i = 0; i < CHAN_MODE_COUNT; i++)
        str_addc(&s, mode_channel[i].letter);
}

void
mode_letters_user(char *out, size_t size)
{
    struct str s;
    str_init(&s, out, size);
    for (size_t i = 0; i < USER_MODE_COUNT; i++)
        str_addc(&s, mode_user[i].letter);
}

void
mode_letters_param(char *out, size_t size)
{
    struct str s;
    str_init(&s, out, size);
    for (size_t i = 0; i < CHAN_MODE_COUNT; i++)
        if (mode_channel[i].type != MODE_FLAG)
            str_addc(&s, mode_channel[i].letter);
}
