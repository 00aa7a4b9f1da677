/* System calls of the server, counted by the kernel: the tracepoint that every call
 * passes on its way in (raw_syscalls:sys_enter), one counter a thread. The count is
 * exact, and the server is not stopped for it as by ptrace; /proc/PID/io does not count
 * send and recv. It needs root (or CAP_PERFMON) and tracefs, and says so; it must never
 * guess. */
#define _GNU_SOURCE /* syscall */
#include "load.h"

#include <dirent.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <sys/syscall.h>

#define TRACEPOINT "/events/raw_syscalls/sys_enter/id"

static uint64_t
tracepoint(void)
{
    static const char *const PLACES[] = {"/sys/kernel/tracing" TRACEPOINT,
                                         "/sys/kernel/debug/tracing" TRACEPOINT};
    unsigned long id = 0;

    for (size_t i = 0; i < sizeof PLACES / sizeof *PLACES && id == 0; i++) {
        FILE *file = fopen(PLACES[i], "re");
        if (!file)
            continue;
        if (fscanf(file, "%lu", &id) != 1)
            id = 0;
        fclose(file);
    }
    if (id == 0)
        die("cannot count system calls: %s cannot be read; as root: mount -t tracefs "
            "none /sys/kernel/tracing",
            PLACES[0]);
    return id;
}

static void
count_task(struct load *l, uint64_t id, pid_t task)
{
    struct perf_event_attr attr = {
        .type = PERF_TYPE_TRACEPOINT, .size = sizeof attr, .config = id};
    long fd = syscall(SYS_perf_event_open, &attr, task, -1, -1, 0);

    if (l->n_calls == CALLS_TASKS)
        die("more than %d threads", CALLS_TASKS);
    if (fd < 0)
        die("cannot count system calls: perf_event_open: %s (needs root)",
            strerror(errno));
    l->calls[l->n_calls++] = (int)fd;
}

void
calls_open(struct load *l)
{
    char path[64];
    struct dirent *entry;
    uint64_t id = tracepoint();
    DIR *tasks;

    snprintf(path, sizeof path, "/proc/%ld/task", l->pid);
    tasks = opendir(path);
    if (!tasks)
        die("the server is gone");
    while ((entry = readdir(tasks)))
        if (entry->d_name[0] != '.')
            count_task(l, id, (pid_t)strtol(entry->d_name, NULL, 10));
    closedir(tasks);
}

uint64_t
calls_read(const struct load *l)
{
    uint64_t all = 0, one;

    for (unsigned i = 0; i < l->n_calls; i++) {
        if (read(l->calls[i], &one, sizeof one) != sizeof one)
            die("cannot read a counter: %s", strerror(errno));
        all += one;
    }
    return all;
}
