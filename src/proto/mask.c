/* Masks: the form of bans. There are two parsers: a lenient one for channel lists,
 * which makes nick!user@host of any text, and a strict one for server bans, which
 * refuses a text that can be read in two ways and says why. Both write one canonical
 * form, so that a mask can be found and removed again. This file must never recurse,
 * allocate, or call a regular expression or fnmatch. */
#include "proto/mask.h"

#include "base/str.h"
#include "proto/addr_glob.h"
#include "proto/casemap.h"

#include <string.h>

void
mask_split(const char *text, struct mask_parts *out)
{
    const char *end = text + strlen(text);
    const char *at = strrchr(text, '@');
    const char *bang;

    at = at != NULL ? at : end;
    bang = memchr(text, '!', (size_t)(at - text));
    bang = bang != NULL ? bang : at;
    out->nick = text;
    out->nick_len = (size_t)(bang - text);
    out->user = bang < at ? bang + 1 : at;
    out->user_len = (size_t)(at - out->user);
    out->host = at < end ? at + 1 : end;
    out->host_len = (size_t)(end - out->host);
}

/* Adds a part behind the NUL of the part before, "*" if it is empty, and returns its
 * place. */
static const char *
add_mask_part(struct str *parts, const char *part, size_t n)
{
    size_t at;

    if (parts->len > 0)
        str_addc(parts, '\0');
    at = parts->len;
    str_addn(parts, n > 0 ? part : "*", n > 0 ? n : 1);
    return parts->at + at;
}

/* Fills all of *out but its text from three views. An address becomes its canonical
 * form; a glob over IPv6 becomes the prefix it means, or loses leading zeros; other
 * hosts lose trailing dots. False if the parts are too long. */
static bool
set_mask_parts(const struct mask_parts *views, struct mask *out)
{
    size_t host_len = views->host_len;
    char host[MASK_TEXT], ignored[1];
    struct str parts;

    if (host_len >= sizeof(host))
        return false;
    while (host_len > 1 && views->host[host_len - 1] == '.')
        host_len--;
    memcpy(host, views->host, host_len);
    host[host_len] = '\0';
    addr_glob_spell(host);
    memset(&out->prefix, 0, sizeof(out->prefix));
    out->is_prefix = prefix_parse(host, &out->prefix, ignored, sizeof(ignored)) ||
                     addr_glob_respelled(host, &out->prefix);
    if (out->is_prefix)
        prefix_format(&out->prefix, host, sizeof(host));
    str_init(&parts, out->parts, sizeof(out->parts));
    out->nick = add_mask_part(&parts, views->nick, views->nick_len);
    out->user = add_mask_part(&parts, views->user, views->user_len);
    out->host = add_mask_part(&parts, host, strlen(host));
    return !parts.cut;
}

bool
mask_parse_loose(const char *text, struct mask *out)
{
    char copy[MASK_TEXT];
    struct mask_parts views;
    size_t n;

    text += strspn(text, " ");
    n = strcspn(text, " ");
    if (n >= sizeof(copy))
        return false;
    memcpy(copy, text, n);
    copy[n] = '\0';
    mask_split(copy, &views);
    if (strpbrk(copy, "!@") == NULL && strpbrk(copy, ".:/") != NULL) {
        views.host = copy;
        views.host_len = n;
        views.nick_len = 0;
    } else if (strchr(copy, '@') != NULL &&
               views.nick_len == (size_t)(views.host - 1 - copy)) {
        views.user = copy; /* user@host: the part before '@' is the user */
        views.user_len = views.nick_len;
        views.nick_len = 0;
    }
    if (views.nick_len > 0 && copy[0] == ':')
        copy[0] = '?'; /* in a list, a leading colon would begin the last parameter */
    if (!set_mask_parts(&views, out))
        return false;
    str_format(out->text, sizeof(out->text), "%s!%s@%s", out->nick, out->user,
               out->host);
    return true;
}

/* True if a host without wildcards can only be meant as an address: it has a ':', or
 * its last label begins with a digit, as that of no host name does ("2130706433",
 * "0x7f.1", "1.2.3", "::1"). */
static bool
is_meant_as_address(const char *host)
{
    size_t name = strcspn(host, "/");
    size_t label = name;

    if (memchr(host, ':', name) != NULL)
        return true;
    while (label > 0 && host[label - 1] != '.')
        label--;
    return host[label] >= '0' && host[label] <= '9';
}

static bool
has_bad_byte(const char *text)
{
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text <= ' ' || *text == 0x7F)
            return true;
    }
    return false;
}

/* The fault in the form of a mask, as a part of a sentence; NULL: there is none. */
static const char *
find_form_fault(const char *text)
{
    const char *at = strchr(text, '@');
    const char *bang = strchr(text, '!');
    const char *host = at != NULL ? at + 1 : text;

    if (text[0] == '\0')
        return "is empty";
    if (strlen(text) >= MASK_TEXT)
        return "is too long";
    if (has_bad_byte(text))
        return "contains a space or a control character";
    if (strchr(host, '@') != NULL)
        return "has more than one '@'";
    if (at == NULL && (bang != NULL || strpbrk(text, ".:") == NULL))
        return "is not a mask";
    if (bang != NULL && (bang > at || strchr(bang + 1, '!') != NULL))
        return "has a '!' out of place";
    if (bang == text)
        return "has an empty nick";
    if (at != NULL && (text[0] == ':' || (bang != NULL && bang[1] == ':')))
        return "begins with a colon, or its user does";
    if (at == text || (bang != NULL && bang + 1 == at))
        return "has an empty user";
    if (host[strspn(host, ".")] == '\0')
        return "has an empty host";
    if (strpbrk(host, "[]") != NULL)
        return "has brackets in its host";
    if (strchr(host, '%') != NULL)
        return "has a zone in its host";
    return NULL;
}

static bool
refuse_mask(const char *text, const char *why, char *err, size_t errlen)
{
    str_format(err, errlen, "\"%s\" %s: expected user@host, an address or a CIDR",
               SHOWN(text), why);
    return false;
}

/* True if the host is an address or cannot be meant as one; else err says why it is
 * refused. */
static bool
check_host_form(const char *text, const struct mask *m, char *err, size_t errlen)
{
    struct prefix ignored;
    bool wild = strpbrk(m->host, "*?") != NULL;
    bool slash = strchr(m->host, '/') != NULL;

    if (m->is_prefix)
        return true;
    if (wild && slash)
        return refuse_mask(text, "has a wildcard in a CIDR", err, errlen);
    if (slash || (!wild && is_meant_as_address(m->host)))
        return prefix_parse(m->host, &ignored, err, errlen); /* for the text in err */
    return true;
}

bool
mask_parse_strict(const char *text, struct mask *out, char *err, size_t errlen)
{
    const char *why = find_form_fault(text);
    struct mask_parts views;

    if (why != NULL)
        return refuse_mask(text, why, err, errlen);
    mask_split(text, &views);
    if (strchr(text, '@') == NULL) {
        views.host = text;
        views.host_len = strlen(text);
        views.nick_len = 0;
    } else if (strchr(text, '!') == NULL) {
        views.user = text;
        views.user_len = views.nick_len;
        views.nick_len = 0;
    }
    if (!set_mask_parts(&views, out))
        return refuse_mask(text, "is too long", err, errlen);
    if (!check_host_form(text, out, err, errlen))
        return false;
    if (strcmp(out->nick, "*") == 0)
        str_format(out->text, sizeof(out->text), "%s@%s", out->user, out->host);
    else
        str_format(out->text, sizeof(out->text), "%s!%s@%s", out->nick, out->user,
                   out->host);
    return true;
}

bool
mask_is_misspelled(const struct mask *m, char *err, size_t errlen)
{
    return !m->is_prefix && strpbrk(m->host, "*?") != NULL &&
           addr_glob_fault(m->host, err, errlen);
}

bool
mask_from_glob(const char *glob, const char *listed, struct mask *out)
{
    struct str parts;

    if (strlen(listed) >= sizeof(out->text))
        return false;
    memset(&out->prefix, 0, sizeof(out->prefix));
    out->is_prefix = false;
    str_format(out->text, sizeof(out->text), "%s", listed);
    str_init(&parts, out->parts, sizeof(out->parts));
    out->nick = out->user = add_mask_part(&parts, "", 0);
    out->host = add_mask_part(&parts, glob, strlen(glob));
    return !parts.cut;
}

void
mask_copy(struct mask *to, const struct mask *from)
{
    *to = *from;
    to->nick = to->parts + (from->nick - from->parts);
    to->user = to->parts + (from->user - from->parts);
    to->host = to->parts + (from->host - from->parts);
}

bool
mask_match_work(const struct mask *m, const struct mask_subject *s, size_t *work)
{
    if (!mask_glob_work(m->nick, s->nick, work) ||
        !mask_glob_work(m->user, s->user, work))
        return false;
    if (m->is_prefix)
        return s->addr && prefix_match(&m->prefix, s->addr);
    return mask_glob_work(m->host, s->host, work) ||
           mask_glob_work(m->host, s->address, work) ||
           (s->cloak && mask_glob_work(m->host, s->cloak, work));
}

bool
mask_match(const struct mask *m, const struct mask_subject *s)
{
    size_t ignored = 0;

    return mask_match_work(m, s, &ignored);
}

bool
mask_is_address(const struct mask *m)
{
    const char *digits =
        strchr(m->host, ':') ? "0123456789abcdefABCDEF:.*?" : "0123456789.*?";

    if (m->is_prefix)
        return true;
    return strpbrk(m->host, "0123456789:") && strpbrk(m->host, ".:") &&
           m->host[strspn(m->host, digits)] == '\0';
}

static unsigned
count_literals(const char *glob)
{
    unsigned n = 0;

    for (; *glob != '\0'; glob++) {
        char c = casemap_fold(*glob);

        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
            (unsigned char)c >= 0xC0) /* the first byte of a character */
            n++;
    }
    return n;
}

unsigned
mask_literals(const struct mask *m)
{
    unsigned n = count_literals(m->nick) + count_literals(m->user);

    return m->is_prefix ? n : n + count_literals(m->host);
}
