/* The notices of waves: what the clients have in common, and the command that ends
 * them. */
#include "enact/wave.h"

#include "base/attr.h"
#include "base/duration.h"
#include "base/str.h"
#include "config/config.h"
#include "policy/privs.h"
#include "policy/wave.h"
#include "state/client.h"
#include "state/out.h"
#include "state/server.h"
#include "state/subsystem.h"
#include "state/tell.h"

#include <string.h>

static const struct {
    const char *name; /* its name in the log */
    const char *did;  /* the action of its hosts */
} wave_kinds[] = {
    [WAVE_OF_TEXT] = {"text", "said one text"},
    [WAVE_OF_NAME] = {"realname", "registered with one real name"},
    [WAVE_OF_HOSTS] = {"hosts", ""},
};

/* Writes a real name as the mask of an X-line: \s for a blank, ? for a byte that a mask
 * cannot hold and for a * of the name (which would match other names too), and a * at
 * the end of a mask that is cut. */
static void
spell_xline(const char *realname, char out[STR_SHOWN])
{
    struct str s;
    str_init(&s, out, STR_SHOWN - 2);
    for (const char *at = realname; *at && s.len + 6 < s.size;) {
        size_t n = str_utf8(at, strlen(at));
        unsigned char c = (unsigned char)*at;
        if (c == ' ')
            str_add(&s, "\\s");
        else if (c == '\\')
            str_add(&s, "\\\\");
        else if (n == 0 || c < ' ' || c == 0x7F || c == '*' || (c == ':' && s.len == 0))
            str_addc(&s, '?');
        else
            str_addn(&s, at, n);
        at += n ? n : 1;
        if (*at && s.len + 6 >= s.size)
            str_addc(&s, '*');
    }
}

/* Writes the advice: the command that removes the clients if they share a real name. */
static void
format_advice(const struct wave_news *w, const struct client *c, char *out, size_t size)
{
    char mask[STR_SHOWN];
    spell_xline(c->user.realname, mask);
    if (w->one_name)
        str_format(out, size,
                   "XLINE NOW 1h %s :spam removes them; TESTMASK XLINE counts "
                   "them first",
                   mask);
    else
        str_format(out, size, "their real names differ; the last is %s", c->user.nick);
}

static void
tell_alike(struct server *srv, const struct wave_news *w, const struct client *c)
{
    char advice[200], per[DURATION_TEXT];
    format_advice(w, c, advice, sizeof advice);
    duration_words(srv->config->waves.alike.per, per, sizeof per);
    TELL(srv, TELL_ALL, wave, .kind = wave_kinds[w->kind].name, .hosts = w->hosts,
         .lines = w->lines, .text = w->text, .note = advice,
         .did = wave_kinds[w->kind].did, .within = per);
}

static void
tell_hosts(struct server *srv, const struct wave_news *w, const struct client *c)
{
    char per[DURATION_TEXT], usual[48];
    duration_words(srv->config->waves.hosts.per, per, sizeof per);
    str_format(usual, sizeof usual, w->usual ? "usually %u" : "usually fewer than 1",
               w->usual);
    TELL(srv, TELL_ALL, wave_hosts, .kind = wave_kinds[w->kind].name, .hosts = w->hosts,
         .note = usual, .within = per, .last = c->user.nick);
}

static void
tell_hosts_ended(struct server *srv, const struct wave_news *w)
{
    TELL(srv, TELL_ALL, wave_hosts_ended, .kind = wave_kinds[w->kind].name,
         .hosts = w->hosts);
}

static void
tell_alike_ended(struct server *srv, const struct wave_news *w)
{
    TELL(srv, TELL_ALL, wave_ended, .kind = wave_kinds[w->kind].name, .hosts = w->hosts,
         .lines = w->lines, .text = w->text);
}

ATTR_HOT void
enact_wave_text(struct server *srv, const struct client *c, const char *text)
{
    struct wave_news news;
    if (wave_note_text(srv, c, text, &news))
        tell_alike(srv, &news, c);
}

static void
note_registered_client(struct server *srv, struct client *c)
{
    struct wave_news news;
    if (wave_is_new_host(srv, c)) {
        if (wave_end_window(srv, &news))
            tell_hosts_ended(srv, &news);
        if (wave_note_host(srv, &news))
            tell_hosts(srv, &news, c);
    }
    if (wave_note_name(srv, c, &news))
        tell_alike(srv, &news, c);
}

static void
tell_ended_waves(struct server *srv)
{
    struct wave_news news;
    if (wave_end_window(srv, &news))
        tell_hosts_ended(srv, &news);
    while (wave_next_ended(srv, &news))
        tell_alike_ended(srv, &news);
}

const struct subsystem wave_telling_subsystem = {
    .id = SUBSYSTEM_wave_telling,
    .client_is_on = note_registered_client,
    .tick_seconds = tell_ended_waves,
};
