/* Running in the background, and the pid file. */
#ifndef SRC_MAIN_DETACH_H
#define SRC_MAIN_DETACH_H

#include <stdbool.h>
#include <stddef.h>

/* Forks. In the child it returns a descriptor for detach_ready. It returns -1 with
 * errno if fork failed. The parent waits for the child and exits with 0 once the child
 * is ready, else with the child's exit code. Call it before any thread exists. */
int detach_begin(void);

/* Call it when everything has started: leaves the terminal, and lets the parent
 * exit. */
void detach_ready(int fd);

/* Writes the id of this process and LF. False with the reason. */
bool pid_file_write(const char *path, char *err, size_t errlen);

/* Removes the file, or empties it if its directory belongs to another user. */
void pid_file_remove(const char *path);

#endif
