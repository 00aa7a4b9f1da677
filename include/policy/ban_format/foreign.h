/* Bans in files of other servers, read one line at a time.
 *
 * Quoted fields with commas between them, as ircd-ratbox, charybdis, solanum (bantool
 * -e) and ircd-hybrid 7 write them to kline.conf (K), dline.conf (D), xline.conf (X)
 * and resv.conf (R):
 *
 *   K "user","host","reason","oper reason","date","setter",set[,until]
 *   D "address","reason","oper reason","date","setter",set[,until]
 *   X "mask","0","reason","setter",set              (ratbox, charybdis, solanum)
 *   X "mask","reason","oper reason","date","setter",set[,until]          (hybrid)
 *   R "mask","reason","setter",set                  (ratbox, charybdis, solanum)
 *   R "mask","reason"[,until]                                             (hybrid)
 *
 * InspIRCd's xline.db:
 *
 *   LINE <type> <mask> <setter> <set> <length> :<reason>
 *
 * A mask on each line, for a list that a script has made:
 *
 *   <user@host | address | CIDR> [<duration>] [<reason>[|<for operators>]]
 *
 * It is a K-line; without a duration, with 0 or never it is permanent.
 *
 * Times of the others are in seconds since 1970, lengths in seconds; 0 is permanent. */
#ifndef POLICY_BAN_FORMAT_FOREIGN_H
#define POLICY_BAN_FORMAT_FOREIGN_H

#include "policy/ban_format/text.h"

#include <stdbool.h>
#include <stddef.h>

/* The result of a line. */
enum ban_read {
    BAN_READ_NOTHING, /* a header: there is no ban in it */
    BAN_READ_TAKEN,
    /* well formed, but of a kind that this server does not have; skipped says which */
    BAN_READ_SKIPPED,
    BAN_READ_REFUSED, /* why names the value and the expected form */
};

/* A line of another server, read. */
struct ban_foreign {
    struct ban_text ban;
    bool cut; /* the reason or the setter was too long and is cut at a character */
    const char *skipped; /* BAN_READ_SKIPPED: the reason; static */
    char why[320];       /* BAN_READ_REFUSED */
};

/* The kind of a file of quoted fields by its name: "KLINE" for "/etc/kline.conf.perm";
 * "" for a file of regular expressions; NULL: the name does not tell. */
const char *ban_foreign_hint(const char *path);

/* Reads one line, and changes it. hint is ban_foreign_hint of its file. */
enum ban_read ban_foreign_csv(char *line, const char *hint, struct ban_foreign *out);
enum ban_read ban_foreign_xline(char *line, struct ban_foreign *out);

/* Whether the line begins with user@host, an address or a CIDR. */
bool ban_foreign_is_plain(const char *line);
/* Reads one line of that form, and changes it. wall: the present moment. */
enum ban_read ban_foreign_plain(char *line, msec wall, struct ban_foreign *out);

#endif
