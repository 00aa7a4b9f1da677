/* Reading facts of the process must not block and must work inside the sandbox: the file of
 * the kernel is opened before it, and open descriptors are counted by the server. */
#include "process_facts.h"

#include "net/os.h"
#include "session/metrics.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#define NANOSECONDS UINT64_C(1000000000)
#define COUNTED 1024 /* numbers above the lowest free one that may be in use */

void
process_facts_open(struct process_facts *p, msec wall)
{
    *p = (struct process_facts){.memory = os_open_memory(), .started = wall};
}

void
process_facts_count(struct process_facts *p, size_t sockets)
{
    /* The kernel gives the lowest free number. Descriptors above it have come from the
     * parent, or others below them were closed. */
    int next = dup(STDERR_FILENO);
    size_t open = 0;
    if (next < 0)
        return;
    close(next);
    for (int fd = 0; fd < next + COUNTED; fd++)
        open += fcntl(fd, F_GETFD) >= 0;
    p->other = open > sockets ? open - sockets : 0;
}

void
process_facts_read(const struct process_facts *p, size_t sockets,
                   struct metrics_facts *out)
{
    struct timespec cpu = {0};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
    out->cpu = (uint64_t)cpu.tv_sec * NANOSECONDS + (uint64_t)cpu.tv_nsec;
    if (!os_read_resident(p->memory, &out->resident))
        out->resident = METRICS_UNKNOWN;
    out->descriptors = p->other ? p->other + sockets : METRICS_UNKNOWN;
    out->started = p->started;
}

void
process_facts_close(struct process_facts *p)
{
    if (p->memory >= 0)
        close(p->memory);
    p->memory = -1;
}
