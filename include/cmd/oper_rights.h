/* The rights of an operator. */
#ifndef CMD_OPER_RIGHTS_H
#define CMD_OPER_RIGHTS_H

#include <stdbool.h>

struct client;
struct command;
struct config_oper;
struct request;
struct server;

/* Makes c an operator by this block, and tells c and the operators. */
void oper_begin(struct server *srv, struct client *c, const struct config_oper *oper);

/* One log event and one notice to the operators: c, which was an operator by the block
 * `name`, is none any more, because of `why`. */
void oper_ended(struct server *srv, const struct client *c, const char *name,
                const char *why);

/* Writes a command of a client with CLIENT_ACTING to the log. Does nothing for a check of
 * the health, or if the command is a part of one that the log has. */
void oper_log_acting(const struct request *req);

/* Whether c, which has CLIENT_ACTING, may run this command. The call of a token runs no
 * command with which users chat or connect. */
bool oper_may_call(const struct client *c, const struct command *row);

#endif
