/* Mode letters as bits and rows, from modes.def. */
#ifndef PROTO_MODE_H
#define PROTO_MODE_H

#include <stddef.h>
#include <stdint.h>

#define MODES_MAX 12 /* changes with a parameter in one MODE line: 005 MODES */

enum mode_type { MODE_LIST, MODE_KEY, MODE_NUMBER, MODE_FLAG, MODE_PREFIX };

enum chan_mode_index {
#define CHAN_LIST(letter, NAME) CHAN_INDEX_##NAME,
#define CHAN_KEY(letter, NAME) CHAN_INDEX_##NAME,
#define CHAN_NUMBER(letter, NAME) CHAN_INDEX_##NAME,
#define CHAN_FLAG(letter, NAME, help) CHAN_INDEX_##NAME,
#define CHAN_PREFIX(letter, NAME, symbol, rank) CHAN_INDEX_##NAME,
#define USER_FLAG(letter, NAME, help)
#include "proto/modes.def"
#undef CHAN_LIST
#undef CHAN_KEY
#undef CHAN_NUMBER
#undef CHAN_FLAG
#undef CHAN_PREFIX
    CHAN_MODE_COUNT
};

/* CHAN_MODERATED and so on: bits of channel.modes, and for prefixes of member.modes. */
enum chan_mode_bit {
#define CHAN_LIST(letter, NAME) CHAN_##NAME = 1 << CHAN_INDEX_##NAME,
#define CHAN_KEY(letter, NAME) CHAN_##NAME = 1 << CHAN_INDEX_##NAME,
#define CHAN_NUMBER(letter, NAME) CHAN_##NAME = 1 << CHAN_INDEX_##NAME,
#define CHAN_FLAG(letter, NAME, help) CHAN_##NAME = 1 << CHAN_INDEX_##NAME,
#define CHAN_PREFIX(letter, NAME, symbol, rank) CHAN_##NAME = 1 << CHAN_INDEX_##NAME,
#include "proto/modes.def"
#undef CHAN_LIST
#undef CHAN_KEY
#undef CHAN_NUMBER
#undef CHAN_FLAG
#undef CHAN_PREFIX
#undef USER_FLAG
};

/* The list modes count from 0: channel.lists[LIST_BAN]. */
enum chan_list {
#define CHAN_LIST(letter, NAME) LIST_##NAME,
#define CHAN_KEY(letter, NAME)
#define CHAN_NUMBER(letter, NAME)
#define CHAN_FLAG(letter, NAME, help)
#define CHAN_PREFIX(letter, NAME, symbol, rank)
#define USER_FLAG(letter, NAME, help)
#include "proto/modes.def"
#undef CHAN_LIST
    LIST_COUNT
};

#define CHAN_LIST(letter, NAME)
enum user_mode_index {
#undef USER_FLAG
#define USER_FLAG(letter, NAME, help) USER_INDEX_##NAME,
#include "proto/modes.def"
#undef USER_FLAG
    USER_MODE_COUNT
};

/* USER_OPER and so on: bits of client.modes. */
enum user_mode_bit {
#define USER_FLAG(letter, NAME, help) USER_##NAME = 1 << USER_INDEX_##NAME,
#include "proto/modes.def"
};
#undef CHAN_LIST
#undef CHAN_KEY
#undef CHAN_NUMBER
#undef CHAN_FLAG
#undef CHAN_PREFIX
#undef USER_FLAG

struct mode_row {
    char letter;
    enum mode_type type;
    uint32_t bit;
    char symbol;      /* of a prefix */
    int rank;         /* of a prefix */
    int list;         /* of a list: enum chan_list */
    const char *help; /* of a flag; NULL else */
};

extern const struct mode_row mode_channel[CHAN_MODE_COUNT];
extern const struct mode_row mode_user[USER_MODE_COUNT];

/* The row of a letter; NULL if there is none. */
const struct mode_row *mode_find_channel(char letter);
const struct mode_row *mode_find_user(char letter);

/* The letters of the rows of one type, in order, into out ("imnst"). */
void mode_letters(enum mode_type type, char *out, size_t size);
/* All channel letters; all user letters; those that take a parameter (004). */
void mode_letters_channel(char *out, size_t size);
void mode_letters_user(char *out, size_t size);
void mode_letters_param(char *out, size_t size);

#endif
