/* ircd --hash-password */
#ifndef SRC_MAIN_PASSWORD_H
#define SRC_MAIN_PASSWORD_H

/* Asks for a password (twice and without echo on a terminal, else the first line of
 * standard input) and prints its argon2id string. Returns the exit code. */
int password_command(void);

#endif
