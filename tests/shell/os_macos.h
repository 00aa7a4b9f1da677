/* What os_macos.c defines: the contracts are those of net/os.h. */
#ifndef TESTS_SHELL_OS_MACOS_H
#define TESTS_SHELL_OS_MACOS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

extern const clockid_t macos_wait_clock;
extern const int macos_send_flags;

int macos_accept(int fd, struct sockaddr *from, socklen_t *size);
int macos_bind_unix(int fd, const struct sockaddr_un *at, int mode);
void macos_condition_init(pthread_cond_t *c);
bool macos_find_program(const char *argv0, char *out, size_t size);
bool macos_is_connection_error(int error);
void macos_limit_unsent(int fd, int bytes);
int macos_stream_socket(int family);

#endif
