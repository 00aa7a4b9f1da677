/* The destination of log lines: standard error, or a file that can be opened again
 * after a rotation. */
#ifndef NET_LOGFILE_H
#define NET_LOGFILE_H

#include <stdbool.h>
#include <stddef.h>

struct log;
struct logfile;

/* A log file that writes to standard error. It sets log->write and log->ctx; log is
 * borrowed. */
struct logfile *logfile_new(struct log *log);

/* Opens `path` for appending ("": standard error); a missing file is made with mode
 * 0640. The next line goes there, also if `path` is in use already. False with the
 * reason: the file in use stays. */
bool logfile_open(struct logfile *f, const char *path, char *err, size_t errlen);

/* Opens the path in use again. False with the reason, as logfile_open. */
bool logfile_reopen(struct logfile *f, char *err, size_t errlen);

/* Whether lines go to a file, and not to standard error. False for NULL. */
bool logfile_is_file(const struct logfile *f);

/* Whether the last line could not be written to a regular file, with the reason. */
bool logfile_is_losing(const struct logfile *f, char *err, size_t errlen);

/* Closes and frees the log file and resets log->write. NULL is fine. */
void logfile_free(struct logfile *f);

#endif
