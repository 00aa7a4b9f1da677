/* Declarations of OpenBSD that Linux lacks, so that src/main/sandbox_openbsd.c
 * is compiled here as well. */
#ifndef TESTS_PORT_OPENBSD_H
#define TESTS_PORT_OPENBSD_H

#define _XOPEN_SOURCE 700 /* for names that _BSD_SOURCE shows there, such as realpath */

int pledge(const char *promises, const char *execpromises);
int unveil(const char *path, const char *permissions);

#endif
