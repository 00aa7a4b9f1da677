/* An entry of a channel list: a mask, or an extban that wraps or replaces a mask.
 *
 *     [~time:<duration>:][~mute:](<mask> | ~realname:<glob> | ~channel:<#channel>)
 *
 * Each name has a letter as well (~t: ~m: ~r: ~c:), as 005 EXTBAN lists them. An entry
 * is listed with the name or letter it was set with; both mean the same. */
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
    msec length;           /* of ~time:; 0: it has no end */
    unsigned char subject; /* offset in mask.text of the mask, glob or name */
    /* mask.text is the whole entry in canonical form, as it is listed. For a real name
     * or a channel, mask.nick is the glob or the name, and the other parts are empty.
     * The struct must be copied with extban_copy. */
    struct mask mask;
};

/* Parses an entry. False: it is not valid, and *why (a literal) says what was expected.
 * A blank or control character in a glob becomes '?'; a mask with a control character
 * is not valid. A duration without a unit is in minutes. */
bool extban_parse(const char *text, struct extban *out, const char **why);

/* True if two entries mean the same, whatever their spelling (case, name or letter). A
 * list has only one of them. */
bool extban_same(const struct extban *a, const struct extban *b);

void extban_copy(struct extban *to, const struct extban *from);

#endif
