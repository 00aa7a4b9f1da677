/* A command is a row beside its handler; everything about it stands there. */
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
    COMMAND_TARGETS = 1 << 0, /* each target after the first costs as much again: */
    COMMAND_SECOND = 1 << 3,  /* they are those of the second parameter, if any */
    COMMAND_WEIGHED = 1 << 2, /* costs by the length of its answer as well */
    COMMAND_LINE = 1 << 1,    /* can be a line of a message of several lines */
    COMMAND_BETWEEN = 1 << 4, /* can stand between such lines without being one */
};

/* What credit of the client may pay for the line instead (session/price.h). */
enum command_credit {
    CREDIT_NONE,
    CREDIT_JOIN, /* JOINs soon after registration */
    /* Questions about a channel that an own JOIN has paid for, one of each kind. */
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
    int arg; /* for run (request.row): what tells rows of one handler apart */
    /* A line of it was refused unread, for a byte of it (`why`): sends the numeric that
     * programs wait for. NULL: they wait for none. */
    void (*refused)(struct request *req, const char *why);
    int min_params; /* fewer: 461 */
    enum command_when when;
    int cost;      /* tokens (contrib/POLICY.md 3); 0: of BUCKET_PING */
    uint64_t priv; /* PRIV_*; lacking it: 481 */
    unsigned flags;
    enum command_credit credit;
    enum command_group group;
    const char *syntax;  /* parameters, for HELP */
    const char *help;    /* one line */
    const char *example; /* a whole line that is right; NULL: none */
};

/* A file of handlers ends in a table, commands_NAME[], closed by a row without a name.
 * The build finds the tables (cmd/registry.c); these are used elsewhere as well. */
extern const struct command commands_mode[], commands_multiline[];

#endif
