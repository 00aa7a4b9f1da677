/* The manual page of the protocol's commands. */
#ifndef SESSION_REFERENCE_H
#define SESSION_REFERENCE_H

/* ircd-commands(7) in mdoc, without its date: every command with syntax, price,
 * privilege and example; privileges, modes and server notices. The caller frees it. */
char *reference_commands(void);

#endif
