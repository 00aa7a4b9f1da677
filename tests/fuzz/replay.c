/* Runs every target over its corpus without libFuzzer, so that `make check` repeats
 * each input that was found once, with any compiler and any sanitizer. A target without
 * inputs fails. Usage: fuzz-replay CORPUS-DIRECTORY [TARGET…] */
#include "base/mem.h"
#include "base/str.h"
#include "fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct target {
    const char *name;
    int (*run)(const uint8_t *bytes, size_t n);
} targets[] = {
#define TARGET(name, max) {#name, fuzz_##name},
#include "targets.def"
#undef TARGET
};

enum { INPUT_MAX = 65536, TARGETS = sizeof targets / sizeof *targets };

static void
run_file(const struct target *t, const char *path)
{
    uint8_t *bytes = xmalloc(INPUT_MAX), *exact;
    FILE *f = fopen(path, "rb");
    if (f == NULL) {
        perror(path);
        exit(1);
    }
    size_t n = fread(bytes, 1, INPUT_MAX, f);
    fclose(f);
    /* A block of exactly this size, so that a sanitizer sees a read beyond it. */
    exact = memcpy(xmalloc(n > 0 ? n : 1), bytes, n);
    free(bytes);
    /* The last name written is the input that ended the program. */
    if (getenv("IRCD_TEST_VERBOSE"))
        fprintf(stderr, "%s\n", path);
    t->run(exact, n);
    free(exact);
}

static int
by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

/* The number of inputs. */
static int
run_target(const struct target *t, const char *corpus)
{
    char dir[1024], path[2048];
    struct dirent **names;
    int inputs = 0;
    str_format(dir, sizeof dir, "%s/%s", corpus, t->name);
    int n = scandir(dir, &names, NULL, by_name);
    for (int i = 0; i < n; i++) {
        str_format(path, sizeof path, "%s/%s", dir, names[i]->d_name);
        if (names[i]->d_name[0] != '.') {
            run_file(t, path);
            inputs++;
        }
        free(names[i]);
    }
    if (n >= 0)
        free(names);
    return inputs;
}

static int
is_wanted(const struct target *t, char **wanted)
{
    for (char **w = wanted; *w != NULL; w++)
        if (strcmp(*w, t->name) == 0)
            return 1;
    return *wanted == NULL;
}

int
main(int argc, char **argv)
{
    int all = 0, replayed = 0, bad = 0;
    if (argc < 2) {
        fprintf(stderr, "usage: fuzz-replay CORPUS-DIRECTORY [TARGET...]\n");
        return 2;
    }
    for (size_t i = 0; i < TARGETS; i++) {
        if (!is_wanted(&targets[i], argv + 2))
            continue;
        int n = run_target(&targets[i], argv[1]);
        if (n == 0) {
            fprintf(stderr, "%s/%s: no input\n", argv[1], targets[i].name);
            bad = 1;
        }
        all += n;
        replayed++;
    }
    if (replayed == 0) {
        fprintf(stderr, "fuzz-replay: there is no such target\n");
        return 2;
    }
    printf("fuzz corpus: %d inputs of %d targets replayed\n", all, replayed);
    return bad;
}
