/* Reads permanent channels (channel_record.h) from the store. */
#ifndef STATE_CHANNEL_LOAD_H
#define STATE_CHANNEL_LOAD_H

#include "state/record.h"

struct server;

extern const struct record_kind channel_records[];

/* After the last record: records under old keys are moved, entries without a channel
 * are forgotten. */
void channel_load_end(struct server *srv);

#endif
