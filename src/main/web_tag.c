/* A tag follows from the bytes alone, so a server that was started again, and another one
 * with the same version, give the same. */
#include "web_tag.h"

#include "base/str.h"
#include "net/web.h"
#include "proto/http_field.h"

#include <sodium.h>
#include <stdlib.h>

#define HASH 16 /* bytes */

void
web_tag_make(const void *bytes, size_t n, const char *form, char out[WEB_TAG])
{
    unsigned char hash[HASH];
    char hex[2 * HASH + 1];
    crypto_generichash(hash, sizeof hash, bytes, n, NULL, 0);
    sodium_bin2hex(hex, sizeof hex, hash, sizeof hash);
    str_format(out, WEB_TAG, "\"%s%s%s\"", hex, *form ? "-" : "", form);
}

void
web_tag_answer(const struct web_request *r, const char *tag, struct web_answer *out)
{
    out->status = 200;
    out->tag = tag;
    out->cache = "no-cache";
    if (!http_tag_matches(r->head, tag))
        return;
    out->status = 304;
    free(out->text.at);
    out->text = (struct draft){0};
    out->body = NULL;
    out->size = 0;
}
