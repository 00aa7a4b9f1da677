/* The table of all subsystems. */
#ifndef SRC_SESSION_LIFECYCLE_H
#define SRC_SESSION_LIFECYCLE_H

struct observer;
struct subsystem;

/* All observers of events; NULL ends it. */
extern const struct observer *const lifecycle_observers[];

/* All rows in the order of the walks; NULL ends it. */
extern const struct subsystem *const lifecycle_subsystems[];

#endif
