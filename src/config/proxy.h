/* Proxies and gateways: the blocks that say which of them may tell the address of a
 * client. */
#ifndef SRC_CONFIG_PROXY_H
#define SRC_CONFIG_PROXY_H

#include "fault.h"
#include "option.h"

#include <stdbool.h>

/* For struct block and struct option. */
void *proxy_add(const struct reading *r);
bool proxy_read_match(const struct reading *r);
bool proxy_read_accepts(const struct reading *r);
bool proxy_read_token(const struct reading *r);
bool proxy_read_certfp(const struct reading *r);
bool proxy_read_trusts(const struct reading *r);

/* Call when all blocks are read: reports secrets that are missing or have no use. */
void proxy_check_all(const struct config *c, struct faults *faults);

/* Frees the list. */
void proxy_free_all(struct config *c);

#endif
