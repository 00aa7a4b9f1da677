/* Bearer tokens of calls of the API. */
#ifndef SRC_SESSION_ACTING_H
#define SRC_SESSION_ACTING_H

struct act_refusal;
struct config_oper;
struct connection_info;
struct server;

/* The oper block that info->token acts for. NULL: it is refused, *out says why, operators
 * are told, and an unknown token counts as a failed OPER of its host. */
const struct config_oper *acting_judge(struct server *srv,
                                       const struct connection_info *info,
                                       struct act_refusal *out);

#endif
