/* A world that is recorded into a file of its own. */
#ifndef TESTS_TAPED_H
#define TESTS_TAPED_H

#include "../../src/replay/trace.h"
#include "replay/recorder.h"
#include "world.h"

struct taped {
    struct world *world;
    struct recorder *recorder;
    char dir[32];
    char path[48]; /* as log.trace has it */
    char file[96]; /* the recording, once taped_stop has ended it; "": there is none */
};

/* A world with this configuration; all connections from now on are recorded. */
void taped_begin(struct taped *t, const char *config);
/* Ends the recording and the world. */
void taped_stop(struct taped *t);
/* The recording, which must be without a fault; trace_free. */
struct trace *taped_trace(const struct taped *t);
/* The same as text; free. */
char *taped_text(const struct taped *t);
/* Deletes all recordings. */
void taped_clear(struct taped *t);

#endif
