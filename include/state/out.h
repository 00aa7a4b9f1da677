/* Lines to one client: numerics, notices, standard replies; and notices to operators.
 */
#ifndef STATE_OUT_H
#define STATE_OUT_H

#include "base/attr.h"
#include "proto/message.h"
#include "proto/numeric.h"
#include "proto/snomask.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct client;
struct server;

/* ":server 332 nick #a :topic" to one client. Longer than a line: cut at a character.
 */
void out_numeric(struct server *srv, struct client *to, int number, const char *fmt,
                 ...) ATTR_PRINTF(4, 5);

/* ":server NOTICE nick :text" to one client. */
void out_notice(struct server *srv, struct client *to, const char *fmt, ...)
    ATTR_PRINTF(3, 4);

/* A standard reply (IRCv3): ":server FAIL command CODE context :text" to a client with
 * the capability, and to every client if a specification defines the code
 * (standard.def); else the text as a NOTICE. context may be ""; type is "FAIL", "WARN"
 * or "NOTE". */
void out_standard(struct server *srv, struct client *to, const char *type,
                  const char *command, const char *code, const char *context,
                  const char *fmt, ...) ATTR_PRINTF(7, 8);

/* The same lines from arguments, as members of the batch with this reference ("": of
 * none). */
void out_numeric_args(struct server *srv, struct client *to, const char *batch,
                      int number, const char *fmt, va_list args) ATTR_PRINTF(5, 0);
void out_notice_args(struct server *srv, struct client *to, const char *batch,
                     const char *fmt, va_list args) ATTR_PRINTF(4, 0);
struct standard_code {
    const char *type, *command, *code, *context; /* as for out_standard */
};
void out_standard_args(struct server *srv, struct client *to, const char *batch,
                       const struct standard_code *words, const char *fmt, va_list args)
    ATTR_PRINTF(5, 0);

/* "BATCH +reference type" to one client with the capability, or "BATCH -reference"
 * (type NULL). */
void out_batch(struct server *srv, struct client *to, const char *reference,
               const char *type);

/* A whole line to one client as given, without a source: PING, ERROR. Takes no CRLF. */
void out_line(struct server *srv, struct client *to, const char *fmt, ...)
    ATTR_PRINTF(3, 4);

/* The last line of a dead client: "ERROR :Closing Link: host (why)". */
void out_error(struct server *srv, struct client *dead, const char *why);

/* ":server NOTICE nick :*** text" to every operator whose server notice mask has this
 * kind (SNO_*), and nowhere else. */
void out_opers(struct server *srv, uint16_t kind, const char *fmt, ...)
    ATTR_PRINTF(3, 4);

/* Stands in a format of out_opers_both where the forms differ. No client's text holds
 * it: it would end a line. */
#define OUT_EITHER "\n"

/* The same in two forms: operators with any of these privileges read `open` in the
 * place of OUT_EITHER, all others `hidden`. */
void out_opers_both(struct server *srv, uint16_t kind, uint64_t privileges,
                    const char *open, const char *hidden, const char *fmt, ...)
    ATTR_PRINTF(6, 7);

/* The same about an act of an operator that reads its own answer to the command: every
 * other operator is told, and `actor` is not, so that an act is told to its actor once.
 */
void out_opers_by(struct server *srv, const struct client *actor, uint16_t kind,
                  uint64_t privileges, const char *open, const char *hidden,
                  const char *fmt, ...) ATTR_PRINTF(7, 8);

/* Asked before a notice that an outsider can cause at will: at most 10 of a kind at
 * once and one a second are due. Those before the next due one that were not are told
 * as a number. False at once when no operator listens. */
bool out_opers_due(struct server *srv, uint16_t kind);

#endif
