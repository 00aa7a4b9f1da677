/* Permanent channels on disk.
 *
 * A channel is one record, and each list entry another, so that no list is too long for
 * a record and a change writes what has changed. Records are read in any order: an
 * entry makes its channel, and a channel that stays without a record of its own (the
 * server died between the two) is forgotten at the end.
 *
 * A record lies under the key of its mask as that was listed when it was written. Where
 * the mask is listed otherwise by now, the entry is written anew and the old record
 * goes: else it would be back with the next start after its removal. Must never put
 * anything while records are read. */
#include "state/channel_record.h"

#include "base/mem.h"
#include "base/str.h"
#include "proto/casemap.h"
#include "proto/message.h"
#include "proto/utf8.h"
#include "state/channel.h"
#include "state/channel_list.h"
#include "state/channel_mode.h"
#include "state/record.h"
#include "state/room.h"
#include "state/server.h"
#include "state/subsystem.h"

#include <stdlib.h>
#include <string.h>

#define KEY_ROOM (NAME_CHANNEL_MAX + MASK_TEXT + 8)

/* A record under a key that is not its entry's. */
struct stale_entry {
    struct stale_entry *next; /* srv->stale_entries */
    struct channel *chan;
    int list;
    const struct list_entry *entry; /* what it was about */
    size_t len;
    char key[];
};

/* 'C' and the folded name. */
static size_t
channel_key(const struct channel *chan, char *out)
{
    out[0] = CHANNEL_RECORD;
    casemap_fold_to(chan->name, out + 1, NAME_CHANNEL_MAX + 1);
    return strlen(out);
}

/* 'E', the list's letter, the folded name, a blank, and the folded mask. */
static size_t
entry_key(const struct channel *chan, char letter, const struct list_entry *entry,
          char *out)
{
    out[0] = ENTRY_RECORD;
    out[1] = letter;
    casemap_fold_to(chan->name, out + 2, NAME_CHANNEL_MAX + 1);
    size_t n = strlen(out);
    out[n++] = ' ';
    casemap_fold_to(entry->ban.mask.text, out + n, MASK_TEXT);
    return strlen(out);
}

static const struct mode_row *
row_of_list(int list)
{
    size_t i = 0;
    while (mode_channel[i].list != list) /* every list has a row */
        i++;
    return &mode_channel[i];
}

static void
save(struct server *srv, const struct channel *chan)
{
    char key[KEY_ROOM], letters[CHAN_MODE_COUNT + 1], text[CHANNEL_PARAM_TEXT];
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
    record_put(srv, "channel", &r, key, channel_key(chan, key));
}

static store_ticket
put_entry(struct server *srv, const struct channel *chan, int list,
          const struct list_entry *entry)
{
    char key[KEY_ROOM], letter[2] = {row_of_list(list)->letter, 0};
    struct record r;
    record_begin(&r, ENTRY_RECORD);
    record_add_text(&r, chan->name);
    record_add_text(&r, letter);
    record_add_text(&r, entry->ban.mask.text);
    record_add_text(&r, entry->setter);
    record_add_number(&r, (uint64_t)entry->set_at);
    return record_put(srv, "list entry", &r, key,
                      entry_key(chan, letter[0], entry, key));
}

static void
save_entry(struct server *srv, const struct channel *chan, int list,
           const struct list_entry *entry)
{
    put_entry(srv, chan, list, entry);
}

static void
forget_entry(struct server *srv, const struct channel *chan, int list,
             const struct list_entry *entry)
{
    char key[KEY_ROOM];
    size_t n = entry_key(chan, row_of_list(list)->letter, entry, key);
    store_put(srv->store, key, n, NULL, 0);
}

void
channel_record_save(struct server *srv, const struct channel *chan)
{
    if (chan->modes & CHAN_PERMANENT)
        save(srv, chan);
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
each_entry(struct server *srv, const struct channel *chan,
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
    each_entry(srv, chan, save_entry);
    save(srv, chan);
}

void
channel_record_end(struct server *srv, const struct channel *chan)
{
    char key[KEY_ROOM];
    store_put(srv->store, key, channel_key(chan, key), NULL, 0);
    each_entry(srv, chan, forget_entry);
}

/* The channel of a record, made when it is the first of it; NULL if the name is none.
 */
static struct channel *
find_or_make(struct server *srv, struct record_reader *in)
{
    char name[NAME_CHANNEL_MAX + 2];
    record_text(in, name, sizeof name);
    if (!name_is_channel(name))
        return NULL;
    struct channel *chan = channel_find(srv, name);
    if (chan)
        return chan;
    chan = channel_new(srv, name);
    chan->modes = 0;
    return chan;
}

static bool
load_modes(struct server *srv, struct channel *chan, struct record_reader *in)
{
    char letters[64], text[CHANNEL_PARAM_TEXT];
    const char *why;
    bool ok = true;
    record_text(in, letters, sizeof letters);
    for (const char *at = letters; *at; at++) {
        const struct mode_row *row = mode_find_channel(*at);
        if (row == NULL || row->type == MODE_LIST || row->type == MODE_PREFIX)
            return false;
        if (row->type == MODE_FLAG) {
            chan->modes |= row->bit;
            continue;
        }
        record_text(in, text, sizeof text);
        ok = channel_param_set(srv, chan, row, text, &why) != PARAM_INVALID && ok;
    }
    return ok;
}

static bool
load_channel_record(struct server *srv, struct record_reader *in, const void *key,
                    size_t len)
{
    (void)key;
    (void)len;
    char text[MESSAGE_LINE];
    struct channel *chan = find_or_make(srv, in);
    if (chan == NULL)
        return false;
    chan->modes |= CHAN_PERMANENT;
    chan->created = record_moment(in);
    record_text(in, text, sizeof text);
    text[utf8_cut(text, strlen(text), room_topic(srv))] = '\0';
    xreplace(&chan->topic, *text ? text : NULL);
    record_text(in, text, sizeof text);
    xreplace(&chan->topic_by, *text ? text : "*");
    chan->topic_at = record_moment(in);
    return load_modes(srv, chan, in);
}

static void
note_stale_entry(struct server *srv, struct channel *chan, int list,
                 const struct list_entry *entry, const void *key, size_t len)
{
    char today[KEY_ROOM];
    size_t n = entry_key(chan, row_of_list(list)->letter, entry, today);
    if (n == len && memcmp(key, today, len) == 0)
        return;
    struct stale_entry *stale = xcalloc(1, sizeof *stale + len);
    *stale = (struct stale_entry){srv->stale_entries, chan, list, entry, len};
    memcpy(stale->key, key, len);
    srv->stale_entries = stale;
}

static void
move_stale_entries(struct server *srv)
{
    struct stale_entry *stale;
    while ((stale = srv->stale_entries) != NULL) {
        if (put_entry(srv, stale->chan, stale->list, stale->entry) != STORE_REFUSED)
            store_put(srv->store, stale->key, stale->len, NULL, 0);
        srv->stale_entries = stale->next;
        free(stale);
    }
}

static bool
load_entry_record(struct server *srv, struct record_reader *in, const void *key,
                  size_t len)
{
    char letter[4], text[MASK_TEXT], setter[MASK_TEXT];
    const char *why;
    struct extban ban;
    struct channel *chan = find_or_make(srv, in);
    record_text(in, letter, sizeof letter);
    record_text(in, text, sizeof text);
    record_text(in, setter, sizeof setter);
    const struct mode_row *row = mode_find_channel(letter[0]);
    if (chan == NULL || row == NULL || row->type != MODE_LIST ||
        !extban_parse(text, &ban, &why))
        return false;
    channel_list_restore(srv, chan, row->list, &ban, setter, record_moment(in));
    note_stale_entry(srv, chan, row->list, channel_list_find(chan, row->list, &ban),
                     key, len);
    return true;
}

const struct record_kind channel_records[] = {
    {.letter = CHANNEL_RECORD, .name = "channel", .load = load_channel_record},
    {.letter = ENTRY_RECORD, .name = "list entry", .load = load_entry_record},
    {0},
};

void
channel_record_loaded(struct server *srv)
{
    struct channel *next;
    move_stale_entries(srv);
    for (struct channel *chan = srv->channels; chan; chan = next) {
        next = chan->hh.next;
        if (chan->modes & CHAN_PERMANENT)
            continue;
        channel_record_end(srv, chan);
        channel_drop(srv, chan);
    }
}

static void
end_loading(struct server *srv, const struct server_start *start)
{
    (void)start;
    channel_record_loaded(srv);
}

const struct subsystem channel_record_subsystem = {
    .id = SUBSYSTEM_channel_record,
    .records = channel_records,
    .loaded = end_loading,
};
