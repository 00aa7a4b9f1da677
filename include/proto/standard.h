/* The codes of standard replies (FAIL, WARN, NOTE; IRCv3 standard-replies) that a
 * specification defines. They are in standard.def. */
#ifndef PROTO_STANDARD_H
#define PROTO_STANDARD_H

#include <stdbool.h>

/* True if a specification defines this code for this command ("*": for no command). The
 * comparison is case-sensitive. */
bool standard_is_specified(const char *command, const char *code);

#endif
