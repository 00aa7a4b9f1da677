/* Tags of outgoing messages: a row for each capability that adds one.
 *
 * Sources: IRCv3 message-tags and server-time. A row writes "key=value" without a
 * separator. */
#include "tags.h"

#include "proto/cap.h"
#include "state/server.h"

static void
write_time(struct str *out, struct server *srv, const char *client_tags)
{
    (void)client_tags;
    str_add(out, server_time_tag(srv));
}

static void
write_client(struct str *out, struct server *srv, const char *client_tags)
{
    (void)srv;
    str_add(out, client_tags);
}

static const struct {
    uint32_t cap;
    void (*write)(struct str *out, struct server *srv, const char *client_tags);
} rows[] = {
    {CAP_SERVER_TIME, write_time},
    {CAP_MESSAGE_TAGS, write_client},
};

uint32_t
tags_form(uint32_t caps, const char *client_tags)
{
    uint32_t form = caps & CAP_TAGS;
    return client_tags ? form : form & ~(uint32_t)CAP_MESSAGE_TAGS;
}

void
tags_write(struct str *out, struct server *srv, uint32_t caps, const char *client_tags)
{
    uint32_t form = tags_form(caps, client_tags);
    char before = '@';
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (!(form & rows[i].cap))
            continue;
        str_addc(out, before);
        rows[i].write(out, srv, client_tags);
        before = ';';
    }
    if (before == ';')
        str_addc(out, ' ');
}
