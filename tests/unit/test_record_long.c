/* A fact that is longer than a record is not saved, cut or whole: the log tells it, and
 * the stored version stays. No command makes such a fact; the test puts it into the
 * core directly. */
#include "base/mem.h"
#include "cmd/ack.h"
#include "policy/ban/ban.h"
#include "policy/ban/internal.h"
#include "policy/host.h"
#include "state/channel.h"
#include "state/channel_list.h"
#include "state/channel_record.h"
#include "world.h"

#define KINDS 4

static char huge[RECORD_MAX + 1];

static struct world *w;
static struct actor *alice;
static struct host *host;
static struct channel *chan;

static struct ban *
only_ban(void)
{
    return LIST_ENTRY(w->srv->policy->kinds[BAN_KLINE].next, struct ban, link);
}

static struct list_entry *
only_entry(void)
{
    return LIST_ENTRY(chan->lists[LIST_BAN].next, struct list_entry, link);
}

static void
save_long_ban(void)
{
    char *reason = only_ban()->reason;
    only_ban()->reason = huge;
    store_ticket ticket = ban_save(w->srv, only_ban());
    only_ban()->reason = reason;
    CU_ASSERT(ticket == STORE_REFUSED);
}

static void
save_long_host(void)
{
    host_set_note(w->srv, host, huge);
    CU_ASSERT(host_save(w->srv, host) == STORE_REFUSED);
    CU_ASSERT_TRUE(host->stored);
    host_set_note(w->srv, host, "short");
}

static void
save_long_channel(void)
{
    xreplace(&chan->topic, huge);
    channel_record_save(w->srv, chan);
    xreplace(&chan->topic, "short");
}

static void
save_long_entry(void)
{
    xreplace(&only_entry()->setter, huge);
    channel_record_entry(w->srv, chan, LIST_BAN, only_entry());
    xreplace(&only_entry()->setter, "short");
}

static void
note_bytes(void *ctx, const void *key, size_t key_len, const void *value, size_t n)
{
    uint64_t *sum = ctx;
    *sum += hash_crc32(hash_crc32(0, key, key_len), value, n);
}

static uint64_t
sum_of_store(void)
{
    uint64_t sum = 0;
    store_each(w->store, note_bytes, &sum);
    return sum;
}

static void
begin_long(void)
{
    struct addr addr;
    memset(huge, 'x', sizeof huge - 1);
    w = world_new(world_alice);
    alice = world_oper(w, "alice");
    world_say(w, alice, "KLINE 10m 192.0.2.7 :x");
    world_say(w, alice, "STRIKE 192.0.2.9 1 :x");
    world_say(w, alice, "JOIN #p");
    world_say(w, alice, "MODE #p +Pb x!*@*");
    world_store_news(w);
    world_drain(alice);
    CU_ASSERT_FATAL(addr_parse("192.0.2.9", &addr));
    host = host_find(w->srv, &addr);
    chan = channel_find(w->srv, "#p");
    CU_ASSERT_FATAL(host && host->stored && chan && chan->modes & CHAN_PERMANENT);
    CU_ASSERT_FATAL(!list_empty(&chan->lists[LIST_BAN]));
    CU_ASSERT_EQUAL_FATAL(w->srv->policy->n_bans[BAN_KLINE], 1);
}

static void
no_kind_is_saved_when_it_is_too_long(void)
{
    static const struct {
        void (*save)(void);
        const char *logged;
    } rows[KINDS] = {
        {save_long_ban, "what=\"ban BK*@192.0.2.7\""},
        {save_long_host, "what=\"host H192.0.2.9"},
        {save_long_channel, "what=\"channel C#p\""},
        {save_long_entry, "what=\"list entry Eb#p x!*@*\""},
    };
    for (size_t i = 0; i < KINDS; i++) {
        begin_long();
        uint64_t before = sum_of_store();
        rows[i].save();
        EQUAL_NUMBER(sum_of_store(), before);
        CONTAINS(w->logged, "not-saved");
        CONTAINS(w->logged, rows[i].logged);
        CONTAINS(w->logged, "longer than a record of the database");
        world_free(w);
    }
}

static void
an_operator_is_told_at_once(void)
{
    begin_long();
    ack_when_saved(w->srv, alice->client, STORE_REFUSED, "Done");
    world_sleep(w, 0);
    EXPECT(w, alice,
           "* NOTICE alice :Done, NOT saved: it is too long for the database");
    world_store_news(w);
    SILENT(w, alice);
    CU_ASSERT(!ack_waits(w->srv));
    world_free(w);
}

SUITE(record_long)
{
    TEST(no_kind_is_saved_when_it_is_too_long);
    TEST(an_operator_is_told_at_once);
}
