/* A line of the protocol as it may be logged: without what is, or may be, a password.
 */
#ifndef PROTO_SECRET_H
#define PROTO_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#define SECRET_MASK "***" /* in the place of the rest of a line */

/* Writes the line into out, cut to size (some), without CR and LF at its end. From its
 * first byte that may be a password on it is SECRET_MASK: the parameters of PASS, OPER
 * and AUTHENTICATE, the keys of JOIN and of modes, what follows a word such as IDENTIFY
 * at the start of a message. is_command: the verb is one that the server knows or has
 * sent; else the whole line is masked, because a password that is typed without its
 * command is a verb. So is a line that is no text. Any direction, any case. */
void secret_mask(const char *line, size_t len, bool is_command, char *out, size_t size);

#endif
