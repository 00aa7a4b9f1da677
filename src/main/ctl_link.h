/* The connection of `ircd ctl` to a server that runs. */
#ifndef SRC_MAIN_CTL_LINK_H
#define SRC_MAIN_CTL_LINK_H

#include "base/linebuf.h"
#include "base/msec.h"
#include "proto/control_answer.h"

#include <stdbool.h>
#include <stddef.h>

#define CTL_COMMAND 480 /* room for a command; a label and CRLF are added to it */
#define CTL_BYTES 16384 /* read at once */

struct ctl_link {
    int fd;
    unsigned long labels; /* given so far */
    struct linebuf lines;
    char bytes[CTL_BYTES + 1], *at; /* what was read last; `left` bytes are not taken */
    size_t left;
    char why[256]; /* why the connection has failed or has ended */
    bool ended;    /* the server has closed it */
    msec until;    /* moment (loop_monotonic) of the last wait; 0: none is the last */
};

/* The end of a command. */
enum ctl_result { CTL_DONE, CTL_REFUSED, CTL_BROKEN };

/* How to connect. */
struct ctl_link_way {
    const char *user; /* "ctl"; "health": without privileges and without a log line */
    msec whole;       /* limit on all waits together; 0: there is none */
};

/* Connects to the control socket in this directory and registers. False with the reason,
 * which says what to do, in l->why; ctl_link_close in any case. */
bool ctl_link_open(struct ctl_link *l, const char *dir, const struct ctl_link_way *way);
void ctl_link_close(struct ctl_link *l);

/* Sends a line with its CRLF that has no answer. False: the connection is broken. */
bool ctl_link_send(struct ctl_link *l, const char *line);

/* Sends a command without its end and passes each line of its answer to `take`. It ends
 * when the answer is complete; CTL_BROKEN: the reason is in l->why. */
enum ctl_result ctl_link_run(struct ctl_link *l, const char *command,
                             void (*take)(void *ctx, const struct control_text *line),
                             void *ctx);

#endif
