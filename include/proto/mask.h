/* Masks: which clients a ban matches. They are compared as by CASEMAPPING=ascii; `*` is
 * any run of bytes, `?` any one byte. */
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
    const char *nick;     /* globs in `parts`: copy the struct with mask_copy */
    const char *user;
    const char *host;
    char parts[MASK_TEXT]; /* nick, user and host, each with a NUL */
    bool is_prefix; /* host is an address or CIDR: it is compared with the address */
    struct prefix prefix;
};

/* The client that a mask is matched against. All pointers are borrowed. */
struct mask_subject {
    const char *nick, *user;
    const char *host;        /* as shown */
    const char *address;     /* as text */
    const char *cloak;       /* whether it is shown or not; NULL: there is none */
    const struct addr *addr; /* NULL: no prefix matches it */
};

/* Parses a mask of a channel list. Any text becomes nick!user@host: "nick" becomes
 * nick!*@*, "user@host" becomes *!user@host, and "host.name", "1.2.3.4" or "::1/64"
 * becomes *!*@ and the text. Empty parts become `*`. An IPv6 glob becomes the prefix it
 * means ("2001:0db8:*" becomes 2001:db8::/32), or loses the leading zeros of its
 * groups. False only if the text is too long. */
bool mask_parse_loose(const char *text, struct mask *out);

/* Parses a mask of a server ban: user@host, user@address, user@cidr, nick!user@host, or
 * a bare host, address or CIDR (user `*`). The canonical text is "user@host", or
 * "nick!user@host" if the nick is not `*`. IPv6 globs become the prefix they mean, or
 * lose leading zeros. Bits behind the prefix are cleared. Two '@', empty parts,
 * brackets, zone ids and numbers that can be read in two ways are refused: false, and
 * err says what is wrong with the value and what was expected. */
bool mask_parse_strict(const char *text, struct mask *out, char *err, size_t errlen);

/* True if the host is a glob over addresses that matches none, because no address is
 * written so ("*:0:0:1"); err says the right spelling. Such a mask is refused if a user
 * types it, and stays if it is stored already. */
bool mask_is_misspelled(const struct mask *m, char *err, size_t errlen);

/* Makes a mask of one glob for one text: host is the glob, nick and user are `*`.
 * `listed` is the text of the mask. False if either is too long. */
bool mask_from_glob(const char *glob, const char *listed, struct mask *out);

void mask_copy(struct mask *to, const struct mask *from);

/* True if the mask matches. A prefix is compared with the address alone; any other host
 * with host, address and cloak, so that a client evades nothing by showing or hiding
 * its cloak. */
bool mask_match(const struct mask *m, const struct mask_subject *s);
/* The same, and adds its work (proto/glob.h) to *work. */
bool mask_match_work(const struct mask *m, const struct mask_subject *s, size_t *work);

/* True if the host is an address, a CIDR, or a glob of digits as addresses are written
 * ("192.0.2.*", "2001:db8:*"): it cannot mean a name or a cloak. */
bool mask_is_address(const struct mask *m);

/* The number of letters and digits in all parts, wildcards and separators left out; a
 * character beyond ASCII counts as a letter. */
unsigned mask_literals(const struct mask *m);

/* The parts of "nick!user@host", as views into a text; a missing part is empty. */
struct mask_parts {
    const char *nick, *user, *host;
    size_t nick_len, user_len, host_len; /* bytes; no NUL behind them */
};
void mask_split(const char *text, struct mask_parts *out);

#endif
