/* The capability sts (https://ircv3.net/specs/extensions/sts), which tells clients to use
 * TLS. */
#ifndef SRC_CMD_SERVER_STS_H
#define SRC_CMD_SERVER_STS_H

#include <stddef.h>

struct client;
struct server;

#define STS_TEXT 64 /* room for sts_write */

/* Writes the capability as CAP LS 302 shows it to c: "sts=port=6697" without TLS,
 * "sts=duration=2592000,preload" with TLS; "" if it is not offered to c. */
void sts_write(const struct server *srv, const struct client *c, char *out,
               size_t size);

#endif
