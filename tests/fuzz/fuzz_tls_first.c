/* The first bytes of a connection: cut anywhere, the verdict is the same, and it is TLS
 * only if all three bytes are those of a handshake record. */
#include "fuzz.h"
#include "proto/tls_first.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

int
fuzz_tls_first(const uint8_t *bytes, size_t n)
{
    enum tls_first whole = tls_first(bytes, n);
    for (size_t part = 0; part <= n; part++) {
        uint8_t *copy = malloc(part ? part : 1); /* of this size: an overread is seen */
        MUST(copy != NULL);
        if (part)
            memcpy(copy, bytes, part);
        enum tls_first got = tls_first(copy, part);
        free(copy);
        MUST(got == TLS_FIRST_MORE ? part < TLS_FIRST_BYTES : got == whole);
    }
    bool hello =
        n >= TLS_FIRST_BYTES && memcmp(bytes, "\x16\x03", 2) == 0 && bytes[2] <= 4;
    MUST(hello == (whole == TLS_FIRST_HELLO));
    return 0;
}
