/* Makes the headers of Linux those of FreeBSD and OpenBSD where src/net/os.c asks: names
 * that they lack go, and calls that they refuse fail. All headers with these names are
 * read here first, so that they cannot come back. */
#ifndef TESTS_PORT_BSD_H
#define TESTS_PORT_BSD_H

#define _GNU_SOURCE
#include <errno.h>
#include <grp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#undef _DEFAULT_SOURCE /* a file may define it again */
#undef ENONET
#undef MSG_MORE
#undef SO_PEERCRED
#undef TCP_NOTSENT_LOWAT

/* A socket has no mode, and no file has the path of the program. */
#define fchmod(fd, mode) ((void)(fd), (void)(mode), errno = EINVAL, -1)
#define readlink(path, out, size)                                                      \
    ((void)(path), (void)(out), (void)(size), errno = ENOENT, (ssize_t)-1)
#define getpeereid(fd, user, group)                                                    \
    ((void)(fd), (void)(user), (void)(group), errno = ENOTSUP, -1)
#pragma GCC poison getrandom prctl

#endif
