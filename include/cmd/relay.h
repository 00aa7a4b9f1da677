/* The relay: the observer that sends events to clients. */
#ifndef CMD_RELAY_H
#define CMD_RELAY_H

#include "state/irc_event.h"

extern const struct observer relay_observer;

#endif
