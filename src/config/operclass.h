/* Operclass blocks: named sets of privileges, one extending another. */
#ifndef CONFIG_OPERCLASS_H
#define CONFIG_OPERCLASS_H

#include "fault.h"

/* Once all blocks are read: gives each class what it extends and each oper what its
 * class has. Names that there are none of, and circles, are faults at the line of the
 * option. */
void operclass_resolve(struct config *c, struct faults *faults);

#endif
