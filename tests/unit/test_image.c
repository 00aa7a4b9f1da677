/* An image: the facts that subsystems keep in memory alone are written and read back.
 */
#include "state/image.h"

#include "policy/host.h"
#include "policy/oper_lockout.h"
#include "state/record.h"
#include "world.h"

#define RECORDS 64

static const char config[] =
    "oper \"alice\" { password = \"$argon2id$secret\" hosts = { \"*@192.0.2.*\" } "
    "privileges = { \"all\" } }\n"
    "opers { failures = \"%d/10m\" }\n"
    "limits { ping_every = \"1h\" ping_timeout = \"1h\" connect_rate = \"99/1s\" }\n";

/* The records of an image, in order. */
struct album {
    int n;
    struct page {
        char name[32];
        uint8_t bytes[RECORD_MAX];
        size_t len;
    } all[RECORDS];
};

static void
keep_page(void *ctx, const char *name, const void *bytes, size_t n)
{
    struct album *album = ctx;
    struct page *page = &album->all[album->n++];
    CU_ASSERT_FATAL(album->n < RECORDS);
    snprintf(page->name, sizeof page->name, "%s", name);
    memcpy(page->bytes, bytes, n);
    page->len = n;
}

static struct album *
take_image(const struct world *w)
{
    struct album *album = calloc(1, sizeof *album);
    struct image image = {.put = keep_page, .ctx = album};
    image_write(w->srv, &image);
    return album;
}

static struct world *
begin_world(int failures)
{
    char text[1024];
    snprintf(text, sizeof text, config, failures);
    return world_new(text);
}

/* Another server that is made of the image, at the same time. */
static struct world *
read_image(const struct world *from, const struct album *album, int failures)
{
    struct world *w = begin_world(failures);
    session_clock(w->srv, from->srv->now, from->srv->wall);
    for (int i = 0; i < album->n; i++)
        CU_ASSERT(image_read(w->srv, album->all[i].name, album->all[i].bytes,
                             album->all[i].len));
    session_check(w->srv);
    return w;
}

static void
expect_same(const struct album *a, const struct album *b)
{
    EQUAL_NUMBER(a->n, b->n);
    for (int i = 0; i < a->n; i++) {
        EQUAL_TEXT(a->all[i].name, b->all[i].name);
        EQUAL_NUMBER(a->all[i].len, b->all[i].len);
        EQUAL_NUMBER(memcmp(a->all[i].bytes, b->all[i].bytes, a->all[i].len), 0);
    }
}

static void
fail_times(struct world *w, const char *nick, const char *address, int times)
{
    struct actor *a = world_user_at(w, nick, address);
    for (int i = 0; i < times; i++) {
        world_say(w, a, "OPER alice wrong");
        world_sleep(w, 2000);
    }
}

static void
a_lockout_holds_in_the_server_that_is_made_of_the_image(void)
{
    struct world *w = begin_world(3);
    fail_times(w, "bob", "192.0.2.7", 3);
    fail_times(w, "eve", "192.0.2.8", 2);
    struct album *album = take_image(w);
    struct world *other = read_image(w, album, 3);
    struct album *again = take_image(other);
    EQUAL_NUMBER(album->n, 2);
    expect_same(album, again);
    struct world *both[] = {w, other};
    for (int i = 0; i < 2; i++) {
        struct actor *bob = world_user_at(both[i], "bob2", "192.0.2.7");
        world_say(both[i], bob, "OPER alice secret");
        /* 2 seconds after the attempt that began the lockout, 4 after that of eve. */
        AWAIT(both[i], bob, "* :OPER refused: *try again in 9m54s");
        struct actor *eve = world_user_at(both[i], "eve2", "192.0.2.8");
        world_say(both[i], eve, "OPER alice wrong");
        AWAIT(both[i], eve, "* 464 *");
        world_say(both[i], eve, "OPER alice secret");
        AWAIT(both[i], eve, "* :OPER refused: *");
    }
    free(album);
    free(again);
    world_free(other);
    world_free(w);
}

/* More times than one record holds. */
static void
a_lockout_with_many_failures_is_written_whole(void)
{
    int fails[2], seconds[2];
    struct world *w = begin_world(400);
    fail_times(w, "bob", "192.0.2.7", 290);
    struct album *album = take_image(w);
    struct world *other = read_image(w, album, 400);
    struct addr addr;
    CU_ASSERT_FATAL(addr_parse("192.0.2.7", &addr));
    oper_lockout_look(w->srv, host_find(w->srv, &addr), &fails[0], &seconds[0]);
    oper_lockout_look(other->srv, host_find(other->srv, &addr), &fails[1], &seconds[1]);
    EQUAL_NUMBER(album->n, 3);
    EQUAL_NUMBER(fails[0], 290);
    EQUAL_NUMBER(fails[1], 290);
    free(album);
    world_free(other);
    world_free(w);
}

static void
broken_records_and_those_of_others_are_refused(void)
{
    struct record r;
    struct world *w = begin_world(3);
    fail_times(w, "bob", "192.0.2.7", 1);
    struct album *album = take_image(w);
    struct page *page = &album->all[0];
    EQUAL_TEXT(page->name, "oper_lockout");
    CU_ASSERT(!image_read(w->srv, "nothing", page->bytes, page->len));
    CU_ASSERT(!image_read(w->srv, "host", page->bytes, page->len));
    CU_ASSERT(!image_read(w->srv, "oper_lockout", page->bytes, page->len - 1));
    page->bytes[page->len / 2] ^= 1;
    CU_ASSERT(!image_read(w->srv, "oper_lockout", page->bytes, page->len));
    record_begin(&r, 'D');
    record_add_text(&r, "no prefix");
    CU_ASSERT_FATAL(record_seal(&r));
    CU_ASSERT(!image_read(w->srv, "oper_lockout", r.bytes, r.len));
    /* Times in the future are taken as now. */
    record_begin(&r, 'D');
    record_add_text(&r, "192.0.2.9");
    record_add_number(&r, UINT64_MAX);
    record_add_number(&r, 7);
    record_add_number(&r, 1);
    record_add_number(&r, UINT64_MAX);
    CU_ASSERT_FATAL(record_seal(&r));
    CU_ASSERT(image_read(w->srv, "oper_lockout", r.bytes, r.len));
    struct actor *eve = world_user_at(w, "eve", "192.0.2.9");
    world_say(w, eve, "OPER alice secret");
    AWAIT(w, eve, "* :OPER refused: *try again in 10m");
    free(album);
    world_free(w);
}

SUITE(image)
{
    TEST(a_lockout_holds_in_the_server_that_is_made_of_the_image);
    TEST(a_lockout_with_many_failures_is_written_whole);
    TEST(broken_records_and_those_of_others_are_refused);
}
