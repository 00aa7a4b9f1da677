/* The names of capabilities, from caps.def.
 *
 * A row of caps.def is all that makes a capability; there is no second list here. */
#include "proto/cap.h"

#include "base/str.h"

#include <string.h>

const char *const cap_names[CAP_COUNT] = {
#define CAP(NAME, text, value) text,
#include "proto/caps.def"
#undef CAP
};

const char *const cap_values[CAP_COUNT] = {
#define CAP(NAME, text, value) value,
#include "proto/caps.def"
#undef CAP
};

void
cap_write(uint64_t caps, bool values, unsigned *next, char *out, size_t room)
{
    struct str s;
    str_init(&s, out, room);
    for (; *next < CAP_COUNT; (*next)++) {
        const char *name = cap_names[*next], *value = values ? cap_values[*next] : "";
        size_t n = strlen(name) + strlen(value) + 2;
        if (!(caps & UINT64_C(1) << *next))
            continue;
        if (s.len > 0 && s.len + n >= room)
            return;
        str_addf(&s, "%s%s%s%s", s.len ? " " : "", name, *value ? "=" : "", value);
    }
}

uint64_t
cap_find(const char *name)
{
    for (unsigned i = 0; i < CAP_COUNT; i++)
        if (strcmp(cap_names[i], name) == 0)
            return UINT64_C(1) << i;
    return 0;
}
