/* Where log lines go: standard error, or a file that can be opened again after
 * rotation. */
#ifndef NET_LOGFILE_H
#define NET_LOGFILE_H

#include <stdbool.h>
#include <stddef.h>

struct log;
struct logfile;

/* Writes to standard error. Puts itself into log->write and log->ctx; log is borrowed.
 */
struct logfile *logfile_new(struct log *log);

/* Opens `path` for appending ("": standard error), made with mode 0640 if missing, and
 * takes it over from the next line on; also when it is the path in use. False with the
 * reason: the old one stays. */
bool logfile_open(struct logfile *f, const char *path, char *err, size_t errlen);

/* Opens the path in use again. */
bool logfile_reopen(struct logfile *f, char *err, size_t errlen);

/* Takes itself out of the log. NULL is fine. */
void logfile_free(struct logfile *f);

#endif
