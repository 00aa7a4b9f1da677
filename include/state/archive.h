/* The port through which the core keeps what is said: too much to stay in memory, and
 * asked for in pieces. archive_ram_new implements it in memory, for tests and for a
 * server without a database.
 *
 * The port is asynchronous. No function returns a fact: a question has an id that the
 * core chooses, and the answer comes later, between two commands, with that id. Answers
 * come in the order of the questions. An answer tells the state at the time of the
 * question: it has what was appended before, and nothing that came later. An answer
 * refers to nothing of the asker, which may have left. */
#ifndef STATE_ARCHIVE_H
#define STATE_ARCHIVE_H

#include "state/msgid.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A position in history: milliseconds of wall time << MSGID_SEQUENCE_BITS | sequence,
 * which is a message id. 0 and ARCHIVE_END are no position of a record. */
#define ARCHIVE_END UINT64_MAX

/* A selector. It need not be the position of a record: paging goes on from a record
 * that was redacted or has expired. */
struct archive_bound {
    uint64_t at;
    bool moment; /* `at` is a timestamp, which stands for all of its millisecond */
};

/* The forms of CHATHISTORY. Bounds are exclusive, except for AROUND. Records are always
 * answered in ascending order. */
enum archive_form {
    ARCHIVE_LATEST,  /* the newest n behind `from`; of all if from.at is 0 */
    ARCHIVE_BEFORE,  /* the newest n before `from` */
    ARCHIVE_AFTER,   /* the oldest n behind `from` */
    ARCHIVE_BETWEEN, /* n between `from` and `to`, counted from `from`: the newest n if
                        `from` is the later one */
    ARCHIVE_AROUND,  /* n / 2 before `from`, and the rest at and behind it */
    ARCHIVE_TARGETS, /* as BETWEEN, of targets by their newest record. Both bounds must
                        be moments. A target whose newest record is elsewhere is left
                        out */
};

/* A question. The texts are copied. */
struct archive_query {
    enum archive_form form;
    const char *target; /* of all forms but TARGETS */
    struct archive_bound from, to;
    size_t n;       /* records at most: only those count that are answered */
    uint64_t since; /* nothing older is answered */
    uint32_t kinds; /* bits 1 << kind of the records that are wanted */
    /* TARGETS: the targets that the asker may see. */
    const char *const *among;
    size_t n_among;
};

struct archive_record {
    const char *target;
    uint64_t at;
    unsigned kind;     /* below 32; the archive's owner gives them a meaning */
    const void *bytes; /* of TARGETS: none */
    size_t len;
};

enum archive_verdict {
    ARCHIVE_DONE,
    ARCHIVE_UNKNOWN, /* redact: the target has no such record, or it was redacted */
    ARCHIVE_FULL,    /* too many questions wait: nothing was done */
    ARCHIVE_FAILED,  /* nothing was done, for the reason `why` */
};

struct archive_answer {
    uint64_t id;
    enum archive_verdict verdict;
    const char *why; /* of a failure, else NULL */
    const struct archive_record *records;
    size_t n;
};

struct archive;

/* A row of functions that an implementation provides. Each returns at once, and copies
 * what it is given. With the id 0 only a failure is answered. */
struct archive_ops {
    /* The record's position must be above all others of its target, else it fails. */
    void (*append)(struct archive *a, uint64_t id, const struct archive_record *record);
    void (*range)(struct archive *a, uint64_t id, const struct archive_query *query);
    /* Blanks one record: its bytes are overwritten and it is answered no more. */
    void (*redact)(struct archive *a, uint64_t id, const char *target, uint64_t at);
    /* Removes the records of a target below a position; of all: ARCHIVE_END. */
    void (*erase)(struct archive *a, uint64_t id, const char *target, uint64_t before);
    /* Removes, of each target, the records below a position and all but the newest
     * `keep`; redacted ones count. */
    void (*expire)(struct archive *a, uint64_t id, uint64_t before, size_t keep);
};

/* An implementation's struct begins with this. */
struct archive {
    const struct archive_ops *ops;
};

/* The lowest position behind a bound, and the position that all before it are below. */
uint64_t archive_behind(struct archive_bound bound);
uint64_t archive_before(struct archive_bound bound);

/* In memory. No more than `waiting` answers wait at a time; a question beyond that is
 * answered with ARCHIVE_FULL. */
struct archive *archive_ram_new(size_t waiting);
void archive_ram_free(struct archive *a);
/* The next answer, which holds until the next call; NULL: none waits. */
const struct archive_answer *archive_ram_answer(struct archive *a);
/* Tests: whatever is asked fails for this reason, until NULL. Copied. */
void archive_ram_fail(struct archive *a, const char *why);

#endif
