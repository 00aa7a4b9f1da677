/* The request that begins a WebSocket.
 *
 * Only the key is judged here: the digest that answers it needs SHA-1, which neither
 * libsodium nor the core has. */
#include "proto/http_upgrade.h"

#include "proto/casemap.h"
#include "proto/http_answer.h"
#include "proto/http_field.h"

#define FIELDS_ROOM 256 /* for the fields of the answer that other answers lack */

/* Whether the text is 16 bytes in base64 (RFC 4648 4). The bits that the last digit has
 * too many are not looked at: the digest is made of the text. */
static bool
is_upgrade_key(struct http_text key)
{
    if (key.n != HTTP_UPGRADE_KEY)
        return false;
    for (size_t i = 0; i < HTTP_UPGRADE_KEY - 2; i++) {
        char c = casemap_fold(key.at[i]);
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '+' && c != '/')
            return false;
    }
    return key.at[HTTP_UPGRADE_KEY - 2] == '=' && key.at[HTTP_UPGRADE_KEY - 1] == '=';
}

static enum http_refusal
judge_upgrade(const struct http_request *r, struct http_text *key)
{
    struct http_text version;
    if (r->method != HTTP_GET || !r->is_1_1 ||
        !http_field_has(r, "upgrade", "websocket") ||
        !http_field_has(r, "connection", "upgrade"))
        return HTTP_REFUSED_NO_UPGRADE;
    http_field(r, "sec-websocket-version", &version);
    if (!http_text_is(version, "13"))
        return HTTP_REFUSED_SOCKET_VERSION;
    http_field(r, "sec-websocket-key", key);
    return is_upgrade_key(*key) ? HTTP_FINE : HTTP_REFUSED_SOCKET_KEY;
}

enum http_refusal
http_upgrade(const struct http_request *r, struct http_text *key)
{
    enum http_refusal refusal = judge_upgrade(r, key);
    if (refusal != HTTP_FINE)
        *key = (struct http_text){"", 0};
    return refusal;
}

bool
http_upgrade_answer(struct str *out, const char *accept, const char *protocol,
                    msec wall, const struct http_policy *policy)
{
    char text[FIELDS_ROOM];
    struct str fields;
    struct http_answer a = {
        .status = 101, .after = HTTP_AFTER_UPGRADE, .fields = text, .wall = wall};
    str_init(&fields, text, sizeof text);
    str_add(&fields, "Upgrade: websocket\r\nSec-WebSocket-Accept: ");
    str_add(&fields, accept);
    if (protocol != NULL) {
        str_add(&fields, "\r\nSec-WebSocket-Protocol: ");
        str_add(&fields, protocol);
    }
    str_add(&fields, "\r\n");
    return http_answer_head(out, &a, policy) && !fields.cut;
}
