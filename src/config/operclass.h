/* Operclass blocks: named sets of privileges, one extending another. */
#ifndef CONFIG_OPERCLASS_H
#define CONFIG_OPERCLASS_H

#include "fault.h"

/* Called when all blocks are read: gives each class the privileges of the classes it
 * extends, and each oper those of its class. A name that is no class and a circle are
 * faults, at the line of the option. */
void operclass_resolve(struct config *c, struct faults *faults);

#endif
