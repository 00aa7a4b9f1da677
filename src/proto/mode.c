/* The tables of mode letters, made of modes.def.
 *
 * The effect of a mode is elsewhere: cmd/chat/mode_channel.c has one function for each
 * type, and other files test the bits. */
#include "proto/mode.h"

#include "base/str.h"

#define LIST_OF_LIST(NAME) LIST_##NAME
#define LIST_OF_KEY(NAME) -1
#define LIST_OF_NUMBER(NAME) -1
#define LIST_OF_FLAG(NAME) -1
#define LIST_OF_PREFIX(NAME) -1

const struct mode_row mode_channel[CHAN_MODE_COUNT] = {
#define CHAN(type, letter, NAME, symbol, help)                                         \
    {letter, MODE_##type, CHAN_##NAME, LIST_OF_##type(NAME), symbol, help},
#define USER(letter, NAME, help)
#include "proto/modes.def"
#undef CHAN
#undef USER
};

const struct mode_row mode_user[USER_MODE_COUNT] = {
#define CHAN(type, letter, NAME, symbol, help)
#define USER(letter, NAME, help) {letter, MODE_FLAG, USER_##NAME, -1, 0, help},
#include "proto/modes.def"
#undef CHAN
#undef USER
};

static const struct mode_row *
find_mode_row(const struct mode_row *rows, size_t n, char letter)
{
    for (size_t i = 0; i < n; i++)
        if (rows[i].letter == letter)
            return &rows[i];
    return NULL;
}

const struct mode_row *
mode_find_channel(char letter)
{
    return find_mode_row(mode_channel, CHAN_MODE_COUNT, letter);
}

const struct mode_row *
mode_find_user(char letter)
{
    return find_mode_row(mode_user, USER_MODE_COUNT, letter);
}

uint32_t
mode_at_least(char symbol)
{
    uint32_t modes = 0;
    for (size_t i = 0; i < CHAN_MODE_COUNT; i++) {
        if (mode_channel[i].type != MODE_PREFIX)
            continue;
        modes |= mode_channel[i].bit;
        if (mode_channel[i].symbol == symbol)
            return modes;
    }
    return 0;
}

void
mode_write_user(uint32_t modes, char *out, size_t size)
{
    struct str s;
    str_init(&s, out, size);
    str_addc(&s, '+');
    for (size_t i = 0; i < USER_MODE_COUNT; i++)
        if (modes & mode_user[i].bit)
            str_addc(&s, mode_user[i].letter);
}

static void
write_mode_letters(const struct mode_row *rows, size_t n, unsigned types, char *out,
                   size_t size)
{
    struct str s;
    str_init(&s, out, size);
    for (size_t i = 0; i < n; i++)
        if (types & 1u << rows[i].type)
            str_addc(&s, rows[i].letter);
}

void
mode_letters(enum mode_type type, char *out, size_t size)
{
    write_mode_letters(mode_channel, CHAN_MODE_COUNT, 1u << type, out, size);
}

void
mode_letters_channel(char *out, size_t size)
{
    write_mode_letters(mode_channel, CHAN_MODE_COUNT, ~0u, out, size);
}

void
mode_letters_user(char *out, size_t size)
{
    write_mode_letters(mode_user, USER_MODE_COUNT, ~0u, out, size);
}

void
mode_letters_param(char *out, size_t size)
{
    write_mode_letters(mode_channel, CHAN_MODE_COUNT, ~(1u << MODE_FLAG), out, size);
}
