/* The first bytes of a connection: TLS or not. */
#include "proto/tls_first.h"
#include "test.h"

static void
first_bytes_are_judged(void)
{
    static const struct {
        const char *bytes;
        size_t n;
        enum tls_first want;
    } cases[] = {
        {"", 0, TLS_FIRST_MORE},
        {"\x16", 1, TLS_FIRST_MORE},
        {"\x16\x03", 2, TLS_FIRST_MORE},
        {"\x16\x03\x01", 3, TLS_FIRST_HELLO}, /* what most clients send */
        {"\x16\x03\x03", 3, TLS_FIRST_HELLO},
        {"\x16\x03\x00", 3, TLS_FIRST_HELLO}, /* SSL 3.0: the handshake refuses it */
        {"\x16\x03\x04\x00\x05", 5, TLS_FIRST_HELLO},
        {"\x16\x03\x05", 3, TLS_FIRST_OTHER},
        {"\x16\x02", 2, TLS_FIRST_OTHER},
        {"\x16\x03"
         "12red",
         7, TLS_FIRST_OTHER}, /* reverse and colour, as in a coloured text */
        {"\x80\x2e\x01\x03\x01", 5, TLS_FIRST_OTHER}, /* SSL 2 */
        {"\x15\x03\x03", 3, TLS_FIRST_OTHER},         /* an alert */
        {"\x17\x03\x03", 3, TLS_FIRST_OTHER},
        {"N", 1, TLS_FIRST_OTHER},
        {"CAP LS 302\r\n", 12, TLS_FIRST_OTHER},
        {"GET / HTTP/1.1\r\n", 16, TLS_FIRST_OTHER},
        {"\r\n", 2, TLS_FIRST_OTHER},
        {"\0", 1, TLS_FIRST_OTHER},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        EQUAL_NUMBER(tls_first(cases[i].bytes, cases[i].n), cases[i].want);
}

/* More bytes never change a verdict that is no MORE. */
static void
a_verdict_is_final(void)
{
    unsigned char b[4];
    for (unsigned i = 0; i < 0x1000000; i += 257) {
        b[0] = (unsigned char)(i & 1 ? 0x16 : i >> 16);
        b[1] = (unsigned char)(i & 2 ? 3 : i >> 8);
        b[2] = (unsigned char)i;
        b[3] = 'x';
        enum tls_first last = tls_first(b, 4);
        CU_ASSERT(last != TLS_FIRST_MORE);
        for (size_t n = 0; n < 4; n++)
            CU_ASSERT(tls_first(b, n) == TLS_FIRST_MORE || tls_first(b, n) == last);
    }
}

SUITE(tls_first)
{
    TEST(first_bytes_are_judged);
    TEST(a_verdict_is_final);
}
