/* What a service manager is told, over a real datagram socket. */
#include "../../src/main/notify.h"
#include "test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/* A manager with an abstract address, and the server's end. */
struct manager {
    int fd;
    struct notify notify;
    char last[1000]; /* the last datagram */
};

static void
set_watchdog(const char *usec, const char *pid)
{
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
    if (usec)
        setenv("WATCHDOG_USEC", usec, 1);
    if (pid)
        setenv("WATCHDOG_PID", pid, 1);
}

static void
open_manager(struct manager *m, const char *usec, const char *pid)
{
    char name[60], err[200] = "";
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    *m = (struct manager){.fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0)};
    snprintf(name, sizeof name, "@ircd-test-notify-%ld", (long)getpid());
    memcpy(at.sun_path + 1, name + 1, strlen(name + 1));
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name));
    CU_ASSERT_FATAL(bind(m->fd, (const struct sockaddr *)&at, size) == 0);
    setenv("NOTIFY_SOCKET", name, 1);
    set_watchdog(usec, pid);
    CU_ASSERT(notify_open(&m->notify, err, sizeof err));
    EQUAL_TEXT(err, "");
    CU_ASSERT(m->notify.fd >= 0);
    unsetenv("NOTIFY_SOCKET");
    set_watchdog(NULL, NULL);
}

static void
close_manager(struct manager *m)
{
    notify_close(&m->notify);
    close(m->fd);
}

/* The next datagram; "" if there is none. */
static const char *
next_told(struct manager *m)
{
    ssize_t n = recv(m->fd, m->last, sizeof m->last - 1, 0);
    m->last[n > 0 ? n : 0] = '\0';
    return m->last;
}

static void
states_are_told_with_a_status(void)
{
    struct manager m;
    open_manager(&m, NULL, NULL);
    notify_ready(&m.notify, "3 clients");
    EQUAL_TEXT(next_told(&m), "READY=1\nSTATUS=3 clients\n");
    notify_stopping(&m.notify, "ends");
    EQUAL_TEXT(next_told(&m), "STOPPING=1\nSTATUS=ends\n");
    close_manager(&m);
}

static void
a_reload_has_the_moment_at_which_it_began(void)
{
    struct manager m;
    struct timespec before, after;
    long long at = 0;
    open_manager(&m, NULL, NULL);
    clock_gettime(CLOCK_MONOTONIC, &before);
    notify_reloading(&m.notify);
    clock_gettime(CLOCK_MONOTONIC, &after);
    CU_ASSERT(sscanf(next_told(&m), "RELOADING=1\nMONOTONIC_USEC=%lld\n", &at) == 1);
    CU_ASSERT(at >= before.tv_sec * 1000000LL + before.tv_nsec / 1000);
    CU_ASSERT(at <= after.tv_sec * 1000000LL + after.tv_nsec / 1000);
    close_manager(&m);
}

static void
signs_of_life_come_at_a_third_of_the_watchdog(void)
{
    struct manager m;
    char pid[24];
    snprintf(pid, sizeof pid, "%ld", (long)getpid());
    open_manager(&m, "30000000", pid);
    CU_ASSERT_EQUAL(notify_tick(&m.notify, 1000, "s"), 10000);
    EQUAL_TEXT(next_told(&m), "WATCHDOG=1\n");
    EQUAL_TEXT(next_told(&m), "STATUS=s\n");
    CU_ASSERT_EQUAL(notify_tick(&m.notify, 10999, "s"), 1);
    EQUAL_TEXT(next_told(&m), "");
    CU_ASSERT_EQUAL(notify_tick(&m.notify, 11000, "s"), 10000);
    EQUAL_TEXT(next_told(&m), "WATCHDOG=1\n");
    EQUAL_TEXT(next_told(&m), "");
    close_manager(&m);
}

static void
without_a_watchdog_only_the_status_comes_once_a_minute(void)
{
    static const struct {
        const char *usec, *pid;
    } none[] = {
        {NULL, NULL}, {"0", NULL}, {"-5", NULL}, {"3s", NULL}, {"30000000", "1"}};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        struct manager m;
        open_manager(&m, none[i].usec, none[i].pid);
        CU_ASSERT_EQUAL(notify_tick(&m.notify, 5, "s"), 60000);
        EQUAL_TEXT(next_told(&m), "STATUS=s\n");
        CU_ASSERT_EQUAL(notify_tick(&m.notify, 60004, "s"), 1);
        EQUAL_TEXT(next_told(&m), "");
        notify_tick(&m.notify, 60005, "t");
        EQUAL_TEXT(next_told(&m), "STATUS=t\n");
        close_manager(&m);
    }
}

static void
a_very_short_watchdog_never_asks_for_no_time_at_all(void)
{
    struct manager m;
    open_manager(&m, "2000", NULL);
    CU_ASSERT_EQUAL(notify_tick(&m.notify, 1000, "s"), 1);
    close_manager(&m);
}

static void
a_state_that_a_full_socket_did_not_take_is_told_again(void)
{
    struct manager m;
    int queued = 0;
    open_manager(&m, NULL, NULL);
    notify_tick(&m.notify, 0, "s");
    for (; queued < 100000 && !m.notify.unsent; queued++)
        notify_ready(&m.notify, "full");
    CU_ASSERT_FATAL(m.notify.unsent);
    while (*next_told(&m) != '\0')
        continue;
    notify_tick(&m.notify, 1, "3 clients");
    EQUAL_TEXT(next_told(&m), "READY=1\nSTATUS=3 clients\n");
    notify_tick(&m.notify, 2, "3 clients");
    EQUAL_TEXT(next_told(&m), "");
    close_manager(&m);
}

static void
a_manager_that_has_gone_is_no_fault(void)
{
    struct manager m;
    open_manager(&m, NULL, NULL);
    close(m.fd);
    notify_ready(&m.notify, "s");
    CU_ASSERT(!m.notify.unsent);
    CU_ASSERT_EQUAL(notify_tick(&m.notify, 0, "s"), 60000);
    notify_close(&m.notify);
}

static void
without_a_manager_nothing_is_told(void)
{
    struct notify n;
    char err[200] = "";
    static const char *const names[] = {NULL, ""};
    for (size_t i = 0; i < 2; i++) {
        unsetenv("NOTIFY_SOCKET");
        if (names[i])
            setenv("NOTIFY_SOCKET", names[i], 1);
        CU_ASSERT(notify_open(&n, err, sizeof err));
        CU_ASSERT_EQUAL(n.fd, -1);
        notify_ready(&n, "s");
        notify_reloading(&n);
        notify_stopping(&n, "s");
        CU_ASSERT(!n.unsent);
        CU_ASSERT_EQUAL(notify_tick(&n, 0, "s"), 60000);
        notify_close(&n);
    }
    unsetenv("NOTIFY_SOCKET");
}

static void
an_address_that_cannot_be_used_is_named(void)
{
    static char path[200];
    memset(path, 'a', sizeof path - 1);
    path[0] = '/';
    const char *const bad[] = {"relative", "@", "/", path, "/nonexistent/notify"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct notify n;
        char err[200] = "";
        setenv("NOTIFY_SOCKET", bad[i], 1);
        CU_ASSERT(!notify_open(&n, err, sizeof err));
        CU_ASSERT(strstr(err, "cannot tell the service manager (NOTIFY_SOCKET=") ==
                  err);
        CU_ASSERT_EQUAL(n.fd, -1);
        notify_ready(&n, "s");
    }
    unsetenv("NOTIFY_SOCKET");
}

SUITE(notify)
{
    TEST(states_are_told_with_a_status);
    TEST(a_reload_has_the_moment_at_which_it_began);
    TEST(signs_of_life_come_at_a_third_of_the_watchdog);
    TEST(without_a_watchdog_only_the_status_comes_once_a_minute);
    TEST(a_very_short_watchdog_never_asks_for_no_time_at_all);
    TEST(a_state_that_a_full_socket_did_not_take_is_told_again);
    TEST(a_manager_that_has_gone_is_no_fault);
    TEST(without_a_manager_nothing_is_told);
    TEST(an_address_that_cannot_be_used_is_named);
}
