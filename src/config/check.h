/* What some texts must be beyond being text. */
#ifndef CONFIG_CHECK_H
#define CONFIG_CHECK_H

#include "base/addr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* For struct option: what was expected of a text, if it is something else; NULL if it
 * is fine. */
const char *check_server_name(const char *text);
const char *check_network(const char *text);
const char *check_description(const char *text);
const char *check_tag_list(const char *text);
const char *check_level(const char *text);
const char *check_format(const char *text);
const char *check_redaction(const char *text);
const char *check_password(const char *text);
const char *check_optional_password(const char *text);
const char *check_class_name(const char *text);

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
