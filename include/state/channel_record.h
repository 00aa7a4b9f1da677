/* Permanent channels (+P) in the store: one record for the channel and one for each
 * list entry. Each function does nothing for a channel that is not permanent, unless
 * its comment says otherwise. */
#ifndef STATE_CHANNEL_RECORD_H
#define STATE_CHANNEL_RECORD_H

#include "proto/mask.h"
#include "proto/name.h"
#include "state/record.h"
#include "state/store.h"

#include <stddef.h>

struct channel;
struct list_entry;
struct server;

#define CHANNEL_RECORD 'C' /* kind of a channel's record and first byte of its key */
#define ENTRY_RECORD 'E'   /* the same for a list entry */

/* Saves chan after a change of its modes, their parameters or its topic. */
void channel_record_save(struct server *srv, const struct channel *chan);

/* channel_record_entry saves an entry that was added. channel_record_no_entry removes
 * the record of an entry that is about to be removed. */
void channel_record_entry(struct server *srv, const struct channel *chan, int list,
                          const struct list_entry *entry);
void channel_record_no_entry(struct server *srv, const struct channel *chan, int list,
                             const struct list_entry *entry);

/* Saves the channel, which has just become permanent, and all its entries. */
void channel_record_begin(struct server *srv, const struct channel *chan);
/* Removes the records of the channel and of all its entries, because it is no longer
 * permanent or changes its name. */
void channel_record_end(struct server *srv, const struct channel *chan);

/* For channel_load.c; they work for any channel. channel_record_key writes the key of
 * an entry to out (CHANNEL_RECORD_KEY bytes) and returns its length: 'E', the letter of
 * the list, the folded name, a blank and the folded mask. channel_record_put saves an
 * entry. */
#define CHANNEL_RECORD_KEY (NAME_CHANNEL_MAX + MASK_TEXT + 8)
size_t channel_record_key(const struct channel *chan, int list,
                          const struct list_entry *entry, char *out);
store_ticket channel_record_put(struct server *srv, const struct channel *chan,
                                int list, const struct list_entry *entry);

/* The kinds of these records; channel_load.c reads them. */
extern const struct record_kind channel_records[];

#endif
