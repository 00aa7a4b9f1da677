/* The sandbox of OpenBSD: files by unveil, system calls by pledge.
 *
 * Never run on OpenBSD: tests/port/ compiles it against declarations of both calls, and
 * runs it with calls that only note what they are asked. unveil takes the rule of the
 * deepest path alone and lets a later rule replace an earlier one, so each path is
 * resolved and gets all accesses of the paths above it. */
#include "base/mem.h"
#include "base/str.h"
#include "sandbox.h"
#include "sandbox_paths.h"
#include "sandbox_system.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What a serving process does: files, locks, their modes (gdbm_recover), listeners, and
 * connections. With "error" a call beyond these fails with ENOSYS, as it does on Linux;
 * without, it would end the server. "exec", "proc" and "id" are not in it. */
#define PROMISES "stdio rpath wpath cpath fattr flock inet unix error"

struct unveiled {
    char *path; /* absolute, without links */
    unsigned access;
};

struct unveils {
    struct unveiled *all;
    size_t n;
};

static bool
note_path(void *ctx, const char *path, unsigned access)
{
    struct unveils *u = ctx;
    char *real = realpath(path, NULL);
    if (real == NULL)
        return false;
    u->all = xrealloc(u->all, (u->n + 1) * sizeof *u->all);
    u->all[u->n++] = (struct unveiled){real, access};
    return true;
}

/* Whether path is at or below the directory. */
static bool
is_below(const char *path, const char *directory)
{
    size_t n = strlen(directory);
    if (n == 1) /* "/" */
        return true;
    return strncmp(path, directory, n) == 0 && (path[n] == '/' || path[n] == '\0');
}

/* All accesses of the paths at or above this one. */
static unsigned
sum_accesses(const struct unveils *u, const char *path)
{
    unsigned access = 0;
    for (size_t i = 0; i < u->n; i++)
        if (is_below(path, u->all[i].path))
            access |= u->all[i].access;
    return access;
}

/* "r" is for stat as well, so all paths have it. */
static const char *
name_permissions(unsigned access)
{
    return access & (SANDBOX_WRITE | SANDBOX_SOCKET) ? "rwc" : "r";
}

static bool
unveil_paths(const struct sandbox_plan *plan)
{
    struct unveils u = {0};
    bool ok = sandbox_paths(plan, note_path, &u);
    for (size_t i = 0; ok && i < u.n; i++) {
        unsigned access = sum_accesses(&u, u.all[i].path);
        ok = unveil(u.all[i].path, name_permissions(access)) == 0;
    }
    for (size_t i = 0; i < u.n; i++)
        free(u.all[i].path);
    free(u.all);
    return ok && unveil(NULL, NULL) == 0;
}

void
sandbox_system_lock(struct sandbox_plan *plan, struct str *what)
{
    plan->hides_files = unveil_paths(plan);
    bool pledged = pledge(PROMISES, NULL) == 0;
    str_addf(what, "%sunveil, %spledge", plan->hides_files ? "" : "no ",
             pledged ? "" : "no ");
}

/* Every kernel since OpenBSD 6.4 has both. */
bool
sandbox_system_lacks(char *out, size_t size)
{
    (void)out, (void)size;
    return false;
}
