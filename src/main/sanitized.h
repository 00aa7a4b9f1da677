/* Whether this is a build with AddressSanitizer. Its runtime makes system calls and
 * reads files that a server does not need. */
#ifndef SRC_MAIN_SANITIZED_H
#define SRC_MAIN_SANITIZED_H

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

#endif
