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

struct command {
    const char *name; /* in capitals */
    void (*run)(struct request *req);
    int min_params; /* fewer: 461 */
    enum command_when when;
    int cost;      /* tokens (policy.md 3); 0: free within reason */
    uint64_t priv; /* PRIV_*; lacking it: 481 */
    unsigned flags;
    enum command_credit credit;
    const char *syntax;  /* parameters, for HELP */
    const char *help;    /* one line */
    const char *example; /* a whole line that is right; NULL: none */
};

/* Each file of handlers has one table, closed by a row without a name. */
extern const struct command commands_register[], commands_connection[], commands_cap[],
    commands_channel[], commands_mode[], commands_talk[], commands_user[],
    commands_query[], commands_who[], commands_list[], commands_info[],
    commands_samode[], commands_names[], commands_stats[], commands_help[],
    commands_self[], commands_isupport[], commands_oper[], commands_ban[],
    commands_monitor[], commands_knock[], commands_accept[], commands_invite[],
    commands_multiline[], commands_rename[], commands_strike[], commands_check[],
    commands_bans[], commands_trace[], commands_oper_acts[];

#endif
