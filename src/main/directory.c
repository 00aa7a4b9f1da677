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

const char *
directory_common(const char *directory)
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
    const char *at = directory_common(directory);
    char *real = at ? NULL : realpath(file, NULL);
    if (real) {
        directory_of(real, directory, sizeof directory);
        at = directory_common(directory);
    }
    free(real);
    return at;
}

bool
directory_check_data(const char *data, const char *config, char *err, size_t errlen)
{
    const char *at = *data ? directory_common(data) : NULL;
    if (at == NULL)
        return true;
    if (config)
        str_format(err, errlen,
                   "database.path: many programs keep files in %s; name a directory of "
                   "the server alone, as in /var/lib/ircd",
                   at);
    else
        str_format(
            err, errlen,
            "a server without -c keeps its data in ./var, which is %s here, where "
            "many programs keep files; start it in another directory, or use -c",
            at);
    return false;
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
