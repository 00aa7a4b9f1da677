/* Globs over addresses ("10.*", "2001:db8:*"): which prefix they mean, and how they
 * must be written to match an address as addr_format writes it. */
#ifndef PROTO_ADDR_GLOB_H
#define PROTO_ADDR_GLOB_H

#include "base/addr.h"

#include <stdbool.h>
#include <stddef.h>

/* A glob that means exactly one prefix: whole numbers in front and wildcards for all
 * that follows ("10.*", "10.1.*.*", "2001:db8:0:0:*"). Zeros that addr_format would
 * leave out may stand in it. False leaves *out alone. */
bool addr_glob_prefix(const char *glob, struct prefix *out);

/* The same for globs whose spelling may differ from that of the addresses they mean:
 * IPv6, and IPv4 as mapped IPv6. IPv4 globs match as they are written. */
bool addr_glob_respelled(const char *glob, struct prefix *out);

/* The longest prefix that covers every address that the glob matches, as people write
 * its length: *v4 of 32, *v6 of 128; -1 where it matches no address of the family.
 * False: it matches no address at all, or has no letter or digit. For globs with a
 * wildcard. Judged by what stands before the first wildcard. */
bool addr_glob_lengths(const char *glob, int *v4, int *v6);

/* Does the prefix cover every address that the glob matches? For globs with a
 * wildcard; false also where the glob matches addresses of both families, or none. */
bool addr_glob_lies_in(const char *glob, const struct prefix *p);

#define ADDR_GLOB_TEXT 160 /* longer globs are no globs over addresses */

/* Takes zeros in front of the groups of a glob over IPv6 away, in place: addr_format
 * writes none. Other texts stay as they are: "010" of IPv4 may be meant as octal. */
void addr_glob_spell(char *glob);

/* True if the glob is meant for addresses, but no address is written so: numbers with
 * zeros in front or too large, zero groups that are written as "::". err names the
 * value and the right spelling. */
bool addr_glob_fault(const char *glob, char *err, size_t errlen);

#endif
