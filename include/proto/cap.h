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
/* The value of each capability in CAP LS 302; "": none. */
extern const char *const cap_values[CAP_COUNT];

/* Writes the names of the capabilities in caps into out, from bit *next on and with
 * blanks between them, as many as fit (room bytes, at least those of the longest); with
 * `values` as "name=value" if there is a value. *next becomes the first bit that was
 * left out, or CAP_COUNT. */
void cap_write(uint64_t caps, bool values, unsigned *next, char *out, size_t room);

/* The bit of a capability name, which is case-sensitive; 0 if there is none. */
uint64_t cap_find(const char *name);

#endif
