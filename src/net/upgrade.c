/* The digest that answers the key of a request for a WebSocket.
 *
 * SHA-1 protects nothing here: it only shows that the server has read the request. It
 * comes from OpenSSL, because libsodium has none and the core names no OpenSSL. */
#include "upgrade.h"

#include "proto/http_upgrade.h"

#include <assert.h>
#include <openssl/evp.h>
#include <string.h>

#define DIGEST 20 /* bytes of SHA-1 */

bool
upgrade_accept(struct http_text key, char out[UPGRADE_ACCEPT])
{
    static const char suffix[] = HTTP_UPGRADE_SUFFIX;
    unsigned char text[HTTP_UPGRADE_KEY + sizeof suffix - 1], digest[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    assert(key.n == HTTP_UPGRADE_KEY);
    out[0] = '\0';
    memcpy(text, key.at, HTTP_UPGRADE_KEY);
    memcpy(text + HTTP_UPGRADE_KEY, suffix, sizeof suffix - 1);
    if (EVP_Digest(text, sizeof text, digest, &n, EVP_sha1(), NULL) != 1 || n != DIGEST)
        return false;
    EVP_EncodeBlock((unsigned char *)out, digest, DIGEST);
    return true;
}
