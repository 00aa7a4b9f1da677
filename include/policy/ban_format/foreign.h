/* Bans of other servers' files, a line at a time.
 *
 * Quoted fields with commas between, as ircd-ratbox, charybdis, solanum (bantool -e)
 * and ircd-hybrid 7 write kline.conf, dline.conf, xline.conf and resv.conf: K
 * "user","host","reason","oper reason","date","setter",set[,until] D
 * "address","reason","oper reason","date","setter",set[,until] X
 * "mask","0","reason","setter",set              (ratbox, charybdis, solanum) X
 * "mask","reason","oper reason","date","setter",set[,until]          (hybrid) R
 * "mask","reason","setter",set                  (ratbox, charybdis, solanum) R
 * "mask","reason"[,until]                                             (hybrid)
 * InspIRCd's xline.db:
 *   LINE <type> <mask> <setter> <set> <length> :<reason>
 * Times are seconds since 1970, lengths seconds; 0 is for good. */
#ifndef POLICY_BAN_FORMAT_FOREIGN_H
#define POLICY_BAN_FORMAT_FOREIGN_H

#include "policy/ban_format/text.h"

#include <stdbool.h>
#include <stddef.h>

/* What became of a line. */
enum ban_read {
    BAN_READ_NOTHING, /* a comment, a header, empty, or more of it is to come */
    BAN_READ_TAKEN,
    BAN_READ_SKIPPED, /* well formed, but nothing that this server has: why is constant
                       */
    BAN_READ_REFUSED, /* why says what is wrong and what was expected */
};

/* What a foreign line turned out to be. */
struct ban_foreign {
    struct ban_text ban;
    bool cut;            /* reason or setter was too long and is cut at a character */
    const char *skipped; /* BAN_READ_SKIPPED: why; a constant */
    char why[320];       /* BAN_READ_REFUSED */
};

/* Which quoted file this is, by its name: "KLINE" for "/etc/kline.conf.perm"; NULL: the
 * name does not say. "" for files of regular expressions. */
const char *ban_foreign_hint(const char *path);

/* Reads one line, which it changes. The hint is that of the file. */
enum ban_read ban_foreign_csv(char *line, const char *hint, struct ban_foreign *out);
enum ban_read ban_foreign_xline(char *line, struct ban_foreign *out);

#endif
