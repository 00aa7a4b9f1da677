/* Parses the header of the PROXY protocol, versions 1 and 2.
 *
 * The address in it decides which limits and bans a client meets, so a header that two
 * readers could read differently is refused, not repaired. The caller has seen that the
 * peer is a trusted proxy; this file trusts none of its bytes. It must never read
 * behind n or behind a length in the header. */
#include "proto/proxy_header.h"

#include "base/str.h"

#include <string.h>

#define V1_MAX 107       /* bytes of a version 1 line, CRLF included (2.1) */
#define V2_START 16      /* bytes before the addresses of version 2 (2.2) */
#define V2_MOST 512      /* bytes behind them that are accepted */
#define V2_IPV4 12       /* bytes of two IPv4 addresses and two ports */
#define V2_IPV6 36       /* bytes of two IPv6 addresses and two ports */
#define FIELD_START 3    /* type and length of a field (TLV) */
#define SSL_START 5      /* bytes before the fields inside PP2_TYPE_SSL */
#define SSL_BY_CLIENT 1u /* PP2_CLIENT_SSL */

enum {
    FIELD_AUTHORITY = 0x02, /* PP2_TYPE_AUTHORITY */
    FIELD_CRC32C = 0x03,    /* PP2_TYPE_CRC32C */
    FIELD_SSL = 0x20        /* PP2_TYPE_SSL */
};

static const char v1_word[] = "PROXY ";
static const uint8_t v2_signature[12] = "\r\n\r\n\0\r\nQUIT\n";

/* The header of version 2 under the parser. */
struct v2 {
    const uint8_t *bytes;
    size_t length;      /* of the whole header */
    const uint8_t *sum; /* bytes of the checksum; NULL: none yet */
    bool has_ssl;       /* a field PP2_TYPE_SSL was seen */
};

static enum proxy_header_kind
reject_header(struct proxy_header *out, const char *fault)
{
    *out = (struct proxy_header){.fault = fault};
    return PROXY_HEADER_BROKEN;
}

static enum proxy_header_kind
await_more_bytes(struct proxy_header *out)
{
    *out = (struct proxy_header){.fault = "the header is not whole"};
    return PROXY_HEADER_PARTIAL;
}

/* Takes the text up to the next blank; the last word ends with the line. NULL: there is
 * no further word. */
static char *
take_v1_word(char **line)
{
    char *word = *line;
    if (word == NULL)
        return NULL;
    *line = strchr(word, ' ');
    if (*line != NULL)
        *(*line)++ = '\0';
    return word;
}

static bool
parse_v1_addr(const char *word, bool is_v6, struct addr *out)
{
    return word != NULL && (strchr(word, ':') != NULL) == is_v6 &&
           addr_parse(word, out);
}

static bool
parse_v1_port(const char *word, uint16_t *out)
{
    uint64_t port;
    if (word == NULL || !str_to_uint(word, 0, 65535, &port))
        return false;
    *out = (uint16_t)port;
    return true;
}

/* line: all between "PROXY " and CRLF. It is cut into words. */
static enum proxy_header_kind
parse_v1_words(char *line, struct proxy_header *out)
{
    struct addr to;
    uint16_t to_port;
    const char *family = take_v1_word(&line);
    bool is_v6 = strcmp(family, "TCP6") == 0;
    if (strcmp(family, "UNKNOWN") == 0)
        return PROXY_HEADER_UNKNOWN; /* the rest of the line means nothing (2.1) */
    if (!is_v6 && strcmp(family, "TCP4") != 0)
        return reject_header(out, "the protocol is not TCP4, TCP6 or UNKNOWN");
    if (!parse_v1_addr(take_v1_word(&line), is_v6, &out->addr) ||
        !parse_v1_addr(take_v1_word(&line), is_v6, &to))
        return reject_header(out, "an address is wrong");
    if (!parse_v1_port(take_v1_word(&line), &out->port) ||
        !parse_v1_port(take_v1_word(&line), &to_port))
        return reject_header(out, "a port is wrong");
    if (line != NULL)
        return reject_header(out, "the line has more words");
    return PROXY_HEADER_CLIENT;
}

static enum proxy_header_kind
parse_v1(const uint8_t *bytes, size_t n, struct proxy_header *out)
{
    char line[V1_MAX + 1];
    size_t seen = n < V1_MAX ? n : V1_MAX;
    const uint8_t *cr = memchr(bytes, '\r', seen);
    if (cr == NULL || cr + 1 == bytes + n)
        return n < V1_MAX ? await_more_bytes(out)
                          : reject_header(out, "the line is too long");
    size_t length = (size_t)(cr - bytes) + 2;
    if (length > V1_MAX || cr[1] != '\n')
        return reject_header(out, "the line does not end with CR LF");
    size_t start = sizeof v1_word - 1;
    memcpy(line, bytes + start, length - 2 - start);
    line[length - 2 - start] = '\0';
    if (strlen(line) != length - 2 - start)
        return reject_header(out, "a NUL is in the line");
    enum proxy_header_kind kind = parse_v1_words(line, out);
    if (kind != PROXY_HEADER_BROKEN)
        out->length = length;
    return kind;
}

static unsigned
get_u16(const uint8_t *bytes)
{
    return (unsigned)bytes[0] << 8 | bytes[1];
}

/* CRC32C (RFC 3720 B.4) of the header, with zeros in the place of the checksum. */
static uint32_t
sum_header(const struct v2 *h)
{
    uint32_t sum = UINT32_MAX;
    for (size_t i = 0; i < h->length; i++) {
        const uint8_t *at = h->bytes + i;
        bool is_sum = at >= h->sum && at < h->sum + 4;
        sum ^= is_sum ? 0 : *at;
        for (int bit = 0; bit < 8; bit++)
            sum = sum >> 1 ^ (sum & 1 ? UINT32_C(0x82F63B78) : 0);
    }
    return ~sum;
}

static const char *
check_sum(const struct v2 *h)
{
    if (h->sum == NULL)
        return NULL;
    uint32_t said = (uint32_t)get_u16(h->sum) << 16 | get_u16(h->sum + 2);
    return said == sum_header(h) ? NULL : "the checksum is wrong";
}

static const char *
take_authority(const uint8_t *value, size_t n, struct proxy_header *out)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "abcdefghijklmnopqrstuvwxyz0123456789-_.";
    if (n == 0 || n >= sizeof out->authority || out->authority[0] != '\0')
        return "the server name is empty, too long or given twice";
    memcpy(out->authority, value, n);
    out->authority[n] = '\0';
    if (strspn(out->authority, allowed) != n)
        return "the server name is wrong";
    return NULL;
}

/* Whether the fields in value[0..n) end where n ends. */
static bool
are_fields_whole(const uint8_t *value, size_t n)
{
    for (size_t at = 0; at < n;) {
        if (n - at < FIELD_START || n - at - FIELD_START < get_u16(value + at + 1))
            return false;
        at += FIELD_START + get_u16(value + at + 1);
    }
    return true;
}

static const char *
take_ssl(struct v2 *h, const uint8_t *value, size_t n, struct proxy_header *out)
{
    if (n < SSL_START || h->has_ssl ||
        !are_fields_whole(value + SSL_START, n - SSL_START))
        return "the field about TLS is wrong or given twice";
    h->has_ssl = true;
    out->secure = value[0] & SSL_BY_CLIENT;
    return NULL;
}

static const char *
take_field(struct v2 *h, const uint8_t *field, struct proxy_header *out)
{
    const uint8_t *value = field + FIELD_START;
    size_t n = get_u16(field + 1);
    if (field[0] == FIELD_AUTHORITY)
        return take_authority(value, n, out);
    if (field[0] == FIELD_SSL)
        return take_ssl(h, value, n, out);
    if (field[0] != FIELD_CRC32C)
        return NULL;
    if (n != 4 || h->sum != NULL)
        return "the checksum has a wrong length or is given twice";
    h->sum = value;
    return NULL;
}

/* Parses the fields that begin at `at` of the header. Returns what is wrong, or NULL. */
static const char *
parse_v2_fields(struct v2 *h, size_t at, struct proxy_header *out)
{
    const char *fault = NULL;
    if (!are_fields_whole(h->bytes + at, h->length - at))
        return "a field is longer than the header";
    for (; at < h->length && fault == NULL;
         at += FIELD_START + get_u16(h->bytes + at + 1))
        fault = take_field(h, h->bytes + at, out);
    return fault ? fault : check_sum(h);
}

static void
read_v2_source(const uint8_t *addresses, bool is_v6, struct proxy_header *out)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    if (is_v6) {
        memcpy(out->addr.ip, addresses, 16);
    } else {
        memcpy(out->addr.ip, mapped, sizeof mapped);
        memcpy(out->addr.ip + sizeof mapped, addresses, 4);
    }
    out->port = (uint16_t)get_u16(addresses + (is_v6 ? 32 : 8));
}

static enum proxy_header_kind
parse_v2_client(struct v2 *h, struct proxy_header *out)
{
    uint8_t family = h->bytes[13];
    if (family != 0x11 && family != 0x21)
        return reject_header(out, "the protocol is not TCP over IPv4 or IPv6");
    bool is_v6 = family == 0x21;
    size_t addresses = is_v6 ? V2_IPV6 : V2_IPV4;
    if (h->length < V2_START + addresses)
        return reject_header(out, "the header is too short for its addresses");
    read_v2_source(h->bytes + V2_START, is_v6, out);
    const char *fault = parse_v2_fields(h, V2_START + addresses, out);
    return fault ? reject_header(out, fault) : PROXY_HEADER_CLIENT;
}

static enum proxy_header_kind
parse_v2(const uint8_t *bytes, size_t n, struct proxy_header *out)
{
    if (n < V2_START)
        return await_more_bytes(out);
    if (bytes[12] != 0x20 && bytes[12] != 0x21)
        return reject_header(out, "the version is not 2, or the command is unknown");
    struct v2 h = {.bytes = bytes, .length = V2_START + get_u16(bytes + 14)};
    if (h.length > V2_START + V2_MOST)
        return reject_header(out, "the header is too long");
    if (n < h.length)
        return await_more_bytes(out);
    enum proxy_header_kind kind =
        bytes[12] == 0x20 ? PROXY_HEADER_CHECK : parse_v2_client(&h, out);
    if (kind != PROXY_HEADER_BROKEN)
        out->length = h.length;
    return kind;
}

static bool
begins_with(const uint8_t *bytes, size_t n, const void *start, size_t length)
{
    return memcmp(bytes, start, n < length ? n : length) == 0;
}

bool
proxy_header_begins(const void *bytes, size_t n)
{
    size_t v1 = sizeof v1_word - 1, v2 = sizeof v2_signature;
    return (n >= v1 && memcmp(bytes, v1_word, v1) == 0) ||
           (n >= v2 && memcmp(bytes, v2_signature, v2) == 0);
}

enum proxy_header_kind
proxy_header_parse(const uint8_t *bytes, size_t n, struct proxy_header *out)
{
    *out = (struct proxy_header){0};
    if (n == 0)
        return await_more_bytes(out);
    if (begins_with(bytes, n, v2_signature, sizeof v2_signature))
        return parse_v2(bytes, n, out);
    if (begins_with(bytes, n, v1_word, sizeof v1_word - 1))
        return n < sizeof v1_word - 1 ? await_more_bytes(out) : parse_v1(bytes, n, out);
    return reject_header(out, "the bytes are no PROXY header");
}
