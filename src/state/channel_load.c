/* Reads permanent channels from the store.
 *
 * Records come in any order, so the record of an entry makes its channel if it is
 * missing. After the last record, a channel that has no record of its own is dropped.
 *
 * The key of an entry has the mask in the form that was listed when the record was
 * written. If the mask is listed in another form today, the entry is saved under its
 * new key and the old record is removed; otherwise a removed entry would come back at
 * the next start. This file must put nothing into the store while records are read. */
#include "state/channel_record.h"

#include "base/mem.h"
#include "base/str.h"
#include "proto/message.h"
#include "proto/utf8.h"
#include "state/channel.h"
#include "state/channel_list.h"
#include "state/channel_mode.h"
#include "state/record.h"
#include "state/server.h"
#include "state/subsystem.h"
#include "state/text_limit.h"

#include <stdlib.h>
#include <string.h>

/* An entry that was found under an old key. */
struct stale_entry {
    struct stale_entry *next; /* NULL: the last */
    struct channel *chan;
    int list;
    const struct list_entry *entry; /* the entry of the record */
    size_t len;
    char key[];
};

/* Reads the name of a channel from a record and returns the channel, which is made if
 * it is missing. NULL: the name is not valid. */
static struct channel *
find_or_load_channel(struct server *srv, struct record_reader *in)
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
    struct channel *chan = find_or_load_channel(srv, in);
    if (chan == NULL)
        return false;
    chan->modes |= CHAN_PERMANENT;
    chan->created = record_moment(in);
    record_text(in, text, sizeof text);
    text[utf8_cut(text, strlen(text), text_limit_topic(srv))] = '\0';
    xreplace(&chan->topic, *text ? text : NULL);
    record_text(in, text, sizeof text);
    xreplace(&chan->topic_by, *text ? text : "*");
    chan->topic_at = record_moment(in);
    return load_modes(srv, chan, in);
}

/* The head of the list of stale entries, which is filled while records are read and
 * emptied after the last one. */
static struct stale_entry **
stale_at(const struct server *srv)
{
    return subsystem_state(srv, SUBSYSTEM_channel_load);
}

static void
note_stale_entry(struct server *srv, struct channel *chan, int list,
                 const struct list_entry *entry, const void *key, size_t len)
{
    char today[CHANNEL_RECORD_KEY];
    size_t n = channel_record_key(chan, list, entry, today);
    if (n == len && memcmp(key, today, len) == 0)
        return;
    struct stale_entry *stale = xcalloc(1, sizeof *stale + len);
    *stale = (struct stale_entry){*stale_at(srv), chan, list, entry, len};
    memcpy(stale->key, key, len);
    *stale_at(srv) = stale;
}

static void
move_stale_entries(struct server *srv)
{
    struct stale_entry *stale;
    while ((stale = *stale_at(srv)) != NULL) {
        store_begin(srv->store);
        if (channel_record_put(srv, stale->chan, stale->list, stale->entry) !=
            STORE_REFUSED)
            store_put(srv->store, stale->key, stale->len, NULL, 0);
        store_commit(srv->store);
        *stale_at(srv) = stale->next;
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
    struct channel *chan = find_or_load_channel(srv, in);
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

/* After the last record: moves entries that have an old key, and drops channels that
 * have no record of their own. */
static void
end_loading(struct server *srv, const struct server_start *start)
{
    struct channel *next;
    (void)start;
    move_stale_entries(srv);
    for (struct channel *chan = srv->channels; chan; chan = next) {
        next = chan->hh.next;
        if (chan->modes & CHAN_PERMANENT)
            continue;
        channel_record_end(srv, chan);
        channel_drop(srv, chan);
    }
}

const struct subsystem channel_load_subsystem = {
    .id = SUBSYSTEM_channel_load,
    .state = sizeof(struct stale_entry *),
    .records = channel_records,
    .loaded = end_loading,
};
