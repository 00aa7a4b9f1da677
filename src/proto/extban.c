/* Entries of channel lists: masks, and extbans around or instead of them.
 *
 * One canonical text for each meaning, so that an entry can be found and removed again
 * whatever form it was typed in. Who matches is asked elsewhere (state/channel_list):
 * here is only syntax. Must never accept what cannot be listed as one parameter. */
#include "proto/extban.h"

#include "base/duration.h"
#include "base/str.h"
#include "proto/casemap.h"
#include "proto/name.h"

#include <string.h>

/* A wrapper or kind as it is named. */
struct name {
    const char *name;
    char letter;
};
static const struct name TIME = {"time", 't'}, MUTE = {"mute", 'm'},
                         REALNAME = {"realname", 'r'}, CHANNEL = {"channel", 'c'};

static const char BAD_MASK[] =
    "expected a mask: nick!user@host, user@host, or an address";

/* True if *at begins with "~name:" or "~letter:"; *at moves behind it then. */
static bool
take(const char **at, const struct name *n)
{
    if (**at != '~')
        return false;
    const char *text = *at + 1;
    size_t len = strcspn(text, ":");
    bool is_name = len == strlen(n->name) && casemap_ncmp(text, n->name, len) == 0;
    bool is_letter = len == 1 && text[0] == n->letter;
    if (text[len] != ':' || (!is_name && !is_letter))
        return false;
    *at = text + len + 1;
    return true;
}

static bool
take_time(const char **at, struct extban *out)
{
    char text[DURATION_TEXT];
    size_t len = strcspn(*at, ":");
    if ((*at)[len] != ':' || len >= sizeof text)
        return false;
    str_format(text, sizeof text, "%.*s", (int)len, *at);
    if (!duration_parse(text, DURATION_BARE_MINUTES, &out->length) ||
        out->length < MSEC_SECOND)
        return false;
    out->length -= out->length % MSEC_SECOND;
    *at += len + 1;
    return true;
}

/* Keeps a glob or a channel name where a mask has its nick. */
static bool
set_word(const char *text, struct mask *out)
{
    struct str s;
    *out = (struct mask){.nick = out->parts, .user = out->parts, .host = out->parts};
    str_init(&s, out->parts, sizeof out->parts);
    for (; *text; text++)
        str_addc(&s, *text == ' ' ? '?' : *text);
    out->user = out->host = out->parts + s.len;
    str_format(out->text, sizeof out->text, "%s", out->parts);
    return s.len > 0 && !s.cut;
}

static bool
parse_subject(const char *at, struct extban *out, const char **why)
{
    if (take(&at, &REALNAME)) {
        out->kind = EXTBAN_REALNAME;
        *why = "expected ~realname:<glob>";
        return set_word(at, &out->mask);
    }
    if (take(&at, &CHANNEL)) {
        out->kind = EXTBAN_CHANNEL;
        *why = "expected ~channel:<#channel>";
        return name_is_channel(at) && set_word(at, &out->mask);
    }
    out->kind = EXTBAN_MASK;
    *why = BAD_MASK;
    if (*at == '~')
        *why = "expected one of ~time: ~mute: ~realname: ~channel:, in this order";
    return *at != '~' && *at != ':' && *at != '\0' && *at != ' ' &&
           mask_parse_loose(at, &out->mask);
}

/* The whole in front of what the subject has put into mask.text. */
static bool
write_text(struct extban *e)
{
    static const char *const names[] = {"", "~realname:", "~channel:"};
    char whole[2 * MASK_TEXT], length[DURATION_TEXT] = "";
    struct str s;
    str_init(&s, whole, sizeof whole);
    if (e->length) {
        duration_format(e->length, length, sizeof length);
        str_addf(&s, "~time:%s:", length);
    }
    str_addf(&s, "%s%s%s", e->mute ? "~mute:" : "", names[e->kind], e->mask.text);
    str_format(e->mask.text, sizeof e->mask.text, "%s", whole);
    return s.len < sizeof e->mask.text;
}

bool
extban_parse(const char *text, struct extban *out, const char **why)
{
    out->length = 0;
    out->mute = false;
    if (take(&text, &TIME) && !take_time(&text, out)) {
        *why = "expected ~time:<duration>:<mask>, with a duration such as 10m or 1d12h";
        return false;
    }
    out->mute = take(&text, &MUTE);
    if (!parse_subject(text, out, why))
        return false;
    *why = "too long";
    return write_text(out);
}

void
extban_copy(struct extban *to, const struct extban *from)
{
    to->kind = from->kind;
    to->mute = from->mute;
    to->length = from->length;
    mask_copy(&to->mask, &from->mask);
}
