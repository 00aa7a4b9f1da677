/* Lists of bans, for several commands. */
#ifndef CMD_BAN_LIST_H
#define CMD_BAN_LIST_H

#include <stdbool.h>

struct ban;
struct ban_cover;
struct request;
struct str;

/* Adds the clients that a ban covers but does not end, for the text behind a count:
 * "; 2 operators and 1 exempt client stay". Adds nothing if there are none. */
void ban_list_add_staying(struct str *s, const struct ban_cover *cover);

/* Answers STATS with the bans of this letter (of a row of ban_kinds), one a line, then
 * 219. The answer is a cursor (state/cursor.h), so it may go on after the return. */
void ban_list_stats(const struct request *req, char letter);

#endif
