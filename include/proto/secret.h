/* Masks the passwords in a line of the protocol, so that the line can be logged. */
#ifndef PROTO_SECRET_H
#define PROTO_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#define SECRET_MASK "***" /* in the place of the rest of a line */

/* Writes the line into out, cut to size (at least 1) and without CR and LF at its end.
 * SECRET_MASK replaces all from the first byte on that may be a password: the
 * parameters of PASS, OPER, WEBIRC and AUTHENTICATE, the keys of JOIN and modes, the text
 * behind a word such as IDENTIFY or /msg at the start of a message, and all but the
 * first word of a message to a service such as NickServ. is_command: the server knows
 * the verb or has sent it; else the whole line is masked, because a password that is
 * typed without its command is a verb. A line that is not valid text is masked as
 * well. It serves both directions; letters are compared without case. */
void secret_mask(const char *line, size_t len, bool is_command, char *out, size_t size);

#endif
