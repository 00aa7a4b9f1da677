/* The calls that differ between systems: those of Linux, and the branches for macOS. */
#include "net/os.h"
#include "os_macos.h"
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct os_calls {
    const char *name;
    int (*stream_socket)(int family);
    int (*accept)(int fd, struct sockaddr *from, socklen_t *size);
    int (*bind_unix)(int fd, const struct sockaddr_un *at, int mode);
    bool (*is_connection_error)(int error);
    void (*condition_init)(pthread_cond_t *c);
    clockid_t wait_clock;
} systems[] = {
    {"linux", os_stream_socket, os_accept, os_bind_unix, os_is_connection_error,
     os_condition_init, OS_WAIT_CLOCK},
    {"macos", macos_stream_socket, macos_accept, macos_bind_unix,
     macos_is_connection_error, macos_condition_init, CLOCK_REALTIME},
};

#define EACH_SYSTEM(os)                                                                \
    for (const struct os_calls *os = systems;                                          \
         os < systems + sizeof systems / sizeof *systems; os++)

/* A directory of its own, and a path in it. */
struct place {
    char directory[64], path[80];
};

static void
make_place(struct place *p)
{
    strcpy(p->directory, "/tmp/ircd-test-os-XXXXXX");
    CU_ASSERT_FATAL(mkdtemp(p->directory) != NULL);
    snprintf(p->path, sizeof p->path, "%s/file", p->directory);
}

static void
remove_place(const struct place *p)
{
    unlink(p->path);
    CU_ASSERT(rmdir(p->directory) == 0);
}

static void
check_flags(int fd)
{
    CU_ASSERT_FATAL(fd >= 0);
    CU_ASSERT(fcntl(fd, F_GETFL) & O_NONBLOCK);
    CU_ASSERT(fcntl(fd, F_GETFD) & FD_CLOEXEC);
}

static void
a_socket_is_nonblocking_and_closed_on_exec(void)
{
    static const int families[] = {AF_INET, AF_INET6, AF_UNIX};
    EACH_SYSTEM(os)
    for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
        int fd = os->stream_socket(families[i]);
        check_flags(fd);
        close(fd);
    }
}

static void
an_unknown_family_is_an_error(void)
{
    EACH_SYSTEM(os)
    {
        errno = 0;
        EQUAL_NUMBER(os->stream_socket(9999), -1);
        EQUAL_NUMBER(errno, EAFNOSUPPORT);
    }
}

static void
an_accepted_socket_is_nonblocking_and_closed_on_exec(void)
{
    EACH_SYSTEM(os)
    {
        struct sockaddr_in at = {.sin_family = AF_INET}, from;
        socklen_t size = sizeof at;
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        int listener = os->stream_socket(AF_INET),
            client = socket(AF_INET, SOCK_STREAM, 0);
        CU_ASSERT_FATAL(bind(listener, (struct sockaddr *)&at, size) == 0);
        CU_ASSERT_FATAL(listen(listener, 4) == 0);
        CU_ASSERT_FATAL(getsockname(listener, (struct sockaddr *)&at, &size) == 0);
        EQUAL_NUMBER(os->accept(listener, NULL, NULL), -1);
        CU_ASSERT(errno == EAGAIN || errno == EWOULDBLOCK);
        CU_ASSERT_FATAL(connect(client, (struct sockaddr *)&at, size) == 0);
        size = sizeof from;
        int fd = os->accept(listener, (struct sockaddr *)&from, &size);
        check_flags(fd);
        EQUAL_NUMBER(from.sin_family, AF_INET);
        EQUAL_NUMBER(ntohl(from.sin_addr.s_addr), INADDR_LOOPBACK);
        close(fd);
        close(client);
        close(listener);
    }
}

/* The mode of the file, which was made under this umask. */
static int
mode_of_bound(const struct os_calls *os, int mode, mode_t mask)
{
    struct place p;
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    struct stat st = {0};
    make_place(&p);
    snprintf(at.sun_path, sizeof at.sun_path, "%s", p.path);
    mode_t before = umask(mask);
    int fd = os->stream_socket(AF_UNIX);
    CU_ASSERT(os->bind_unix(fd, &at, mode) == 0);
    EQUAL_NUMBER(umask(before), mask);
    CU_ASSERT(lstat(p.path, &st) == 0);
    close(fd);
    remove_place(&p);
    return (int)(st.st_mode & 07777);
}

static void
a_unix_socket_has_its_mode_under_any_umask(void)
{
    static const int modes[] = {0600, 0660, 0666, 0777, 0400};
    EACH_SYSTEM(os)
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        EQUAL_NUMBER(mode_of_bound(os, modes[i], 0), modes[i]);
        EQUAL_NUMBER(mode_of_bound(os, modes[i], 077), modes[i]);
    }
}

static void
a_failed_bind_keeps_errno_and_the_umask(void)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    strcpy(at.sun_path, "/nonexistent/ircd-test");
    EACH_SYSTEM(os)
    {
        mode_t before = umask(027);
        int fd = os->stream_socket(AF_UNIX);
        EQUAL_NUMBER(os->bind_unix(fd, &at, 0600), -1);
        EQUAL_NUMBER(errno, ENOENT);
        EQUAL_NUMBER(umask(before), 027);
        close(fd);
    }
}

static void
an_error_of_a_connection_is_told_from_a_shortage(void)
{
    static const int connection[] = {ECONNABORTED, EINTR,     EPROTO,
                                     ENETDOWN,     EHOSTDOWN, EPERM};
    static const int shortage[] = {EMFILE, ENFILE, ENOBUFS, ENOMEM, EBADF, EINVAL};
    EACH_SYSTEM(os)
    {
        for (size_t i = 0; i < sizeof connection / sizeof *connection; i++)
            CU_ASSERT(os->is_connection_error(connection[i]));
        for (size_t i = 0; i < sizeof shortage / sizeof *shortage; i++)
            CU_ASSERT(!os->is_connection_error(shortage[i]));
    }
    CU_ASSERT(os_is_connection_error(ENONET));
}

static void
unsent_bytes_are_limited_on_linux(void)
{
    int fd = os_stream_socket(AF_INET), most = 0;
    socklen_t size = sizeof most;
    os_limit_unsent(fd, 12345);
    macos_limit_unsent(fd, 1); /* does nothing where the option is missing */
    CU_ASSERT(getsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &most, &size) == 0);
    EQUAL_NUMBER(most, 12345);
    close(fd);
}

static void
a_timed_wait_ends_at_its_time(void)
{
    EACH_SYSTEM(os)
    {
        pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
        pthread_cond_t c;
        struct timespec at, now;
        int error = 0;
        os->condition_init(&c);
        clock_gettime(os->wait_clock, &at);
        at.tv_nsec += 20 * 1000000;
        at.tv_sec += at.tv_nsec / 1000000000;
        at.tv_nsec %= 1000000000;
        pthread_mutex_lock(&lock);
        while (error == 0)
            error = pthread_cond_timedwait(&c, &lock, &at);
        pthread_mutex_unlock(&lock);
        EQUAL_NUMBER(error, ETIMEDOUT);
        clock_gettime(os->wait_clock, &now);
        CU_ASSERT(now.tv_sec > at.tv_sec ||
                  (now.tv_sec == at.tv_sec && now.tv_nsec >= at.tv_nsec));
        CU_ASSERT(now.tv_sec <= at.tv_sec + 10); /* by the same clock */
        pthread_cond_destroy(&c);
    }
}

static void
flags_of_send_are_none_where_they_are_missing(void)
{
    EQUAL_NUMBER(OS_NO_SIGNAL, MSG_NOSIGNAL);
    EQUAL_NUMBER(OS_MORE, MSG_MORE);
    EQUAL_NUMBER(macos_send_flags, 0);
    CU_ASSERT(OS_WAIT_CLOCK == CLOCK_MONOTONIC);
    CU_ASSERT(macos_wait_clock == CLOCK_REALTIME);
}

static void
the_first_free_port_is_that_of_the_kernel(void)
{
    int port = 1024;
    FILE *f = fopen("/proc/sys/net/ipv4/ip_unprivileged_port_start", "r");
    if (f) {
        CU_ASSERT(fscanf(f, "%d", &port) == 1);
        fclose(f);
    }
    EQUAL_NUMBER(os_first_free_port(), port);
}

static void
the_kernel_knows_this_program(void)
{
    char path[4096], want[4096], small[4];
    ssize_t n = readlink("/proc/self/exe", want, sizeof want - 1);
    CU_ASSERT_FATAL(n > 0);
    want[n] = '\0';
    CU_ASSERT(os_find_program("another-name", path, sizeof path));
    EQUAL_TEXT(path, want);
    CU_ASSERT(
        !os_find_program("no-such-program", small, sizeof small)); /* no cut path */
    EQUAL_TEXT(small, "");
}

/* Puts a file with this mode into the place, and looks for it by PATH. */
static bool
find_in_path(const struct place *p, mode_t mode, const char *path, char *out,
             size_t size)
{
    char *before = getenv("PATH");
    before = before ? strdup(before) : NULL;
    unlink(p->path);
    int fd = open(p->path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    CU_ASSERT_FATAL(fd >= 0 && fchmod(fd, mode) == 0);
    close(fd);
    setenv("PATH", path, 1);
    bool found = macos_find_program("file", out, size);
    if (before)
        setenv("PATH", before, 1);
    free(before);
    return found;
}

static void
elsewhere_a_program_is_looked_for_in_path(void)
{
    struct place p;
    char path[200], out[200];
    make_place(&p);
    snprintf(path, sizeof path, "/nonexistent:%s:/usr/bin", p.directory);
    CU_ASSERT(find_in_path(&p, 0755, path, out, sizeof out));
    EQUAL_TEXT(out, p.path);
    snprintf(path, sizeof path, "/nonexistent:%s", p.directory);
    CU_ASSERT(!find_in_path(&p, 0644, path, out, sizeof out)); /* no program */
    EQUAL_TEXT(out, "");
    CU_ASSERT(!find_in_path(&p, 0755, "/nonexistent:", out, sizeof out));
    EQUAL_TEXT(out, "");
    CU_ASSERT(!macos_find_program("", out, sizeof out)); /* a directory is none */
    remove_place(&p);
}

SUITE(os)
{
    TEST(a_socket_is_nonblocking_and_closed_on_exec);
    TEST(an_unknown_family_is_an_error);
    TEST(an_accepted_socket_is_nonblocking_and_closed_on_exec);
    TEST(a_unix_socket_has_its_mode_under_any_umask);
    TEST(a_failed_bind_keeps_errno_and_the_umask);
    TEST(an_error_of_a_connection_is_told_from_a_shortage);
    TEST(unsent_bytes_are_limited_on_linux);
    TEST(a_timed_wait_ends_at_its_time);
    TEST(flags_of_send_are_none_where_they_are_missing);
    TEST(the_first_free_port_is_that_of_the_kernel);
    TEST(the_kernel_knows_this_program);
    TEST(elsewhere_a_program_is_looked_for_in_path);
}
