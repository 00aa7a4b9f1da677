/* Tells the service manager what the server does. Without a manager each call does
 * nothing. */
#ifndef SRC_MAIN_MANAGER_H
#define SRC_MAIN_MANAGER_H

#include "base/msec.h"
#include "serve_state.h"

/* Connects to the manager; a socket that cannot be used is a warning in the log. Call
 * it before the sandbox and after the log is open. */
void manager_begin(struct serve *s);

/* The server has started, or has read the configuration again: `applied` is false if
 * that had faults. */
void manager_ready(struct serve *s, bool applied);
void manager_reloading(struct serve *s);
void manager_stopping(struct serve *s);

/* The hook `tick` of the loop; serve: the struct serve. */
msec manager_tick(void *serve, msec now);

#endif
