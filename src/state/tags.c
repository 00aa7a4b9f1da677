/* Tags of outgoing messages: a row for each tag, with the capability that enables it.
 *
 * Sources: IRCv3 message-tags, server-time, message-ids, bot mode. A row writes
 * "key=value" without a separator. */
#include "state/tags.h"

#include "base/attr.h"
#include "proto/cap.h"
#include "state/server.h"

#include <assert.h>

static bool
has_time(const struct tagging *t)
{
    (void)t;
    return true;
}

static void
write_time_tag(struct str *out, struct server *srv, const struct tagging *t)
{
    (void)t;
    str_add(out, server_time_tag(srv));
}

static bool
has_msgid(const struct tagging *t)
{
    return t && t->msgid;
}

static void
write_msgid_tag(struct str *out, struct server *srv, const struct tagging *t)
{
    char text[MSGID_TEXT];
    (void)srv;
    msgid_text(&srv->me, t->msgid, text);
    str_add(out, "msgid=");
    str_add(out, text);
}

static bool
has_bot(const struct tagging *t)
{
    return t && t->bot;
}

static void
write_bot_tag(struct str *out, struct server *srv, const struct tagging *t)
{
    (void)srv;
    (void)t;
    str_add(out, "bot");
}

static bool
has_client_tags(const struct tagging *t)
{
    return t && t->client;
}

static void
write_client_tags(struct str *out, struct server *srv, const struct tagging *t)
{
    (void)srv;
    str_add(out, t->client);
}

static bool
has_batch(const struct tagging *t)
{
    return t && t->batch;
}

static void
write_batch_tag(struct str *out, struct server *srv, const struct tagging *t)
{
    (void)srv;
    str_add(out, "batch=");
    str_add(out, t->batch);
}

static const struct {
    uint64_t cap;
    bool (*has)(const struct tagging *t);
    void (*write)(struct str *out, struct server *srv, const struct tagging *t);
} rows[] = {
    {CAP_BATCH, has_batch, write_batch_tag},
    {CAP_SERVER_TIME, has_time, write_time_tag},
    {CAP_MESSAGE_TAGS, has_msgid, write_msgid_tag},
    {CAP_MESSAGE_TAGS, has_bot, write_bot_tag},
    {CAP_MESSAGE_TAGS, has_client_tags, write_client_tags},
};

ATTR_HOT uint64_t
tags_form(uint64_t caps, const struct tagging *tagging)
{
    uint64_t form = caps & CAP_TAGS;
    bool tagged = has_msgid(tagging) || has_bot(tagging) || has_client_tags(tagging);
    return tagged ? form : form & ~(uint64_t)CAP_MESSAGE_TAGS;
}

void
tags_list(struct str *out, struct server *srv, uint64_t caps,
          const struct tagging *tagging)
{
    bool more = false;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert(rows[i].cap & TAGS_CAPS);
        if (!(caps & rows[i].cap) || !rows[i].has(tagging))
            continue;
        if (more)
            str_addc(out, ';');
        rows[i].write(out, srv, tagging);
        more = true;
    }
}

void
tags_write(struct str *out, struct server *srv, uint64_t caps,
           const struct tagging *tagging)
{
    if (!(caps & TAGS_CAPS))
        return;
    size_t before = out->len;
    str_addc(out, '@');
    tags_list(out, srv, caps, tagging);
    if (out->len == before + 1)
        out->at[out->len = before] = '\0';
    else
        str_addc(out, ' ');
}

void
tags_front(struct str *out, const char *key, const char *value, const char *list)
{
    if (value == NULL && *list == '\0')
        return;
    str_addc(out, '@');
    if (value) {
        str_add(out, key);
        str_addc(out, '=');
        str_add(out, value);
    }
    if (value && *list)
        str_addc(out, ';');
    str_add(out, list);
    str_addc(out, ' ');
}
