/* The digest that answers the key of a request for a WebSocket. */
#include "../../src/net/upgrade.h"
#include "test.h"

static void
a_key_has_one_answer(void)
{
    static const char *const cases[][2] = {
        {"dGhlIHNhbXBsZSBub25jZQ==", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="}, /* RFC 6455 1.3 */
        {"x3JJHMbDL1EzLkh9GBhXDw==", "HSmrc0sMlYUkAGmm5OPpG2HaGWk="},
        {"AAAAAAAAAAAAAAAAAAAAAA==", "ICX+Yqv66kxgM0FcWaLWlFLwTAI="},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char out[UPGRADE_ACCEPT];
        struct http_text key = {cases[i][0], strlen(cases[i][0])};
        CU_ASSERT_TRUE(upgrade_accept(key, out));
        EQUAL_TEXT(out, cases[i][1]);
    }
}

SUITE(upgrade)
{
    TEST(a_key_has_one_answer);
}
