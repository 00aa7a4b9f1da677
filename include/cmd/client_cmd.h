/* What commands keep of a session. */
#ifndef CMD_CLIENT_CMD_H
#define CMD_CLIENT_CMD_H

#include "state/client.h"

struct multiline;

struct client_cmd {
    struct multiline *multiline; /* one block: the batch that is open, or NULL */
};
_Static_assert(sizeof(struct client_cmd) == SESSION_CMD, "state/client.h");

static inline struct client_cmd *
cmd_of(const struct client *c)
{
    return (struct client_cmd *)(void *)c->session->cmd;
}

#endif
