/* Permanent channels (+P) in the store: one record for the channel, one for each entry
 * of its lists. Everything here does nothing for other channels. */
#ifndef STATE_CHANNEL_RECORD_H
#define STATE_CHANNEL_RECORD_H

#include "state/record.h"

struct channel;
struct list_entry;
struct server;

#define CHANNEL_RECORD 'C' /* kind of its records and first byte of their keys */
#define ENTRY_RECORD 'E'   /* the same of the entries */

/* Modes, key, limit, topic have changed. */
void channel_record_save(struct server *srv, const struct channel *chan);

/* An entry has come; is about to go. */
void channel_record_entry(struct server *srv, const struct channel *chan, int list,
                          const struct list_entry *entry);
void channel_record_no_entry(struct server *srv, const struct channel *chan, int list,
                             const struct list_entry *entry);

/* It has just become permanent: everything is saved. */
void channel_record_begin(struct server *srv, const struct channel *chan);
/* It has ceased to be, or changes its name: everything under this name is forgotten. */
void channel_record_end(struct server *srv, const struct channel *chan);

extern const struct record_kind channel_records[];

/* After the last record: records under old keys are moved, entries without a channel
 * are forgotten. */
void channel_record_loaded(struct server *srv);

#endif
