/* What the server says on standard error of its start and its end. */
#ifndef SRC_MAIN_REPORT_H
#define SRC_MAIN_REPORT_H

#include "base/event.h"
#include "serve_state.h"

/* Prints an error on standard error. Also logs it if the log is a file, or if the
 * program was restarted, because standard error may lead nowhere then. */
void report_failure(struct serve *s, enum event event, const char *err);

/* Reports why the start failed, a line for each fault, with what to do about it. Sets
 * s->misconfigured if another start would fail in the same way. */
void report_start(struct serve *s, const char *err);

/* Prints on standard error if the lines of the start could not be written to the log
 * file. */
void report_log(const struct serve *s);

/* Prints on standard error if changes are lost, unless the log goes there, and if lines
 * of the log are. */
void report_end(const struct serve *s, bool saved);

#endif
