/* A page is told what it must know before it connects. All else it learns of the server
 * as any client does (ISUPPORT, CAP). */
#include "web_config.h"

#include "config/config.h"

#include <jansson.h>
#include <stdlib.h>

static json_t *
list_channels(const struct config *c)
{
    json_t *list = json_array();
    for (size_t i = 0; i < c->web.n_channels; i++)
        json_array_append_new(list, json_string(c->web.channels[i]));
    return list;
}

static json_t *
make_object(const struct config *c, const char *listener)
{
    const struct config_listen *at = config_listener(c, listener);
    msec ping = at && at->ping_every ? at->ping_every : c->limits.ping_every;
    bool is_open = at && (at->serves & SERVES_WEBSOCKET);
    bool is_titled = *c->web.title != '\0';
    /* clang-format off */
    return json_pack(
        "{s:s, s:s, s:s, s:s, s:o, s:s?, s:I, s:I, s:b, s:b}",
        "title", is_titled ? c->web.title : c->server.network,
        "network", c->server.network,
        "server", c->server.name,
        "version", "ircd " IRCD_VERSION,
        "channels", list_channels(c),
        "websocket", is_open ? "irc" : NULL, /* the path, from that of config.json */
        "nick_length", (json_int_t)c->limits.nick_length, /* bytes */
        "ping_seconds", (json_int_t)(ping / MSEC_SECOND), /* of silence before a PING */
        "accounts", 0,
        "history", 0);
    /* clang-format on */
}

void
web_config_write(const struct config *c, const char *listener, struct draft *out)
{
    json_t *object = make_object(c, listener);
    char *text = json_dumps(object, JSON_INDENT(2));
    if (text) {
        draft_add(out, text);
        draft_add(out, "\n");
    }
    free(text);
    json_decref(object);
}
