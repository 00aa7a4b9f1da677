/* Permanent channels (+P): they outlive their members and the process. */
#include "state/channel.h"
#include "state/channel_list.h"
#include "state/channel_record.h"
#include "state/record.h"
#include "state/store.h"
#include "world.h"

static struct world *w;
static struct actor *ann, *root;

/* #p was made by ann and made permanent by root. */
static void
begin(void)
{
    w = world_new(world_easy);
    ann = world_user(w, "ann");
    root = world_oper(w, "root");
    world_channel(w, "#P", "ann@");
    world_say(w, root, "MODE #p +P");
    world_drain_all(w);
}

static void
restart(void)
{
    world_restart(w, world_easy);
    ann = world_user(w, "ann");
    root = world_oper(w, "root");
    world_drain_all(w);
}

static void
permanence_is_given_by_the_override_privilege_alone(void)
{
    begin();
    world_say(w, ann, "MODE #p -P");
    EXPECT(w, ann, ":irc.localhost 481 ann :*override*");
    world_say(w, ann, "MODE #p +P-P+P");
    EXPECT(w, ann, ":irc.localhost 481 ann :*override*");
    SILENT(w, ann);
    world_say(w, root, "MODE #p -P");
    EXPECT(w, ann, ":root!* MODE #P -P");
    EXPECT(w, root, ":root!* MODE #P -P");
    world_free(w);
}

static void
an_empty_permanent_channel_stays_and_makes_no_operator(void)
{
    begin();
    world_say(w, ann, "PART #p");
    world_drain_all(w);
    CU_ASSERT_PTR_NOT_NULL(channel_find(w->srv, "#p"));
    world_say(w, root, "LIST #p");
    AWAIT(w, root, "* 322 root #P 0 :*");
    world_say(w, ann, "JOIN #p");
    EXPECT(w, ann, ":ann!* JOIN *#P");
    EXPECT(w, ann, ":irc.localhost 353 ann = #P :ann");
    world_say(w, ann, "QUIT");
    CU_ASSERT_PTR_NOT_NULL(channel_find(w->srv, "#p"));
    world_say(w, root, "MODE #p -P");
    CU_ASSERT_PTR_NULL(channel_find(w->srv, "#p"));
    EQUAL_NUMBER(w->srv->n_channels, 0);
    world_free(w);
}

static void
everything_of_it_survives_a_restart(void)
{
    begin();
    world_say(w, ann, "JOIN #lobby");
    world_say(w, root, "MODE #lobby +P");
    world_say(w, ann, "MODE #p +kljSf secret 7 3:10 5 #lobby");
    world_say(w, ann, "MODE #p +isczC-t");
    world_say(w, ann, "MODE #p +bbeIq x ~time:10m:~mute:y z i ~realname:spam*");
    world_say(w, ann, "TOPIC #p :tea at five");
    msec created = channel_find(w->srv, "#p")->created;
    for (int i = 0; i < 2; i++) {
        restart();
        EQUAL_NUMBER(w->srv->n_channels, 2);
        EQUAL_NUMBER(channel_find(w->srv, "#p")->created, created);
        world_say(w, root, "MODE #p");
        EXPECT(w, root,
               ":irc.localhost 324 root #P +klSjfCcinPsz secret 7 5 3:10 #lobby");
        EXPECT(w, root, ":irc.localhost 329 *");
        world_say(w, root, "MODE #p beIq");
        EXPECT(w, root, "* 367 root #P x!?@? ann!ann@* 1795305600");
        EXPECT(w, root, "* 367 root #P ~time:10m:~mute:y!?@? ann!ann@* 1795305600");
        EXPECT(w, root, "* 368 *");
        EXPECT(w, root, "* 348 root #P z!?@? *");
        EXPECT(w, root, "* 349 *");
        EXPECT(w, root, "* 346 root #P i!?@? *");
        EXPECT(w, root, "* 347 *");
        EXPECT(w, root, "* 728 root #P q ~realname:spam? *");
        EXPECT(w, root, "* 729 *");
        world_say(w, root, "TOPIC #p");
        EXPECT(w, root, "* 332 root #P :tea at five");
        EXPECT(w, root, "* 333 root #P ann!ann@* 1795305600");
        world_say(w, ann, "JOIN #p secret");
        EXPECT(w, ann, ":irc.localhost 470 ann #P #lobby :*");
    }
    world_free(w);
}

static void
what_was_taken_back_stays_gone(void)
{
    begin();
    world_say(w, ann, "MODE #p +bbk x y key");
    world_say(w, ann, "TOPIC #p :tea");
    world_say(w, ann, "MODE #p -bk x key");
    world_say(w, ann, "TOPIC #p :");
    restart();
    world_say(w, root, "MODE #p");
    EXPECT(w, root, ":irc.localhost 324 root #P +nPt");
    EXPECT(w, root, "* 329 *");
    world_say(w, root, "MODE #p b");
    EXPECT(w, root, "* 367 root #P y!?@? *");
    EXPECT(w, root, "* 368 *");
    world_say(w, root, "TOPIC #p");
    EXPECT(w, root, "* 331 root #P :*");
    world_say(w, root, "MODE #p -P");
    CU_ASSERT_PTR_NULL(channel_find(w->srv, "#p"));
    restart();
    CU_ASSERT_PTR_NULL(channel_find(w->srv, "#p"));
    world_free(w);
}

static void
a_timed_entry_ends_though_the_server_was_down(void)
{
    begin();
    world_say(w, ann, "MODE #p +b ~time:1m:x");
    restart();
    world_say(w, ann, "JOIN #p");
    world_drain_all(w);
    world_set_wall(w, WORLD_WALL + MSEC_MINUTE);
    world_say(w, ann, "MODE #p b");
    EXPECT(w, ann, "* 368 *");
    world_sleep(w, 1000);
    EXPECT(w, ann, ":irc.localhost MODE #P -b ~time:1m:x!?@?");
    restart();
    EQUAL_NUMBER(channel_find(w->srv, "#p")->list_len[LIST_BAN], 0);
    world_free(w);
}

/* Channels without +P write nothing. */
static void
an_ordinary_channel_is_not_stored(void)
{
    w = world_new(world_easy);
    ann = world_user(w, "ann");
    world_say(w, ann, "JOIN #a");
    world_say(w, ann, "MODE #a +bk x key");
    world_say(w, ann, "TOPIC #a :tea");
    restart();
    EQUAL_NUMBER(w->srv->n_channels, 0);
    world_free(w);
}

static void
put(const char *key, const struct record *r)
{
    store_put(w->store, key, strlen(key), r->bytes, r->len);
}

/* The server died between an entry and its channel, or the files were changed. */
static void
what_is_broken_or_without_a_channel_is_left_out(void)
{
    static const char *const names[] = {"", "nochannel", "#a,b", "#ok"};
    struct record r;
    begin();
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        record_begin(&r, 'E');
        record_add_text(&r, names[i]);
        record_add_text(&r, i % 2 ? "b" : "Z");
        record_add_text(&r, "x!*@*");
        record_seal(&r);
        put(i % 2 ? "Eb#x x" : "Eb#y y", &r);
    }
    record_begin(&r, 'C');
    record_add_text(&r, "#odd");
    record_add_number(&r, 1);
    record_add_text(&r, "topic of nobody");
    record_add_text(&r, "");
    record_add_number(&r, 2);
    record_add_text(&r, "klo");
    record_add_text(&r, "no, key");
    record_seal(&r);
    put("C#odd", &r);
    restart();
    CU_ASSERT_PTR_NULL(channel_find(w->srv, "#ok"));
    CU_ASSERT_PTR_NOT_NULL(channel_find(w->srv, "#p"));
    world_say(w, ann, "JOIN #odd");
    EXPECT(w, ann, ":ann!* JOIN *#odd");
    EXPECT(w, ann, "* 332 ann #odd :topic of nobody");
    restart();
    world_free(w);
}

/* An entry of #P as another version stored it. */
static void
keep_entry(const char *key, const char *mask, msec set_at)
{
    struct record r;
    record_begin(&r, ENTRY_RECORD);
    record_add_text(&r, "#P");
    record_add_text(&r, "b");
    record_add_text(&r, mask);
    record_add_text(&r, "ann!ann@host");
    record_add_number(&r, (uint64_t)set_at);
    record_seal(&r);
    store_put(w->store, key, strlen(key), r.bytes, r.len);
}

static void
count_entries(void *ctx, const void *key, size_t key_len, const void *value, size_t n)
{
    (void)key_len, (void)value, (void)n;
    *(int *)ctx += *(const char *)key == ENTRY_RECORD;
}

/* As if the form in which masks are listed had changed since: 0.3.0 kept the glob. */
static void
an_entry_under_an_old_key_moves_to_todays(void)
{
    for (int both = 0; both < 2; both++) {
        int n = 0;
        begin();
        keep_entry("Eb#p *!*@2001:0db8:*", "*!*@2001:0DB8:*", WORLD_WALL);
        if (both)
            keep_entry("Eb#p *!*@2001:db8::/32", "*!*@2001:db8::/32", WORLD_WALL + 1);
        restart();
        EQUAL_NUMBER(channel_find(w->srv, "#p")->list_len[LIST_BAN], 1);
        store_each(w->store, count_entries, &n);
        EQUAL_NUMBER(n, 1);
        restart();
        EQUAL_NUMBER(channel_find(w->srv, "#p")->list_len[LIST_BAN], 1);
        world_say(w, root, "MODE #p -b *!*@2001:0db8:*");
        EXPECT(w, root, ":root!* MODE #P -b ?!?@2001:db8::/32");
        restart();
        EQUAL_NUMBER(channel_find(w->srv, "#p")->list_len[LIST_BAN], 0);
        world_free(w);
    }
}

SUITE(channel_record)
{
    TEST(permanence_is_given_by_the_override_privilege_alone);
    TEST(an_empty_permanent_channel_stays_and_makes_no_operator);
    TEST(everything_of_it_survives_a_restart);
    TEST(what_was_taken_back_stays_gone);
    TEST(a_timed_entry_ends_though_the_server_was_down);
    TEST(an_ordinary_channel_is_not_stored);
    TEST(what_is_broken_or_without_a_channel_is_left_out);
    TEST(an_entry_under_an_old_key_moves_to_todays);
}
