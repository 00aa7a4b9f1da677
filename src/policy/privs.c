/* The names of privileges, from privs.def. The configuration is checked against
 * privs_names. */
#include "policy/privs.h"

#include <stddef.h>

const char *const privs_names[PRIV_COUNT + 1] = {
#define PRIV(name, help) #name,
#include "policy/privs.def"
#undef PRIV
    NULL,
};

const char *const privs_help[PRIV_COUNT] = {
#define PRIV(name, help) help,
#include "policy/privs.def"
#undef PRIV
};

const char *
privs_name(uint64_t bit)
{
    for (unsigned i = 0; i < PRIV_COUNT; i++)
        if (bit == (uint64_t)1 << i)
            return privs_names[i];
    return "an operator";
}
