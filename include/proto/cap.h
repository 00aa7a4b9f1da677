/* Capabilities as bits, from caps.def. */
#ifndef PROTO_CAP_H
#define PROTO_CAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum cap_index {
#define CAP(NAME, text, value) CAP_INDEX_##NAME,
#include "proto/caps.def"
#undef CAP
    CAP_COUNT
};
_Static_assert(CAP_COUNT < 64, "a set of capabilities is one word");

enum cap_bit {
#define CAP(NAME, text, value) CAP_##NAME = UINT64_C(1) << CAP_INDEX_##NAME,
#include "proto/caps.def"
#undef CAP
};

/* The capabilities that change the tags of a relayed message. */
#define CAP_TAGS (CAP_SERVER_TIME | CAP_MESSAGE_TAGS)

/* Names in the order of the bits. */
extern const char *const cap_names[CAP_COUNT];
/* What each is worth saying beside its name (CAP LS 302); "" for nothing. */
extern const char *const cap_values[CAP_COUNT];

/* The names of those of `caps` from bit *next on, blanks between, as many as fit in out
 * (room bytes, at least those of the longest); with `values` as "name=value" where
 * there is one. *next becomes the first that is left, or CAP_COUNT. */
void cap_write(uint64_t caps, bool values, unsigned *next, char *out, size_t room);

/* The bit of a capability name, which is case-sensitive; 0 if there is none. */
uint64_t cap_find(const char *name);

#endif
