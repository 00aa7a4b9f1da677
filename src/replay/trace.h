/* A trace: connections and lines in the order of time, one JSON object a line. The
 * format is described in contrib/traces/README.md. */
#ifndef SRC_REPLAY_TRACE_H
#define SRC_REPLAY_TRACE_H

#include "base/addr.h"
#include "base/msec.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Bytes of one object: a line that overruns the largest limits.recvq, and its keys. */
#define TRACE_LINE_MAX ((1u << 20) + (4u << 10))
#define TRACE_FAULTS 20            /* told; then they are counted */
#define TRACE_RETRIES 16           /* delays of one connection */
#define TRACE_WALL 1767225600000LL /* 2026-01-01: time 0 where times are seconds */

enum trace_kind { TRACE_CONNECT, TRACE_LINES, TRACE_CLOSE };

struct trace_event {
    msec at; /* since the start of the trace */
    enum trace_kind kind;
    uint32_t conn; /* which connection: counts up from 0, one a TRACE_CONNECT */
    char *text;    /* lines, each with CRLF; after a connect its login; never NULL */
    uint32_t bytes;
};

struct trace_conn {
    struct addr addr;
    msec retry[TRACE_RETRIES]; /* waits before it tries again; the last repeats */
    int n_retry;               /* 0: it does not */
};

struct trace {
    struct trace_event *events;
    size_t n_events;
    struct trace_conn *conns;
    size_t n_conns;
    msec wall; /* of time 0 */
};

/* Called with "FILE:LINE: what is wrong and what was expected". Borrowed. */
typedef void trace_fault(void *ctx, const char *text);

/* Reads all of it; name is for messages. NULL after at least one call of fault:
 * TRACE_FAULTS of them at most, then one that says how many more. */
struct trace *trace_read(FILE *from, const char *name, trace_fault *fault, void *ctx);
void trace_free(struct trace *t);

#endif
