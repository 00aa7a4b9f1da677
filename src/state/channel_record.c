/* Writes permanent channels to the store.
 *
 * A channel is one record, and each list entry is another, so that no list is too long
 * for a record and a change writes only the records that change. channel_load.c reads
 * them. */
#include "state/channel_record.h"

#include "proto/casemap.h"
#include "proto/message.h"
#include "state/channel.h"
#include "state/channel_list.h"
#include "state/channel_mode.h"
#include "state/record.h"
#include "state/server.h"

#include <string.h>

/* 'C' and the folded name. */
static size_t
write_channel_key(const struct channel *chan, char *out)
{
    out[0] = CHANNEL_RECORD;
    casemap_fold_to(chan->name, out + 1, NAME_CHANNEL_MAX + 1);
    return strlen(out);
}

static const struct mode_row *
find_list_row(int list)
{
    size_t i = 0;
    while (mode_channel[i].list != list) /* each list has a row */
        i++;
    return &mode_channel[i];
}

size_t
channel_record_key(const struct channel *chan, int list, const struct list_entry *entry,
                   char *out)
{
    out[0] = ENTRY_RECORD;
    out[1] = find_list_row(list)->letter;
    casemap_fold_to(chan->name, out + 2, NAME_CHANNEL_MAX + 1);
    size_t n = strlen(out);
    out[n++] = ' ';
    casemap_fold_to(entry->ban.mask.text, out + n, MASK_TEXT);
    return strlen(out);
}

static void
save_channel(struct server *srv, const struct channel *chan)
{
    char key[CHANNEL_RECORD_KEY], letters[CHAN_MODE_COUNT + 1],
        text[CHANNEL_PARAM_TEXT];
    struct record r;
    channel_mode_text(chan, true, letters, sizeof letters, text, sizeof text);
    record_begin(&r, CHANNEL_RECORD);
    record_add_text(&r, chan->name);
    record_add_number(&r, (uint64_t)chan->created);
    record_add_text(&r, chan->topic ? chan->topic : "");
    record_add_text(&r, chan->topic_by ? chan->topic_by : "");
    record_add_number(&r, (uint64_t)chan->topic_at);
    record_add_text(&r, letters);
    for (const char *at = letters; *at; at++) {
        const struct mode_row *row = mode_find_channel(*at);
        if (row->type == MODE_FLAG)
            continue;
        channel_param_text(chan, row, text, sizeof text);
        record_add_text(&r, text);
    }
    record_put(srv, "channel", &r, key, write_channel_key(chan, key));
}

store_ticket
channel_record_put(struct server *srv, const struct channel *chan, int list,
                   const struct list_entry *entry)
{
    char key[CHANNEL_RECORD_KEY], letter[2] = {find_list_row(list)->letter, 0};
    struct record r;
    record_begin(&r, ENTRY_RECORD);
    record_add_text(&r, chan->name);
    record_add_text(&r, letter);
    record_add_text(&r, entry->ban.mask.text);
    record_add_text(&r, entry->setter);
    record_add_number(&r, (uint64_t)entry->set_at);
    return record_put(srv, "list entry", &r, key,
                      channel_record_key(chan, list, entry, key));
}

static void
save_entry(struct server *srv, const struct channel *chan, int list,
           const struct list_entry *entry)
{
    channel_record_put(srv, chan, list, entry);
}

static void
forget_entry(struct server *srv, const struct channel *chan, int list,
             const struct list_entry *entry)
{
    char key[CHANNEL_RECORD_KEY];
    size_t n = channel_record_key(chan, list, entry, key);
    store_put(srv->store, key, n, NULL, 0);
}

void
channel_record_save(struct server *srv, const struct channel *chan)
{
    if (chan->modes & CHAN_PERMANENT)
        save_channel(srv, chan);
}

void
channel_record_entry(struct server *srv, const struct channel *chan, int list,
                     const struct list_entry *entry)
{
    if (chan->modes & CHAN_PERMANENT)
        save_entry(srv, chan, list, entry);
}

void
channel_record_no_entry(struct server *srv, const struct channel *chan, int list,
                        const struct list_entry *entry)
{
    if (chan->modes & CHAN_PERMANENT)
        forget_entry(srv, chan, list, entry);
}

static void
each_list_entry(struct server *srv, const struct channel *chan,
                void (*fn)(struct server *, const struct channel *, int,
                           const struct list_entry *))
{
    for (int l = 0; l < LIST_COUNT; l++)
        LIST_EACH(&chan->lists[l], node)
            fn(srv, chan, l, LIST_ENTRY(node, struct list_entry, link));
}

void
channel_record_begin(struct server *srv, const struct channel *chan)
{
    store_begin(srv->store);
    each_list_entry(srv, chan, save_entry);
    save_channel(srv, chan);
    store_commit(srv->store);
}

void
channel_record_end(struct server *srv, const struct channel *chan)
{
    char key[CHANNEL_RECORD_KEY];
    store_begin(srv->store);
    store_put(srv->store, key, write_channel_key(chan, key), NULL, 0);
    each_list_entry(srv, chan, forget_entry);
    store_commit(srv->store);
}
