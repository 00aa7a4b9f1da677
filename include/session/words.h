/* The words of a command of `ircd ctl` as a line of IRC. */
#ifndef SESSION_WORDS_H
#define SESSION_WORDS_H

#include <stdbool.h>
#include <stddef.h>

/* Writes the line without its end. The name of the command is in capitals; the words of
 * a free text at the end, by the syntax that HELP shows, are one parameter. False with
 * the reason in err. */
bool words_line(char **words, char *out, size_t size, char *err, size_t errlen);

#endif
