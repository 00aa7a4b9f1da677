/* Plays the journal in a file. The whole file is in memory while it is played. */
#include "replay/rerun.h"

#include "base/mem.h"
#include "base/str.h"
#include "session/session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CHECK_EVERY 1024 /* turns between two checks of the whole core */

/* All bytes of a file, *n of them; the caller wipes and frees them. NULL with errno. */
static unsigned char *
read_journal(const char *file, size_t *n)
{
    FILE *f = fopen(file, "rbe");
    if (f == NULL)
        return NULL;
    size_t cap = 1u << 16, got;
    unsigned char *bytes = xmalloc(cap);
    *n = 0;
    while ((got = fread(bytes + *n, 1, cap - *n, f)) > 0) {
        *n += got;
        if (*n == cap)
            bytes = xrealloc(bytes, cap *= 2);
    }
    int failed = ferror(f) ? errno : 0;
    fclose(f);
    if (failed == 0)
        return bytes;
    mem_wipe(bytes, *n);
    free(bytes);
    errno = failed;
    return NULL;
}

/* False with the reason in err. */
static bool
play_turns(struct player *p, struct turn_reader *r, char *err, size_t errlen)
{
    struct turn turn;
    int got;
    while ((got = turn_read(r, &turn, err, errlen)) > 0) {
        struct server *srv = player_server(p);
        if (srv && (r->at == r->n || turn.number % CHECK_EVERY == 0))
            session_check(srv);
        if (!player_apply(p, &turn, err, errlen))
            return false;
    }
    size_t len = strlen(err);
    if (got < 0)
        str_format(err + len, errlen - len, " at offset %zu", r->at);
    return got == 0;
}

static double
read_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
print_counts(const struct player *p, double seconds, size_t bytes, FILE *out)
{
    const struct player_counts *c = player_counts(p);
    double rate = seconds > 0 ? (double)c->inputs / seconds : 0;
    fprintf(out,
            "turns    %llu\nentries  %llu\ninputs   %llu\nread     %llu bytes\n"
            "said     %llu bytes\nhash     %016llx\njournal  %zu bytes\n"
            "seconds  %.3f\nrate     %.0f inputs/s\nended    %s\n",
            (unsigned long long)c->turns, (unsigned long long)c->entries,
            (unsigned long long)c->inputs, (unsigned long long)c->lines_in,
            (unsigned long long)c->out, (unsigned long long)c->hash, bytes, seconds,
            rate,
            player_has_ended(p) ? "in order"
                                : "not: the server was killed or the journal stopped");
}

static bool
play_bytes(const char *file, const unsigned char *bytes, size_t n,
           struct config *(*parse)(void *ctx, const char *text), FILE *out)
{
    char err[256] = "it is no journal of this version";
    struct turn_reader reader;
    struct player *p = player_new(&(struct player_hooks){NULL, parse, NULL});
    double before = read_seconds();
    bool good =
        turn_reader_init(&reader, bytes, n) && play_turns(p, &reader, err, sizeof err);
    double seconds = read_seconds() - before;
    if (good)
        print_counts(p, seconds, n, out);
    else
        fprintf(stderr, "ircd: %s: %s\n", file, err);
    player_free(p);
    return good;
}

bool
rerun_journal(const char *file, struct config *(*parse)(void *ctx, const char *text),
              FILE *out)
{
    size_t n;
    unsigned char *bytes = read_journal(file, &n);
    if (bytes == NULL) {
        fprintf(stderr, "ircd: %s: %s\n", file, strerror(errno));
        return false;
    }
    bool good = play_bytes(file, bytes, n, parse, out);
    mem_wipe(bytes, n);
    free(bytes);
    return good;
}
