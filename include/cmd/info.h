/* Replies about the server that several commands and the welcome share. */
#ifndef CMD_INFO_H
#define CMD_INFO_H

#include <stdbool.h>

struct client;
struct request;
struct server;

/* True if the target of a command means this server: the name of the server, a mask
 * that matches it, or the nick of a registered client. NULL or "" means this server
 * too. Otherwise sends 402 to the client and returns false. */
bool info_is_this_server(struct request *req, const char *target);

/* Sends the reply to LUSERS: 251 to 255, 265 and 266. */
void info_send_lusers(struct server *srv, struct client *c);

/* Sends the reply to MOTD: 375, a 372 for each line, and 376; or 422 if there is no
 * text. */
void info_send_motd(struct server *srv, struct client *c);

#endif
