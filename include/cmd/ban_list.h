/* Lists of bans, however many: for BANS and STATS. */
#ifndef CMD_BAN_LIST_H
#define CMD_BAN_LIST_H

#include <stdbool.h>

struct ban;
struct ban_cover;
struct request;
struct str;

/* Which of those covered stay on, for behind a count: "; 2 operators and 1 exempt
 * client stay"; nothing if none does. */
void ban_list_add_staying(struct str *s, const struct ban_cover *cover);

/* The bans that STATS lists under this letter (a row of ban_kinds), one a line, then
 * 219; in pieces (state/cursor.h), so it may go on after the return. */
void ban_list_stats(const struct request *req, char letter);

#endif
