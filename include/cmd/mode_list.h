/* The list modes (b e I q) of MODE. */
#ifndef CMD_MODE_LIST_H
#define CMD_MODE_LIST_H

struct mode_line;
struct mode_row;
struct server;

/* Applies a letter of a MODE line: adds or removes the mask of its parameter, or shows
 * the list if there is none. */
void mode_list_apply(struct mode_line *x, const struct mode_row *row);

/* At each tick: removes the timed entries that have ended, and tells their channels. */
void mode_list_expire(struct server *srv);

#endif
