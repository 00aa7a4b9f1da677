/* Globs over addresses ("10.*", "2001:db8:*"): which prefix a glob means, and how it
 * must be written to match an address as addr_format writes it. */
#ifndef PROTO_ADDR_GLOB_H
#define PROTO_ADDR_GLOB_H

#include "base/addr.h"

#include <stdbool.h>
#include <stddef.h>

/* True if the glob means exactly one prefix: whole numbers in front and wildcards for
 * all that follows ("10.*", "10.1.*.*", "2001:db8:0:0:*"). Zeros that addr_format would
 * leave out may stand in it. False leaves *out alone. */
bool addr_glob_prefix(const char *glob, struct prefix *out);

/* The same for a glob that may be spelled otherwise than the addresses it means: IPv6,
 * and IPv4 as mapped IPv6. False for other IPv4 globs, which match as they are
 * written. */
bool addr_glob_respelled(const char *glob, struct prefix *out);

/* The length of the longest prefix that covers every address that the glob matches: *v4
 * of 32 bits, *v6 of 128; -1: it matches no address of that family. Returns false if it
 * matches no address, or has no digit. For globs with a wildcard, judged by the part
 * before the first one. */
bool addr_glob_lengths(const char *glob, int *v4, int *v6);

/* True if the prefix covers every address that the glob matches. For globs with a
 * wildcard. False also if the glob matches addresses of both families, or no
 * address. */
bool addr_glob_lies_in(const char *glob, const struct prefix *p);

#define ADDR_GLOB_TEXT 160 /* longer globs are not taken for globs over addresses */

/* Removes the leading zeros of the groups of a glob over IPv6, in place: addr_format
 * writes none. Other texts are not changed: "010" in IPv4 may be meant as octal. */
void addr_glob_spell(char *glob);

/* True if the glob is meant for addresses, but no address is written so: numbers that
 * have leading zeros or are too large, zero groups that are written as "::". err names
 * the value and the right spelling. */
bool addr_glob_fault(const char *glob, char *err, size_t errlen);

#endif
