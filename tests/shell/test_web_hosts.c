/* Connections and requests of HTTP by host: each limit from both sides. */
#include "../../src/net/web_hosts.h"
#include "base/str.h"
#include "test.h"

static struct prefix
host_number(unsigned i)
{
    char text[40], err[100];
    struct prefix p = {{{0}}, 0};
    str_format(text, sizeof text, "10.%u.%u.%u", i >> 16 & 255, i >> 8 & 255, i & 255);
    CU_ASSERT_TRUE(prefix_parse(text, &p, err, sizeof err));
    return p;
}

static void
a_host_has_its_own_connections(void)
{
    struct web_hosts h = {0};
    struct prefix a = host_number(1), b = host_number(2);
    for (int i = 0; i < WEB_PER_HOST; i++)
        EQUAL_NUMBER(web_hosts_enter(&h, &a, WEB_PER_HOST, 1), WEB_PLACE);
    EQUAL_NUMBER(web_hosts_enter(&h, &a, WEB_PER_HOST, 1), WEB_PLACE_HOST);
    EQUAL_NUMBER(web_hosts_enter(&h, &a, WEB_PER_HOST + 1, 1), WEB_PLACE);
    EQUAL_NUMBER(web_hosts_enter(&h, &b, WEB_PER_HOST, 1), WEB_PLACE);
    web_hosts_leave(&h, &a);
    EQUAL_NUMBER(web_hosts_enter(&h, &a, WEB_PER_HOST, 1), WEB_PLACE_HOST);
    web_hosts_leave(&h, &a);
    EQUAL_NUMBER(web_hosts_enter(&h, &a, WEB_PER_HOST, 1), WEB_PLACE);
    EQUAL_NUMBER(h.connections, WEB_PER_HOST + 1);
    web_hosts_clear(&h);
}

static void
all_hosts_together_have_256_connections(void)
{
    struct web_hosts h = {0};
    for (unsigned i = 0; i < WEB_CONNECTIONS; i++) {
        struct prefix p = host_number(i);
        EQUAL_NUMBER(web_hosts_enter(&h, &p, WEB_PER_HOST, 1), WEB_PLACE);
    }
    struct prefix one_more = host_number(WEB_CONNECTIONS), first = host_number(0);
    EQUAL_NUMBER(web_hosts_enter(&h, &one_more, WEB_PER_HOST, 1), WEB_PLACE_FULL);
    web_hosts_leave(&h, &first);
    EQUAL_NUMBER(web_hosts_enter(&h, &one_more, WEB_PER_HOST, 1), WEB_PLACE);
    EQUAL_NUMBER(web_hosts_enter(&h, &first, WEB_PER_HOST, 1), WEB_PLACE_FULL);
    web_hosts_clear(&h);
}

static void
a_host_has_60_requests_in_a_minute(void)
{
    struct web_hosts h = {0};
    struct prefix a = host_number(1), b = host_number(2);
    for (int i = 0; i < WEB_REQUESTS; i++)
        CU_ASSERT_TRUE(web_hosts_request(&h, &a, WEB_REQUESTS, 5000));
    CU_ASSERT_FALSE(web_hosts_request(&h, &a, WEB_REQUESTS, 5000));
    CU_ASSERT_TRUE(web_hosts_request(&h, &b, WEB_REQUESTS, 5000));
    CU_ASSERT_FALSE(web_hosts_request(&h, &a, WEB_REQUESTS, 5999));
    CU_ASSERT_TRUE(web_hosts_request(&h, &a, WEB_REQUESTS, 6000));
    CU_ASSERT_FALSE(web_hosts_request(&h, &a, WEB_REQUESTS, 6000));
    struct prefix c = host_number(3); /* of a class that allows more */
    for (int i = 0; i < 2 * WEB_REQUESTS; i++)
        CU_ASSERT_TRUE(web_hosts_request(&h, &c, 2 * WEB_REQUESTS, 5000));
    CU_ASSERT_FALSE(web_hosts_request(&h, &c, 2 * WEB_REQUESTS, 5499));
    CU_ASSERT_TRUE(web_hosts_request(&h, &c, 2 * WEB_REQUESTS, 5500));
    web_hosts_clear(&h);
}

/* A connection keeps the place of its host, whatever other hosts come. */
static void
a_host_with_a_connection_is_not_forgotten(void)
{
    struct web_hosts h = {0};
    struct prefix a = host_number(1), b = host_number(2);
    EQUAL_NUMBER(web_hosts_enter(&h, &a, 1, 1), WEB_PLACE);
    for (int i = 0; i < WEB_REQUESTS; i++)
        CU_ASSERT_TRUE(web_hosts_request(&h, &b, WEB_REQUESTS, 1));
    for (unsigned i = 10; i < 10 + 3 * WEB_HOSTS; i++) {
        struct prefix p = host_number(i);
        CU_ASSERT_TRUE(web_hosts_request(&h, &p, WEB_REQUESTS, 2));
    }
    EQUAL_NUMBER(web_hosts_enter(&h, &a, 1, 3), WEB_PLACE_HOST);
    /* b, with the longest time until its budget is full, is there as well */
    CU_ASSERT_FALSE(web_hosts_request(&h, &b, WEB_REQUESTS, 3));
    web_hosts_leave(&h, &a);
    EQUAL_NUMBER(h.connections, 0);
    web_hosts_clear(&h);
}

SUITE(web_hosts)
{
    TEST(a_host_has_its_own_connections);
    TEST(all_hosts_together_have_256_connections);
    TEST(a_host_has_60_requests_in_a_minute);
    TEST(a_host_with_a_connection_is_not_forgotten);
}
