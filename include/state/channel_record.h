/* Permanent channels (+P) in the store: one record for the channel, one for each entry
 * of its lists. Everything here does nothing for other channels. */
#ifndef STATE_CHANNEL_RECORD_H
#define STATE_CHANNEL_RECORD_H

#include "proto/mask.h"
#include "proto/name.h"
#include "state/store.h"

#include <stddef.h>

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

/* For channel_load.c: the key of an entry ('E', the list's letter, the folded name, a
 * blank, the folded mask), which is not terminated; and its record, of whatever
 * channel.
 */
#define CHANNEL_RECORD_KEY (NAME_CHANNEL_MAX + MASK_TEXT + 8)
size_t channel_record_key(const struct channel *chan, int list,
                          const struct list_entry *entry, char *out);
store_ticket channel_record_put(struct server *srv, const struct channel *chan,
                                int list, const struct list_entry *entry);

#endif
