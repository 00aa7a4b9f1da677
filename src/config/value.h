/* Values by kind: read, compare and free. */
#ifndef CONFIG_VALUE_H
#define CONFIG_VALUE_H

#include "option.h"

#include <stdbool.h>

/* Reads one value into its field. False leaves the field alone, and r->err says what
 * the value is and what was expected. */
bool value_read(const struct reading *r);

/* Puts the default into a field that is zero or holds a value. */
void value_default(const struct option *o, void *base);

/* Whether the fields of two bases hold the same value. */
bool value_is_same(const struct option *o, const void *a, const void *b);

/* The values change places, so that both bases own what they hold. */
void value_swap(const struct option *o, void *a, void *b);

/* Wipes and frees what the field owns and makes it empty. */
void value_clear(const struct option *o, void *base);

/* Refuses: r->err becomes `"the value" is not <what was expected>`. Always false. */
bool value_refuse(const struct reading *r, const char *expected);

/* The field of the option. */
void *value_field(const struct option *o, void *base);

/* A list of n elements of this size, with room for one more: the list itself or where
 * it was moved. Only for lists that always grow by this. */
void *value_room(void *list, size_t n, size_t size);

/* Adds an entry to such a list; its place. */
#define VALUE_ADD(list, n, ...)                                                        \
    ((list) = value_room((list), (n), sizeof *(list)), (list)[(n)] = __VA_ARGS__,      \
     &(list)[(n)++])

#endif
