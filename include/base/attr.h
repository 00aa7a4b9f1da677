/* The only place where compiler attributes and builtins are spelled. */
#ifndef BASE_ATTR_H
#define BASE_ATTR_H

#define ATTR_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define ATTR_NORETURN __attribute__((noreturn))
#define ATTR_UNUSED __attribute__((unused))
#define ATTR_COLD __attribute__((cold, noinline))
#define ATTR_PURE __attribute__((pure))
/* Runs for each message: these functions lie side by side, so that together they fit in
 * the cache of instructions. Spread over the program they push each other out of it. */
#define ATTR_HOT __attribute__((hot))
/* In the place of `inline`, where a call would cost as much as what is called. */
#define ATTR_INLINE inline __attribute__((always_inline))

/* What p points to is written soon: the processor may fetch it. Any p is fine. */
#define PREFETCH(p) __builtin_prefetch((p), 1)

#endif
