/* Lines from the server to one client: numerics, notices, standard replies. */
#ifndef STATE_OUT_H
#define STATE_OUT_H

#include "base/attr.h"
#include "proto/message.h"
#include "proto/numeric.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct client;
struct request;
struct server;

/* ":server 332 nick #a :topic" to one client. A text that is longer than a line is cut
 * at a character. */
void out_numeric(struct server *srv, struct client *to, int number, const char *fmt,
                 ...) ATTR_PRINTF(4, 5);

/* ":server NOTICE nick :text" to one client. */
void out_notice(struct server *srv, struct client *to, const char *fmt, ...)
    ATTR_PRINTF(3, 4);

/* A standard reply (IRCv3): ":server FAIL command CODE context :text" to a client with
 * the capability, and to every client if a specification defines the code
 * (standard.def); else a NOTICE with the text. context may be ""; type is "FAIL",
 * "WARN" or "NOTE". */
void out_standard(struct server *srv, struct client *to, const char *type,
                  const char *command, const char *code, const char *context,
                  const char *fmt, ...) ATTR_PRINTF(7, 8);

/* The same with a va_list, as a reply to req and in its batch (NULL: no reply). */
void out_numeric_args(struct server *srv, struct client *to, const struct request *req,
                      int number, const char *fmt, va_list args) ATTR_PRINTF(5, 0);
void out_notice_args(struct server *srv, struct client *to, const struct request *req,
                     const char *fmt, va_list args) ATTR_PRINTF(4, 0);
struct standard_code {
    const char *type, *command, *code, *context; /* as out_standard takes them */
};
void out_standard_args(struct server *srv, struct client *to, const struct request *req,
                       const struct standard_code *words, const char *fmt, va_list args)
    ATTR_PRINTF(5, 0);

/* "BATCH +reference type" to one client with the capability, or "BATCH -reference"
 * (type NULL). */
void out_batch(struct server *srv, struct client *to, const char *reference,
               const char *type);

/* One whole line to one client, without a source: PING. Takes no CRLF. */
void out_line(struct server *srv, struct client *to, const char *fmt, ...)
    ATTR_PRINTF(3, 4);

/* The last line to a client that is ended: "ERROR :Closing Link: host (why)". */
void out_error(struct server *srv, struct client *dead, const char *why);

#endif
