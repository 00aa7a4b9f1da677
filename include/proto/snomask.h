/* Server notice masks: which notices an operator wants, MODE nick +s bkf (the field's
 * "snomask"; no specification). */
#ifndef PROTO_SNOMASK_H
#define PROTO_SNOMASK_H

#include <stddef.h>
#include <stdint.h>

enum snomask_index {
#define SNO(letter, NAME, on, help) SNO_INDEX_##NAME,
#include "proto/snomasks.def"
#undef SNO
    SNO_COUNT
};

/* SNO_BANS and so on: bits of client.snomask. */
enum snomask_bit {
#define SNO(letter, NAME, on, help) SNO_##NAME = 1 << SNO_INDEX_##NAME,
#include "proto/snomasks.def"
#undef SNO
};

/* What +s alone turns on. */
enum {
    SNO_DEFAULT = 0
#define SNO(letter, NAME, on, help) | ((on) << SNO_INDEX_##NAME)
#include "proto/snomasks.def"
#undef SNO
};

struct snomask_row {
    char letter;
    const char *help;
};
extern const struct snomask_row snomask_rows[SNO_COUNT];

#define SNOMASK_TEXT (SNO_COUNT + 2)

/* `mask` changed by "+bk-f" ('+' may be left out at the front; letters in any order).
 * *unknown: the first letter that there is none of; 0: none. */
uint16_t snomask_change(uint16_t mask, const char *changes, char *unknown);

/* "+bkf" (or "+") into out, SNOMASK_TEXT bytes. */
void snomask_format(uint16_t mask, char *out, size_t size);

#endif
