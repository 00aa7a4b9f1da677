/* Runs a line: the checks in front of a handler, and the handler. */
#ifndef SRC_SESSION_DISPATCH_H
#define SRC_SESSION_DISPATCH_H

#include <stddef.h>

struct client;
struct input_line;
struct request;
struct server;

/* Initialises *req for a line of c and begins it, with the label of the line
 * (labeled-response) if it has one and c may use labels. The caller answers the request
 * and ends it (request_end). */
void dispatch_begin(struct request *req, struct server *srv, struct client *c,
                    const char *line, size_t len);

/* Checks a line and calls the handler of its command. The checks are, in this order:
 * the bytes, whether the command is known, registration, privilege, parameters. The
 * parser cuts the line into pieces in place. Flood control must have passed the line
 * already: a held line must not be answered before the lines in front of it. */
void dispatch_line(struct server *srv, struct client *c, const struct input_line *raw);

#endif
