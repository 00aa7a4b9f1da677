/* Memberships, list entries, invitations and cached verdicts (state/channel). */
#include "state/channel.h"
#include "state/channel_mode.h"
#include "state/server.h"
#include "world.h"

static void
any_order_of_joins_and_parts_keeps_the_slots(void)
{
    enum { PEOPLE = 12, ROOMS = 9 };
    bool in[PEOPLE][ROOMS] = {{false}};
    char name[16];
    unsigned seed = 7;
    struct actor *who[PEOPLE];
    struct world *w = world_new(world_easy);
    for (int p = 0; p < PEOPLE; p++) {
        snprintf(name, sizeof name, "u%d", p);
        who[p] = world_user(w, name);
    }
    for (int step = 0; step < 3000; step++) {
        seed = seed * 1103515245 + 12345;
        unsigned p = (seed >> 16) % PEOPLE, r = (seed >> 8) % ROOMS;
        world_sayf(w, who[p], "%s #%u", in[p][r] ? "PART" : "JOIN", r);
        in[p][r] = !in[p][r];
        world_drain_all(w); /* session_check has run after the step */
    }
    size_t rooms = 0;
    for (unsigned r = 0; r < ROOMS; r++) {
        uint32_t members = 0;
        snprintf(name, sizeof name, "#%u", r);
        struct channel *chan = channel_find(w->srv, name);
        for (int p = 0; p < PEOPLE; p++) {
            members += in[p][r];
            if (chan)
                CU_ASSERT((channel_member(chan, who[p]->client) != NULL) == in[p][r]);
        }
        EQUAL_NUMBER(chan ? chan->nmembers : 0, members);
        rooms += members > 0;
    }
    EQUAL_NUMBER(w->srv->n_channels, rooms);
    world_free(w);
}

static void
names_are_found_in_any_case(void)
{
    struct world *w = world_new(world_easy);
    struct actor *a = world_user(w, "ann");
    world_say(w, a, "JOIN #Tea[]");
    CU_ASSERT_PTR_NOT_NULL(channel_find(w->srv, "#tEA[]"));
    /* ASCII only: [] and {} differ. */
    CU_ASSERT_PTR_NULL(channel_find(w->srv, "#tea{}"));
    CU_ASSERT_PTR_NULL(channel_find(w->srv, ""));
    EQUAL_TEXT(channel_find(w->srv, "#TEA[]")->name, "#Tea[]");
    world_free(w);
}

static void
invitations_go_with_either_side(void)
{
    char name[16];
    struct world *w = world_new("limits { invites_per_client = 3 } flood { burst = 999 "
                                "invite = \"99/1s\" }");
    struct actor *a = world_user(w, "ann"), *b = world_user(w, "bob");
    for (int i = 0; i < 5; i++) {
        snprintf(name, sizeof name, "#%d", i);
        world_sayf(w, a, "JOIN %s", name);
        world_sayf(w, a, "INVITE bob %s", name);
        world_sayf(w, a, "INVITE bob %s", name);
    }
    EQUAL_NUMBER(b->client->user.lists->ninvites, 3);
    CU_ASSERT(!channel_is_invited(channel_find(w->srv, "#1"), b->client));
    CU_ASSERT(channel_is_invited(channel_find(w->srv, "#2"), b->client));
    /* The channel is gone, and so is the invitation to it. */
    world_say(w, a, "PART #3");
    EQUAL_NUMBER(b->client->user.lists->ninvites, 2);
    world_say(w, b, "JOIN #4");
    EQUAL_NUMBER(b->client->user.lists->ninvites, 1);
    world_say(w, b, "QUIT");
    CU_ASSERT(list_empty(&channel_find(w->srv, "#2")->invites));
    world_free(w);
}

static void
prefixes_and_modes_as_text(void)
{
    char text[32], params[64], prefix[8];
    struct world *w = world_new(world_easy);
    struct actor *a = world_user(w, "ann");
    world_say(w, a, "JOIN #a");
    world_say(w, a, "MODE #a +vkl ann key 3");
    struct channel *chan = channel_find(w->srv, "#a");
    channel_mode_text(chan, true, text, sizeof text, params, sizeof params);
    EQUAL_TEXT(text, "klnt");
    EQUAL_TEXT(params, " key 3");
    channel_mode_text(chan, false, text, sizeof text, params, sizeof params);
    EQUAL_TEXT(params, " * 3");
    world_say(w, a, "MODE #a +hSj ann 5 3:10");
    channel_mode_text(chan, true, text, sizeof text, params, sizeof params);
    EQUAL_TEXT(text, "klSjnt");
    EQUAL_TEXT(params, " key 3 5 3:10");
    channel_prefix(channel_member(chan, a->client), true, prefix);
    EQUAL_TEXT(prefix, "@%+");
    channel_prefix(channel_member(chan, a->client), false, prefix);
    EQUAL_TEXT(prefix, "@");
    world_free(w);
}

static void
sharing_is_mutual(void)
{
    struct world *w = world_new(world_easy);
    struct actor *a = world_user(w, "ann"), *b = world_user(w, "bob");
    world_say(w, a, "JOIN #a,#b");
    world_say(w, b, "JOIN #c,#b");
    CU_ASSERT(channel_shared(a->client, b->client) &&
              channel_shared(b->client, a->client));
    world_say(w, b, "PART #b");
    CU_ASSERT(!channel_shared(a->client, b->client));
    world_free(w);
}

SUITE(channel_state)
{
    TEST(any_order_of_joins_and_parts_keeps_the_slots);
    TEST(names_are_found_in_any_case);
    TEST(invitations_go_with_either_side);
    TEST(prefixes_and_modes_as_text);
    TEST(sharing_is_mutual);
}
