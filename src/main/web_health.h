/* What /health answers: a line for each cause why the server is not well. */
#ifndef SRC_MAIN_WEB_HEALTH_H
#define SRC_MAIN_WEB_HEALTH_H

#include "base/draft.h"
#include "base/msec.h"
#include "net/loop.h"

#include <stdbool.h>

struct serve;

/* Changes of the database may be unsaved for so long: a save that fails is tried again
 * every few seconds. */
#define WEB_HEALTH_UNSAVED MSEC_MINUTE

/* What the causes are judged by. No fact tells of a client. */
struct web_health_facts {
    struct loop_health loop;
    bool ending;      /* the server ends or is about to start again */
    msec unsaved_for; /* of the oldest change that is not on disk; 0: there is none */
    msec wall;        /* now */
    /* wall: the earliest end of a certificate in use; 0: none is used */
    msec certified;
};

/* Reads the facts of a server that runs. */
void web_health_read(const struct serve *s, struct web_health_facts *out);

/* Adds "ok", or a line for each cause. `ready`: that the first turn has not ended is a
 * cause as well. Returns the status of HTTP: 200 without a cause, else 503. */
unsigned web_health_write(const struct web_health_facts *facts, bool ready,
                          struct draft *out);

#endif
