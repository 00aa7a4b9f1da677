/* The counters of a simulation, and the two forms in which they are printed.
 *
 * Hosts are printed in the order they came, so that the same trace and configuration
 * give the same bytes. This file does not know the policy: the names of limits and
 * causes come from it. */
#include "replay/tally.h"

#include "base/duration.h"
#include "base/str.h"

#include <jansson.h>

static const struct hash_key fixed = {{1}}; /* no user of a simulation attacks it */

struct tally_host *
tally_host(struct tally *t, const struct prefix *key, msec now)
{
    struct tally_host *h;
    unsigned hash = hash_bytes(&fixed, key, sizeof *key);
    HASH_FIND_BYHASHVALUE(hh, t->hosts, key, sizeof *key, hash, h);
    if (h)
        return h;
    h = xcalloc(1, sizeof *h);
    h->key = *key;
    h->first = now;
    HASH_ADD_BYHASHVALUE(hh, t->hosts, key, sizeof h->key, hash, h);
    return h;
}

void
tally_name(struct tally_names *names, const char *name, uint64_t n)
{
    size_t i = 0;
    while (i < names->used && strcmp(names->rows[i].name, name) != 0)
        i++;
    if (i == TALLY_NAMES)
        names->rows[--i].name = "other";
    if (i == names->used)
        names->rows[names->used++].name = name;
    names->rows[i].n += n;
}

void
tally_ban(struct tally_host *h, msec at, msec length, const char *cause)
{
    h->bans = xrealloc(h->bans, (h->n_bans + 1) * sizeof *h->bans);
    h->bans[h->n_bans++] = (struct tally_ban){at, length, cause};
    if (length > 0)
        h->counts.bans++;
    else
        h->counts.disconnects++;
}

void
tally_free(struct tally *t)
{
    struct tally_host *h, *next;
    HASH_ITER(hh, t->hosts, h, next) {
        HASH_DEL(t->hosts, h);
        free(h->bans);
        free(h);
    }
}

static void
add_names(struct tally_names *sum, const struct tally_names *names)
{
    for (size_t i = 0; i < names->used; i++)
        tally_name(sum, names->rows[i].name, names->rows[i].n);
}

struct summary {
    struct tally_counts counts;
    uint64_t hosts, struck, banned; /* hosts: all, with strikes, with bans */
    msec slowest; /* longest from a host's first connect to its first ban */
};

/* The first ban; NULL if there is none. */
static const struct tally_ban *
find_first_ban(const struct tally_host *h)
{
    for (size_t i = 0; i < h->n_bans; i++)
        if (h->bans[i].length > 0)
            return &h->bans[i];
    return NULL;
}

static void
add_counts(struct tally_counts *sum, const struct tally_counts *c)
{
    sum->connects += c->connects;
    sum->refused_connects += c->refused_connects;
    sum->run += c->run;
    sum->held += c->held;
    sum->refused += c->refused;
    sum->lost += c->lost;
    sum->strikes += c->strikes;
    sum->bans += c->bans;
    sum->disconnects += c->disconnects;
    if (c->longest > sum->longest)
        sum->longest = c->longest;
    add_names(&sum->limits, &c->limits);
    add_names(&sum->causes, &c->causes);
}

static void
sum_hosts(const struct tally *t, struct summary *s)
{
    *s = (struct summary){0};
    for (const struct tally_host *h = t->hosts; h; h = h->hh.next) {
        const struct tally_ban *ban = find_first_ban(h);
        s->hosts++;
        s->struck += h->counts.strikes > 0;
        s->banned += ban != NULL;
        if (ban && ban->at - h->first > s->slowest)
            s->slowest = ban->at - h->first;
        add_counts(&s->counts, &h->counts);
    }
}

/* "12.5s" */
static const char *
format_seconds(msec ms, char out[static 32])
{
    str_format(out, 32, "%lld.%llds", (long long)(ms / MSEC_SECOND),
               (long long)(ms % MSEC_SECOND / 100));
    return out;
}

/* "; refused by per_host 4, connect_rate 2" */
static void
print_names(const char *before, const struct tally_names *names, FILE *to)
{
    for (size_t i = 0; i < names->used; i++)
        fprintf(to, "%s%s %llu", i == 0 ? before : ", ", names->rows[i].name,
                (unsigned long long)names->rows[i].n);
}

static void
print_bans(const struct tally_host *h, FILE *to)
{
    char after[32], length[DURATION_TEXT];
    for (size_t i = 0; i < h->n_bans; i++) {
        const struct tally_ban *b = &h->bans[i];
        format_seconds(b->at - h->first, after);
        duration_format(b->length, length, sizeof length);
        if (b->length > 0)
            fprintf(to, "  banned after %s for %s (%s)", after, length, b->cause);
        else
            fprintf(to, "  disconnected after %s (%s)", after, b->cause);
    }
}

static void
print_host(const struct tally_host *h, FILE *to)
{
    const struct tally_counts *c = &h->counts;
    char text[PREFIX_TEXT], longest[32];
    prefix_format(&h->key, text, sizeof text);
    fprintf(to, "%-18s %8llu %7llu %7llu %7llu %8s %7llu %7llu %7llu", text,
            (unsigned long long)c->connects, (unsigned long long)c->refused_connects,
            (unsigned long long)c->run, (unsigned long long)c->held,
            format_seconds(c->longest, longest), (unsigned long long)c->refused,
            (unsigned long long)c->lost, (unsigned long long)c->strikes);
    print_names("  turned away by ", &c->limits, to);
    print_names("  struck for ", &c->causes, to);
    print_bans(h, to);
    fputc('\n', to);
}

static void
print_summary(const struct summary *s, FILE *to)
{
    const struct tally_counts *c = &s->counts;
    char wait[32];
    fprintf(to, "hosts    %llu, with %llu connects, of which %llu were turned away",
            (unsigned long long)s->hosts, (unsigned long long)c->connects,
            (unsigned long long)c->refused_connects);
    print_names(": ", &c->limits, to);
    fprintf(to,
            "\nlines    %llu ran at once, %llu after a wait (at most %s), %llu were "
            "refused, %llu lost with their connection\n",
            (unsigned long long)c->run, (unsigned long long)c->held,
            format_seconds(c->longest, wait), (unsigned long long)c->refused,
            (unsigned long long)c->lost);
    fprintf(to, "strikes  %llu, of %llu hosts", (unsigned long long)c->strikes,
            (unsigned long long)s->struck);
    print_names(": ", &c->causes, to);
    fprintf(to, "\nbans     %llu, of %llu hosts", (unsigned long long)c->bans,
            (unsigned long long)s->banned);
    if (s->banned)
        fprintf(to, "; each host's first came at most %s after its first connect",
                format_seconds(s->slowest, wait));
    if (c->disconnects)
        fprintf(to, "; %llu clients were only disconnected",
                (unsigned long long)c->disconnects);
    fputc('\n', to);
}

void
tally_print(const struct tally *t, FILE *to)
{
    struct summary s;
    fprintf(to, "%-18s %8s %7s %7s %7s %8s %7s %7s %7s\n", "host", "connects", "turned",
            "run", "held", "longest", "refused", "lost", "strikes");
    for (const struct tally_host *h = t->hosts; h; h = h->hh.next)
        print_host(h, to);
    sum_hosts(t, &s);
    fputc('\n', to);
    print_summary(&s, to);
}

static json_t *
make_names_object(const struct tally_names *names)
{
    json_t *object = json_object();
    for (size_t i = 0; i < names->used; i++)
        json_object_set_new(object, names->rows[i].name,
                            json_integer((json_int_t)names->rows[i].n));
    return object;
}

static json_t *
make_time_value(msec ms)
{
    return json_real((double)ms / MSEC_SECOND);
}

static void
put_counts(json_t *object, const struct tally_counts *c)
{
    const struct {
        const char *name;
        uint64_t n;
    } rows[] = {{"connects", c->connects},
                {"turned_away", c->refused_connects},
                {"run", c->run},
                {"held", c->held},
                {"refused", c->refused},
                {"lost", c->lost},
                {"strikes", c->strikes},
                {"bans", c->bans},
                {"disconnects", c->disconnects}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        json_object_set_new(object, rows[i].name, json_integer((json_int_t)rows[i].n));
    json_object_set_new(object, "longest_wait", make_time_value(c->longest));
    json_object_set_new(object, "turned_away_by", make_names_object(&c->limits));
    json_object_set_new(object, "struck_for", make_names_object(&c->causes));
}

static void
print_object(json_t *object, FILE *to)
{
    json_dumpf(object, to, JSON_COMPACT | JSON_REAL_PRECISION(10));
    fputc('\n', to);
    json_decref(object);
}

static json_t *
make_host_object(const struct tally_host *h)
{
    char text[PREFIX_TEXT], length[DURATION_TEXT];
    prefix_format(&h->key, text, sizeof text);
    json_t *object = json_object(), *ends = json_array();
    json_object_set_new(object, "host", json_string(text));
    json_object_set_new(object, "first", make_time_value(h->first));
    put_counts(object, &h->counts);
    for (size_t i = 0; i < h->n_bans; i++) {
        const struct tally_ban *b = &h->bans[i];
        json_t *end = json_object();
        duration_format(b->length, length, sizeof length);
        json_object_set_new(end, "time", make_time_value(b->at));
        json_object_set_new(end, "after", make_time_value(b->at - h->first));
        json_object_set_new(end, "for", b->length ? json_string(length) : json_null());
        json_object_set_new(end, "cause", json_string(b->cause));
        json_array_append_new(ends, end);
    }
    json_object_set_new(object, "limit_reached", ends);
    return object;
}

void
tally_print_json(const struct tally *t, FILE *to)
{
    struct summary s;
    for (const struct tally_host *h = t->hosts; h; h = h->hh.next)
        print_object(make_host_object(h), to);
    sum_hosts(t, &s);
    json_t *object = json_object(), *all = json_object();
    json_object_set_new(object, "hosts", json_integer((json_int_t)s.hosts));
    put_counts(object, &s.counts);
    json_object_set_new(object, "struck_hosts", json_integer((json_int_t)s.struck));
    json_object_set_new(object, "banned_hosts", json_integer((json_int_t)s.banned));
    json_object_set_new(object, "slowest_ban", make_time_value(s.slowest));
    json_object_set_new(all, "summary", object);
    print_object(all, to);
}
