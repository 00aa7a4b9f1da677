/* Records a trace of a running server (log.trace), to be replayed by --simulate. */
#ifndef REPLAY_RECORDER_H
#define REPLAY_RECORDER_H

#include <stdbool.h>
#include <stddef.h>

struct recorder;
struct server;

/* Makes the new file "<path>-<moment>.jsonl" with mode 0640. path is copied, srv
 * borrowed. NULL with the reason. */
struct recorder *recorder_open(struct server *srv, const char *path, char *err,
                               size_t errlen);

/* From now on everybody who connects is recorded, until recorder_close. */
void recorder_begin(struct recorder *r);

/* The path it was opened with; "" for NULL and for one that does not record: it has
 * not begun, or has given up. */
const char *recorder_path(const struct recorder *r);

/* Writes what is left and ends it; a file with nothing in it is removed. NULL is fine.
 */
void recorder_close(struct recorder *r);

#endif
