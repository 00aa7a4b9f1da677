/* The list modes (b e I q) of MODE. */
#ifndef SRC_CMD_CHAT_MODE_LIST_H
#define SRC_CMD_CHAT_MODE_LIST_H

struct mode_line;
struct mode_row;

/* Applies a letter of a MODE line: adds or removes the mask of its parameter, or shows
 * the list if there is none. */
void mode_list_apply(struct mode_line *line, const struct mode_row *row);

#endif
