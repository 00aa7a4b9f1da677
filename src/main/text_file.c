/* Reads text files whole. It must never take a part of a file for the whole. */
#include "text_file.h"

#include "base/mem.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Reads to the end of the file. Returns the number of bytes, or -1 with errno; EFBIG:
 * they are more than max. */
static ssize_t
read_all(int fd, char *buffer, size_t max)
{
    size_t n = 0;
    for (;;) {
        ssize_t got = read(fd, buffer + n, max + 1 - n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            return (ssize_t)n;
        n += (size_t)got;
        if (n > max) {
            errno = EFBIG;
            return -1;
        }
    }
}

/* Opens a file that can be read from its beginning to its end; -1 with the reason. A
 * FIFO would block the server until another process writes, and could not be read
 * again. */
static int
open_text_file(const char *path, char *err, size_t errlen)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd >= 0 && fstat(fd, &st) == 0 && !S_ISFIFO(st.st_mode) && !S_ISBLK(st.st_mode))
        return fd;
    str_format(err, errlen, "%s",
               fd < 0 ? strerror(errno) : "it is not a regular file");
    if (fd >= 0)
        close(fd);
    return -1;
}

/* Explains the NUL byte in a text of n bytes: Windows saves UTF-16 as "Unicode". */
static void
explain_nul(const char *text, size_t n, char *err, size_t errlen)
{
    size_t at = strlen(text), line = 1;
    bool marked = n >= 2 && (memcmp(text, "\xff\xfe", 2) == 0 ||
                             memcmp(text, "\xfe\xff", 2) == 0);
    if (marked || at < 2) {
        str_format(err, errlen, "it is UTF-16; save it as UTF-8");
        return;
    }
    for (size_t i = 0; i < at; i++)
        line += text[i] == '\n';
    str_format(err, errlen, "there is a NUL byte in line %zu", line);
}

char *
text_file_read(const char *path, size_t max, char *err, size_t errlen)
{
    int fd = path == NULL ? STDIN_FILENO : open_text_file(path, err, errlen);
    if (fd < 0)
        return NULL;
    char *text = xmalloc(max + 1);
    ssize_t n = read_all(fd, text, max);
    int error = errno;
    if (path != NULL)
        close(fd);
    if (n >= 0 && memchr(text, '\0', (size_t)n) == NULL) {
        text[n] = '\0';
        return xrealloc(text, (size_t)n + 1);
    }
    if (n < 0 && error == EFBIG)
        str_format(err, errlen, "larger than %zu KiB", max / 1024);
    else if (n < 0)
        str_format(err, errlen, "%s", strerror(error));
    else
        explain_nul(text, (size_t)n, err, errlen);
    mem_wipe(text, max + 1);
    free(text);
    return NULL;
}
