/* Prefixes are looked up by address, and compared with a walk over all of them. */
#include "base/prefix_map.h"
#include "base/str.h"
#include "dice.h"
#include "test.h"

enum { PREFIXES = 60, ADDRESSES = 400 };

static uint32_t
join_bits(uint32_t a, uint32_t b)
{
    return a | b;
}

static uint32_t
join_least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* The bytes have few values, so that prefixes nest and addresses match. */
static struct addr
random_addr(uint64_t *seed)
{
    struct addr a = {{0}};
    if (dice(seed, 2))
        a.ip[10] = a.ip[11] = 0xFF;
    else
        for (int i = 0; i < 12; i++)
            a.ip[i] = dice(seed, 8) ? 0 : (uint8_t)(dice(seed, 2) * 128);
    for (int i = 12; i < 16; i++)
        a.ip[i] = (uint8_t)(dice(seed, 3) * 85);
    return a;
}

static struct prefix
random_prefix(uint64_t *seed)
{
    char text[PREFIX_TEXT], err[160];
    struct addr a = random_addr(seed);
    struct prefix p;
    addr_format(&a, text, sizeof text);
    size_t n = strlen(text);
    unsigned bits = dice(seed, addr_is_v4(&a) ? 33 : 129);
    str_format(text + n, sizeof text - n, "/%u", bits);
    CU_ASSERT_FATAL(prefix_parse(text, &p, err, sizeof err));
    return p;
}

static void
a_look_up_agrees_with_a_walk(void)
{
    uint64_t seed = 11;
    int found = 0, total = 0;
    for (int round = 0; round < 200; round++) {
        struct prefix all[PREFIXES];
        struct prefix_map bits = {0}, least = {0};
        for (unsigned i = 0; i < PREFIXES; i++) {
            all[i] = i % 10 == 9 ? all[i - 5] : random_prefix(&seed); /* some twice */
            prefix_map_add(&bits, &all[i], 1u << i % 32);
            prefix_map_add(&least, &all[i], i);
        }
        prefix_map_build(&bits, join_bits);
        prefix_map_build(&least, join_least);
        for (int k = 0; k < ADDRESSES; k++, total++) {
            struct addr a = random_addr(&seed);
            uint32_t or = 0, min = UINT32_MAX, got_or = 0, got_min = UINT32_MAX;
            for (unsigned i = 0; i < PREFIXES; i++)
                if (prefix_match(&all[i], &a)) {
                    or |= 1u << i % 32;
                    min = i < min ? i : min;
                }
            bool is = prefix_map_find(&bits, &a, &got_or);
            prefix_map_find(&least, &a, &got_min);
            found += is;
            if (is != (or != 0) || got_or != or || got_min != min)
                CU_FAIL_FATAL("the map is wrong");
        }
        prefix_map_clear(&bits);
        prefix_map_clear(&least);
    }
    CU_ASSERT(found > total / 10 && found < total);
}

static void
an_empty_map_means_nothing(void)
{
    struct prefix_map map = {0};
    struct addr a = {{0}};
    uint32_t value = 7;
    prefix_map_build(&map, join_bits);
    CU_ASSERT_FALSE(prefix_map_find(&map, &a, &value));
    EQUAL_NUMBER(value, 7);
    prefix_map_clear(&map);
}

SUITE(prefix_map)
{
    TEST(a_look_up_agrees_with_a_walk);
    TEST(an_empty_map_means_nothing);
}
