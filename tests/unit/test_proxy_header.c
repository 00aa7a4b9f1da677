/* Headers of the PROXY protocol: both versions, each field changed, each length. */
#include "base/str.h"
#include "proto/proxy_header.h"
#include "test.h"

#define BYTES(text) (const uint8_t *)(text), sizeof(text) - 1

static enum proxy_header_kind
parse(const char *text, struct proxy_header *out)
{
    return proxy_header_parse((const uint8_t *)text, strlen(text), out);
}

static void
expect_addr(const struct proxy_header *h, const char *want)
{
    char text[ADDR_TEXT];
    addr_format(&h->addr, text, sizeof text);
    EQUAL_TEXT(text, want);
}

static void
version_1_names_the_client(void)
{
    static const struct {
        const char *line, *addr;
        unsigned port;
    } cases[] = {
        {"PROXY TCP4 192.0.2.7 10.0.0.2 56324 6667\r\n", "192.0.2.7", 56324},
        {"PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n",
         "255.255.255.255", 65535},
        {"PROXY TCP6 2001:db8::7 ::1 0 6667\r\n", "2001:db8::7", 0},
        {"PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
         "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe 65535 65535\r\n",
         "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 65535},
        {"PROXY TCP6 ::ffff:192.0.2.7 ::1 1 2\r\n", "192.0.2.7", 1},
        {"PROXY TCP4 192.0.2.7 10.0.0.2 1 2\r\nNICK alice\r\n", "192.0.2.7", 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct proxy_header h;
        EQUAL_NUMBER(parse(cases[i].line, &h), PROXY_HEADER_CLIENT);
        expect_addr(&h, cases[i].addr);
        EQUAL_NUMBER(h.port, cases[i].port);
        EQUAL_NUMBER(h.length, strchr(cases[i].line, '\n') + 1 - cases[i].line);
        CU_ASSERT_FALSE(h.secure);
        EQUAL_TEXT(h.authority, "");
        CU_ASSERT_PTR_NULL(h.fault);
    }
}

static void
version_1_has_one_form(void)
{
    static const char *const lines[] = {
        "PROXY TCP5 192.0.2.7 10.0.0.2 1 2\r\n",
        "PROXY tcp4 192.0.2.7 10.0.0.2 1 2\r\n",
        "PROXY UDP4 192.0.2.7 10.0.0.2 1 2\r\n",
        "PROXY  TCP4 192.0.2.7 10.0.0.2 1 2\r\n",
        "PROXY TCP4  192.0.2.7 10.0.0.2 1 2\r\n",
        "PROXY TCP4 192.0.2.7  10.0.0.2 1 2\r\n",
        "PROXY TCP4 192.0.2.7 10.0.0.2 1 2 \r\n",
        "PROXY TCP4 192.0.2.7 10.0.0.2 1 2 3\r\n",
        "PROXY TCP4 192.0.2.7 10.0.0.2 1\r\n",
        "PROXY TCP4 192.0.2.7 10.0.0.2\r\n",
        "PROXY TCP4 192.0.2.7\r\n",
        "PROXY TCP4\r\n",
        "PROXY \r\n",
        "PROXY UNKNOWNS\r\n",
        "PROXY TCP4 192.0.2.07 10.0.0.2 1 2\r\n",
        "PROXY TCP4 192.0.2.256 10.0.0.2 1 2\r\n",
        "PROXY TCP4 192.0.2 10.0.0.2 1 2\r\n",
        "PROXY TCP4 2001:db8::7 10.0.0.2 1 2\r\n",
        "PROXY TCP4 192.0.2.7 ::1 1 2\r\n",
        "PROXY TCP6 192.0.2.7 ::1 1 2\r\n",
        "PROXY TCP6 [::1] ::1 1 2\r\n",
        "PROXY TCP6 fe80::1%eth0 ::1 1 2\r\n",
        "PROXY TCP4 192.0.2.7 10.0.0.2 01 2\r\n",
        "PROXY TCP4 192.0.2.7 10.0.0.2 +1 2\r\n",
        "PROXY TCP4 192.0.2.7 10.0.0.2 -1 2\r\n",
        "PROXY TCP4 192.0.2.7 10.0.0.2 65536 2\r\n",
        "PROXY TCP4 192.0.2.7 10.0.0.2 1 65536\r\n",
        "PROXY TCP4 192.0.2.7 10.0.0.2 1 0x2\r\n",
        "PROXY TCP4 192.0.2.7 10.0.0.2 1 2\r\r\n",
        "PROXY TCP4 192.0.2.7 10.0.0.2 1 \r2\r\n",
        "PROXY TCP4 192.0.2.7 10.0.0.2 1 2\n\r\n",
        "PROXY\tTCP4 192.0.2.7 10.0.0.2 1 2\r\n",
        "proxy TCP4 192.0.2.7 10.0.0.2 1 2\r\n",
        "NICK alice\r\n",
        "\r\nPROXY TCP4 192.0.2.7 10.0.0.2 1 2\r\n",
        " PROXY TCP4 192.0.2.7 10.0.0.2 1 2\r\n",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct proxy_header h;
        enum proxy_header_kind kind = parse(lines[i], &h);
        if (kind != PROXY_HEADER_BROKEN)
            EQUAL_TEXT(lines[i], "");
        EQUAL_NUMBER(h.length, 0);
        CU_ASSERT_PTR_NOT_NULL(h.fault);
        expect_addr(&h, "::");
    }
}

static void
a_line_of_version_1_holds_no_nul(void)
{
    struct proxy_header h;
    static const char line[] = "PROXY TCP4 192.0.2.7 10.0.0.2 1 2\0\r\n";
    static const char unknown[] = "PROXY UNKNOWN\0 x\r\n";
    EQUAL_NUMBER(proxy_header_parse(BYTES(line), &h), PROXY_HEADER_BROKEN);
    EQUAL_NUMBER(proxy_header_parse(BYTES(unknown), &h), PROXY_HEADER_BROKEN);
}

static void
version_1_has_107_bytes_at_most(void)
{
    struct proxy_header h;
    char line[110];
    memset(line, 'x', sizeof line);
    memcpy(line, "PROXY UNKNOWN ", 14);
    memcpy(line + 105, "\r\n", 2);
    EQUAL_NUMBER(proxy_header_parse((uint8_t *)line, 107, &h), PROXY_HEADER_UNKNOWN);
    EQUAL_NUMBER(h.length, 107);
    EQUAL_NUMBER(proxy_header_parse((uint8_t *)line, 106, &h), PROXY_HEADER_PARTIAL);
    memcpy(line + 105, "x\r\n", 3);
    EQUAL_NUMBER(proxy_header_parse((uint8_t *)line, 106, &h), PROXY_HEADER_PARTIAL);
    EQUAL_NUMBER(proxy_header_parse((uint8_t *)line, 107, &h), PROXY_HEADER_BROKEN);
    EQUAL_NUMBER(proxy_header_parse((uint8_t *)line, 108, &h), PROXY_HEADER_BROKEN);
}

static void
unknown_takes_its_line(void)
{
    struct proxy_header h;
    EQUAL_NUMBER(parse("PROXY UNKNOWN\r\nNICK", &h), PROXY_HEADER_UNKNOWN);
    EQUAL_NUMBER(h.length, 15);
    EQUAL_NUMBER(parse("PROXY UNKNOWN ::1 ::1 1 2\r\n", &h), PROXY_HEADER_UNKNOWN);
    EQUAL_NUMBER(h.length, 27);
    expect_addr(&h, "::");
}

/* A header of version 2 that is built field by field. */
struct built {
    uint8_t bytes[700];
    size_t n;
};

static void
put(struct built *b, const void *bytes, size_t n)
{
    memcpy(b->bytes + b->n, bytes, n);
    b->n += n;
    b->bytes[14] = (uint8_t)((b->n - 16) >> 8);
    b->bytes[15] = (uint8_t)(b->n - 16);
}

static void
begin(struct built *b, uint8_t command, uint8_t family)
{
    static const uint8_t v4[12] = {192, 0, 2, 7, 10, 0, 0, 2, 0xdc, 0x04, 0x1a, 0x0b};
    static const uint8_t v6[36] = {
        0x20, 0x01, 0x0d, 0xb8, [15] = 7, [31] = 1, 0xdc, 0x04, 0x1a, 0x0b};
    memset(b, 0, sizeof *b);
    memcpy(b->bytes, "\r\n\r\n\0\r\nQUIT\n", 12);
    b->bytes[12] = command;
    b->bytes[13] = family;
    b->n = 16;
    if (family >> 4 == 1)
        put(b, v4, sizeof v4);
    if (family >> 4 == 2)
        put(b, v6, sizeof v6);
}

static void
put_field(struct built *b, uint8_t type, const void *value, size_t n)
{
    uint8_t start[3] = {type, (uint8_t)(n >> 8), (uint8_t)n};
    put(b, start, sizeof start);
    put(b, value, n);
}

static enum proxy_header_kind
parse_built(const struct built *b, struct proxy_header *h)
{
    return proxy_header_parse(b->bytes, b->n, h);
}

static void
expect_broken(const struct built *b, const char *part)
{
    struct proxy_header h;
    EQUAL_NUMBER(parse_built(b, &h), PROXY_HEADER_BROKEN);
    EQUAL_NUMBER(h.length, 0);
    CU_ASSERT_FALSE(h.secure);
    CONTAINS(h.fault ? h.fault : "", part);
}

static void
version_2_names_the_client(void)
{
    struct built b;
    struct proxy_header h;
    begin(&b, 0x21, 0x11);
    EQUAL_NUMBER(parse_built(&b, &h), PROXY_HEADER_CLIENT);
    expect_addr(&h, "192.0.2.7");
    EQUAL_NUMBER(h.port, 56324);
    EQUAL_NUMBER(h.length, 28);
    begin(&b, 0x21, 0x21);
    EQUAL_NUMBER(parse_built(&b, &h), PROXY_HEADER_CLIENT);
    expect_addr(&h, "2001:db8::7");
    EQUAL_NUMBER(h.port, 56324);
    EQUAL_NUMBER(h.length, 52);
    EQUAL_NUMBER(proxy_header_parse(b.bytes, b.n + 100, &h), PROXY_HEADER_CLIENT);
    EQUAL_NUMBER(h.length, 52);
}

static void
a_mapped_address_is_ipv4(void)
{
    struct built b;
    struct proxy_header h;
    begin(&b, 0x21, 0x21);
    memcpy(b.bytes + 16, (uint8_t[16]){[10] = 0xff, 0xff, 192, 0, 2, 9}, 16);
    EQUAL_NUMBER(parse_built(&b, &h), PROXY_HEADER_CLIENT);
    expect_addr(&h, "192.0.2.9");
}

static void
local_is_a_health_check(void)
{
    struct built b;
    struct proxy_header h;
    begin(&b, 0x20, 0x00);
    EQUAL_NUMBER(parse_built(&b, &h), PROXY_HEADER_CHECK);
    EQUAL_NUMBER(h.length, 16);
    begin(&b, 0x20, 0x11);
    put(&b, "xx", 2); /* what follows means nothing (2.2) */
    EQUAL_NUMBER(parse_built(&b, &h), PROXY_HEADER_CHECK);
    EQUAL_NUMBER(h.length, 30);
    expect_addr(&h, "::");
}

static void
version_2_refuses_other_protocols(void)
{
    struct built b;
    for (unsigned family = 0; family < 256; family++) {
        begin(&b, 0x21, (uint8_t)family);
        if (family != 0x11 && family != 0x21)
            expect_broken(&b, "not TCP over");
    }
    for (unsigned command = 0; command < 256; command++) {
        begin(&b, (uint8_t)command, 0x11);
        if (command != 0x20 && command != 0x21)
            expect_broken(&b, "the version is not 2");
    }
}

static void
version_2_refuses_a_changed_signature(void)
{
    struct built b;
    struct proxy_header h;
    for (size_t i = 0; i < 12; i++) {
        begin(&b, 0x21, 0x11);
        b.bytes[i] ^= 0x20;
        EQUAL_NUMBER(parse_built(&b, &h), PROXY_HEADER_BROKEN);
    }
}

static void
version_2_is_as_long_as_it_says(void)
{
    struct built b;
    struct proxy_header h;
    for (uint8_t family = 0x11; family <= 0x21; family += 0x10) {
        begin(&b, 0x21, family);
        for (size_t n = 0; n < b.n; n++) {
            EQUAL_NUMBER(proxy_header_parse(b.bytes, n, &h), PROXY_HEADER_PARTIAL);
            EQUAL_NUMBER(h.length, 0);
            CU_ASSERT_PTR_NOT_NULL(h.fault);
        }
        for (uint8_t less = 1; less <= 12; less++) {
            begin(&b, 0x21, family);
            b.bytes[15] = (uint8_t)(b.bytes[15] - less);
            expect_broken(&b, "too short for its addresses");
        }
    }
}

static void
a_header_is_refused_at_any_split_of_version_1(void)
{
    static const char line[] = "PROXY TCP4 192.0.2.7 10.0.0.2 56324 6667\r\n";
    struct proxy_header h;
    for (size_t n = 0; n < sizeof line - 1; n++)
        EQUAL_NUMBER(proxy_header_parse((const uint8_t *)line, n, &h),
                     PROXY_HEADER_PARTIAL);
    EQUAL_NUMBER(proxy_header_parse(BYTES(line), &h), PROXY_HEADER_CLIENT);
}

static void
version_2_has_512_bytes_behind_its_start_at_most(void)
{
    static const uint8_t zeros[600];
    struct built b;
    struct proxy_header h;
    begin(&b, 0x21, 0x11);
    put_field(&b, 4, zeros, 512 - 12 - 3);
    EQUAL_NUMBER(parse_built(&b, &h), PROXY_HEADER_CLIENT);
    EQUAL_NUMBER(h.length, PROXY_HEADER_MAX);
    begin(&b, 0x21, 0x11);
    put_field(&b, 4, zeros, 512 - 12 - 3 + 1);
    expect_broken(&b, "too long");
    begin(&b, 0x20, 0x00);
    put(&b, zeros, 513);
    expect_broken(&b, "too long");
}

static void
a_checksum_must_be_right(void)
{
    /* of the header with zeros in its place, by another program */
    static const uint8_t sum[4] = {0xb9, 0x96, 0x2c, 0xc8};
    struct built b;
    struct proxy_header h;
    begin(&b, 0x21, 0x11);
    put_field(&b, 3, sum, 4);
    memcpy(b.bytes + 24, (uint8_t[]){0xdc, 0x04, 0x1a, 0x0b}, 4);
    EQUAL_NUMBER(parse_built(&b, &h), PROXY_HEADER_CLIENT);
    for (size_t i = 16; i < b.n; i++) { /* each byte behind the start */
        struct built changed = b;
        changed.bytes[i] ^= 1;
        EQUAL_NUMBER(parse_built(&changed, &h), PROXY_HEADER_BROKEN);
    }
    put_field(&b, 3, sum, 4);
    expect_broken(&b, "given twice");
    begin(&b, 0x21, 0x11);
    put_field(&b, 3, sum, 3);
    expect_broken(&b, "wrong length");
}

static void
a_field_ends_inside_the_header(void)
{
    struct built b;
    for (uint8_t rest = 1; rest <= 2; rest++) {
        begin(&b, 0x21, 0x11);
        put(&b, "\4\0", rest);
        expect_broken(&b, "longer than the header");
    }
    begin(&b, 0x21, 0x11);
    put_field(&b, 0xEE, "abc", 3);
    b.bytes[30] = 4;
    expect_broken(&b, "longer than the header");
    b.bytes[30] = 2;
    expect_broken(&b, "longer than the header");
    b.bytes[29] = 0xff;
    expect_broken(&b, "longer than the header");
}

static void
the_field_about_tls_says_secure(void)
{
    static const uint8_t version[] = {1,   0,   0,   0,   0,   0x21, 0,  7,
                                      'T', 'L', 'S', 'v', '1', '.',  '3'};
    struct built b;
    struct proxy_header h;
    for (unsigned bits = 0; bits < 256; bits++) {
        uint8_t value[5] = {(uint8_t)bits};
        begin(&b, 0x21, 0x11);
        put_field(&b, 0x20, value, sizeof value);
        EQUAL_NUMBER(parse_built(&b, &h), PROXY_HEADER_CLIENT);
        EQUAL_NUMBER(h.secure, bits & 1);
    }
    begin(&b, 0x21, 0x11);
    put_field(&b, 0x20, version, sizeof version);
    EQUAL_NUMBER(parse_built(&b, &h), PROXY_HEADER_CLIENT);
    CU_ASSERT_TRUE(h.secure);
    b.bytes[31 + 7]++; /* the length of the inner field */
    expect_broken(&b, "about TLS");
    begin(&b, 0x21, 0x11);
    put_field(&b, 0x20, version, 4);
    expect_broken(&b, "about TLS");
    begin(&b, 0x21, 0x11);
    put_field(&b, 0x20, version, 5);
    put_field(&b, 0x20, version, 5);
    expect_broken(&b, "about TLS");
}

static void
the_authority_is_a_server_name(void)
{
    char longest[256];
    struct built b;
    struct proxy_header h;
    memset(longest, 'a', sizeof longest);
    begin(&b, 0x21, 0x21);
    put_field(&b, 2, "irc.Example-1_2.org", 19);
    EQUAL_NUMBER(parse_built(&b, &h), PROXY_HEADER_CLIENT);
    EQUAL_TEXT(h.authority, "irc.Example-1_2.org");
    put_field(&b, 2, "irc", 3);
    expect_broken(&b, "given twice");
    begin(&b, 0x21, 0x11);
    put_field(&b, 2, longest, 255);
    EQUAL_NUMBER(parse_built(&b, &h), PROXY_HEADER_CLIENT);
    EQUAL_NUMBER(strlen(h.authority), 255);
    begin(&b, 0x21, 0x11);
    put_field(&b, 2, longest, 256);
    expect_broken(&b, "too long");
    begin(&b, 0x21, 0x11);
    put_field(&b, 2, "", 0);
    expect_broken(&b, "empty");
    for (unsigned c = 0; c < 256; c++) {
        char name[3] = {'a', (char)c, 'b'};
        bool good = c && strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "abcdefghijklmnopqrstuvwxyz0123456789-_.",
                                (int)c);
        begin(&b, 0x21, 0x11);
        put_field(&b, 2, name, 3);
        EQUAL_NUMBER(parse_built(&b, &h),
                     good ? PROXY_HEADER_CLIENT : PROXY_HEADER_BROKEN);
    }
}

static void
unknown_fields_are_skipped(void)
{
    struct built b;
    struct proxy_header h;
    begin(&b, 0x21, 0x11);
    put_field(&b, 0x01, "irc", 3);    /* PP2_TYPE_ALPN */
    put_field(&b, 0x05, "id", 2);     /* PP2_TYPE_UNIQUE_ID */
    put_field(&b, 0x30, "net", 3);    /* PP2_TYPE_NETNS */
    put_field(&b, 0xE0, "own", 3);    /* PP2_TYPE_MIN_CUSTOM */
    put_field(&b, 0x04, "\3\0\4", 3); /* padding is no field inside */
    put_field(&b, 0x02, "irc.example.org", 15);
    EQUAL_NUMBER(parse_built(&b, &h), PROXY_HEADER_CLIENT);
    EQUAL_TEXT(h.authority, "irc.example.org");
    EQUAL_NUMBER(h.length, b.n);
}

SUITE(proxy_header)
{
    TEST(version_1_names_the_client);
    TEST(version_1_has_one_form);
    TEST(a_line_of_version_1_holds_no_nul);
    TEST(version_1_has_107_bytes_at_most);
    TEST(unknown_takes_its_line);
    TEST(version_2_names_the_client);
    TEST(a_mapped_address_is_ipv4);
    TEST(local_is_a_health_check);
    TEST(version_2_refuses_other_protocols);
    TEST(version_2_refuses_a_changed_signature);
    TEST(version_2_is_as_long_as_it_says);
    TEST(a_header_is_refused_at_any_split_of_version_1);
    TEST(version_2_has_512_bytes_behind_its_start_at_most);
    TEST(a_checksum_must_be_right);
    TEST(a_field_ends_inside_the_header);
    TEST(the_field_about_tls_says_secure);
    TEST(the_authority_is_a_server_name);
    TEST(unknown_fields_are_skipped);
}
