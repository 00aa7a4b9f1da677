/* Measurements of the system: clocks, memory, descriptors, ports. Each function ends
 * the program with a sentence if there is no answer; none makes one up. All of it is
 * static inline because each .c in this folder is a program of its own. */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include "base/attr.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

ATTR_NORETURN ATTR_PRINTF(1, 2) static inline void die(const char *format, ...);

static inline void
die(const char *format, ...)
{
    va_list args;

    fputs("bench: ", stderr);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    exit(1);
}

/* The clock may be another process's CPU clock: all its threads, user and system. */
static inline int64_t
nanoseconds(clockid_t clock)
{
    struct timespec t;

    if (clock_gettime(clock, &t) != 0)
        die("the server is gone");
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Resident memory of a process in bytes. */
static inline uint64_t
resident(long pid)
{
    char path[64], line[256];
    unsigned long kib = 0;
    FILE *file;

    snprintf(path, sizeof path, "/proc/%ld/status", pid);
    file = fopen(path, "re");
    if (!file)
        die("the server is gone");
    while (kib == 0 && fgets(line, sizeof line, file))
        sscanf(line, "VmRSS: %lu", &kib);
    fclose(file);
    if (kib == 0)
        die("no VmRSS in %s", path);
    return (uint64_t)kib * 1024;
}

/* Raises the limit as far as possible and returns it. */
static inline unsigned
descriptors(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        die("getrlimit: %s", strerror(errno));
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        die("setrlimit: %s", strerror(errno));
    return limit.rlim_cur > 1000000 ? 1000000 : (unsigned)limit.rlim_cur;
}

static inline struct sockaddr_in
loopback(uint32_t host, unsigned port)
{
    struct sockaddr_in address = {.sin_family = AF_INET};

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK + host);
    address.sin_port = htons((uint16_t)port);
    return address;
}

static inline unsigned
free_port(void)
{
    struct sockaddr_in address = loopback(0, 0);
    socklen_t length = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &length) != 0)
        die("no free port: %s", strerror(errno));
    close(fd);
    return ntohs(address.sin_port);
}

/* A non-blocking connection from 127.0.0.1 + host, or -1; waits at most 5 seconds. */
static inline int
connect_from(uint32_t host, const struct sockaddr_in *to)
{
    struct sockaddr_in from = loopback(host, 0);
    struct timeval patience = {.tv_sec = 5};
    int on = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&from, sizeof from) != 0 ||
        connect(fd, (const struct sockaddr *)to, sizeof *to) != 0 ||
        fcntl(fd, F_SETFL, O_NONBLOCK) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

#endif
