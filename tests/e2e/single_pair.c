/* In the place of src/store/pair.c: one file without a mirror. Linked before the
 * libraries by `make crash`: its harnesses must find a loss in such a server, or they
 * prove nothing about the pair. */
#include "../../src/store/pair.h"

static void
load(void *ctx, const void *key, size_t key_len, const void *value, size_t value_len,
     uint32_t crc)
{
    image_load(ctx, key, key_len, value, value_len, crc);
}

void
pair_name(struct pair *p, const char *dir)
{
    *p = (struct pair){0};
    dbfile_init(&p->file[0], dir, "ircd.a.gdbm");
    dbfile_init(&p->file[1], dir, "ircd.b.gdbm");
}

void
pair_close(struct pair *p)
{
    dbfile_clear(&p->file[0]);
    dbfile_clear(&p->file[1]);
}

bool
pair_open(struct pair *p, const char *dir, struct image *m,
          const struct store_hooks *hooks, char *err, size_t errlen)
{
    struct scan scan;
    (void)hooks;
    pair_name(p, dir);
    dbfile_scan(p->file[0].path, load, m, &scan);
    p->meta = scan.meta;
    if (dbfile_attach(&p->file[0], err, errlen))
        return true;
    pair_close(p);
    return false;
}

bool
pair_suspect(const struct pair *p)
{
    return p->file[0].db == NULL;
}

bool
pair_save(struct pair *p, struct image *m, unsigned long *syncs)
{
    if (m->dirty == NULL)
        return true;
    p->meta.parent = p->meta.now;
    p->meta.now = (struct mark){p->meta.now.epoch + 1, m->count, m->checksum};
    if (!dbfile_update(&p->file[0], m, &p->meta, p->why, sizeof p->why))
        return false;
    ++*syncs;
    image_clean(m);
    return true;
}
