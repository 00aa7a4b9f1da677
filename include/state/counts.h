/* What has happened since the start, for metrics (session/metrics.h). Each field is only
 * added to, and no decision reads it. */
#ifndef STATE_COUNTS_H
#define STATE_COUNTS_H

#include "state/client_end.h"

#include <stdint.h>

/* What flood control did with a line. */
enum counts_line { LINE_RUN, LINE_HELD, LINE_REFUSED, LINE_VERDICTS };

/* The target of a PRIVMSG, NOTICE or TAGMSG that was sent on. */
enum counts_message { MESSAGE_CHANNEL, MESSAGE_PRIVATE, MESSAGE_OTHER, MESSAGE_KINDS };

struct server_counts {
    uint64_t ends[END_CAUSES]; /* clients that were ended, by cause */
    /* Lines of clients. A held line counts once, as held, although it runs later. */
    uint64_t lines[LINE_VERDICTS];
    uint64_t unknown_commands;        /* lines with a verb that no command has */
    uint64_t messages[MESSAGE_KINDS]; /* a message of several lines is one */
    uint64_t deliveries;              /* of relayed messages: one for each receiver */
    uint64_t refused_jobs;            /* that the worker's queue had no place for */
};

#endif
