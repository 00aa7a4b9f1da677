/* ircd --make-token */
#ifndef SRC_MAIN_TOKEN_H
#define SRC_MAIN_TOKEN_H

/* Prints a new random token, and on a second line "sha256:" with its SHA-256. Returns
 * the exit code. */
int token_command(void);

#endif
