/* The calls and flags in which Linux, the BSDs and macOS differ. Other files of src/ name
 * none of them (tests/check-portable.py checks it); the sandbox is in src/main/. On Linux
 * each function makes the system call that its contract names, and no other. */
#ifndef NET_OS_H
#define NET_OS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/un.h>
#include <time.h>

/* Flag of send: a closed connection is an error code and no signal. A system that lacks
 * it needs SIGPIPE ignored, as loop_new does. */
#ifdef MSG_NOSIGNAL
#define OS_NO_SIGNAL MSG_NOSIGNAL
#else
#define OS_NO_SIGNAL 0
#endif

/* Flag of send: more bytes follow at once, so that both share a packet. A system that
 * lacks it sends them alone. */
#ifdef MSG_MORE
#define OS_MORE MSG_MORE
#else
#define OS_MORE 0
#endif

/* The clock of timed waits on a condition. macOS has no choice of it, so a change of the
 * wall clock changes the length of a wait there. */
#ifdef __APPLE__
#define OS_WAIT_CLOCK CLOCK_REALTIME
#else
#define OS_WAIT_CLOCK CLOCK_MONOTONIC
#endif

/* A new stream socket of AF_INET, AF_INET6 or AF_UNIX, non-blocking and close-on-exec;
 * -1 with errno (socket). */
int os_stream_socket(int family);

/* As accept4: the accepted socket is non-blocking and close-on-exec. from and size may
 * both be NULL. -1 with errno. */
int os_accept(int fd, struct sockaddr *from, socklen_t *size);

/* The user of the process at the other end of a unix socket. False: unknown. */
bool os_peer_user(int fd, uid_t *user);

/* Whether the error of os_accept is one of this connection or its network (accept(2),
 * "Error handling"): the next accept may succeed. */
bool os_is_connection_error(int error);

/* Limits the bytes that the kernel takes for a TCP connection before they are sent
 * (setsockopt). A kernel that lacks this limit does without. */
void os_limit_unsent(int fd, int bytes);

/* As bind, with a file that has exactly this mode from the start. 0; -1 with errno.
 * Changes the umask of the process meanwhile: on Linux to 0; on a system where a socket
 * has no mode, so that files that other threads make meanwhile lack the bits that mode
 * lacks. */
int os_bind_unix(int fd, const struct sockaddr_un *at, int mode);

/* Makes *c a condition; its timed waits are by OS_WAIT_CLOCK. */
void os_condition_init(pthread_cond_t *c);

/* The lowest port that a process without privileges may bind. */
int os_first_free_port(void);

/* Opens the file in which the kernel tells the memory of this process, so that it can be
 * read within a sandbox. -1: this system has none. */
int os_open_memory(void);
/* The resident bytes, from the file of os_open_memory. False: they are not known. */
bool os_read_resident(int memory, uint64_t *bytes);

/* The supplementary groups of the process. False with errno. */
bool os_set_groups(size_t n, const gid_t *groups);

/* Writes the path of this program: that of the kernel (/proc/self/exe), else the first
 * executable file with the name argv0, which has no slash, in the directories of PATH.
 * False: it is not known, and out is "". */
bool os_find_program(const char *argv0, char *out, size_t size);

#endif
