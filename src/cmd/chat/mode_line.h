/* The changes of a MODE command to a channel, gathered into one MODE line. */
#ifndef SRC_CMD_CHAT_MODE_LINE_H
#define SRC_CMD_CHAT_MODE_LINE_H

#include "base/str.h"
#include "proto/message.h"
#include "proto/mode.h"

#include <stdbool.h>
#include <stdint.h>

struct channel;
struct client;
struct request;
struct server;

/* A MODE command while its letters are applied; or the tick, which removes entries. */
struct mode_line {
    struct server *srv;
    struct client *c;    /* of the request; NULL: the tick */
    struct request *req; /* the command; NULL: the tick, which answers no client */
    struct channel *chan;
    /* c has at least this rank on chan, or the override privilege. */
    bool is_op, is_halfop;
    bool told_no_op;      /* 482 was sent */
    bool told_no_param;   /* 461 was sent */
    bool told_no_priv;    /* 481 was sent */
    bool told_address;    /* the notice about a mask of an address was sent */
    bool adding;          /* the last sign was '+' */
    bool changed;         /* a change was made */
    int with_param;       /* changes with a parameter so far */
    char **params;        /* the parameters that are left; ends with NULL */
    char last_sign;       /* in letters; 0: none yet */
    uint32_t listed;      /* bits of the list modes that were shown */
    const char *override; /* the command, if only the privilege allows it; else NULL */
    struct str letters, args, report_args; /* report_args: args with "*" for a key */
    char letters_room[MESSAGE_LINE], args_room[MESSAGE_LINE], report_room[MESSAGE_LINE];
};

/* Makes the line empty. */
void mode_line_begin(struct mode_line *line);
/* Adds a change that was made, with the sign of line->adding; param NULL: it has none. If
 * it does not fit, the line so far is sent first. */
void mode_line_add(struct mode_line *line, char letter, const char *param);
/* Sends the line to the channel, and to c if it is no member; reports it to operators if
 * it is an override; makes it empty. */
void mode_line_flush(struct mode_line *line);

/* Takes the next parameter; NULL: none is left, or MODES_MAX have been taken. */
char *mode_line_param(struct mode_line *line);
/* True if c is operator, or (if that is enough) half-operator. Else 482 is sent, once a
 * command. */
bool mode_line_may(struct mode_line *line, bool halfop_is_enough);
/* Sends 696 for a parameter, with the reason; it shows "*" for a key. */
void mode_line_invalid(struct mode_line *line, const struct mode_row *row,
                       const char *param, const char *why);

#endif
