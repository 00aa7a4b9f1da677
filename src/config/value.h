/* The values of options: read, compared and freed by their kind. */
#ifndef SRC_CONFIG_VALUE_H
#define SRC_CONFIG_VALUE_H

#include "option.h"

#include <stdbool.h>

/* Reads one value into its field. False: the field is not changed, and r->err says what
 * the value is and what was expected. */
bool value_read(const struct reading *r);

/* Puts the default into a field that is zeroed or has a value. */
void value_default(const struct option *o, void *base);

/* True if the option has the same value in both bases. */
bool value_is_same(const struct option *o, const void *a, const void *b);

/* Swaps the values of two bases; each base owns the value it then has. */
void value_swap(const struct option *o, void *a, void *b);

/* Wipes and frees the value of a field and makes it empty. */
void value_clear(const struct option *o, void *base);

/* Makes r->err `"the value" is not <what was expected>`. Returns false. */
bool value_refuse(const struct reading *r, const char *expected);

/* Copies the SHA-256 of a token ("sha256:" and hex digits) to *out. False: r->err says
 * what is wrong; it has no part of the text. */
bool value_token(const struct reading *r, char **out);

/* The field of the option. */
void *value_field(const struct option *o, void *base);

/* Makes room for one more element in a list of n elements of this size. Returns the
 * list, which may have moved. Only for lists that always grow by this function. */
void *value_room(void *list, size_t n, size_t size);

/* Adds an entry to such a list and returns its place. */
#define VALUE_ADD(list, n, ...)                                                        \
    ((list) = value_room((list), (n), sizeof *(list)), (list)[(n)] = __VA_ARGS__,      \
     &(list)[(n)++])

#endif
