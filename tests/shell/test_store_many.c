/* Many records with keys of hosts of one network that get strikes: text with a long
 * common beginning. libgdbm takes 900,000 of them in binary form and no more;
 * IRCD_TEST_RECORDS=2000000 (make soak) shows that it takes all of these. */
#include "box.h"
#include "store/store_gdbm.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 20000, WAIT_MS = 120000 };

static struct box box;
static unsigned char *seen; /* by number */
static unsigned long records, wrong;

static size_t
make_host_key(unsigned long n, char out[64])
{
    return (size_t)snprintf(out, 64, "H2001:db8:%lx:%lx::/64", n >> 16, n & 0xffff);
}

static size_t
make_host_value(unsigned long n, char out[80])
{
    return (size_t)snprintf(out, 80, "%lu strikes of a host with a nick and a cause",
                            n);
}

static void
put_records(void)
{
    char key[64], value[80];
    for (unsigned long n = 0; n < records; n++) {
        size_t key_len = make_host_key(n, key), len = make_host_value(n, value);
        box.last = store_put(box.store, key, key_len, value, len);
        if (n % BATCH == BATCH - 1 || n + 1 == records)
            CU_ASSERT_TRUE_FATAL(box_saved(&box, WAIT_MS));
    }
}

static void
see_record(void *ctx, const void *key, size_t key_len, const void *value, size_t len)
{
    char text[80], want[80];
    unsigned long n = records;
    (void)ctx;
    snprintf(text, sizeof text, "%.*s", (int)len, (const char *)value);
    sscanf(text, "%lu ", &n);
    bool right = n < records && make_host_value(n, want) == len &&
                 memcmp(want, value, len) == 0 && make_host_key(n, want) == key_len &&
                 memcmp(want, key, key_len) == 0 && seen[n]++ == 0;
    wrong += !right;
}

static void
many_records_are_stored_and_read_back(void)
{
    const char *wanted = getenv("IRCD_TEST_RECORDS");
    records = wanted ? strtoul(wanted, NULL, 10) : BATCH;
    seen = calloc(records, 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(seen);
    box_init(&box);
    CU_ASSERT_TRUE_FATAL(box_open(&box));
    put_records();
    EQUAL_NUMBER(box.failures, 0);
    EQUAL_TEXT(box.why, "");
    CU_ASSERT_TRUE(box_close(&box));
    CU_ASSERT_TRUE_FATAL(box_open(&box));
    EQUAL_TEXT(box.notes, "");
    EQUAL_NUMBER(box.store->ops->count(box.store).n, records);
    store_each(box.store, see_record, NULL);
    EQUAL_NUMBER(wrong, 0);
    CU_ASSERT_PTR_NULL(memchr(seen, 0, records));
    box_clear(&box);
    free(seen);
}

SUITE(store_many)
{
    TEST(many_records_are_stored_and_read_back);
}
