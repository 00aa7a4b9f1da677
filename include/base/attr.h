/* The only place where compiler attributes are spelled. */
#ifndef BASE_ATTR_H
#define BASE_ATTR_H

#define ATTR_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define ATTR_NORETURN __attribute__((noreturn))
#define ATTR_SENTINEL __attribute__((sentinel))
#define ATTR_UNUSED __attribute__((unused))
#define ATTR_PURE __attribute__((pure))

#endif
