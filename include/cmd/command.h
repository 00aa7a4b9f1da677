/* Commands: each has one row, beside its handler, with all of its properties. */
#ifndef CMD_COMMAND_H
#define CMD_COMMAND_H

#include "cmd/params.h"
#include "policy/privs.h"
#include "proto/message.h"
#include "state/client.h"
#include "state/out.h"
#include "state/request.h"
#include "state/server.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum command_when { WHEN_ANY, WHEN_UNREGISTERED, WHEN_REGISTERED };

enum command_flag {
    /* Each target after the first one costs as much again. */
    COMMAND_TARGETS = 1 << 0,
    /* With COMMAND_TARGETS: the targets are in the second parameter, if there is one. */
    COMMAND_SECOND = 1 << 1,
    /* The length of its answer costs tokens as well. */
    COMMAND_WEIGHED = 1 << 2,
    /* May be a line of a message of several lines (cmd/multiline.h). */
    COMMAND_LINE = 1 << 3,
    /* May come between the lines of such a message. */
    COMMAND_BETWEEN = 1 << 4,
};

/* The credit of a client that may pay for the line in place of tokens
 * (src/session/price.h). */
enum command_credit {
    CREDIT_NONE,
    CREDIT_JOIN, /* JOINs soon after registration */
    /* Queries about a channel that the client has joined, one of each kind. */
    CREDIT_WHO,
    CREDIT_NAMES,
    CREDIT_TOPIC,
    CREDIT_MODE,
};

/* The groups of HELP, in their order. */
enum command_group {
    GROUP_NONE, /* no command has it */
    GROUP_CHAT,
    GROUP_CHANNEL,
    GROUP_LOOK,
    GROUP_SERVER,
    GROUP_CONNECT,
    GROUP_PEOPLE,
    GROUP_BANS,
    GROUP_OVERRIDE,
    GROUP_OPERATE,
    COMMAND_GROUPS
};

struct command {
    const char *name; /* in capitals */
    void (*run)(struct request *req);
    int arg; /* for run, by request.row: differs in rows that have one handler */
    /* A line of this command was refused unread, because of a byte in it (`why`): sends
     * the numeric that clients wait for. NULL: they wait for none. */
    void (*refused)(struct request *req, const char *why);
    int min_params; /* a line with fewer is refused (461) */
    enum command_when when;
    int cost;      /* tokens (contrib/POLICY.md 3); 0: a token of BUCKET_PING */
    uint64_t priv; /* PRIV_* that the client needs (481); 0: none */
    unsigned flags;
    enum command_credit credit;
    enum command_group group;
    const char *syntax;  /* parameters, for HELP */
    const char *help;    /* one line */
    const char *example; /* a valid line; NULL: none */
};

/* A file of handlers ends in a table, commands_NAME[]; its last row has no name. The
 * build finds the tables (src/cmd/registry.c); these two have other users as well. */
extern const struct command commands_mode[], commands_multiline[];

#endif
