/* Waves of texts, real names and hosts.
 *
 * Texts and names are in a hash table of fixed size, in sets of four slots. An entry
 * with several hosts stays for the time of waves.alike. A new entry may replace an
 * entry with one host, so ordinary messages never replace a wave. The table forgets
 * entries and never grows: a wave among thousands of others may be missed, but a wave
 * that is told did happen. */
#include "policy/wave.h"

#include "base/attr.h"
#include "base/mem.h"
#include "base/str.h"
#include "config/config.h"
#include "policy/client_policy.h"
#include "policy/host.h"
#include "policy/policy.h"
#include "state/census.h"
#include "state/client.h"
#include "state/server.h"
#include "state/subsystem.h"

#include <string.h>

#define SLOTS 256                     /* in each table */
#define WAYS 4                        /* slots of a set: a hash may be in any of them */
#define QUIET_AFTER_START MSEC_MINUTE /* all clients connect again then */
/* a wave has at least so many times the usual number of new hosts */
#define MANY_TIMES 4
#define USUAL_SHIFT 3 /* the usual count is a mean of about 1 << USUAL_SHIFT windows */
#define MOST_WINDOWS 64 /* windows without a host that the mean takes in at once */
#define MIX_START 0x9e3779b97f4a7c15U
#define MIX_FACTOR 0xd6e8feb86659fd93U
#define LEFT_SLOTS 4096 /* hosts that have left, by hash; a slot keeps the latest */
#define LEFT_FOR (10 * MSEC_MINUTE)

/* One text or name. */
struct wave {
    uint64_t hash;              /* 0: free */
    msec began, last;           /* monotonic */
    uint32_t hosts[WAVE_HOSTS]; /* fold_host of each distinct host */
    uint32_t name;              /* hash of the real name of the first sender */
    uint32_t lines;             /* number of texts since it began */
    uint16_t n_hosts;
    bool one_name; /* all senders have the real name `name` */
    char *told;    /* the text or name as operators are told; NULL: it is no wave yet */
};

/* A host that has left. */
struct left_host {
    uint32_t host; /* fold_host */
    uint32_t at;   /* monotonic, in seconds, plus one; 0: free */
};

struct waves {
    struct wave texts[SLOTS], names[SLOTS];
    struct left_host left[LEFT_SLOTS];
    unsigned n_told; /* waves in texts and names */
    size_t told_memory;
    struct {
        msec began;     /* monotonic: the begin of the window */
        unsigned count; /* new hosts in the window */
        unsigned usual; /* mean count of a window, times 1 << USUAL_SHIFT */
        unsigned all;   /* hosts of the wave so far */
        bool told;
    } hosts;
};

/* The slot of the server; it holds NULL before the first note. */
static struct waves **
waves_of(const struct server *srv)
{
    return subsystem_state(srv, SUBSYSTEM_wave);
}

static struct waves *
get_waves(struct server *srv)
{
    struct waves **slot = waves_of(srv);
    if (*slot == NULL) {
        *slot = xcalloc(1, sizeof **slot);
        (*slot)->hosts.began = srv->now;
    }
    return *slot;
}

/* A fast hash, eight bytes at a time, since every message needs one. Texts made to
 * collide only hide themselves. */
static ATTR_HOT uint64_t
mix_text(const char *text, size_t n)
{
    uint64_t h = MIX_START ^ n, word;
    for (; n >= sizeof word; text += sizeof word, n -= sizeof word) {
        memcpy(&word, text, sizeof word);
        h = (h ^ word) * MIX_FACTOR;
        h ^= h >> 32;
    }
    word = 0;
    memcpy(&word, text, n);
    h = (h ^ word) * MIX_FACTOR;
    h ^= h >> 29;
    return h ? h : 1;
}

static uint32_t
fold_host(const struct host *h)
{
    return (uint32_t)(mix_text((const char *)h->key.addr.ip, sizeof h->key.addr.ip) >>
                      16);
}

/* The entry of a hash, a new one if there is none. NULL: the set is full of entries
 * that must stay. */
static struct wave *
find_slot(struct wave *table, uint64_t hash, msec now, msec per)
{
    struct wave *set = table + hash % (SLOTS / WAYS) * WAYS, *old = NULL;
    for (int i = 0; i < WAYS; i++)
        if (set[i].hash == hash)
            return &set[i];
    for (int i = 0; i < WAYS; i++) {
        bool gives_way = set[i].n_hosts <= 1 || now - set[i].last >= per;
        if (set[i].told == NULL && gives_way &&
            (old == NULL || set[i].last < old->last))
            old = &set[i];
    }
    if (old)
        *old = (struct wave){.hash = hash, .began = now};
    return old;
}

static void
add_host(struct wave *w, uint32_t host)
{
    for (unsigned i = 0; i < w->n_hosts; i++)
        if (w->hosts[i] == host)
            return;
    if (w->n_hosts < WAVE_HOSTS)
        w->hosts[w->n_hosts++] = host;
}

/* Counts a text or name of c. Returns the entry if it becomes a wave with this, else
 * NULL. */
static ATTR_HOT struct wave *
note_alike(struct server *srv, struct wave *table, const struct client *c,
           const char *text, size_t n)
{
    const struct rate *alike = &srv->config->waves.alike;
    struct wave *w = find_slot(table, mix_text(text, n), srv->now, alike->per);
    if (w == NULL)
        return NULL;
    if (w->told == NULL && srv->now - w->began >= alike->per)
        *w = (struct wave){.hash = w->hash, .began = srv->now};
    uint32_t name = (uint32_t)mix_text(c->user.realname, strlen(c->user.realname));
    if (w->n_hosts == 0) {
        w->name = name;
        w->one_name = true;
    }
    w->one_name &= w->name == name;
    w->last = srv->now;
    w->lines++;
    add_host(w, fold_host(policy_of(c)->host));
    return w->told == NULL && w->n_hosts >= alike->count ? w : NULL;
}

/* Marks an entry as a wave and keeps its text for the report of its end. */
static void
mark_seen(struct waves *all, struct wave *w, const char *text)
{
    w->told = xstrdup(SHOWN(text));
    all->n_told++;
    all->told_memory += mem_text(w->told);
}

static void
fill_news(const struct wave *w, enum wave_kind kind, struct wave_news *out)
{
    *out = (struct wave_news){
        .kind = kind, .hosts = w->n_hosts, .lines = w->lines, .one_name = w->one_name};
    str_format(out->text, sizeof out->text, "%s", w->told);
}

ATTR_HOT bool
wave_note_text(struct server *srv, const struct client *c, const char *text,
               struct wave_news *out)
{
    size_t n = strlen(text);
    if (n < WAVE_TEXT_MIN || c->user.oper || policy_of(c)->host == NULL)
        return false;
    struct wave *w = note_alike(srv, get_waves(srv)->texts, c, text, n);
    if (w == NULL)
        return false;
    mark_seen(get_waves(srv), w, text);
    fill_news(w, WAVE_OF_TEXT, out);
    return true;
}

/* The count of a window that is over becomes a part of the usual count, unless a wave
 * goes on. */
bool
wave_end_window(struct server *srv, struct wave_news *out)
{
    struct waves *all = *waves_of(srv);
    if (all == NULL || srv->now - all->hosts.began < srv->config->waves.hosts.per)
        return false;
    msec per = srv->config->waves.hosts.per, passed = srv->now - all->hosts.began;
    unsigned least = (unsigned)srv->config->waves.hosts.count / 2;
    bool over = all->hosts.told && all->hosts.count < (least ? least : 1);
    if (over) {
        *out = (struct wave_news){.kind = WAVE_OF_HOSTS, .hosts = all->hosts.all};
        all->hosts.told = false;
    }
    for (int i = 0; i < MOST_WINDOWS && passed >= per; i++, passed -= per) {
        if (!all->hosts.told)
            all->hosts.usual += all->hosts.count - (all->hosts.usual >> USUAL_SHIFT);
        all->hosts.count = 0;
    }
    all->hosts.began = srv->now;
    return over;
}

static uint32_t
wave_seconds(const struct server *srv)
{
    return (uint32_t)(srv->now / MSEC_SECOND) + 1;
}

/* Notes the host of c if c is its last client: for a while it is no new host. */
static void
note_left_host(struct server *srv, struct client *c)
{
    uint32_t host = fold_host(policy_of(c)->host);
    if (policy_of(c)->host->connections > 1)
        return;
    get_waves(srv)->left[host % LEFT_SLOTS] =
        (struct left_host){host, wave_seconds(srv)};
}

/* True if the host left a short time ago. When a link breaks, all its clients connect
 * again at once. */
static bool
has_left_lately(const struct server *srv, const struct waves *all, const struct host *h)
{
    uint32_t host = fold_host(h);
    const struct left_host *l = &all->left[host % LEFT_SLOTS];
    return l->at && l->host == host &&
           wave_seconds(srv) - l->at < LEFT_FOR / MSEC_SECOND;
}

static bool
is_soon_after_start(const struct server *srv)
{
    return srv->now - srv->started < QUIET_AFTER_START;
}

bool
wave_is_new_host(const struct server *srv, const struct client *c)
{
    const struct host *h = policy_of(c)->host;
    const struct waves *all = *waves_of(srv);
    return h && !is_soon_after_start(srv) && h->connections == 1 &&
           !(all && has_left_lately(srv, all, h));
}

bool
wave_note_host(struct server *srv, struct wave_news *out)
{
    struct waves *all = get_waves(srv);
    unsigned limit = (unsigned)srv->config->waves.hosts.count;
    unsigned usual = all->hosts.usual >> USUAL_SHIFT;
    all->hosts.count++;
    all->hosts.all += all->hosts.told;
    if (all->hosts.told || all->hosts.count < limit ||
        all->hosts.count < MANY_TIMES * usual)
        return false;
    all->hosts.told = true;
    all->hosts.all = all->hosts.count;
    *out = (struct wave_news){
        .kind = WAVE_OF_HOSTS, .hosts = all->hosts.count, .usual = usual};
    return true;
}

bool
wave_note_name(struct server *srv, const struct client *c, struct wave_news *out)
{
    const char *name = c->user.realname;
    if (policy_of(c)->host == NULL || is_soon_after_start(srv))
        return false;
    struct wave *w = note_alike(srv, get_waves(srv)->names, c, name, strlen(name));
    if (w == NULL)
        return false;
    mark_seen(get_waves(srv), w, name);
    fill_news(w, WAVE_OF_NAME, out);
    return true;
}

static bool
end_alike_wave(struct server *srv, struct waves *all, struct wave *w,
               enum wave_kind kind, struct wave_news *out)
{
    if (w->told == NULL || srv->now - w->last < srv->config->waves.alike.per)
        return false;
    fill_news(w, kind, out);
    all->n_told--;
    all->told_memory -= mem_text(w->told);
    free(w->told);
    *w = (struct wave){0};
    return true;
}

bool
wave_next_ended(struct server *srv, struct wave_news *out)
{
    struct waves *all = *waves_of(srv);
    for (int i = 0; all && i < SLOTS && all->n_told > 0; i++)
        if (end_alike_wave(srv, all, &all->texts[i], WAVE_OF_TEXT, out) ||
            end_alike_wave(srv, all, &all->names[i], WAVE_OF_NAME, out))
            return true;
    return false;
}

static void
free_waves(struct server *srv)
{
    struct waves *all = *waves_of(srv);
    for (int i = 0; i < SLOTS && all; i++) {
        free(all->texts[i].told);
        free(all->names[i].told);
    }
    free(all);
}

size_t
wave_memory(const struct server *srv)
{
    const struct waves *all = *waves_of(srv);
    return all ? mem_block(sizeof *all) + all->told_memory : 0;
}

static void
add_waves(const struct server *srv, struct census *out)
{
    census_add_self(out, wave_memory(srv));
}

const struct subsystem wave_subsystem = {
    .id = SUBSYSTEM_wave,
    .state = sizeof(struct waves *),
    .client_leaves_host = note_left_host,
    .memory = add_waves,
    .free = free_waves,
};
