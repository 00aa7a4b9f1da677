/* Checks of the listeners and certificates of a configuration together. */
#ifndef SRC_CONFIG_TLS_H
#define SRC_CONFIG_TLS_H

#include "config/config.h"
#include "fault.h"

/* Called when all blocks are read: reports options that could have no effect. */
void tls_check_all(const struct config *c, struct faults *faults);

#endif
