/* The second core: it reads the journal of the first, turn by turn. */
#include "twin.h"

#include "base/mem.h"
#include "world.h"

#include <stdlib.h>
#include <string.h>

static unsigned
roll_twin(struct twin *t, unsigned sides)
{
    t->dice ^= t->dice << 13;
    t->dice ^= t->dice >> 7;
    t->dice ^= t->dice << 17;
    return (unsigned)((t->dice >> 20) % sides);
}

/* Blocks are allocated and freed between two entries, so that no two runs, nor the two
 * cores, have their objects in the same order of addresses. */
static void
perturb_memory(struct twin *t)
{
    static const unsigned sizes[] = {24, 40, 72, 120, 136, 264, 520, 648, 1032};
    void **slot = &t->blocks[roll_twin(t, TWIN_BLOCKS)];
    free(*slot);
    *slot = xmalloc(sizes[roll_twin(t, sizeof sizes / sizeof *sizes)]);
}

static size_t
cut_input(void *ctx, size_t n)
{
    perturb_memory(ctx);
    return 1 + roll_twin(ctx, n < 40 ? (unsigned)n : 40);
}

static struct config *
parse_twin(void *ctx, const char *text)
{
    (void)ctx;
    return world_parse(text);
}

static void
fail_twin(struct twin *t, const char *what)
{
    t->failed = true;
    printf("\n    twin: server %u: %s\n", t->servers, what);
    CU_FAIL("two cores with the same turns differ");
}

static void
begin_player(struct twin *t)
{
    struct player_hooks hooks = {t, parse_twin, cut_input};
    player_free(t->player);
    t->player = player_new(&hooks);
}

static void
take_turn(void *ctx, const void *bytes, size_t n)
{
    struct twin *t = ctx;
    struct turn turn;
    if (t->failed)
        return;
    if (n == TURN_HEADER) {
        CU_ASSERT_TRUE(turn_reader_init(&t->reader, bytes, n));
        begin_player(t);
        return;
    }
    t->reader.bytes = bytes;
    t->reader.n = n;
    t->reader.at = 0;
    perturb_memory(t);
    if (turn_read(&t->reader, &turn, t->err, sizeof t->err) != 1 ||
        !player_apply(t->player, &turn, t->err, sizeof t->err)) {
        fail_twin(t, t->err);
        return;
    }
    t->turns++;
    if (!player_has_ended(t->player))
        return;
    t->inputs += player_counts(t->player)->inputs;
    t->servers++;
}

void
twin_begin(struct twin *t, uint64_t seed)
{
    memset(t, 0, sizeof *t);
    t->dice = seed * 0x9e3779b97f4a7c15u + 1;
    t->journal = (struct journal){.write = take_turn, .ctx = t, .out_every = 1};
    world_journal = &t->journal;
}

void
twin_end(struct twin *t)
{
    world_journal = NULL;
    player_free(t->player);
    t->player = NULL;
    for (size_t i = 0; i < TWIN_BLOCKS; i++)
        free(t->blocks[i]);
}
