/* What an entry of a channel list says: a mask, or an extban that wraps or replaces it.
 *
 *     [~time:<duration>:][~mute:](<mask> | ~realname:<glob> | ~channel:<#channel>)
 *
 * Each name has a letter as well (~t: ~m: ~r: ~c:), as 005 EXTBAN lists them. An entry
 * is listed with the one it was set with; both mean the same. */
#ifndef PROTO_EXTBAN_H
#define PROTO_EXTBAN_H

#include "base/msec.h"
#include "proto/mask.h"

#include <stdbool.h>
#include <stddef.h>

#define EXTBAN_LETTERS "cmrt" /* 005 EXTBAN=~,… */

enum extban_kind { EXTBAN_MASK, EXTBAN_REALNAME, EXTBAN_CHANNEL };

struct extban {
    enum extban_kind kind;
    bool mute;             /* its subject may join, but not speak */
    msec length;           /* of ~time:; 0: without an end */
    unsigned char subject; /* where in the text the mask, glob or name begins */
    /* text: all of it in canonical form, as listed. For a real name or channel, nick is
     * the glob or name and the rest is empty. Do not copy the struct: extban_copy. */
    struct mask mask;
};

/* False when it is not valid; why (a literal) says what was expected. A blank or
 * control character in a glob becomes '?', a mask holds none; a duration without a unit
 * is in minutes. */
bool extban_parse(const char *text, struct extban *out, const char **why);

/* Do two entries mean the same, however they were spelled (case, name or letter)? Then
 * they are one entry of a list. */
bool extban_same(const struct extban *a, const struct extban *b);

void extban_copy(struct extban *to, const struct extban *from);

#endif
