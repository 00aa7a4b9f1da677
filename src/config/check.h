/* Checks on texts of a configuration. */
#ifndef SRC_CONFIG_CHECK_H
#define SRC_CONFIG_CHECK_H

#include "base/addr.h"
#include "config/config.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* For struct option. NULL: the text is fine; else what was expected of it. */
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
const char *check_plaintext(const char *text);
const char *check_path(const char *text);
/* For NAME_file of a secret NAME, which config_join replaces: only a text that was not
 * joined still has it. */
const char *check_secret_path(const char *text);
const char *check_optional_secret_path(const char *text);
const char *check_tls_version(const char *text);

/* Whether the text is the name of a host: labels with dots between. */
bool check_host_name(const char *text);

/* True for a host name, or "*." and a host name. False: err says what was expected. */
bool check_tls_name(const char *text, char *err, size_t errlen);

/* True for an address or a prefix, as prefix_parse takes it, if its address is the
 * first one of the prefix: "10.0.0.5/8" could mean one address or sixteen million.
 * False: err says what was expected. */
bool check_prefix(const char *text, struct prefix *out, char *err, size_t errlen);

/* True for ADDRESS:PORT, as "192.0.2.1:6667" or "[2001:db8::1]:6667". False: err says
 * what was expected. */
bool check_endpoint(const char *text, struct addr *addr, uint16_t *port, char *err,
                    size_t errlen);

/* True for the SHA-256 fingerprint of a certificate, as openssl prints it: 64 hex digits,
 * with a colon behind each pair or without. out: the digits in lower case. False: err
 * says what was expected. */
bool check_certfp(const char *text, char out[CONFIG_CERTFP], char *err, size_t errlen);

/* True for "sha256:" and 64 lower-case hexadecimal digits. */
bool check_token(const char *text);

/* True if the text may be the title of a class or an oper. False: err says what was
 * expected. */
bool check_name(const char *text, char *err, size_t errlen);

#endif
