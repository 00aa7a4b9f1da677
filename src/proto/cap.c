/* The names of capabilities, from caps.def.
 *
 * A capability exists by its line there alone; nothing here lists them a second time.
 */
#include "proto/cap.h"

#include <string.h>

const char *const cap_names[CAP_COUNT] = {
#define CAP(NAME, text) text,
#include "proto/caps.def"
#undef CAP
};

uint32_t
cap_find(const char *name)
{
    for (unsigned i = 0; i < CAP_COUNT; i++)
        if (strcmp(cap_names[i], name) == 0)
            return 1u << i;
    return 0;
}
