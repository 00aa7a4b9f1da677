/* Server notice masks: the kinds of notices that an operator gets, as in MODE nick +s
 * bkf. IRC servers call it "snomask"; there is no specification. */
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

/* SNO_BANS and so on: bits of client.user.snomask. */
enum snomask_bit {
#define SNO(letter, NAME, on, help) SNO_##NAME = 1 << SNO_INDEX_##NAME,
#include "proto/snomasks.def"
#undef SNO
};

/* The mask that +s without letters sets. */
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

#define SNOMASK_TEXT (SNO_COUNT + 2) /* room for any snomask_format result */

/* Returns `mask` changed by "+bk-f" (the first '+' may be missing; letters in any
 * order). *unknown: the first letter that is no kind of notice; 0: there is none. */
uint16_t snomask_change(uint16_t mask, const char *changes, char *unknown);

/* Writes "+bkf" (or "+") into out, SNOMASK_TEXT bytes. */
void snomask_format(uint16_t mask, char *out, size_t size);

#endif
