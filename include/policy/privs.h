/* Operator privileges as bits, from privs.def. */
#ifndef POLICY_PRIVS_H
#define POLICY_PRIVS_H

#include <stdbool.h>
#include <stdint.h>

enum priv_index {
#define PRIV(name, help) PRIV_INDEX_##name,
#include "policy/privs.def"
#undef PRIV
    PRIV_COUNT
};

/* PRIV_kill and so on. PRIV_OPER is held by every operator. */
enum priv_bit {
    PRIV_NONE = 0,
#define PRIV(name, help) PRIV_##name = 1 << PRIV_INDEX_##name,
#include "policy/privs.def"
#undef PRIV
    PRIV_OPER = 1 << PRIV_COUNT,
};

/* The names in the order of the bits, closed by NULL; and what each privilege allows.
 */
extern const char *const privs_names[PRIV_COUNT + 1];
extern const char *const privs_help[PRIV_COUNT];

/* The name of a single bit ("an operator" for PRIV_OPER). */
const char *privs_name(uint64_t bit);

#endif
