/* The manual page of the commands of the server. */
#ifndef SESSION_REFERENCE_H
#define SESSION_REFERENCE_H

/* Returns the page ircd-commands(7) in mdoc, without its date. It has all commands with
 * syntax, price, privilege and example, and then all privileges, modes and server
 * notices. The caller frees it. */
char *reference_commands(void);

#endif
