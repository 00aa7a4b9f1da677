/* Tries, inside the sandbox, acts that it must refuse and acts that it must allow.
 *
 * usage: sandbox_probe MODE DATA CONFIG FORBIDDEN SECRET
 * MODE is "locked", "landlock" (that wall alone) or "open": nothing is locked, which
 * shows that each attempt would succeed without the sandbox. DATA is the server's
 * directory, CONFIG its configuration, FORBIDDEN a file that exists elsewhere, SECRET
 * another one. After a line that says which walls hold comes a line for each attempt,
 * "name: refused" or "name: done". It must be run by its test only. */
#define _GNU_SOURCE /* for sandbox_acts.h: unshare, F_SETSIG, process_vm_readv */
#include "main/landlock.h"
#include "main/sandbox.h"
#include "sandbox_acts.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct {
    const char *name;
    bool (*try)(void);
} attempts[] = {
    {"makes a file in data", makes_a_file_in_data},
    {"renames and removes in data", renames_and_removes_in_data},
    {"starts a thread", starts_a_thread},
    {"reads its configuration", reads_its_configuration},
    {"signals itself", signals_itself},
    {"becomes nonblocking", becomes_nonblocking},
    {"sends", sends},
    {"sets a plain mode", sets_a_plain_mode},
    {"reads a secret", reads_a_secret},
    {"reads another file", reads_another_file},
    {"writes another file", writes_another_file},
    {"lists another directory", lists_another_directory},
    {"listens", listens},
    {"opens a datagram socket", opens_a_datagram_socket},
    {"opens a socket of the kernel", opens_a_socket_of_the_kernel},
    {"marks a socket", marks_a_socket},
    {"connects", connects},
    {"connects by sendto", connects_by_sendto},
    {"connects by sendmsg", connects_by_sendmsg},
    {"unshares", unshares},
    {"forks", forks},
    {"signals another", signals_another},
    {"signals another thread", signals_another_thread},
    {"owns for another", owns_for_another},
    {"owns for another by struct", owns_for_another_by_struct},
    {"chooses a signal", chooses_a_signal},
    {"becomes asynchronous", becomes_asynchronous},
    {"watches a directory by signal", watches_a_directory_by_signal},
    {"limits another", limits_another},
    {"limits itself", limits_itself},
    {"shares memory", shares_memory},
    {"makes a message queue", makes_a_message_queue},
    {"makes a semaphore", makes_a_semaphore},
    {"makes a file in memory", makes_a_file_in_memory},
    {"maps code", maps_code},
    {"turns data into code", turns_data_into_code},
    {"reads another memory", reads_another_memory},
    {"traces another", traces_another},
    {"watches files", watches_files},
    {"becomes dumpable", becomes_dumpable},
    {"makes a setuid file", makes_a_setuid_file},
    {"sets the setuid bit", sets_the_setuid_bit},
    {"changes modes", changes_modes},
    {"executes", executes},
    {"traces", traces},
    /* The kernel decides whether these succeed outside. */
    {"types into the terminal?", types_into_the_terminal},
#if defined(__x86_64__)
    {"calls as 32 bits?", calls_as_32_bits},
#endif
};

/* For this process, which has the only end of the pipe; inside it could not kill. */
static void
wait_for_the_end(const int alive[2])
{
    char end;
    for (int fd = 0; fd <= STDERR_FILENO; fd++)
        close(fd);
    close(alive[1]);
    while (read(alive[0], &end, 1) != 0)
        continue;
    _exit(0);
}

/* -1: no such socket. */
static int
make_listener(void)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in any = {.sin_family = AF_INET};
    any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(fd, (struct sockaddr *)&any, sizeof any) != 0 || listen(fd, 8) != 0)
        return -1;
    return fd;
}

static bool
make_spares(void)
{
    for (size_t i = 0; i < sizeof spare / sizeof *spare; i++) {
        spare[i] = make_listener();
        if (spare[i] < 0 || shutdown(spare[i], SHUT_RDWR) != 0)
            return false;
    }
    return true;
}

/* A session with a controlling terminal, a socket that listens, a process to harm. */
static bool
prepare(void)
{
    socklen_t size = sizeof listening;
    int listener = make_listener(), ends[2], alive[2];
    if (!make_spares() ||
        getsockname(listener, (struct sockaddr *)&listening, &size) != 0 ||
        socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
        return false;
    mine = ends[0];
    if (pipe(alive) != 0)
        return false;
    signal(SIGIO, SIG_IGN); /* asked for below */
    other = fork();
    if (other == 0)
        wait_for_the_end(alive);
    close(alive[0]);
    if (setsid() < 0)
        return false;
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0)
        return false;
    terminal = open(ptsname(master), O_RDWR);
    return other > 0 && terminal >= 0;
}

int
main(int argc, char **argv)
{
    char what[SANDBOX_TEXT] = "", err[512];
    if (argc != 6)
        return 2;
    if (getpid() == getsid(0)) /* a leader cannot begin a session */
        return 2;
    data = argv[2];
    config = argv[3];
    forbidden = argv[4];
    secret = argv[5];
    struct sandbox_plan plan = {.user = "",
                                .data = data,
                                .config = config,
                                .log = "",
                                .trace = "",
                                .core_dumps = strcmp(argv[1], "locked") != 0,
                                .locked = strcmp(argv[1], "locked") == 0};
    if (!prepare()) {
        perror("prepare");
        return 1;
    }
    if (!sandbox_enter(&plan, what, err, sizeof err)) {
        printf("%s\n", err);
        return 1;
    }
    if (strcmp(argv[1], "landlock") == 0) {
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        snprintf(what, sizeof what, "landlock %d", landlock_lock(&plan));
    }
    printf("%s\n", what);
    for (size_t i = 0; i < sizeof attempts / sizeof *attempts; i++)
        printf("%s: %s\n", attempts[i].name, attempts[i].try() ? "done" : "refused");
    return 0;
}
