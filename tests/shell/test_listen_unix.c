/* The path of a unix socket. */
#include "../../src/net/listen_unix.h"
#include "net/os.h"
#include "test.h"

#include <sys/stat.h>
#include <unistd.h>

/* Listens in a directory of its own on a path of n bytes. */
static bool
listen_on(size_t n, char *err, size_t errlen)
{
    char directory[] = "/tmp/ircd-test-unix-XXXXXX", path[400];
    struct unix_file file;
    CU_ASSERT_FATAL(mkdtemp(directory) != NULL);
    memset(path, 'x', sizeof path);
    snprintf(path, sizeof path, "%s/", directory);
    path[strlen(path)] = 'x';
    path[n] = '\0';
    int fd = listen_unix_bind(path, 0600, NULL, &file, err, errlen);
    if (fd >= 0) {
        close(fd);
        listen_unix_remove(path, &file);
    }
    CU_ASSERT(rmdir(directory) == 0); /* no file was left */
    return fd >= 0;
}

static void
a_path_of_the_longest_length_listens(void)
{
    char err[200] = "";
    CU_ASSERT(listen_on(OS_UNIX_PATH - 1, err, sizeof err));
    EQUAL_TEXT(err, "");
}

static void
a_longer_path_is_refused_and_not_cut(void)
{
    char err[200] = "";
    CU_ASSERT(!listen_on(OS_UNIX_PATH, err, sizeof err));
    EQUAL_TEXT(err, "the path of a unix socket has at most 107 bytes");
}

SUITE(listen_unix)
{
    TEST(a_path_of_the_longest_length_listens);
    TEST(a_longer_path_is_refused_and_not_cut);
}
