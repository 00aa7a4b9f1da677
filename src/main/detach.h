/* Running in the background, and the file that says as which process. */
#ifndef SRC_MAIN_DETACH_H
#define SRC_MAIN_DETACH_H

#include <stdbool.h>
#include <stddef.h>

/* Forks. In the child it returns a descriptor for detach_ready, or -1 with errno when
 * forking failed; the parent waits for the child and exits with 0 once that is ready,
 * else with the child's exit code. Before any thread exists. */
int detach_begin(void);

/* Everything has started: lets go of the terminal and of the waiting parent. */
void detach_ready(int fd);

/* Writes this process's id and LF. False with the reason. */
bool pid_file_write(const char *path, char *err, size_t errlen);

/* Removes it, or empties it where its directory belongs to another user. */
void pid_file_remove(const char *path);

#endif
