/* The list modes (b e I q) of MODE. */
#ifndef CMD_MODE_LIST_H
#define CMD_MODE_LIST_H

struct mode_line;
struct mode_row;
struct server;

/* Adds, removes or (without a parameter) shows: the next letter of a MODE line. */
void mode_list_apply(struct mode_line *x, const struct mode_row *row);

/* Removes timed entries whose time is over, and tells their channels: the tick. */
void mode_list_expire(struct server *srv);

#endif
