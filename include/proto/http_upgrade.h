/* The request by which a client makes a WebSocket of a connection (RFC 6455 4.2.1). */
#ifndef PROTO_HTTP_UPGRADE_H
#define PROTO_HTTP_UPGRADE_H

#include "base/msec.h"
#include "base/str.h"
#include "proto/http.h"

struct http_policy;

/* The text that follows the key in the digest of Sec-WebSocket-Accept, which is SHA-1
 * in base64 (RFC 6455 4.2.2). */
#define HTTP_UPGRADE_SUFFIX "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

#define HTTP_UPGRADE_KEY 24 /* bytes of a key: 16 bytes in base64 */

/* Judges a whole request for a path that takes WebSockets: GET, HTTP/1.1, Upgrade with
 * websocket, Connection with upgrade, version 13, a key of 16 bytes in base64.
 * HTTP_FINE: *key is the key as it was sent, HTTP_UPGRADE_KEY bytes of it. Else a
 * refusal, and *key is empty. Origin is not looked at (http_origin). */
enum http_refusal http_upgrade(const struct http_request *r, struct http_text *key);

/* Writes the head that ends HTTP on the connection (101) behind what is in *out.
 * accept: the value of Sec-WebSocket-Accept. protocol: the one that was chosen, in the
 * server's own spelling; NULL: none, and then the field is not sent. False: there was
 * too little room (HTTP_ANSWER_HEAD is enough). */
bool http_upgrade_answer(struct str *out, const char *accept, const char *protocol,
                         msec wall, const struct http_policy *policy);

#endif
