/* References of batches. A counter would show each client how many labelled commands,
 * lists and long messages the server handles. So a keyed permutation of 32 bits hides
 * it: a Feistel network of four rounds, in which the server's hash mixes the halves.
 * Two numbers never give the same reference. */
#include "state/origin.h"

#include "base/str.h"
#include "state/server.h"

enum { ROUNDS = 4, HALF_BITS = 16, HALF_MASK = 0xffff };

static uint32_t
mix_half(const struct server *srv, uint32_t half, int round)
{
    uint32_t input[] = {half, (uint32_t)round};
    return hash_bytes(&srv->hash_key, input, sizeof input) & HALF_MASK;
}

void
origin_reference_next(struct server *srv, char out[ORIGIN_REFERENCE_TEXT])
{
    uint32_t n = ++srv->last_reference;
    uint32_t left = n >> HALF_BITS, right = n & HALF_MASK;
    for (int round = 0; round < ROUNDS; round++) {
        uint32_t mixed = left ^ mix_half(srv, right, round);
        left = right;
        right = mixed;
    }
    char node[ORIGIN_NODE_TEXT];
    origin_node_text(&srv->me, node);
    str_format(out, ORIGIN_REFERENCE_TEXT, "%x%s", left << HALF_BITS | right, node);
}
