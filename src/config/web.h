/* The block web. */
#ifndef SRC_CONFIG_WEB_H
#define SRC_CONFIG_WEB_H

#include "option.h"

/* For struct option. */
const char *web_check_channel(const struct reading *r);
const char *web_check_origin(const struct reading *r);
const char *web_check_embed(const struct reading *r);
const char *web_check_host(const struct reading *r);

/* Call when all blocks are read: makes c->embed. */
void web_join_embed(struct config *c);

#endif
