/* MODE lines for a channel and for users, sent by an operator of the channel, a
 * half-operator, a member, a client outside and a server operator; in between the
 * others ask. Input: a byte that picks the sender, then the text behind MODE up to LF.
 */
#include "base/mem.h"
#include "fuzz.h"
#include "state/channel.h"
#include "state/channel_list.h"
#include "state/channel_mode.h"
#include "world.h"

enum { PEOPLE = 5, LINES = 64 };

/* A listed entry can be set again on a new channel, and is listed alike. */
static void
check_listed(struct server *srv, const struct channel *chan)
{
    char letters[64], params[CHANNEL_PARAMS_TEXT];
    channel_mode_text(chan, true, letters, sizeof letters, params, sizeof params);
    MUST(strlen(letters) == strspn(letters, "klSjfCcimnPpstz"));
    MUST(!(chan->modes & CHAN_KEY) == (chan->key == NULL));
    MUST(!(chan->modes & CHAN_LIMIT) || chan->limit > 0);
    MUST(!(chan->modes & CHAN_STATUS));
    for (int l = 0; l < LIST_COUNT; l++)
        LIST_EACH(&chan->lists[l], node) {
            const struct list_entry *e = LIST_ENTRY(node, struct list_entry, link);
            struct extban again;
            const char *why;
            MUST(extban_parse(e->ban.mask.text, &again, &why));
            MUST(strcmp(again.mask.text, e->ban.mask.text) == 0);
            MUST(channel_list_find(chan, l, &again) == e);
        }
    MUST(srv->n_channels > 0);
}

static void
people(struct world *w, struct actor *who[PEOPLE])
{
    static const char *const nicks[] = {"op", "half", "member", "outside"};
    for (int i = 0; i < 4; i++)
        who[i] = world_user(w, nicks[i]);
    who[4] = world_oper(w, "root");
    for (int i = 0; i < 3; i++)
        world_say(w, who[i], "JOIN #c");
    world_say(w, who[0], "MODE #c +h half");
    world_drain_all(w);
}

int
fuzz_mode(const uint8_t *bytes, size_t n)
{
    struct fuzz_input in = {bytes, bytes + n};
    struct actor *who[PEOPLE];
    struct world *w = world_new(world_easy);
    people(w, who);
    for (int i = 0; in.at < in.end && i < LINES; i++) {
        unsigned how = fuzz_byte(&in);
        char *rest = fuzz_line(&in);
        world_sayf(w, who[how % PEOPLE], "MODE %s", rest);
        free(rest);
        if (how & 0x80)
            world_sleep(w, (how & 0x7f) * MSEC_SECOND);
        const struct channel *chan = channel_find(w->srv, "#c");
        if (chan != NULL)
            check_listed(w->srv, chan);
    }
    world_say(w, who[2], "MODE #c");
    world_say(w, who[2], "MODE #c +beIq");
    world_restart(w, world_easy);
    world_free(w);
    return 0;
}
