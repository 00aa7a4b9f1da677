/* A trace: connections and lines in the order of time, one JSON object a line.
 * contrib/traces/README.md describes the format. */
#ifndef SRC_REPLAY_TRACE_H
#define SRC_REPLAY_TRACE_H

#include "base/addr.h"
#include "base/msec.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Bytes of one object at most: a line that overruns the largest limits.recvq, and its
 * keys. */
#define TRACE_LINE_MAX ((1u << 20) + (4u << 10))
/* faults that are reported; further ones are counted */
#define TRACE_FAULTS 20
#define TRACE_RETRIES 16           /* waits of one connection before its retries */
#define TRACE_WALL 1767225600000LL /* 2026-01-01: time 0 where times are seconds */

enum trace_kind { TRACE_CONNECT, TRACE_LINES, TRACE_CLOSE };

struct trace_event {
    msec at; /* since the start of the trace */
    enum trace_kind kind;
    /* index of the connection; counts from 0, one for each TRACE_CONNECT */
    uint32_t conn;
    char *text; /* lines, each with CRLF; of a connect: its login; never NULL */
    uint32_t bytes;
};

struct trace_conn {
    struct addr addr;
    bool tls;                  /* the client is connected over TLS */
    char certfp[65];           /* of its certificate; "": none */
    msec retry[TRACE_RETRIES]; /* ms: waits before each retry; the last one repeats */
    int n_retry;               /* 0: it does not connect again */
};

struct trace {
    struct trace_event *events;
    size_t n_events;
    struct trace_conn *conns;
    size_t n_conns;
    msec wall; /* wall time of time 0 */
};

/* Called with "FILE:LINE: what is wrong and what was expected". Borrowed. */
typedef void trace_fault(void *ctx, const char *text);

/* Reads the whole trace; name is for messages. NULL after at least one call of fault:
 * at most TRACE_FAULTS, and then one that says how many more there are. */
struct trace *trace_read(FILE *from, const char *name, trace_fault *fault, void *ctx);
void trace_free(struct trace *t);

#endif
