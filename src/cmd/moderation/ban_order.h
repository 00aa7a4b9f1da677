/* The parameters of KLINE, DLINE, RESV and XLINE, taken apart. */
#ifndef SRC_CMD_MODERATION_BAN_ORDER_H
#define SRC_CMD_MODERATION_BAN_ORDER_H

#include "base/msec.h"
#include "policy/ban/ban.h"
#include "proto/mask.h"

#include <stdbool.h>

struct request;

/* What such a command asks for. */
struct ban_order {
    enum ban_kind kind;
    bool force;
    bool now;    /* those who are on and match are ended, also where they would stay */
    msec length; /* 0: permanent */
    const char *target;
    struct mask mask;
    char reason[BAN_REASON], oper_reason[BAN_REASON];
};

/* Reads [FORCE] [NOW] [duration] <target> [:reason], or <target> duration [:reason],
 * into *o, of which the kind is set and all else is zero; `target` points into the
 * request. The mask is left alone. False: the answer has said what is wrong. */
bool ban_order_read(struct request *req, struct ban_order *o);

/* Answers that such a command is refused because of `why`, with its right form. */
void ban_order_refuse(struct request *req, enum ban_kind kind, const char *why);

#endif
