/* Writes the journal of a running server into a file (log.journal), for --replay. */
#ifndef REPLAY_JOURNAL_FILE_H
#define REPLAY_JOURNAL_FILE_H

#include <stdbool.h>
#include <stddef.h>

struct journal;
struct journal_file;
struct log;

/* Makes the new file "<path>-<moment>.journal" with mode 0600; the moment is that of
 * log, which is borrowed. NULL with the reason in err. */
struct journal_file *journal_file_open(struct log *log, const char *path, char *err,
                                       size_t errlen);

/* The journal for session_begin, valid until session_end; NULL for NULL. Each turn is
 * one write; the first write that fails ends the journal behind the last whole turn and
 * is logged. */
struct journal *journal_file_journal(struct journal_file *f);

/* After session_end. NULL is fine. */
void journal_file_close(struct journal_file *f);

#endif
