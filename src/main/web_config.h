/* /config.json: what a page of this server needs to know of it. */
#ifndef SRC_MAIN_WEB_CONFIG_H
#define SRC_MAIN_WEB_CONFIG_H

#include "base/draft.h"

struct config;

/* Adds the object of JSON, with an LF: the configuration in force, as the clients of a
 * listener see it (as configured). */
void web_config_write(const struct config *c, const char *listener, struct draft *out);

#endif
