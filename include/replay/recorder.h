/* Records a trace of a running server (log.trace), to be replayed by --simulate. */
#ifndef REPLAY_RECORDER_H
#define REPLAY_RECORDER_H

#include <stdbool.h>
#include <stddef.h>

struct recorder;
struct server;

/* Makes the new file "<path>-<moment>.jsonl" with mode 0640. path is copied, srv
 * borrowed. NULL with the reason in err. */
struct recorder *recorder_open(struct server *srv, const char *path, char *err,
                               size_t errlen);

/* Records every client that connects from now on, until recorder_close. */
void recorder_begin(struct recorder *r);

/* The path it was opened with; "" for NULL and for a recorder that does not record,
 * because it has not begun or has ended. */
const char *recorder_path(const struct recorder *r);

/* Writes the rest and ends the recording; an empty file is removed. NULL is fine. */
void recorder_close(struct recorder *r);

#endif
