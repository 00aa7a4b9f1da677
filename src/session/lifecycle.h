/* The table of all subsystems. */
#ifndef SRC_SESSION_LIFECYCLE_H
#define SRC_SESSION_LIFECYCLE_H

struct subsystem;

/* All rows in the order of the walks; NULL ends it. */
extern const struct subsystem *const lifecycle_subsystems[];

#endif
