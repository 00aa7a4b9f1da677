/* The keys of stored facts are text, so that GDBM takes any number of them; records
 * that older servers stored under binary keys are found and moved. */
#include "policy/host.h"
#include "policy/policy.h"
#include "state/store.h"
#include "world.h"

#include <stdlib.h>
#include <string.h>

struct seen_keys {
    char kinds[32]; /* first letters */
    size_t n, hosts;
    char key[64], value[512]; /* of the last host */
    size_t key_len, value_len;
};

static void
see_key(void *ctx, const void *key, size_t key_len, const void *value, size_t value_len)
{
    struct seen_keys *seen = ctx;
    char letter[2] = {*(const char *)key, '\0'};
    seen->n++;
    if (strchr(seen->kinds, *letter) == NULL)
        strcat(seen->kinds, letter);
    if (*letter != HOST_RECORD)
        return;
    seen->hosts++;
    CU_ASSERT_FATAL(key_len < sizeof seen->key && value_len < sizeof seen->value);
    memcpy(seen->key, key, seen->key_len = key_len);
    memcpy(seen->value, value, seen->value_len = value_len);
    seen->key[key_len] = '\0';
}

static struct seen_keys
see_keys(struct world *w)
{
    struct seen_keys seen = {.n = 0};
    store_each(w->store, see_key, &seen);
    return seen;
}

/* world_free checks every key of every test; here is one of each kind. */
static void
every_kind_of_record_has_a_text_for_a_key(void)
{
    char config[2000];
    snprintf(config, sizeof config, "%s server { cloak = true }", world_alice);
    struct world *w = world_new(config);
    struct actor *alice = world_oper(w, "alice");
    world_say(w, alice, "KLINE 1h *@192.0.2.7 :x");
    world_say(w, alice, "DLINE 1h 2001:db8:7::/48 :x");
    world_say(w, alice, "XLINE *free\\smoney* :x");
    world_say(w, alice, "RESV \xc3\xa4* :x");
    world_say(w, alice, "RESV #r\xc3\xa4* :x");
    world_say(w, alice, "STRIKE 2001:db8:1:2::3 1 :by hand");
    world_say(w, alice, "STRIKE 198.51.100.9 1 :by hand");
    world_say(w, alice, "JOIN #\xc3\xa4");
    world_say(w, alice, "SAMODE #\xc3\xa4 +Pb *!*@\xc3\xb6");
    struct seen_keys seen = see_keys(w);
    for (const char *kind = "BCEHK"; *kind; kind++)
        CU_ASSERT_PTR_NOT_NULL(strchr(seen.kinds, *kind));
    EQUAL_NUMBER(seen.hosts, 2);
    CU_ASSERT(strcmp(seen.key, "H198.51.100.9") == 0 ||
              strcmp(seen.key, "H2001:db8:1:2::/64") == 0);
    world_free(w);
}

static void
strike_host(struct world *w, const char *address, uint16_t strikes)
{
    struct addr addr;
    CU_ASSERT_FATAL(addr_parse(address, &addr));
    struct host *h = host_get(w->srv, &addr);
    h->strikes = strikes;
    h->strike_at = h->level_at = w->srv->wall;
    host_place(w->srv, h);
    host_save(w->srv, h);
}

/* The key that version 0.3.0 gave the host. */
static size_t
make_binary_key(struct world *w, const char *address, char out[64])
{
    const struct host *h = world_host(w, address);
    out[0] = HOST_RECORD;
    memcpy(out + 1, &h->key, sizeof h->key);
    return 1 + sizeof h->key;
}

static void
a_host_under_a_binary_key_is_moved(void)
{
    static const char *const addresses[] = {"192.0.2.7", "2001:db8::7"};
    for (size_t i = 0; i < 2; i++)
        for (int both = 0; both < 2; both++) {
            struct world *w = world_new(NULL);
            char old[64];
            strike_host(w, addresses[i], 3);
            size_t len = make_binary_key(w, addresses[i], old);
            struct seen_keys seen = see_keys(w);
            store_put(w->store, old, len, seen.value, seen.value_len);
            if (both) /* the move was interrupted, and there was a strike since */
                strike_host(w, addresses[i], 4);
            else
                store_put(w->store, seen.key, seen.key_len, NULL, 0);
            world_restart(w, NULL);
            EQUAL_NUMBER(world_host(w, addresses[i])->strikes, both ? 4 : 3);
            struct seen_keys now = see_keys(w);
            EQUAL_NUMBER(now.hosts, 1);
            EQUAL_TEXT(now.key, seen.key);
            world_restart(w, NULL);
            EQUAL_NUMBER(world_host(w, addresses[i])->strikes, both ? 4 : 3);
            EQUAL_NUMBER(see_keys(w).hosts, 1);
            world_free(w);
        }
}

/* More records than may be kept, all under old keys. */
static void
hosts_beyond_the_limit_are_moved_and_then_forgotten(void)
{
    struct world *w = world_new(NULL);
    char address[32], old[64];
    for (int i = 0; i < 130; i++) {
        snprintf(address, sizeof address, "192.0.2.%d", i);
        strike_host(w, address, 3);
        size_t len = make_binary_key(w, address, old);
        struct seen_keys seen = see_keys(w);
        char own[64];
        snprintf(own, sizeof own, "H%s", address);
        store_put(w->store, own, strlen(own), NULL, 0);
        store_put(w->store, old, len, seen.value, seen.value_len);
    }
    world_restart(w, "strikes { hosts = 100 }");
    EQUAL_NUMBER(see_keys(w).hosts, 100);
    world_free(w);
}

SUITE(store_keys)
{
    TEST(every_kind_of_record_has_a_text_for_a_key);
    TEST(a_host_under_a_binary_key_is_moved);
    TEST(hosts_beyond_the_limit_are_moved_and_then_forgotten);
}
