/* Finds and reads the files that a configuration names. A pattern without wildcards must
 * name a file; one with wildcards may name none, so that conf.d may be empty. All paths are
 * relative to the directory of the main file, also those that stand in an included one. */
#include "includes.h"

#include "base/mem.h"
#include "base/str.h"
#include "directory.h"
#include "text_file.h"

#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define WILDCARDS "*?["

static void
remember_file(struct includes *in, const char *path, bool secret)
{
    struct includes_found *f = in->found;
    f->files = xrealloc(f->files, (f->n + 1) * sizeof *f->files);
    f->files[f->n++] = (struct includes_file){xstrdup(path), secret};
}

/* Remembers the directory of a pattern. */
static void
remember_directory(struct includes *in, const char *pattern)
{
    char fixed[PATH_MAX], directory[PATH_MAX];
    struct includes_found *f = in->found;
    str_format(fixed, sizeof fixed, "%.*s", (int)strcspn(pattern, WILDCARDS), pattern);
    directory_of(fixed, directory, sizeof directory);
    f->directories =
        xrealloc(f->directories, (f->n_directories + 1) * sizeof *f->directories);
    f->directories[f->n_directories++] = xstrdup(directory);
}

/* For glob: a directory that does not exist holds no file, and another error ends the
 * search. */
static int
judge_glob_error(const char *path, int error)
{
    (void)path;
    return error != ENOENT && error != ENOTDIR;
}

static char **
copy_paths(char *const *paths, size_t n)
{
    char **list = xcalloc(n + 1, sizeof *list);
    for (size_t i = 0; i < n; i++)
        list[i] = xstrdup(paths[i]);
    return list;
}

static char **
find_includes(void *ctx, const char *pattern, char *err, size_t errlen)
{
    struct includes *in = ctx;
    char where[PATH_MAX];
    char *const only[] = {where};
    if (*pattern == '\0') {
        str_format(err, errlen, "the name is empty");
        return NULL;
    }
    if (!directory_beside(in->config, pattern, where, sizeof where)) {
        str_format(err, errlen, "the path is too long");
        return NULL;
    }
    remember_directory(in, where);
    if (where[strcspn(where, WILDCARDS)] == '\0')
        return copy_paths(only, 1);
    glob_t found;
    errno = 0;
    int code = glob(where, GLOB_NOESCAPE, judge_glob_error, &found);
    if (code != 0 && code != GLOB_NOMATCH) {
        str_format(err, errlen, "%s",
                   errno != 0 ? strerror(errno) : "its directory cannot be read");
        return NULL;
    }
    char **list = copy_paths(found.gl_pathv, code == 0 ? found.gl_pathc : 0);
    globfree(&found);
    return list;
}

static char *
read_include(void *ctx, const char *path, size_t max, char *err, size_t errlen)
{
    char *text = text_file_read(path, max, err, errlen);
    if (text != NULL)
        remember_file(ctx, path, false);
    return text;
}

static char *
read_secret(void *ctx, const char *path, size_t max, char *err, size_t errlen)
{
    struct includes *in = ctx;
    char where[PATH_MAX];
    if (!directory_beside(in->config, path, where, sizeof where)) {
        str_format(err, errlen, "the path is too long");
        return NULL;
    }
    char *text = text_file_read(where, max, err, errlen);
    if (text != NULL)
        remember_file(in, where, true);
    return text;
}

static bool
is_same_path(void *ctx, const char *a, const char *b)
{
    struct stat one, other;
    (void)ctx;
    return strcmp(a, b) == 0 ||
           (stat(a, &one) == 0 && stat(b, &other) == 0 && one.st_dev == other.st_dev &&
            one.st_ino == other.st_ino);
}

struct config_files
includes_files(struct includes *in)
{
    return (struct config_files){in,          find_includes, read_include,
                                 read_secret, is_same_path,  false};
}

void
includes_clear(struct includes_found *found)
{
    for (size_t i = 0; i < found->n; i++)
        free(found->files[i].path);
    for (size_t i = 0; i < found->n_directories; i++)
        free(found->directories[i]);
    free(found->files);
    free(found->directories);
    *found = (struct includes_found){0};
}
