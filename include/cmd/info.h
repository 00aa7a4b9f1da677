/* Facts about the server, for several commands and for the welcome. */
#ifndef CMD_INFO_H
#define CMD_INFO_H

#include <stdbool.h>

struct client;
struct request;
struct server;

/* Whether a command that names a server means this one. target is its name, a mask that
 * matches its name, or the nick of a client that is registered; NULL or "": the command
 * names none, which means this one. False: the client is answered with 402. */
bool info_is_this_server(struct request *req, const char *target);

/* The answer to LUSERS: 251 to 255, 265 and 266. */
void info_send_lusers(struct server *srv, struct client *c);

/* The answer to MOTD: 375, a 372 for each line, 376; or 422 if there is no text. */
void info_send_motd(struct server *srv, struct client *c);

#endif
