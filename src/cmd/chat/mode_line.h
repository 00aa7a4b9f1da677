/* Changes of one channel's modes on their way to the channel: one MODE line for all. */
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

/* One MODE command at work, or the tick (c NULL: the server's own changes). */
struct mode_line {
    struct server *srv;
    struct client *c;    /* of the request; NULL: the server itself */
    struct request *req; /* that is answered; NULL: none */
    struct channel *chan;
    bool is_op, is_halfop;
    bool refused;   /* 482 was sent */
    bool starved;   /* 461 was sent */
    bool privately; /* 481 was sent */
    bool warned;    /* of a mask that is an address */
    bool adding;
    bool any;             /* something has changed */
    int with_param;       /* changes with a parameter so far */
    char **params;        /* those left, ends with NULL */
    char told;            /* sign last written into letters */
    uint32_t listed;      /* list modes already shown */
    const char *override; /* the command, if only the privilege allows it; else NULL */
    struct str letters, args, open; /* open: args without keys, for operators */
    char letters_room[MESSAGE_LINE], args_room[MESSAGE_LINE], open_room[MESSAGE_LINE];
};

/* Makes the line empty. */
void mode_line_begin(struct mode_line *x);
/* Notes a change that was made, in the direction x->adding; param NULL: it has none. */
void mode_line_add(struct mode_line *x, char letter, const char *param);
/* Tells the channel (and c, when it is not on it) what was noted, reports it to the
 * operators if it is an override, and begins anew. */
void mode_line_flush(struct mode_line *x);

/* The next parameter; NULL when none is left, or MODES_MAX have been taken. */
char *mode_line_param(struct mode_line *x);
/* The right to go on: operator, or half-operator at least; else 482, once. */
bool mode_line_may(struct mode_line *x, bool halfop_is_enough);
/* 696 for a parameter; "*" stands for a key. */
void mode_line_invalid(struct mode_line *x, const struct mode_row *row,
                       const char *param, const char *why);

#endif
