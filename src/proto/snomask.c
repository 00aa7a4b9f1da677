/* Server notice masks: letters to bits and back, by the rows of snomasks.def.
 *
 * The commands decide which operator may set a mask, and state/tell.c decides which
 * client gets a notice. */
#include "proto/snomask.h"

#include "base/str.h"

const struct snomask_row snomask_rows[SNO_COUNT] = {
#define SNO(letter, NAME, on, help) {letter, help},
#include "proto/snomasks.def"
#undef SNO
};

/* The bit of a letter; 0: the letter is unknown. */
static uint16_t
find_snomask_bit(char letter)
{
    for (int i = 0; i < SNO_COUNT; i++)
        if (snomask_rows[i].letter == letter)
            return (uint16_t)(1U << i);
    return 0;
}

uint16_t
snomask_change(uint16_t mask, const char *changes, char *unknown)
{
    bool adding = true;
    *unknown = 0;
    for (const char *at = changes; *at; at++) {
        uint16_t bit = find_snomask_bit(*at);
        if (*at == '+' || *at == '-')
            adding = *at == '+';
        else if (bit == 0 && *unknown == 0)
            *unknown = *at;
        mask = (uint16_t)(adding ? mask | bit : mask & ~bit);
    }
    return mask;
}

void
snomask_format(uint16_t mask, char *out, size_t size)
{
    struct str s;
    str_init(&s, out, size);
    str_addc(&s, '+');
    for (int i = 0; i < SNO_COUNT; i++)
        if (mask & 1U << i)
            str_addc(&s, snomask_rows[i].letter);
}
