/* Mode letters as bits and rows, from modes.def. */
#ifndef PROTO_MODE_H
#define PROTO_MODE_H

#include <stddef.h>
#include <stdint.h>

#define MODES_MAX 12 /* changes with a parameter in one MODE line (005 MODES) */

enum mode_type { MODE_LIST, MODE_KEY, MODE_NUMBER, MODE_FLAG, MODE_PREFIX };

#define USER(letter, NAME, help)
enum chan_mode_index {
#define CHAN(type, letter, NAME, symbol, help) CHAN_INDEX_##NAME,
#include "proto/modes.def"
#undef CHAN
    CHAN_MODE_COUNT
};

/* CHAN_MODERATED and so on: bits of channel.modes, and for prefixes of member.modes. */
enum chan_mode_bit {
#define CHAN(type, letter, NAME, symbol, help) CHAN_##NAME = 1 << CHAN_INDEX_##NAME,
#include "proto/modes.def"
#undef CHAN
};

/* The statuses of a member: with any of them it speaks where other members may not. */
#define CHAN_STATUS (CHAN_OP | CHAN_HALFOP | CHAN_VOICE)

/* The list modes, counted from 0: indices of channel.lists. */
enum chan_list {
#define LIST_IF_LIST(NAME) LIST_##NAME,
#define LIST_IF_KEY(NAME)
#define LIST_IF_NUMBER(NAME)
#define LIST_IF_FLAG(NAME)
#define LIST_IF_PREFIX(NAME)
#define CHAN(type, letter, NAME, symbol, help) LIST_IF_##type(NAME)
#include "proto/modes.def"
#undef CHAN
    LIST_COUNT
};
#undef USER

#define CHAN(type, letter, NAME, symbol, help)
enum user_mode_index {
#define USER(letter, NAME, help) USER_INDEX_##NAME,
#include "proto/modes.def"
#undef USER
    USER_MODE_COUNT
};

/* USER_OPER and so on: bits of client.user.modes. */
enum user_mode_bit {
#define USER(letter, NAME, help) USER_##NAME = 1 << USER_INDEX_##NAME,
#include "proto/modes.def"
#undef USER
};
#undef CHAN

struct mode_row {
    char letter;
    enum mode_type type;
    uint32_t bit; /* CHAN_* or USER_* */
    int list;     /* enum chan_list of a list mode; else -1 */
    char symbol;  /* of a prefix mode; else 0 */
    const char *help;
};

extern const struct mode_row mode_channel[CHAN_MODE_COUNT];
extern const struct mode_row mode_user[USER_MODE_COUNT];

/* The row of a letter; NULL if there is none. */
const struct mode_row *mode_find_channel(char letter);
const struct mode_row *mode_find_user(char letter);

/* The member modes that rank as high as a prefix symbol or higher ('@': operators; '+':
 * every status); 0: there is no such symbol. */
uint32_t mode_at_least(char symbol);

/* Room for the letter of each user mode once, and both signs. */
#define USER_MODES_TEXT (USER_MODE_COUNT + sizeof "+-")

/* Writes '+' and the letters of these user modes (USER_*), in the order of the rows. */
void mode_write_user(uint32_t modes, char *out, size_t size);

/* Writes the letters of one type of channel mode into out, in the order of the rows
 * ("imnst"). */
void mode_letters(enum mode_type type, char *out, size_t size);
/* The same for all channel modes, for all user modes, and for the channel modes that
 * take a parameter (004). */
void mode_letters_channel(char *out, size_t size);
void mode_letters_user(char *out, size_t size);
void mode_letters_param(char *out, size_t size);

#endif
