/* The parameters of KLINE, DLINE, RESV and XLINE. */
#ifndef SRC_CMD_MODERATION_BAN_ORDER_H
#define SRC_CMD_MODERATION_BAN_ORDER_H

#include "base/msec.h"
#include "policy/ban/ban.h"
#include "proto/mask.h"

#include <stdbool.h>

struct request;

/* The command and its parameters. */
struct ban_order {
    enum ban_kind kind;
    bool force;
    bool now;    /* clients that match are ended even if the kind lets them stay */
    msec length; /* 0: permanent */
    const char *target; /* a nick or a mask, as typed; points into the request */
    struct mask mask;
    char reason[BAN_REASON], oper_reason[BAN_REASON];
};

/* Reads [FORCE] [NOW] [duration] <target> [:reason], or <target> duration [:reason],
 * into *o. The caller has set o->kind and zeroed all else; o->mask is left to it.
 * False: the command is refused, and the client is told why. */
bool ban_order_read(struct request *req, struct ban_order *o);

/* Tells the client that the command is refused because of `why`, with an example. */
void ban_order_refuse(struct request *req, enum ban_kind kind, const char *why);

#endif
