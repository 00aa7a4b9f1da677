/* The port through which the core stores messages: they are too many for memory, and
 * clients ask for ranges of them. archive_ram_new implements it in memory, for tests
 * and for a server without a database.
 *
 * The port is asynchronous. No function returns a result: the core chooses an id for
 * each question, and the answer to this id comes later, between two commands. Answers
 * come in the order of the questions. An answer shows the state at the time of its
 * question: it includes all records that were appended before the question and none
 * that were appended after it. An answer holds no reference to the client that asked,
 * which may have left. */
#ifndef STATE_ARCHIVE_H
#define STATE_ARCHIVE_H

#include "state/msgid.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A position in history is a message id: milliseconds of wall time <<
 * MSGID_SEQUENCE_BITS | sequence. No record has the position 0 or ARCHIVE_END. */
#define ARCHIVE_END UINT64_MAX
/* The bits of a position within its millisecond. */
#define ARCHIVE_SEQUENCES (((uint64_t)1 << MSGID_SEQUENCE_BITS) - 1)

/* A bound of a query. It need not be the position of a record: paging continues from a
 * record that was redacted or has expired. */
struct archive_bound {
    uint64_t at;
    bool moment; /* `at` is a timestamp and stands for every id of its millisecond */
};

/* The forms of CHATHISTORY. Bounds are exclusive, except for AROUND. Records are always
 * answered in ascending order. */
enum archive_form {
    /* the newest n after `from`; if from.at is 0, the newest n of all */
    ARCHIVE_LATEST,
    ARCHIVE_BEFORE, /* the newest n before `from` */
    ARCHIVE_AFTER,  /* the oldest n after `from` */
    /* Between `from` and `to`: the n records that are nearest to `from`, which may be
     * the later bound. */
    ARCHIVE_BETWEEN,
    /* the newest n / 2 before `from`, the oldest others at or after it */
    ARCHIVE_AROUND,
    /* As BETWEEN, but of targets, each at the position of its newest record. Both
     * bounds must be moments. A target is left out if its newest record is not between
     * them. */
    ARCHIVE_TARGETS,
};

/* A question. The archive copies the texts. */
struct archive_query {
    enum archive_form form;
    const char *target; /* with all forms but TARGETS */
    struct archive_bound from, to;
    size_t n;       /* records that are answered at most */
    uint64_t since; /* no record with a lower position is answered */
    uint32_t kinds; /* bits 1 << kind: the kinds of records that are answered */
    /* With TARGETS: the targets that the client may see. */
    const char *const *among;
    size_t n_among;
};

struct archive_record {
    const char *target;
    uint64_t at;
    unsigned kind;     /* below 32; the caller of the archive defines the kinds */
    const void *bytes; /* NULL with TARGETS */
    size_t len;
};

enum archive_verdict {
    ARCHIVE_DONE,
    /* redact: the target has no such record, or it was redacted before */
    ARCHIVE_UNKNOWN,
    ARCHIVE_FULL,   /* too many answers wait already: nothing was done */
    ARCHIVE_FAILED, /* nothing was done; `why` has the reason */
};

struct archive_answer {
    uint64_t id;
    enum archive_verdict verdict;
    const char *why; /* of a failure, else NULL */
    const struct archive_record *records;
    size_t n;
};

struct archive;

/* The functions that an implementation provides. Each returns at once and copies its
 * arguments. With the id 0, only ARCHIVE_FULL and ARCHIVE_FAILED are answered. */
struct archive_ops {
    /* The position of the record must be above all others of its target; else the
     * append fails. */
    void (*append)(struct archive *a, uint64_t id, const struct archive_record *record);
    void (*range)(struct archive *a, uint64_t id, const struct archive_query *query);
    /* Blanks one record: its bytes are overwritten, and it is not answered again. */
    void (*redact)(struct archive *a, uint64_t id, const char *target, uint64_t at);
    /* Removes the records of a target below a position; ARCHIVE_END: all of them. */
    void (*erase)(struct archive *a, uint64_t id, const char *target, uint64_t before);
    /* Removes from each target the records below a position, and all but the newest
     * `keep`. Redacted records count. */
    void (*expire)(struct archive *a, uint64_t id, uint64_t before, size_t keep);
};

/* The first member of an implementation's struct. */
struct archive {
    const struct archive_ops *ops;
};

/* For implementations: the lowest position after the bound. */
static inline uint64_t
archive_after(struct archive_bound bound)
{
    uint64_t last = bound.moment ? bound.at | ARCHIVE_SEQUENCES : bound.at;
    return last == ARCHIVE_END ? last : last + 1;
}

/* For implementations: the lowest position that is not before the bound. */
static inline uint64_t
archive_before(struct archive_bound bound)
{
    return bound.moment ? bound.at & ~ARCHIVE_SEQUENCES : bound.at;
}

#endif
