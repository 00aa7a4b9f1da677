/* What the status tells of the process. */
#ifndef SRC_MAIN_ABOUT_H
#define SRC_MAIN_ABOUT_H

#include "serve_state.h"

/* Tells the core what `ircd ctl status` shows of this process. Call it when the server
 * has started, and after each new configuration. */
void about_tell(struct serve *s);

#endif
