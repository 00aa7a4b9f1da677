/* LUSERS and MOTD: part of every welcome, and commands of their own. */
#ifndef SRC_CMD_SERVER_LUSERS_H
#define SRC_CMD_SERVER_LUSERS_H

struct client;
struct server;

/* 251 to 255, 265, 266. */
void lusers_send(struct server *srv, struct client *c);

/* 375, 372…, 376, or 422 when there is none. */
void motd_send(struct server *srv, struct client *c);

#endif
