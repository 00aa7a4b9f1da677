/* The relay: the observer that tells local sessions of events. */
#ifndef CMD_RELAY_H
#define CMD_RELAY_H

#include "state/event.h"

extern const struct observer relay_observer;

#endif
