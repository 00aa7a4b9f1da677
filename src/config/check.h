/* What some texts must be beyond being text. */
#ifndef CONFIG_CHECK_H
#define CONFIG_CHECK_H

#include "option.h"

#include <stdbool.h>

/* What was expected of this option's text, if it is something else; NULL if it is fine.
 */
const char *check_text(const struct option *o, const char *text);

/* The text may never be shown: it is a password. */
bool check_secret(const struct option *o);

/* The text is an address or a prefix, as prefix_parse takes it, and its address is the
 * first one of the prefix: "10.0.0.5/8" may mean one address or sixteen million. False
 * with what was expected in err. */
bool check_prefix(const char *text, struct prefix *out, char *err, size_t errlen);

/* The text is ADDRESS:PORT, as "192.0.2.1:6667" or "[2001:db8::1]:6667". False with
 * what was expected in err. */
bool check_endpoint(const char *text, struct addr *addr, uint16_t *port, char *err,
                    size_t errlen);

/* The text may name a class or an oper. False with what was expected in err. */
bool check_name(const char *text, char *err, size_t errlen);

#endif
