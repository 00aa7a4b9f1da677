/* The rights of an operator. */
#ifndef CMD_OPER_RIGHTS_H
#define CMD_OPER_RIGHTS_H

struct client;
struct config_oper;
struct request;
struct server;

/* Makes c an operator by this block, and tells c and the operators. */
void oper_begin(struct server *srv, struct client *c, const struct config_oper *oper);

/* One log event and one notice to the operators: c, which was an operator by the block
 * `name`, is none any more, because of `why`. */
void oper_ended(struct server *srv, const struct client *c, const char *name,
                const char *why);

/* Writes a command of a client of the control socket to the log. Does nothing if it has
 * no privileges, or if the command is a part of one that the log has. */
void oper_log_owner(const struct request *req);

#endif
