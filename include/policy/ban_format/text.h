/* Bans as text, one on each line: for backup, grep and migration.
 *
 *   KLINE *@192.0.2.7 set=2026-11-22T14:03:05.123Z until=2026-11-22T15:03:05.123Z
 *       by=alice auto=no :spam|only for operators            (all of it on one line)
 *
 * The first word is the command that sets a ban of the kind. until=never means
 * permanent. The fields between mask and reason are optional, in any order, each at
 * most once. force=yes allows a mask that is too broad by its form, or covers a proxy.
 * A backslash begins an escape: s (a blank), n, r, t, xHH (a byte), a bar, a backslash. A line that begins
 * with '#' is a comment. */
#ifndef POLICY_BAN_FORMAT_TEXT_H
#define POLICY_BAN_FORMAT_TEXT_H

#include "policy/ban/ban.h"

#include <stdbool.h>
#include <stddef.h>

#define BAN_TEXT_LINE 4096 /* room for any line, the NUL included */

/* The lines above and below the bans. The number is the version of the format. */
#define BAN_TEXT_HEAD "# ircd bans 1"
#define BAN_TEXT_FIELDS                                                                \
    "# KIND MASK set=TIME until=TIME|never by=WHO auto=yes|no "                        \
    "[force=yes] :REASON|FOR OPERATORS"
#define BAN_TEXT_END "# end of bans: "

/* A ban read from a line. Do not copy it: the mask has pointers into itself. */
struct ban_text {
    enum ban_kind kind;
    struct mask mask;
    msec set_at; /* wall; 0: the line has none */
    msec until;  /* wall; 0: permanent */
    bool automatic;
    bool force;     /* the mask may be one that needs FORCE */
    unsigned given; /* a bit for each field in the line */
    char setter[BAN_SETTER], reason[BAN_REASON], oper_reason[BAN_REASON];
};

/* Writes one line without LF. forced: the line has force=yes, as it has if the mask is
 * too broad by its form. ban_text_parse reads the same ban from it, to the byte and the
 * millisecond. The line has no two blanks in a row, no blank at its end and no
 * control character. */
void ban_text_format(const struct ban *ban, bool forced, char out[BAN_TEXT_LINE]);

/* The number of bytes for the first piece of a line, at most `max` (>= 16). If it is
 * less than the whole line, the sender puts a backslash at the end of the piece to mark
 * that the line is continued. A piece neither begins nor ends with a blank. */
size_t ban_text_piece(const char *line, size_t max);

/* True if the line ends with such a backslash: the next line continues it. */
bool ban_text_is_continued(const char *line, size_t len);

/* Reads one line. False: err names the value and the expected form. A reason or a
 * setter that a line of IRC cannot carry is refused (ban_find_bad_byte). */
bool ban_text_parse(const char *line, struct ban_text *out, char *err, size_t errlen);

/* The kind of bans that this command sets ("KLINE"); BAN_KINDS: none. */
enum ban_kind ban_text_kind(const char *set);

#endif
