/* The list of system calls that a serving process makes.
 *
 * A call that is not in the list fails with ENOSYS, as on a kernel that lacks it: the C
 * library then takes an older call if there is one (clone for clone3), and the server
 * goes on. If a listed call could reach another process or machine, make an executable
 * file or make memory executable, its arguments are checked as well. Must never list a
 * call only because a filter on it is hard to write. */
#define _GNU_SOURCE /* CLONE_THREAD */
#include "syscalls.h"

#include "sanitized.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

/* IS: argument n is the value. BITS: the bits of argument n in the mask are the
 * value. */
#define IS(n, value) ((struct scmp_arg_cmp){(n), SCMP_CMP_EQ, (value), 0})
#define BITS(n, mask, value)                                                           \
    ((struct scmp_arg_cmp){(n), SCMP_CMP_MASKED_EQ, (mask), (value)})
#define ONE_ARG(cmp)                                                                   \
    1, (const struct scmp_arg_cmp[])                                                   \
    {                                                                                  \
        cmp                                                                            \
    }
#define TWO_ARGS(a, b)                                                                 \
    2, (const struct scmp_arg_cmp[])                                                   \
    {                                                                                  \
        a, b                                                                           \
    }
#define SPECIAL_BITS (S_ISUID | S_ISGID | S_ISVTX)
#define NEW_SPACES                                                                     \
    (CLONE_NEWNS | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC |        \
     CLONE_NEWUTS | CLONE_NEWCGROUP)

/* Calls that are allowed with any arguments. */
static const int allowed_calls[] = {
    /* files; Landlock restricts which */
    SCMP_SYS(read),
    SCMP_SYS(readv),
    SCMP_SYS(pread64),
    SCMP_SYS(write),
    SCMP_SYS(writev),
    SCMP_SYS(pwrite64),
    SCMP_SYS(lseek),
    SCMP_SYS(_llseek),
    SCMP_SYS(close),
    SCMP_SYS(stat),
    SCMP_SYS(stat64),
    SCMP_SYS(lstat),
    SCMP_SYS(lstat64),
    SCMP_SYS(fstat),
    SCMP_SYS(fstat64),
    SCMP_SYS(newfstatat),
    SCMP_SYS(fstatat64),
    SCMP_SYS(statx),
    SCMP_SYS(access),
    SCMP_SYS(faccessat),
    SCMP_SYS(faccessat2),
    SCMP_SYS(readlink),
    SCMP_SYS(readlinkat),
    SCMP_SYS(getcwd),
    SCMP_SYS(umask),
    SCMP_SYS(getdents64),
    SCMP_SYS(mkdir),
    SCMP_SYS(mkdirat),
    SCMP_SYS(rename),
    SCMP_SYS(renameat),
    SCMP_SYS(renameat2),
    SCMP_SYS(link), /* a damaged database file gets a second name */
    SCMP_SYS(linkat),
    SCMP_SYS(unlink),
    SCMP_SYS(unlinkat),
    SCMP_SYS(ftruncate),
    SCMP_SYS(ftruncate64),
    SCMP_SYS(fsync),
    SCMP_SYS(fdatasync),
    SCMP_SYS(msync),
    SCMP_SYS(flock),
    SCMP_SYS(dup),
    SCMP_SYS(dup2),
    SCMP_SYS(dup3),
    /* sockets; connect is not among these */
    SCMP_SYS(bind),
    SCMP_SYS(listen),
    SCMP_SYS(accept),
    SCMP_SYS(accept4),
    SCMP_SYS(shutdown),
    SCMP_SYS(recv),
    SCMP_SYS(recvfrom),
    SCMP_SYS(recvmsg),
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(ppoll_time64),
    SCMP_SYS(epoll_ctl),
    SCMP_SYS(epoll_wait),
    SCMP_SYS(epoll_pwait),
    SCMP_SYS(epoll_pwait2),
    /* memory and threads */
    SCMP_SYS(brk),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(futex),
    SCMP_SYS(futex_time64),
    SCMP_SYS(set_robust_list),
    SCMP_SYS(rseq),
    SCMP_SYS(sched_yield),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    /* signals to itself */
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(restart_syscall),
    /* time, random numbers, facts about the process and the machine */
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_gettime64),
    SCMP_SYS(clock_getres),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(clock_nanosleep_time64),
    SCMP_SYS(nanosleep),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(time),
    SCMP_SYS(getrandom),
    SCMP_SYS(getpid),
    SCMP_SYS(gettid),
    SCMP_SYS(getuid),
    SCMP_SYS(geteuid),
    SCMP_SYS(getgid),
    SCMP_SYS(getegid),
    SCMP_SYS(getrlimit),
    SCMP_SYS(sysinfo),
    SCMP_SYS(uname),
#if SANITIZED /* the sanitizers inspect the process from a helper */
    SCMP_SYS(getdents),
    SCMP_SYS(prctl),
    SCMP_SYS(ptrace),
    SCMP_SYS(clone),
    SCMP_SYS(clone3),
    SCMP_SYS(fork),
    SCMP_SYS(vfork),
    SCMP_SYS(wait4),
    SCMP_SYS(kill),
    SCMP_SYS(tkill),
    SCMP_SYS(tgkill),
    SCMP_SYS(getppid),
    SCMP_SYS(mmap),
    SCMP_SYS(mprotect),
    SCMP_SYS(prlimit64),
    SCMP_SYS(personality),
    SCMP_SYS(pipe),
    SCMP_SYS(pipe2),
#endif
};

static bool
allow_with(scmp_filter_ctx filter, int call, unsigned n,
           const struct scmp_arg_cmp *args)
{
    return call < 0 || /* this architecture has no such call */
           seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call, n, args) == 0;
}

/* Opening a file sets no special mode bit, so no file runs as its owner. Nor does
 * fchmod, which gdbm_recover calls. */
static bool
allow_files(scmp_filter_ctx filter)
{
    return allow_with(filter, SCMP_SYS(open), ONE_ARG(BITS(2, SPECIAL_BITS, 0))) &&
           allow_with(filter, SCMP_SYS(openat), ONE_ARG(BITS(3, SPECIAL_BITS, 0))) &&
           allow_with(filter, SCMP_SYS(fchmod), ONE_ARG(BITS(1, SPECIAL_BITS, 0))) &&
           allow_with(filter, SCMP_SYS(fchown), ONE_ARG(IS(1, getuid())));
}

/* Without MSG_FASTOPEN, by which a listening socket connects to any address, past
 * Landlock. */
static bool
allow_sending(scmp_filter_ctx filter)
{
    return allow_with(filter, SCMP_SYS(send), ONE_ARG(BITS(3, MSG_FASTOPEN, 0))) &&
           allow_with(filter, SCMP_SYS(sendto),
                      TWO_ARGS(BITS(3, MSG_FASTOPEN, 0), IS(4, 0))) &&
           allow_with(filter, SCMP_SYS(sendmsg), ONE_ARG(BITS(2, MSG_FASTOPEN, 0)));
}

/* Sockets of new listeners (REHASH), of streams only, the options that they get, and the
 * user of a client of the control socket. */
static bool
allow_listeners(scmp_filter_ctx filter)
{
    static const int families[] = {AF_INET, AF_INET6, AF_UNIX};
    static const int options[][2] = {{SOL_SOCKET, SO_REUSEADDR},
                                     {IPPROTO_TCP, TCP_NODELAY},
                                     {IPPROTO_TCP, TCP_NOTSENT_LOWAT},
                                     {IPPROTO_IPV6, IPV6_V6ONLY}};
    const scmp_datum_t kind =
        0xFFFFFFFF & ~(scmp_datum_t)(SOCK_NONBLOCK | SOCK_CLOEXEC);
    bool ok = true;
    for (size_t i = 0; ok && i < sizeof families / sizeof *families; i++)
        ok = allow_with(
            filter, SCMP_SYS(socket),
            TWO_ARGS(IS(0, (scmp_datum_t)families[i]), BITS(1, kind, SOCK_STREAM)));
    for (size_t i = 0; ok && i < sizeof options / sizeof *options; i++)
        ok = allow_with(filter, SCMP_SYS(setsockopt),
                        TWO_ARGS(IS(1, (scmp_datum_t)options[i][0]),
                                 IS(2, (scmp_datum_t)options[i][1])));
    return ok && allow_with(filter, SCMP_SYS(getsockopt),
                            TWO_ARGS(IS(1, SOL_SOCKET), IS(2, SO_PEERCRED)));
}

/* Without F_SETOWN, F_SETSIG and O_ASYNC, by which a descriptor sends any signal to any
 * process of the same user. */
static bool
allow_fcntl(scmp_filter_ctx filter, int call)
{
    static const int commands[] = {F_GETFD, F_SETFD, F_GETFL,
                                   F_GETLK, F_SETLK, F_SETLKW};
    bool ok = true;
    for (size_t i = 0; ok && i < sizeof commands / sizeof *commands; i++)
        ok = allow_with(filter, call, ONE_ARG(IS(1, (scmp_datum_t)commands[i])));
    return ok &&
           allow_with(filter, call, TWO_ARGS(IS(1, F_SETFL), BITS(2, O_ASYNC, 0)));
}

/* isatty uses TCGETS. TIOCSTI, which types into the operator's terminal, stays
 * refused. */
static bool
allow_descriptors(scmp_filter_ctx filter)
{
    return allow_with(filter, SCMP_SYS(ioctl), ONE_ARG(IS(1, TCGETS))) &&
           allow_fcntl(filter, SCMP_SYS(fcntl)) &&
           allow_fcntl(filter, SCMP_SYS(fcntl64));
}

static bool
allow_memory(scmp_filter_ctx filter)
{
    const struct scmp_arg_cmp data = BITS(2, PROT_EXEC, 0);
    return SANITIZED || (allow_with(filter, SCMP_SYS(mmap), ONE_ARG(data)) &&
                         allow_with(filter, SCMP_SYS(mmap2), ONE_ARG(data)) &&
                         allow_with(filter, SCMP_SYS(mprotect), ONE_ARG(data)));
}

/* Allows a new thread, a signal to this process (abort), and a look at its limits. */
static bool
allow_itself(scmp_filter_ctx filter)
{
    scmp_datum_t pid = (scmp_datum_t)getpid();
    return SANITIZED ||
           (allow_with(filter, SCMP_SYS(clone),
                       ONE_ARG(BITS(0, CLONE_THREAD | NEW_SPACES, CLONE_THREAD))) &&
            allow_with(filter, SCMP_SYS(tgkill), ONE_ARG(IS(0, pid))) &&
            allow_with(filter, SCMP_SYS(prlimit64), TWO_ARGS(IS(0, 0), IS(2, 0))));
}

/* The kernel logs refused calls if actions_logged has "errno", which is the default. A
 * library or kernel that cannot log restricts all the same. A call of another
 * architecture (x32, 32 bits) is refused in the same way; by default it would end one
 * thread and leave the others. */
static bool
set_attributes(scmp_filter_ctx filter)
{
    seccomp_attr_set(filter, SCMP_FLTATR_CTL_LOG, 1);
    return seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(ENOSYS)) ==
           0;
}

bool
syscalls_can_lock(void)
{
    return prctl(PR_GET_SECCOMP, 0, 0, 0, 0) >= 0;
}

bool
syscalls_lock(void)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
    bool ok = filter != NULL && set_attributes(filter);
    for (size_t i = 0; ok && i < sizeof allowed_calls / sizeof *allowed_calls; i++)
        ok = allow_with(filter, allowed_calls[i], 0, NULL);
    ok = ok && allow_files(filter) && allow_sending(filter) &&
         allow_listeners(filter) && allow_descriptors(filter) && allow_memory(filter) &&
         allow_itself(filter) && seccomp_load(filter) == 0;
    if (filter)
        seccomp_release(filter);
    return ok;
}
