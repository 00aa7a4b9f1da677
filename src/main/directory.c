/* The directories of files. The file itself need not exist. */
#define _XOPEN_SOURCE 700 /* realpath */
#include "directory.h"

#include "base/str.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

void
directory_of(const char *file, char *out, size_t size)
{
    const char *slash = strrchr(file, '/');
    str_format(out, size, "%.*s", slash ? (int)(slash - file) : 1, slash ? file : ".");
    if (out[0] == '\0')
        str_format(out, size, "/");
}

/* The name by which the list has the directory; NULL: it is not in the list. */
static const char *
find_shared(const char *directory)
{
    static const char *const shared[] = {"/",    "/etc", "/root",    "/home",
                                         "/var", "/run", "/var/log", "/var/lib",
                                         "/usr", "/tmp", "/dev"};
    struct stat st, other;
    if (stat(directory, &st) != 0)
        return NULL;
    for (size_t i = 0; i < sizeof shared / sizeof *shared; i++)
        if (stat(shared[i], &other) == 0 && st.st_dev == other.st_dev &&
            st.st_ino == other.st_ino)
            return shared[i];
    return NULL;
}

const char *
directory_shared(const char *file)
{
    char directory[PATH_MAX];
    if (file == NULL || *file == '\0')
        return NULL;
    directory_of(file, directory, sizeof directory);
    const char *at = find_shared(directory);
    char *real = at ? NULL : realpath(file, NULL);
    if (real) {
        directory_of(real, directory, sizeof directory);
        at = find_shared(directory);
    }
    free(real);
    return at;
}

bool
directory_beside(const char *config, const char *file, char *out, size_t size)
{
    const char *slash = config && *file != '/' ? strrchr(config, '/') : NULL;
    struct str s;
    str_init(&s, out, size);
    if (slash)
        str_addn(&s, config, (size_t)(slash - config) + 1);
    str_add(&s, file);
    return !s.cut;
}
