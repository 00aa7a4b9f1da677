/* The acts that sandbox_probe.c tries; each returns whether it was done. */
#ifndef TESTS_SANDBOX_ACTS_H
#define TESTS_SANDBOX_ACTS_H

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *data, *config, *forbidden, *secret;
static pid_t other;  /* a process of the same user, the victim of attempts */
static int terminal; /* the controlling terminal */
static int mine;     /* a descriptor that may be told to send signals */
static int spare[2]; /* sockets that listened before, each for one attempt */
static struct sockaddr_in listening;
static char byte = 'x';

static bool
reads_its_configuration(void)
{
    return open(config, O_RDONLY) >= 0;
}

static bool
reads_a_secret(void)
{
    return open(secret, O_RDONLY) >= 0;
}

static bool
reads_another_file(void)
{
    return open(forbidden, O_RDONLY) >= 0;
}

static bool
writes_another_file(void)
{
    return open(forbidden, O_WRONLY | O_APPEND) >= 0;
}

static bool
lists_another_directory(void)
{
    return open("/", O_RDONLY | O_DIRECTORY) >= 0;
}

static bool
forks(void)
{
    pid_t child = fork();
    if (child == 0)
        _exit(0);
    return child > 0 && waitpid(child, NULL, 0) == child;
}

static bool
signals_another(void)
{
    return kill(other, 0) == 0;
}

static bool
signals_another_thread(void)
{
    return syscall(SYS_tgkill, other, other, 0) == 0;
}

static bool
signals_itself(void)
{
    return raise(SIGCONT) == 0;
}

static bool
owns_for_another(void)
{
    return fcntl(mine, F_SETOWN, other) == 0;
}

static bool
owns_for_another_by_struct(void)
{
    struct f_owner_ex owner = {.type = F_OWNER_PID, .pid = other};
    return fcntl(mine, F_SETOWN_EX, &owner) == 0;
}

static bool
chooses_a_signal(void)
{
    return fcntl(mine, F_SETSIG, SIGCONT) == 0;
}

static bool
becomes_asynchronous(void)
{
    return fcntl(mine, F_SETFL, O_ASYNC) == 0;
}

static bool
becomes_nonblocking(void)
{
    return fcntl(mine, F_SETFL, O_NONBLOCK) == 0;
}

static bool
watches_a_directory_by_signal(void)
{
    int fd = open(data, O_RDONLY | O_DIRECTORY);
    return fd >= 0 && fcntl(fd, F_NOTIFY, DN_CREATE) == 0;
}

static bool
limits_another(void)
{
    struct rlimit limit = {4096, 4096};
    return syscall(SYS_prlimit64, other, RLIMIT_STACK, NULL, &limit) == 0;
}

static bool
limits_itself(void)
{
    struct rlimit limit = {0, RLIM_INFINITY};
    return getrlimit(RLIMIT_CORE, &limit) == 0 && setrlimit(RLIMIT_CORE, &limit) == 0;
}

static bool
types_into_the_terminal(void)
{
    return ioctl(terminal, TIOCSTI, &byte) == 0;
}

static bool
shares_memory(void)
{
    int id = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);
    return id >= 0 && shmctl(id, IPC_RMID, NULL) == 0;
}

static bool
makes_a_message_queue(void)
{
    int id = msgget(IPC_PRIVATE, IPC_CREAT | 0600);
    return id >= 0 && msgctl(id, IPC_RMID, NULL) == 0;
}

static bool
makes_a_semaphore(void)
{
    int id = semget(IPC_PRIVATE, 1, IPC_CREAT | 0600);
    return id >= 0 && semctl(id, 0, IPC_RMID) == 0;
}

static bool
makes_a_file_in_memory(void)
{
    return syscall(SYS_memfd_create, "x", 0U) >= 0;
}

static bool
maps_code(void)
{
    return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                0) != MAP_FAILED;
}

static bool
turns_data_into_code(void)
{
    void *p =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return p != MAP_FAILED && mprotect(p, 4096, PROT_READ | PROT_EXEC) == 0;
}

static bool
reads_another_memory(void)
{
    char copy;
    struct iovec to = {&copy, 1}, from = {&byte, 1};
    return process_vm_readv(other, &to, 1, &from, 1, 0) == 1;
}

static bool
traces_another(void)
{
    return ptrace(PTRACE_ATTACH, other, NULL, NULL) == 0 &&
           waitpid(other, NULL, __WALL) == other &&
           ptrace(PTRACE_DETACH, other, NULL, NULL) == 0;
}

static bool
watches_files(void)
{
    return inotify_init() >= 0;
}

static bool
becomes_dumpable(void)
{
    return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == 0;
}

static bool
connects(void)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    return fd >= 0 && connect(fd, (struct sockaddr *)&listening, sizeof listening) == 0;
}

/* A listening socket connects when it sends (TCP Fast Open), without connect. */
static bool
connects_by_sendto(void)
{
    return sendto(spare[0], &byte, 1, MSG_FASTOPEN, (struct sockaddr *)&listening,
                  sizeof listening) == 1;
}

static bool
connects_by_sendmsg(void)
{
    struct iovec one = {&byte, 1};
    struct msghdr message = {.msg_name = &listening,
                             .msg_namelen = sizeof listening,
                             .msg_iov = &one,
                             .msg_iovlen = 1};
    return sendmsg(spare[1], &message, MSG_FASTOPEN) == 1;
}

static bool
sends(void)
{
    struct iovec two[] = {{&byte, 1}, {&byte, 1}};
    struct msghdr message = {.msg_iov = two, .msg_iovlen = 2};
    return send(mine, &byte, 1, MSG_NOSIGNAL | MSG_MORE) == 1 &&
           sendmsg(mine, &message, MSG_NOSIGNAL) == 2;
}

#if defined(__x86_64__)
/* getpid by its number for 32-bit programs, which a filter for 64 bits would not check.
 */
static bool
calls_as_32_bits(void)
{
    long got;
    __asm__ volatile("int $0x80"
                     : "=a"(got)
                     : "a"(20L)
                     : "memory", "r8", "r9", "r10", "r11");
    return got == getpid();
}
#endif

static bool
makes_a_setuid_file(void)
{
    char path[4096];
    struct stat st;
    snprintf(path, sizeof path, "%s/setuid", data);
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL, 04755);
    bool made = fd >= 0 && fstat(fd, &st) == 0 && (st.st_mode & S_ISUID);
    unlink(path);
    return made;
}

static bool
sets_the_setuid_bit(void)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/mode", data);
    int fd = open(path, O_RDWR | O_CREAT, 0600);
    return fd >= 0 && fchmod(fd, 04755) == 0;
}

static bool
sets_a_plain_mode(void)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/mode", data);
    int fd = open(path, O_RDWR | O_CREAT, 0600);
    return fd >= 0 && fchmod(fd, S_IFREG | 0640) == 0 &&
           fchown(fd, getuid(), getgid()) == 0;
}

static bool
changes_modes(void)
{
    return chmod(forbidden, 0644) == 0;
}

static void *
nothing(void *arg)
{
    return arg;
}

static bool
starts_a_thread(void)
{
    pthread_t thread;
    return pthread_create(&thread, NULL, nothing, NULL) == 0 &&
           pthread_join(thread, NULL) == 0;
}

/* Another program would end this one, so success is told by a program that cannot
 * start. */
static bool
executes(void)
{
    char *argv[] = {NULL};
    syscall(SYS_execve, "/dev/null/none", argv, argv);
    return errno == ENOTDIR;
}

/* As REHASH does for a new listener. */
static bool
listens(void)
{
    int on = 1;
    struct sockaddr_in any = {.sin_family = AF_INET};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    return fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
           bind(fd, (struct sockaddr *)&any, sizeof any) == 0 && listen(fd, 1) == 0;
}

static bool
opens_a_datagram_socket(void)
{
    return socket(AF_INET, SOCK_DGRAM, 0) >= 0;
}

static bool
opens_a_socket_of_the_kernel(void)
{
    return socket(AF_NETLINK, SOCK_RAW, 0) >= 0;
}

static bool
marks_a_socket(void)
{
    int on = 1;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    return setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on) == 0;
}

static bool
traces(void)
{
    return ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0;
}

static bool
unshares(void)
{
    return unshare(CLONE_FILES) == 0;
}

static bool
makes_a_file_in_data(void)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/probe", data);
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    return fd >= 0 && write(fd, "x", 1) == 1 && fsync(fd) == 0 && close(fd) == 0;
}

static bool
renames_and_removes_in_data(void)
{
    char from[4096], to[4096];
    snprintf(from, sizeof from, "%s/probe", data);
    snprintf(to, sizeof to, "%s/probe2", data);
    return rename(from, to) == 0 && link(to, from) == 0 && unlink(to) == 0 &&
           unlink(from) == 0;
}

#endif
