/* The first bytes of a TLS record: its type, and the major version, which is 3 in every
 * version from SSL 3.0 to TLS 1.3. No line of IRC begins in this way. */
#include "proto/tls_first.h"

#define HANDSHAKE 0x16
#define MAJOR 0x03
#define MINOR_MOST 0x04

enum tls_first
tls_first(const void *bytes, size_t n)
{
    const unsigned char *b = bytes;
    if (n > 0 && b[0] != HANDSHAKE)
        return TLS_FIRST_OTHER;
    if (n > 1 && b[1] != MAJOR)
        return TLS_FIRST_OTHER;
    if (n > 2 && b[2] > MINOR_MOST)
        return TLS_FIRST_OTHER;
    return n < TLS_FIRST_BYTES ? TLS_FIRST_MORE : TLS_FIRST_HELLO;
}
