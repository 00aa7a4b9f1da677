/* A client of HTTP for the tests of web listeners, over plain sockets. */
#ifndef TESTS_WEB_CLIENT_H
#define TESTS_WEB_CLIENT_H

#include "looped.h"

#include "../../src/net/web_conn.h"

#define WEB_ADDR "192.0.2.1"
#define WEB_HOST "Host: irc.example.org\r\n"
#define WEB_GET(path) "GET " path " HTTP/1.1\r\n" WEB_HOST "\r\n"
/* A request for a WebSocket without its last line, so that fields may follow. */
#define WEB_UPGRADE_HEAD                                                               \
    "GET /irc HTTP/1.1\r\n" WEB_HOST                                                   \
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"       \
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"

/* A server without limits for clients of IRC, whose hook answers /NAME with "NAME". */
struct looped *web_looped(const char *config);

/* The other end of a new connection of HTTP. */
int web_connect(struct looped *x, const char *address);
/* Sends the text and makes turns; all bytes that come. NULL: the connection has ended. */
const char *web_ask(struct looped *x, int fd, const char *text);
/* The same on a new connection from WEB_ADDR, which is closed then. */
const char *web_ask_new(struct looped *x, const char *text);

/* The connection has ended, and has had nothing more to read. */
void web_expect_closed(struct looped *x, int fd);

/* The number of connections in a phase. */
size_t web_count(const struct looped *x, enum web_phase phase);
/* The requests that were counted for a route and status code. */
unsigned web_requests(const struct looped *x, const char *route, const char *code);

/* The time is `ms` after the last turn, and the deadlines are looked at. */
void web_wait(struct looped *x, msec ms);

#endif
