/* From a line to a handler: the gates. */
#ifndef SRC_SESSION_DISPATCH_H
#define SRC_SESSION_DISPATCH_H

#include <stddef.h>

struct client;
struct input_line;
struct request;
struct server;

/* The request of a raw line, which is not initialised, is at work, with the label of
 * the line (labeled-response), if it has one and c may use labels. The caller answers
 * it and ends it (request_end). */
void dispatch_begin(struct request *req, struct server *srv, struct client *c,
                    const char *line, size_t len);

/* Runs a line through the gates: bytes, known, registered, privilege, parameters; the
 * line is cut into pieces. Flood control has let it pass already: a line must
 * be held before anything answers it, or replies would overtake each other. */
void dispatch_line(struct server *srv, struct client *c, const struct input_line *raw);

#endif
