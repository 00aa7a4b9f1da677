/* Data that HELP and the manual page of the commands share. */
#ifndef CMD_HELP_H
#define CMD_HELP_H

#include "cmd/command.h"

/* The title of each enum command_group, as "Operators, bans"; NULL for GROUP_NONE. */
extern const char *const help_group_titles[COMMAND_GROUPS];

#endif
