/* The same for macOS, which lacks more than the BSDs. */
#ifndef TESTS_PORT_MACOS_H
#define TESTS_PORT_MACOS_H

#include "bsd.h"

#define __APPLE__ 1
#undef MSG_NOSIGNAL
#undef SOCK_CLOEXEC
#undef SOCK_NONBLOCK
#pragma GCC poison accept4 pipe2 pthread_condattr_setclock

#endif
