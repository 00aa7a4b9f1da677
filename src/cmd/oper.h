/* What operators may do, when the configuration changes. */
#ifndef CMD_OPER_H
#define CMD_OPER_H

struct server;

/* Gives every operator the privileges of his block as it is now; whose block has gone,
 * or does not admit him any more, is told and is no operator. */
void oper_reconfigure(struct server *srv);

#endif
