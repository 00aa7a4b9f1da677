/* IP addresses and prefixes. An IPv4 address is stored as IPv4-mapped IPv6 (RFC 4291
 * 2.5.5.2): one code path serves both families, and the mapped form of an address
 * cannot evade a ban on the plain form. */
#ifndef BASE_ADDR_H
#define BASE_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ADDR_TEXT 46   /* room for any address */
#define PREFIX_TEXT 50 /* room for any prefix */

struct addr {
    uint8_t ip[16]; /* network order */
};

/* All bits of addr behind the first `bits` are zero. */
struct prefix {
    struct addr addr;
    uint8_t bits; /* 0..128; an IPv4 /n is 96 + n */
};

/* Parses a dotted quad without leading zeros, or IPv6 (RFC 4291) without zone or
 * brackets. A mapped IPv6 address becomes IPv4. The deprecated "compatible" form
 * ("::1.2.3.4") is refused. Any other text: false, and *out is not changed. */
bool addr_parse(const char *text, struct addr *out);

/* Writes the canonical text (RFC 5952): IPv4 as a dotted quad, IPv6 compressed and in
 * lower case. */
void addr_format(const struct addr *a, char *out, size_t size);

bool addr_is_v4(const struct addr *a);
/* 127.0.0.0/8 or ::1. */
bool addr_is_loopback(const struct addr *a);
bool addr_equal(const struct addr *a, const struct addr *b);

/* Writes the prefix of an address: `v4` bits of an IPv4 address (more than 32 count as
 * 32), `v6` bits of an IPv6 address (more than 128 count as 128). */
void addr_prefix(const struct addr *a, unsigned v4, unsigned v6, struct prefix *out);

/* Parses "a.b.c.d", "a.b.c.d/n", "v6" or "v6/n". Bits behind the prefix are cleared. A
 * mapped IPv6 address takes /96 to /128 and becomes IPv4. On false, err says what is
 * wrong with the value and what was expected. */
bool prefix_parse(const char *text, struct prefix *out, char *err, size_t errlen);

/* Writes "192.0.2.0/24" or "2001:db8::/64"; a single address without its /32 or
 * /128. */
void prefix_format(const struct prefix *p, char *out, size_t size);

/* The same as one word of an IRC line. A word must not begin with a colon, so "::1" is
 * written as "0::1". */
void prefix_word(const struct prefix *p, char *out, size_t size);

/* True if the address lies in the prefix. The families stay apart: "::/0" and "::1/64"
 * mean IPv6, so a prefix of fewer than 96 bits matches no IPv4 address, although the
 * mapped addresses lie below it. */
bool prefix_match(const struct prefix *p, const struct addr *a);

/* The length as it is written: 24 for an IPv4 /24, which has 120 bits. */
unsigned prefix_length(const struct prefix *p);

#endif
