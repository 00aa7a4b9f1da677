/* What operators may do, when the configuration changes. */
#ifndef CMD_OPER_H
#define CMD_OPER_H

struct client;
struct server;

/* One log event and one notice to the other operators: c, who was operator by the block
 * `name`, is none any more. */
void oper_ended(struct server *srv, const struct client *c, const char *name,
                const char *why);

/* Gives every operator the privileges of his block and its class as they are now, and
 * tells him if they differ; whose block has gone, or does not admit him any more, is
 * told and is no operator. */
void oper_reconfigure(struct server *srv);

#endif
