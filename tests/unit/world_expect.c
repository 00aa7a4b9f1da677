/* The lines that clients of a world have received, which tests expect one after the
 * other. */
#include "world.h"

#include "proto/mask.h"

/* The first waiting line, without its end, or NULL. */
static char *
next_line(struct actor *a, char *out, size_t size)
{
    char *end = memchr(a->inbox, '\n', a->len);
    if (end == NULL)
        return NULL;
    size_t n = (size_t)(end - a->inbox);
    snprintf(out, size, "%.*s", (int)(n > 0 && a->inbox[n - 1] == '\r' ? n - 1 : n),
             a->inbox);
    memmove(a->inbox, end + 1, a->len - n);
    a->len -= n + 1;
    return out;
}

static void
verdict(bool good, const char *what, const char *pattern, const char *got,
        const char *file, int line)
{
    if (!good)
        printf("\n    %s:%d: %s\n      pattern: %s\n      got:     %s\n", file, line,
               what, pattern, got ? got : "(nothing)");
    CU_assertImplementation(good, (unsigned)line, what, file, "", CU_FALSE);
}

void
world_expect(struct world *w, struct actor *a, const char *pattern, const char *file,
             int line)
{
    char got[9000];
    (void)w;
    const char *text = next_line(a, got, sizeof got);
    verdict(text && mask_glob(pattern, text), "the next line differs", pattern, text,
            file, line);
}

void
world_await(struct world *w, struct actor *a, const char *pattern, const char *file,
            int line)
{
    char got[9000], last[9000] = "";
    const char *text;
    (void)w;
    while ((text = next_line(a, got, sizeof got)) != NULL) {
        if (mask_glob(pattern, text)) {
            verdict(true, "awaited", pattern, text, file, line);
            return;
        }
        memcpy(last, got, sizeof last);
    }
    verdict(false, "no such line came", pattern, last, file, line);
}

unsigned
world_count(const struct actor *a, const char *pattern)
{
    char line[9000];
    unsigned n = 0;
    for (const char *at = a->inbox; *at;) {
        size_t len = strcspn(at, "\n");
        snprintf(line, sizeof line, "%.*s",
                 (int)(len > 0 && at[len - 1] == '\r' ? len - 1 : len), at);
        n += mask_glob(pattern, line);
        at += len + (at[len] == '\n');
    }
    return n;
}

void
world_never(struct world *w, struct actor *a, const char *pattern, const char *file,
            int line)
{
    (void)w;
    verdict(world_count(a, pattern) == 0, "a line came that must not", pattern,
            a->inbox, file, line);
}

void
world_silent(struct world *w, struct actor *a, const char *file, int line)
{
    (void)w;
    verdict(a->len == 0, "something came", "(nothing)", a->inbox, file, line);
}

void
world_drain(struct actor *a)
{
    a->len = 0;
    a->inbox[0] = '\0';
}

void
world_drain_all(struct world *w)
{
    for (int i = 0; i < w->n_actors; i++)
        world_drain(&w->actors[i]);
}
