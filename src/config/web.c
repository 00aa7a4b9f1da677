/* The block web. A text that no request could ever match is a fault: its operator expects
 * that it matches one. */
#include "web.h"

#include "base/draft.h"
#include "base/mem.h"
#include "base/str.h"
#include "check.h"

#include <string.h>

#define EMBED_BYTES 512  /* of all texts of web.embed with blanks between */
#define ORIGIN_BYTES 319 /* the longest origin that a request may have */

const char *
web_check_channel(const struct reading *r)
{
    if (r->words == NULL || r->words->channel == NULL || r->words->channel(r->text))
        return NULL;
    return "the name of a channel, as in \"#lobby\"";
}

/* An origin has a scheme, and neither a path nor a slash at its end (RFC 6454). A glob
 * that begins with a wildcard may cover the scheme. */
const char *
web_check_origin(const struct reading *r)
{
    const char *text = r->text, *host = strstr(text, "://");
    bool wild = text[0] == '*' || text[0] == '?';
    bool fits = strlen(text) <= ORIGIN_BYTES && text[strcspn(text, " \t,#")] == '\0';
    host = host != NULL ? host + 3 : wild ? text : NULL;
    if (fits && strcmp(text, "null") == 0)
        return NULL;
    if (fits && host != NULL && *host != '\0' && strchr(host, '/') == NULL)
        return NULL;
    return "an origin: a scheme and a host without a path, as in "
           "\"https://chat.example.org\", with * and ? as wildcards";
}

const char *
web_check_embed(const struct reading *r)
{
    const struct config *c = r->base;
    size_t n = strlen(r->text);
    if (n == 0 || strchr(r->text, ' ') != NULL ||
        (r->words != NULL && r->words->embed != NULL && !r->words->embed(r->text)))
        return "a source of pages, as in \"https://www.example.org\"";
    for (size_t i = 0; i < c->web.n_embed; i++)
        n += strlen(c->web.embed[i]) + 1;
    return n <= EMBED_BYTES ? NULL : "within the 512 bytes that all texts may have";
}

const char *
web_check_host(const struct reading *r)
{
    char inner[ADDR_TEXT];
    struct addr addr;
    size_t n = strlen(r->text);
    if (check_host_name(r->text))
        return NULL;
    if (n > 2 && n < sizeof inner && r->text[0] == '[' && r->text[n - 1] == ']') {
        str_format(inner, sizeof inner, "%.*s", (int)n - 2, r->text + 1);
        if (strchr(inner, ':') != NULL && addr_parse(inner, &addr))
            return NULL;
    }
    return "the name of a host without a port, as in \"chat.example.org\"";
}

void
web_join_embed(struct config *c)
{
    struct draft d = {0};
    for (size_t i = 0; i < c->web.n_embed; i++)
        draft_addf(&d, "%s%s", i > 0 ? " " : "", c->web.embed[i]);
    c->embed = d.at;
}
