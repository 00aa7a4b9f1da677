/* The end of an operator's rights. */
#ifndef CMD_OPER_H
#define CMD_OPER_H

struct client;
struct server;

/* One log event and one notice to the operators: c, which was an operator by the block
 * `name`, is none any more, because of `why`. */
void oper_ended(struct server *srv, const struct client *c, const char *name,
                const char *why);

#endif
