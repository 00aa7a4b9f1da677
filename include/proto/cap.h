/* Capabilities as bits, from caps.def. */
#ifndef PROTO_CAP_H
#define PROTO_CAP_H

#include <stdint.h>

enum cap_index {
#define CAP(NAME, text) CAP_INDEX_##NAME,
#include "proto/caps.def"
#undef CAP
    CAP_COUNT
};

enum cap_bit {
#define CAP(NAME, text) CAP_##NAME = 1 << CAP_INDEX_##NAME,
#include "proto/caps.def"
#undef CAP
};

/* The capabilities that change the tags of a relayed message. */
#define CAP_TAGS (CAP_SERVER_TIME | CAP_MESSAGE_TAGS)

/* Names in the order of the bits. */
extern const char *const cap_names[CAP_COUNT];

/* The bit of a capability name, which is case-sensitive; 0 if there is none. */
uint32_t cap_find(const char *name);

#endif
