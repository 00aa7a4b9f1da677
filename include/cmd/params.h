/* What handlers do with parameters. */
#ifndef CMD_PARAMS_H
#define CMD_PARAMS_H

#include <stdbool.h>

struct client;
struct command;
struct request;
struct server;

/* 461 for the command at work, with its right form. */
void command_too_few(struct request *req);

/* The same for the command of this row. */
void command_too_few_of(struct server *srv, struct client *c,
                        const struct command *row);

/* Splits a comma-separated parameter in place: the next item that is not empty, or
 * NULL. */
char *command_next_item(char **list);

/* A word of the client's for a reply that repeats it: "*" where it could not stand as
 * one parameter (empty, with a blank, or with ':' in front). */
const char *command_echo(const char *word);

/* A mode letter of the client's for a reply that repeats it: '?' for a byte that is not
 * printable ASCII. */
char command_echo_letter(char letter);

/* 403 for a channel that is not there, or whose name is none. */
void command_no_channel(struct request *req, const char *name);

/* "KLINE refused: <why>. Example: <example>", to an operator who gave a wrong form. */
void command_refuse(struct request *req, const char *verb, const char *why,
                    const char *example);

/* "REHASH refused, nothing changed: <fault>" for each of the faults, one a line. */
void command_tell_faults(struct request *req, const char *what, const char *faults);

/* True if an equal item (case-insensitive) stands before `item` in the list, all of
 * which before it command_next_item has taken. */
bool command_is_repeat(const char *list, const char *item);

#endif
