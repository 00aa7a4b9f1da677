/* The change of the listeners to those of another configuration. */
#ifndef SRC_NET_RELISTEN_H
#define SRC_NET_RELISTEN_H

#include <stdbool.h>
#include <stddef.h>

struct config;
struct loop;

/* As loop_relisten and loop_relisten_end. */
bool relisten_begin(struct loop *l, const struct config *config, bool lenient,
                    char *err, size_t errlen);
void relisten_end(struct loop *l, bool apply);

#endif
