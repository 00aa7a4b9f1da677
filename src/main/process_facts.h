/* What the system tells of this process, for metrics. */
#ifndef SRC_MAIN_PROCESS_FACTS_H
#define SRC_MAIN_PROCESS_FACTS_H

#include "base/msec.h"

#include <stddef.h>

struct metrics_facts;

struct process_facts {
    int memory;   /* os_open_memory */
    size_t other; /* open descriptors that are not sockets of the loop */
    msec started; /* wall */
};

/* Opens what a sandbox would hide. Call it before the sandbox. wall: the clock now. */
void process_facts_open(struct process_facts *p, msec wall);
/* Notes how many descriptors are open, `sockets` of which the loop counts. Call it before
 * the first client. */
void process_facts_count(struct process_facts *p, size_t sockets);
/* Sets the facts of the process. sockets: those of the loop now. */
void process_facts_read(const struct process_facts *p, size_t sockets,
                        struct metrics_facts *out);
void process_facts_close(struct process_facts *p);

#endif
