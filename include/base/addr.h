/* IP addresses and prefixes; IPv4 is kept as IPv4-mapped IPv6 (RFC 4291 2.5.5.2), so
 * one code path serves both and a mapped address never evades what was set on the plain
 * one. */
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

/* All bits after the first `bits` are zero. */
struct prefix {
    struct addr addr;
    uint8_t bits; /* 0..128; an IPv4 /n is 96 + n */
};

/* Strict: dotted quad without leading zeros, or IPv6 (RFC 4291) without zone or
 * brackets; a mapped IPv6 address is IPv4, the deprecated "compatible" form
 * ("::1.2.3.4") is refused. False leaves *out alone. */
bool addr_parse(const char *text, struct addr *out);

/* Canonical text (RFC 5952): IPv4 as dotted quad, IPv6 compressed in lower case. */
void addr_format(const struct addr *a, char *out, size_t size);

bool addr_is_v4(const struct addr *a);
/* 127.0.0.0/8 or ::1. */
bool addr_is_loopback(const struct addr *a);
bool addr_equal(const struct addr *a, const struct addr *b);

/* The prefix of an address, `v4` bits long for IPv4 and `v6` bits for IPv6. */
void addr_prefix(const struct addr *a, unsigned v4, unsigned v6, struct prefix *out);

/* "a.b.c.d", "a.b.c.d/n", "v6", "v6/n"; host bits are cleared; a mapped IPv6 address
 * takes /96 to /128 and is IPv4. On false, err says what is wrong with the value and
 * what was expected. */
bool prefix_parse(const char *text, struct prefix *out, char *err, size_t errlen);

/* "192.0.2.0/24", "2001:db8::/64"; a single address without its /32 or /128. */
void prefix_format(const struct prefix *p, char *out, size_t size);

/* The same as one word of an IRC line, which may not begin with a colon: "0::1". */
void prefix_word(const struct prefix *p, char *out, size_t size);

/* The address lies in the prefix. Families stay apart: "::/0" and "::1/64" mean IPv6,
 * so a prefix of fewer than 96 bits matches no IPv4 address, though mapped ones lie
 * below it. */
bool prefix_match(const struct prefix *p, const struct addr *a);

/* The length as people write it: 24 for an IPv4 /24. */
unsigned prefix_length(const struct prefix *p);

#endif
