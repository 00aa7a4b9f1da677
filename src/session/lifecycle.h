/* The table of all subsystems, and the rows of the session's own. */
#ifndef SRC_SESSION_LIFECYCLE_H
#define SRC_SESSION_LIFECYCLE_H

struct subsystem;

/* All rows in the order of the walks; NULL ends it. */
extern const struct subsystem *const lifecycle_subsystems[];

extern const struct subsystem asking_subsystem, held_subsystem, journal_subsystem,
    recvq_subsystem, timeouts_subsystem;

#endif
