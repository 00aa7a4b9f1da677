/* The server that a query names: there is only this one. */
#ifndef CMD_PLACE_H
#define CMD_PLACE_H

#include <stdbool.h>

struct client;
struct request;
struct server;

/* True if target (NULL or "": none given) is this server: its name, a mask that matches
 * it, or the nick of somebody on it. Else c is answered 402. */
bool place_is_here(struct request *req, const char *target);

#endif
