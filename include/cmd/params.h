/* Helpers of command handlers: they cut and join parameters and refuse wrong ones. */
#ifndef CMD_PARAMS_H
#define CMD_PARAMS_H

#include <stdbool.h>
#include <stddef.h>

struct channel;
struct client;
struct command;
struct message;
struct request;
struct server;

/* Sends 461 for the command of req, with its syntax and its example. */
void command_too_few(struct request *req);

/* The same for the command of this row, to c. */
void command_too_few_of(struct server *srv, struct client *c,
                        const struct command *row);

/* Cuts the next item that is not empty from a comma-separated parameter, in place.
 * NULL: no item is left. */
char *command_next_item(char **list);

/* A word of the client for a reply that repeats it: "*" if it cannot be one parameter
 * of a reply (it is empty, contains a blank or begins with ':'). */
const char *command_echo(const char *word);

/* A letter of the client for a reply that repeats it: '?' unless it is printable ASCII,
 * and not a blank. */
char command_echo_letter(char letter);

/* Sends 403 for a channel that does not exist, or for a name that no channel can
 * have. */
void command_no_channel(struct request *req, const char *name);

/* The channel of this name, if the client may act on it (access_finds_channel); else
 * NULL, after command_no_channel. */
struct channel *command_find_channel(struct request *req, const char *name);

/* Sends the notice "KLINE refused: <why>. Example: <example>" for a wrong parameter;
 * verb is "KLINE". */
void command_refuse(struct request *req, const char *verb, const char *why,
                    const char *example);

/* Sends the notice "REHASH refused, nothing changed: <fault>" for each line of
 * `faults`; what is "REHASH". */
void command_tell_faults(struct request *req, const char *what, const char *faults);

/* True if an equal item (case-insensitive) stands before `item` in the list.
 * command_next_item must have cut all items before it. */
bool command_is_repeat(const char *list, const char *item);

/* Joins the parameters from index `from` on with blanks into one text, cut at a
 * character to size. It serves a client that has left out the ':' of the last
 * parameter. */
void command_join_rest(const struct message *m, int from, char *out, size_t size);

/* Splits "reason|for operators" at its first bar. Blanks beside the bar are left out,
 * and each part is cut at a character to its size. `hidden` is "" if there is no bar;
 * only operators and the log may read it. */
void command_split_reason(const char *text, char *shown, size_t size, char *hidden,
                          size_t hidden_size);

#endif
