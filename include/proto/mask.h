/* Masks: who a ban means. Compared as CASEMAPPING=ascii; `*` any run, `?` any one byte.
 */
#ifndef PROTO_MASK_H
#define PROTO_MASK_H

#include "base/addr.h"
#include "proto/glob.h"

#include <stdbool.h>
#include <stddef.h>

#define MASK_TEXT 160 /* room for any nick!user@host mask, the NUL included */

/* A parsed nick!user@host. */
struct mask {
    char text[MASK_TEXT]; /* canonical, as listed */
    const char *nick; /* globs, into own memory: do not copy the struct, mask_copy it */
    const char *user;
    const char *host;
    char parts[MASK_TEXT];
    bool is_prefix; /* host is an address or CIDR: compared with the address */
    struct prefix prefix;
};

/* What a mask is matched against. All borrowed. */
struct mask_subject {
    const char *nick, *user;
    const char *host;        /* as shown */
    const char *address;     /* as text */
    const char *cloak;       /* shown or not; NULL: it has none */
    const struct addr *addr; /* NULL: no prefix matches it */
};

/* A channel list mask: anything becomes nick!user@host ("nick" -> nick!*@*, "user@host"
 * ->
 * *!user@host, "host.name", "1.2.3.4" or "::1/64" -> *!*@it); empty parts become `*`.
 * IPv6 globs become the prefix they mean ("2001:0db8:*" -> 2001:db8::/32), or lose
 * the zeros in front of their groups. False
 * only when it is too long. */
bool mask_parse_loose(const char *text, struct mask *out);

/* A server ban mask: user@host, user@address, user@cidr, nick!user@host, or a bare
 * host, address or CIDR (user `*`). The canonical text is "user@host", or
 * "nick!user@host" when the nick is not
 * `*`. IPv6 globs become the prefix they mean, or lose zeros in front. Strict: two '@',
 * empty parts, brackets, zone ids, odd numbers, and host bits beyond the prefix are
 * refused or (host bits) cleared; err says what is wrong with the value and what was
 * expected. */
bool mask_parse_strict(const char *text, struct mask *out, char *err, size_t errlen);

/* True if the host is a glob over addresses that matches none, because addresses are
 * not written so ("*:0:0:1"); err says the right spelling. A mask that somebody
 * types is refused for it; one that is stored already stays. */
bool mask_is_misspelled(const struct mask *m, char *err, size_t errlen);

/* One glob for one text, without parts: a mask whose host is the glob and whose nick
 * and user are `*`. `listed` is how it is shown. False when either is too long. */
bool mask_from_glob(const char *glob, const char *listed, struct mask *out);

void mask_copy(struct mask *to, const struct mask *from);

/* A prefix is compared with the address alone; otherwise the host glob with host,
 * address and cloak: taking a cloak on or off evades nothing. */
bool mask_match(const struct mask *m, const struct mask_subject *s);
/* The same, and adds the work it took (proto/glob.h) to *work. */
bool mask_match_work(const struct mask *m, const struct mask_subject *s, size_t *work);

/* Is the host an address, a CIDR, or a glob of digits as addresses are written
 * ("192.0.2.*", "2001:db8:*")? No name or cloak can be meant then. */
bool mask_is_address(const struct mask *m);

/* Letters and digits outside wildcards and separators, of all parts; a character beyond
 * ASCII counts as a letter. */
unsigned mask_literals(const struct mask *m);

/* Splits "nick!user@host" for display; missing parts are empty. Views into text. */
struct mask_parts {
    const char *nick, *user, *host;
    size_t nick_len, user_len, host_len;
};
void mask_split(const char *text, struct mask_parts *out);

#endif
