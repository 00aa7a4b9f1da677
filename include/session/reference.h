/* The manual page of the protocol's commands. */
#ifndef SESSION_REFERENCE_H
#define SESSION_REFERENCE_H

/* The page ircd-commands(7) in mdoc, without its date: all commands with syntax, price,
 * privilege and example, then privileges, modes and server notices. The caller frees
 * it. */
char *reference_commands(void);

#endif
