/* What HELP and the manual page of the commands share. */
#ifndef CMD_HELP_H
#define CMD_HELP_H

#include "cmd/command.h"

/* By enum command_group: "Operators, bans". Of GROUP_NONE: NULL. */
extern const char *const help_group_titles[COMMAND_GROUPS];

#endif
