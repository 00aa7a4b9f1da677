/* Entries of channel lists: masks, and extbans around or instead of them.
 *
 * The text of an entry is canonical except for one choice: a name or its letter, which
 * clients read back as they sent it. extban_same takes both as equal, so an entry is
 * found and removed by either. Only the syntax is here; state/channel_list.c matches.
 * This file must never accept an entry that cannot be listed as one parameter. */
#include "proto/extban.h"

#include "base/duration.h"
#include "base/str.h"
#include "proto/casemap.h"
#include "proto/name.h"

#include <string.h>

/* The two names of a wrapper or a kind. */
struct extban_name {
    const char *name; /* "time" in "~time:" */
    char letter;      /* 't' in "~t:" */
};
static const struct extban_name TIME = {"time", 't'}, MUTE = {"mute", 'm'},
                                REALNAME = {"realname", 'r'},
                                CHANNEL = {"channel", 'c'};

static const char BAD_MASK[] =
    "expected a mask: nick!user@host, user@host, or an address";

/* True if *at begins with "~name:" or "~letter:". Then *at moves behind it, and it is
 * added to text as it is listed. */
static bool
take_extban_name(const char **at, const struct extban_name *n, struct str *text)
{
    if (**at != '~')
        return false;
    const char *word = *at + 1;
    size_t len = strcspn(word, ":");
    bool is_name = len == strlen(n->name) && casemap_ncmp(word, n->name, len) == 0;
    bool is_letter = len == 1 && word[0] == n->letter;
    if (word[len] != ':' || (!is_name && !is_letter))
        return false;
    if (is_letter)
        str_addf(text, "~%c:", n->letter);
    else
        str_addf(text, "~%s:", n->name);
    *at = word + len + 1;
    return true;
}

static bool
take_extban_time(const char **at, struct extban *out, struct str *text)
{
    char length[DURATION_TEXT];
    size_t len = strcspn(*at, ":");
    if ((*at)[len] != ':' || len >= sizeof length)
        return false;
    str_format(length, sizeof length, "%.*s", (int)len, *at);
    if (!duration_parse(length, DURATION_BARE_MINUTES, &out->length) ||
        out->length < MSEC_SECOND)
        return false;
    out->length -= out->length % MSEC_SECOND;
    duration_format(out->length, length, sizeof length);
    str_addf(text, "%s:", length);
    *at += len + 1;
    return true;
}

/* The text of an entry is the key of its record, and a key has no control
 * characters. */
static bool
is_control_byte(char c)
{
    return (unsigned char)c < ' ' || c == 0x7F;
}

static bool
has_control_byte(const char *text)
{
    for (; *text != '\0'; text++)
        if (is_control_byte(*text))
            return true;
    return false;
}

/* Stores a glob or a channel name in the place of the nick of a mask. */
static bool
set_subject_word(const char *text, struct mask *out)
{
    struct str s;
    *out = (struct mask){.nick = out->parts, .user = out->parts, .host = out->parts};
    str_init(&s, out->parts, sizeof out->parts);
    for (; *text; text++)
        str_addc(&s, *text == ' ' || is_control_byte(*text) ? '?' : *text);
    out->user = out->host = out->parts + s.len;
    str_format(out->text, sizeof out->text, "%s", out->parts);
    return s.len > 0 && !s.cut;
}

/* Parses the mask of an entry. A mask that begins with a colon can only be an address
 * ("::1"). No nick, user or host has a control character. */
static bool
parse_extban_mask(const char *at, struct mask *out)
{
    return *at != '~' && *at != '\0' && *at != ' ' && !has_control_byte(at) &&
           mask_parse_loose(at, out) && (*at != ':' || out->is_prefix);
}

static bool
parse_extban_subject(const char *at, struct extban *out, struct str *text,
                     const char **why)
{
    if (take_extban_name(&at, &REALNAME, text)) {
        out->kind = EXTBAN_REALNAME;
        *why = "expected ~realname:<glob>";
        return set_subject_word(at, &out->mask);
    }
    if (take_extban_name(&at, &CHANNEL, text)) {
        out->kind = EXTBAN_CHANNEL;
        *why = "expected ~channel:<#channel>";
        return name_is_channel(at) && set_subject_word(at, &out->mask);
    }
    out->kind = EXTBAN_MASK;
    *why = BAD_MASK;
    if (*at == '~')
        *why = "expected one of ~time: ~mute: ~realname: ~channel:, in this order";
    return parse_extban_mask(at, &out->mask);
}

bool
extban_parse(const char *text, struct extban *out, const char **why)
{
    char whole[2 * MASK_TEXT];
    struct str s;
    str_init(&s, whole, sizeof whole);
    out->length = 0;
    out->mute = false;
    if (take_extban_name(&text, &TIME, &s) && !take_extban_time(&text, out, &s)) {
        *why = "expected ~time:<duration>:<mask>, with a duration such as 10m or 1d12h";
        return false;
    }
    out->mute = take_extban_name(&text, &MUTE, &s);
    if (!parse_extban_subject(text, out, &s, why))
        return false;
    *why = "too long";
    out->subject = (unsigned char)s.len;
    str_add(&s, out->mask.text);
    str_format(out->mask.text, sizeof out->mask.text, "%s", whole);
    return s.len < sizeof out->mask.text;
}

bool
extban_same(const struct extban *a, const struct extban *b)
{
    return a->kind == b->kind && a->mute == b->mute && a->length == b->length &&
           name_equal(a->mask.text + a->subject, b->mask.text + b->subject);
}

void
extban_copy(struct extban *to, const struct extban *from)
{
    to->kind = from->kind;
    to->mute = from->mute;
    to->length = from->length;
    to->subject = from->subject;
    mask_copy(&to->mask, &from->mask);
}
