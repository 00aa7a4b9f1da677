/* Operclass blocks: named sets of privileges, one extending another. */
#ifndef CONFIG_OPERCLASS_H
#define CONFIG_OPERCLASS_H

#include "fault.h"
#include "option.h"

/* A new entry of this name, valid until the next one is added. */
struct config_operclass *operclass_add(struct config *c, const char *name);

/* What the finished entry lacks; NULL if nothing. */
const char *operclass_lacks(const void *entry);

/* Takes the name of a privilege, or "all", into *privileges; false: r->err says what
 * there is. */
bool operclass_read_privilege(const struct reading *r, uint64_t *privileges);

/* Once all blocks are read: gives each class what it extends and each oper what its
 * class has. Names that there are none of, and circles, are faults at the line of the
 * option. */
void operclass_resolve(struct config *c, struct faults *faults);

void operclass_clear(struct config *c);

#endif
