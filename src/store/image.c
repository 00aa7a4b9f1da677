/* The content of the store in memory, by key. The image holds values and not only their
 * checksums. This costs memory, but a file that failed is rewritten without reading the
 * other file, so a disk that returns errors cannot turn one damaged file into two.
 *
 * Must never touch a file, and never drop a deleted key before both files have dropped
 * it. */
#include "image.h"

#include "base/mem.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#undef uthash_malloc
#define uthash_malloc(size) xmalloc(size)

void
image_init(struct image *m)
{
    *m = (struct image){0};
    randombytes_buf(m->seed.bytes, sizeof m->seed.bytes);
}

static size_t
value_memory(const struct item *it)
{
    return it->value ? mem_block((size_t)it->value_len + 1) : 0;
}

static void
free_item(struct image *m, struct item *it)
{
    HASH_DEL(m->items, it);
    m->memory -= mem_block(sizeof *it + it->key_len) + value_memory(it);
    free(it->value);
    free(it);
}

void
image_clear(struct image *m)
{
    struct item *it, *next;
    HASH_ITER(hh, m->items, it, next) {
        free_item(m, it);
    }
    m->dirty = NULL;
    m->count = m->checksum = 0;
}

uint32_t
image_crc(const void *key, size_t key_len, const void *value, size_t value_len)
{
    uint8_t edge[4];
    for (int i = 0; i < 4; i++)
        edge[i] = (uint8_t)(key_len >> 8 * i);
    uint32_t crc = hash_crc32(0, edge, sizeof edge);
    crc = hash_crc32(crc, key, key_len);
    return hash_crc32(crc, value, value_len);
}

static struct item *
find_or_add_item(struct image *m, const void *key, size_t key_len)
{
    struct item *it;
    unsigned hash = hash_bytes(&m->seed, key, key_len);
    HASH_FIND_BYHASHVALUE(hh, m->items, key, key_len, hash, it);
    if (it != NULL)
        return it;
    it = xcalloc(1, sizeof *it + key_len);
    it->key_len = (uint32_t)key_len;
    m->memory += mem_block(sizeof *it + key_len);
    memcpy(it->key, key, key_len);
    HASH_ADD_KEYPTR_BYHASHVALUE(hh, m->items, it->key, key_len, hash, it);
    return it;
}

/* Sets the value of the item (NULL: none) and updates the count, the checksum and the
 * memory. */
static void
set_item_value(struct image *m, struct item *it, const void *value, size_t value_len,
               uint32_t crc)
{
    if (it->value != NULL) {
        m->count--;
        m->checksum -= it->crc;
        m->memory -= value_memory(it);
        free(it->value);
        it->value = NULL;
    }
    if (value == NULL)
        return;
    it->value = xmalloc(value_len + 1);
    memcpy(it->value, value, value_len);
    it->value_len = (uint32_t)value_len;
    it->crc = crc;
    m->memory += value_memory(it);
    m->count++;
    m->checksum += it->crc;
}

void
image_put(struct image *m, const void *key, size_t key_len, const void *value,
          size_t value_len)
{
    assert(key_len > 0 && key_len <= UINT16_MAX && value_len <= UINT16_MAX);
    struct item *it = find_or_add_item(m, key, key_len);
    uint32_t crc = value ? image_crc(key, key_len, value, value_len) : 0;
    set_item_value(m, it, value, value_len, crc);
    if (it->dirty)
        return;
    it->dirty = true;
    it->next_dirty = m->dirty;
    m->dirty = it;
}

bool
image_load(struct image *m, const void *key, size_t key_len, const void *value,
           size_t value_len, uint32_t crc)
{
    struct item *it = find_or_add_item(m, key, key_len);
    if (it->value != NULL)
        return false;
    set_item_value(m, it, value, value_len, crc);
    return true;
}

void
image_load_record(void *ctx, const void *key, size_t key_len, const void *value,
                  size_t value_len, uint32_t crc)
{
    struct image_loading *l = ctx;
    if (!image_load(l->image, key, key_len, value, value_len, crc))
        l->twice = true;
}

void
image_sift(struct image *m, const void *key, size_t key_len, const void *value,
           size_t value_len, uint32_t crc, uint64_t epoch)
{
    struct item *it = find_or_add_item(m, key, key_len);
    if (it->value != NULL && it->sifted > epoch)
        return;
    set_item_value(m, it, value, value_len, crc);
    it->sifted = epoch;
}

struct mem_sum
image_held(const struct image *m)
{
    return (struct mem_sum){HASH_COUNT(m->items), m->memory + HASH_MEMORY(m->items)};
}

void
image_clean(struct image *m)
{
    struct item *it = m->dirty;
    m->dirty = NULL;
    while (it != NULL) {
        struct item *next = it->next_dirty;
        it->dirty = false;
        it->next_dirty = NULL;
        if (it->value == NULL)
            free_item(m, it);
        it = next;
    }
}
