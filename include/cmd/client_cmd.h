/* The part of a session that commands own. */
#ifndef CMD_CLIENT_CMD_H
#define CMD_CLIENT_CMD_H

#include "state/client.h"

struct multiline;

struct client_cmd {
    struct multiline *multiline; /* the open batch, one block; NULL: none */
};
_Static_assert(sizeof(struct client_cmd) == SESSION_CMD, "state/client.h");

static inline struct client_cmd *
cmd_of(const struct client *c)
{
    return (struct client_cmd *)(void *)c->session->cmd;
}

#endif
