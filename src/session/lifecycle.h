/* The tables of all subsystems and observers, and the removal of ended clients. */
#ifndef SRC_SESSION_LIFECYCLE_H
#define SRC_SESSION_LIFECYCLE_H

struct observer;
struct server;
struct subsystem;

/* All observers of events, ending with NULL. */
extern const struct observer *const lifecycle_observers[];

/* All subsystems in the order of state/subsystems.def, ending with NULL. */
extern const struct subsystem *const lifecycle_subsystems[];

/* Removes all clients on srv->doomed from channels, tables and counts, and also the
 * clients that these removals doom. Call it between two commands, never in a
 * handler. */
void lifecycle_reap(struct server *srv);

#endif
