/* What to do about a start that has failed. */
#ifndef SRC_MAIN_CURE_H
#define SRC_MAIN_CURE_H

#include <stdbool.h>
#include <stddef.h>

/* Adds to the error of a start what to do about it: "…: Not a directory; a file has the
 * place of a directory: remove it, or name another path". An error with "; " says that
 * itself, and stays as it is. */
void cure_add(char *err, size_t errlen);

/* Whether the cause of this error stays until it is removed: another start would fail
 * in the same way. False also for an error that is not known. */
bool cure_is_needed(const char *err);

/* False with an error if the descriptor limit of this process is too low for a server:
 * libraries end the program if they get no descriptor. */
bool cure_check_descriptors(char *err, size_t errlen);

/* False with an error if the descriptors have no room for a client: loop_room. */
bool cure_check_room(int room, char *err, size_t errlen);

#endif
