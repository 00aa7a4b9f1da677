/* Preloaded into a server: the allocation number IRCD_TEST_FAIL_AT since its start
 * fails, and so do those that follow it, IRCD_TEST_FAIL_FOR (1) in all. Without
 * IRCD_TEST_FAIL_AT all are counted, and IRCD_TEST_COUNT_TO names the file that gets
 * the number at the end. What a compiler's runtime allocates behind the end of the
 * program (the counters of `make cover`) is not counted and does not fail.
 * It must never be linked in.
 */
#define _GNU_SOURCE /* RTLD_NEXT */
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *(*real_malloc)(size_t);
static void *(*real_calloc)(size_t, size_t);
static void *(*real_realloc)(void *, size_t);
static atomic_long made;
static long fail_at, fail_for = 1;
static int has_wishes, has_ended;
static int (*program)(int, char **, char **);
static char early[4096]; /* for dlsym, which allocates before there is anything */
static size_t early_used;

static void
find(void)
{
    real_malloc = (void *(*)(size_t))dlsym(RTLD_NEXT, "malloc");
    real_realloc = (void *(*)(void *, size_t))dlsym(RTLD_NEXT, "realloc");
    real_calloc = (void *(*)(size_t, size_t))dlsym(RTLD_NEXT, "calloc");
}

/* Not before the environment exists: a sanitizer allocates earlier. */
static void
read_wishes(void)
{
    const char *at = getenv("IRCD_TEST_FAIL_AT"), *lasts = getenv("IRCD_TEST_FAIL_FOR");
    fail_at = at ? strtol(at, NULL, 10) : 0;
    fail_for = lasts ? strtol(lasts, NULL, 10) : 1;
    has_wishes = 1;
}

static int
fails(void)
{
    if (has_ended)
        return 0;
    long n = atomic_fetch_add(&made, 1) + 1;
    if (!has_wishes && environ)
        read_wishes();
    if (fail_at == 0 || n < fail_at || n >= fail_at + fail_for)
        return 0;
    errno = ENOMEM;
    return 1;
}

void *
malloc(size_t size)
{
    if (real_malloc == NULL)
        find();
    return fails() ? NULL : real_malloc(size);
}

void *
calloc(size_t n, size_t size)
{
    static int finding;
    if (real_calloc == NULL) {
        if (finding++) {
            void *p = early + early_used;
            early_used += (n * size + 15) / 16 * 16;
            return p;
        }
        find();
    }
    return fails() ? NULL : real_calloc(n, size);
}

void *
realloc(void *old, size_t size)
{
    if (real_realloc == NULL)
        find();
    return fails() ? NULL : real_realloc(old, size);
}

static void
end_program(void)
{
    has_ended = 1;
}

/* The first handler that is registered runs last. */
static int
run_program(int argc, char **argv, char **envp)
{
    atexit(end_program);
    return program(argc, argv, envp);
}

typedef int start_main(int (*)(int, char **, char **), int, char **, void (*)(void),
                       void (*)(void), void (*)(void), void *);
start_main __libc_start_main;

int
__libc_start_main(int (*main)(int, char **, char **), int argc, char **argv,
                  void (*init)(void), void (*fini)(void), void (*rtld_fini)(void),
                  void *stack_end)
{
    start_main *start = (start_main *)dlsym(RTLD_NEXT, "__libc_start_main");
    program = main;
    return start(run_program, argc, argv, init, fini, rtld_fini, stack_end);
}

static void __attribute__((destructor)) count(void)
{
    const char *to = getenv("IRCD_TEST_COUNT_TO");
    FILE *f = to ? fopen(to, "w") : NULL;
    if (f) {
        fprintf(f, "%ld\n", (long)made);
        fclose(f);
    }
}
