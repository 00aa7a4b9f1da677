/* Reading facts of the process must not block and must work inside the sandbox: the file of
 * the kernel is opened before it, and open descriptors are counted by the server. */
#include "process_facts.h"

#include "session/metrics.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define NANOSECONDS UINT64_C(1000000000)

void
process_facts_open(struct process_facts *p, msec wall)
{
    *p = (struct process_facts){.statm = open("/proc/self/statm", O_RDONLY | O_CLOEXEC),
                                .started = wall};
}

void
process_facts_count(struct process_facts *p, size_t sockets)
{
    /* The kernel gives the lowest free number, and no descriptor was closed yet that is
     * below one that is open. */
    int next = dup(STDERR_FILENO);
    if (next < 0)
        return;
    close(next);
    p->other = (size_t)next > sockets ? (size_t)next - sockets : 0;
}

/* The second number of statm: resident pages. */
static uint64_t
read_resident(int statm)
{
    char text[128];
    ssize_t n = statm < 0 ? -1 : pread(statm, text, sizeof text - 1, 0);
    if (n <= 0)
        return METRICS_UNKNOWN;
    text[n] = '\0';
    const char *blank = strchr(text, ' ');
    long page = sysconf(_SC_PAGESIZE);
    return blank && page > 0 ? strtoull(blank, NULL, 10) * (uint64_t)page
                             : METRICS_UNKNOWN;
}

void
process_facts_read(const struct process_facts *p, size_t sockets,
                   struct metrics_facts *out)
{
    struct timespec cpu = {0};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
    out->cpu = (uint64_t)cpu.tv_sec * NANOSECONDS + (uint64_t)cpu.tv_nsec;
    out->resident = read_resident(p->statm);
    out->descriptors = p->other ? p->other + sockets : METRICS_UNKNOWN;
    out->started = p->started;
}

void
process_facts_close(struct process_facts *p)
{
    if (p->statm >= 0)
        close(p->statm);
    p->statm = -1;
}
