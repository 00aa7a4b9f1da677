/* The names of directories. Must never look at the disk: the file need not exist. */
#include "directory.h"

#include "base/str.h"

#include <string.h>

void
directory_of(const char *file, char *out, size_t size)
{
    const char *slash = strrchr(file, '/');
    str_format(out, size, "%.*s", slash ? (int)(slash - file) : 1, slash ? file : ".");
    if (out[0] == '\0')
        str_format(out, size, "/");
}
