/* What the listeners need of this machine. */
#ifndef SRC_MAIN_NEEDS_LISTEN_H
#define SRC_MAIN_NEEDS_LISTEN_H

#include "config/config.h"

/* Calls fn with a sentence for each listener that the next start cannot bind: its
 * address is not on this machine, another listener has its port, or the port needs a
 * privilege. Unix sockets are not checked. */
void needs_listen_tell(const struct config *config, config_fault *fn, void *ctx);

#endif
