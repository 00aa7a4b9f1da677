/* Bans as text, one a line: for backup, grep and migration.
 *
 *   KLINE *@192.0.2.7 set=2026-11-22T14:03:05.123Z until=2026-11-22T15:03:05.123Z
 *       by=alice auto=no :spam|only for operators            (all of it on one line)
 *
 * The first word is the command that sets a ban of the kind. until=never is for good.
 * What stands between mask and reason may be left out, in any order, each once;
 * force=yes is there for masks that are too broad by their form. Behind a backslash: s
 * (a blank), n, r, t, xHH (a byte), a bar, a backslash. Lines that begin with '#' are
 * comments. */
#ifndef POLICY_BAN_FORMAT_TEXT_H
#define POLICY_BAN_FORMAT_TEXT_H

#include "policy/ban/ban.h"

#include <stdbool.h>
#include <stddef.h>

#define BAN_TEXT_LINE 4096 /* room for any line, the NUL included */

/* What stands above and below the bans; the number is the version of the form. */
#define BAN_TEXT_HEAD "# ircd bans 1"
#define BAN_TEXT_FIELDS                                                                \
    "# KIND MASK set=TIME until=TIME|never by=WHO auto=yes|no "                        \
    "[force=yes] :REASON|FOR OPERATORS"
#define BAN_TEXT_END "# end of bans: "

/* A ban as it stands in a line. Do not copy: the mask points into itself. */
struct ban_text {
    enum ban_kind kind;
    struct mask mask;
    msec set_at; /* wall; 0: not said */
    msec until;  /* wall; 0: permanent */
    bool automatic;
    bool force;     /* it may be too broad by its form */
    unsigned given; /* a bit for each field that was named */
    char setter[BAN_SETTER], reason[BAN_REASON], oper_reason[BAN_REASON];
};

/* One line without its LF. ban_text_parse makes the same ban of it, to the byte and to
 * the millisecond. Never two blanks in a row, none at the end, no control character. */
void ban_text_format(const struct ban *ban, char out[BAN_TEXT_LINE]);

/* How many bytes of a line make one piece of at most `max` (>= 16): less than all of it
 * only where a backslash at the end of the piece says that the line goes on. Pieces
 * neither begin nor end with a blank. */
size_t ban_text_piece(const char *line, size_t max);

/* True if the line ends with such a backslash. */
bool ban_text_is_continued(const char *line, size_t len);

/* False with what is wrong and what was expected, naming the value: also where a reason
 * or a setter could not be said on IRC (ban_find_bad_byte). */
bool ban_text_parse(const char *line, struct ban_text *out, char *err, size_t errlen);

/* The kind whose bans are set by this command ("KLINE"); BAN_KINDS: none. */
enum ban_kind ban_text_kind(const char *set);

#endif
