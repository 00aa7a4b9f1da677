/* The only place where compiler attributes and builtins are spelled. */
#ifndef BASE_ATTR_H
#define BASE_ATTR_H

#define ATTR_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define ATTR_NORETURN __attribute__((noreturn))
#define ATTR_UNUSED __attribute__((unused))
#define ATTR_COLD __attribute__((cold, noinline))
#define ATTR_PURE __attribute__((pure))
/* A function that runs for each message. The compiler puts these functions side by
 * side, so that they fit in the instruction cache together. */
#define ATTR_HOT __attribute__((hot))
/* In the place of `inline`, for a function that costs no more than a call to it. */
#define ATTR_INLINE inline __attribute__((always_inline))

/* The caller writes at p soon, so the processor may fetch the cache line. Any p is
 * fine. */
#define PREFETCH(p) __builtin_prefetch((p), 1)

#endif
