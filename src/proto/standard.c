/* The codes of standard replies, from standard.def.
 *
 * A code that a specification defines belongs to its command: a client that uses the
 * command gets it with or without the capability standard-replies. */
#include "proto/standard.h"

#include <stddef.h>
#include <string.h>

static const struct {
    const char *command, *code;
} specified[] = {
#define CODE(command, code) {command, code},
#include "proto/standard.def"
#undef CODE
};

bool
standard_is_specified(const char *command, const char *code)
{
    for (size_t i = 0; i < sizeof specified / sizeof *specified; i++)
        if (strcmp(specified[i].code, code) == 0 &&
            (*specified[i].command == '*' ||
             strcmp(specified[i].command, command) == 0))
            return true;
    return false;
}
