/* Any commands of any clients in any order: the whole core under a fuzzer, with its
 * invariants checked after each step. Input: a byte that picks client and act, then a
 * line up to LF. */
#include "world.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PEOPLE 8

static const char config[] =
    "flood { burst = 1000 hold = 4 }\n"
    "limits { sendq_unregistered = 8192 sendq = 16384 sendq_total = 1048576 }\n"
    "class \"few\" { match = { \"10.2.0.0/16\" } burst = 5 strikes = \"disconnect\" }\n"
    "oper \"alice\" { password = \"$argon2id$secret\" hosts = { \"*@*\" } "
    "privileges = { \"all\" } }\n";

static void
act(struct world *w, struct actor **who, uint8_t how, const uint8_t *line, size_t n)
{
    static const char *const addresses[] = {"10.1.0.1", "10.1.0.2", "10.2.0.1",
                                            "2001:db8::1"};
    struct actor **a = &who[how % PEOPLE];
    if (*a == NULL || (*a)->closed) {
        *a = how & 0x20 ? world_connect(w, addresses[how & 3])
                        : world_user(w, "somebody");
        return;
    }
    switch (how >> 5) {
    case 0:
        world_close(w, *a);
        break;
    case 1:
        world_sleep(w, (msec)how * 2000);
        break;
    case 2:
        (*a)->deaf = !(*a)->deaf;
        break;
    case 3:
        world_store_news(w);
        break;
    default:
        world_send(w, *a, (const char *)line, n);
        break;
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct world *w = world_new(config);
    struct actor *who[PEOPLE] = {NULL};
    const uint8_t *end = data + size;
    who[0] = world_oper(w, "root");
    while (data < end && w->n_actors < 64) {
        uint8_t how = *data++;
        const uint8_t *lf = memchr(data, '\n', (size_t)(end - data));
        size_t n = lf ? (size_t)(lf - data) + 1 : (size_t)(end - data);
        act(w, who, how, data, n);
        data += n;
    }
    world_free(w);
    return 0;
}
