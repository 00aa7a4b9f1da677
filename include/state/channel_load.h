/* Reads permanent channels (channel_record.h) from the store. */
#ifndef STATE_CHANNEL_LOAD_H
#define STATE_CHANNEL_LOAD_H

#include "state/record.h"

struct server;

extern const struct record_kind channel_records[];

/* After the last record: moves records that have an old key, and forgets entries
 * without a channel. */
void channel_load_end(struct server *srv);

#endif
