/* The codes of standard replies (FAIL, WARN, NOTE; IRCv3 standard-replies) that
 * specifications define: standard.def. */
#ifndef PROTO_STANDARD_H
#define PROTO_STANDARD_H

#include <stdbool.h>

/* True if a specification defines this code for this command ("*": for no command).
 * Both are compared as they are written in standard.def. */
bool standard_is_specified(const char *command, const char *code);

#endif
