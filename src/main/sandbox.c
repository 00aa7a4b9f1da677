/* The sandbox: what a hole in this server must not become a hole in the machine by.
 *
 * Four walls, each without the others' help: the user, no capabilities, files by
 * Landlock, system calls by seccomp. They are tables of what is allowed or refused and
 * are never opened again. Nothing here may fail silently: what could not be built is
 * said. */
#define _GNU_SOURCE /* O_PATH, CLONE_THREAD, syscall */
#include "sandbox.h"

#include "base/str.h"

#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <pwd.h>
#include <sched.h>
#include <seccomp.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The sanitizers look at the process from a helper of their own. */
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

#ifndef LANDLOCK_ACCESS_FS_REFER
#define LANDLOCK_ACCESS_FS_REFER (1ULL << 13) /* ABI 2 */
#endif
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14) /* ABI 3 */
#endif

#define READS (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define WRITES                                                                         \
    (LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_TRUNCATE |                     \
     LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_REMOVE_FILE)
#define ON_A_FILE                                                                      \
    (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE |                    \
     LANDLOCK_ACCESS_FS_TRUNCATE)

/* What a chat server never does once it serves. */
static const int refused_calls[] = {
#if !SANITIZED
    SCMP_SYS(ptrace),
    SCMP_SYS(fork),
    SCMP_SYS(vfork),
    SCMP_SYS(kill),
    SCMP_SYS(tkill),
#endif
    SCMP_SYS(rt_sigqueueinfo),
    SCMP_SYS(rt_tgsigqueueinfo),
    SCMP_SYS(pidfd_open),
    SCMP_SYS(pidfd_getfd),
    SCMP_SYS(pidfd_send_signal),
    SCMP_SYS(execve),
    SCMP_SYS(execveat),
    SCMP_SYS(socket),
    SCMP_SYS(socketpair),
    SCMP_SYS(connect),
    SCMP_SYS(bind),
    SCMP_SYS(process_vm_readv),
    SCMP_SYS(process_vm_writev),
    SCMP_SYS(kcmp),
    SCMP_SYS(mount),
    SCMP_SYS(umount2),
    SCMP_SYS(pivot_root),
    SCMP_SYS(chroot),
    SCMP_SYS(unshare),
    SCMP_SYS(setns),
    SCMP_SYS(open_tree),
    SCMP_SYS(move_mount),
    SCMP_SYS(fsopen),
    SCMP_SYS(fsconfig),
    SCMP_SYS(fsmount),
    SCMP_SYS(fspick),
    SCMP_SYS(mount_setattr),
    SCMP_SYS(open_by_handle_at),
    SCMP_SYS(chmod),
    SCMP_SYS(fchmodat),
    SCMP_SYS(chown),
    SCMP_SYS(lchown),
    SCMP_SYS(fchownat),
    SCMP_SYS(utime),
    SCMP_SYS(utimes),
    SCMP_SYS(futimesat),
    SCMP_SYS(utimensat),
    SCMP_SYS(setxattr),
    SCMP_SYS(lsetxattr),
    SCMP_SYS(removexattr),
    SCMP_SYS(lremovexattr),
    SCMP_SYS(setreuid),
    SCMP_SYS(setregid),
    SCMP_SYS(setfsuid),
    SCMP_SYS(setfsgid),
    SCMP_SYS(setuid),
    SCMP_SYS(setgid),
    SCMP_SYS(setresuid),
    SCMP_SYS(setresgid),
    SCMP_SYS(setgroups),
    SCMP_SYS(capset),
    SCMP_SYS(mknod),
    SCMP_SYS(mknodat),
    SCMP_SYS(symlink),
    SCMP_SYS(symlinkat),
    SCMP_SYS(bpf),
    SCMP_SYS(perf_event_open),
    SCMP_SYS(userfaultfd),
    SCMP_SYS(io_uring_setup),
    SCMP_SYS(io_uring_enter),
    SCMP_SYS(io_uring_register),
    SCMP_SYS(add_key),
    SCMP_SYS(request_key),
    SCMP_SYS(keyctl),
    SCMP_SYS(init_module),
    SCMP_SYS(finit_module),
    SCMP_SYS(delete_module),
    SCMP_SYS(kexec_load),
    SCMP_SYS(kexec_file_load),
    SCMP_SYS(reboot),
    SCMP_SYS(swapon),
    SCMP_SYS(swapoff),
    SCMP_SYS(acct),
    SCMP_SYS(quotactl),
    SCMP_SYS(settimeofday),
    SCMP_SYS(clock_settime),
    SCMP_SYS(adjtimex),
    SCMP_SYS(sethostname),
    SCMP_SYS(setdomainname),
    SCMP_SYS(syslog),
    SCMP_SYS(personality),
    SCMP_SYS(iopl),
    SCMP_SYS(ioperm),
    SCMP_SYS(modify_ldt),
};

/* A new thread is fine, a new process is not. What clone3 would do stands in memory,
 * where no filter can look: without it the C library takes clone. */
static bool
refuse_processes(scmp_filter_ctx filter)
{
    if (SANITIZED)
        return true;
    return seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
                            SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0)) == 0 &&
           seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) == 0;
}

static bool
refuse_calls(void)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    bool ok = filter != NULL;
    for (size_t i = 0; ok && i < sizeof refused_calls / sizeof *refused_calls; i++) {
        int call = refused_calls[i];
        ok = call < 0 || /* this architecture has no such call */
             seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), call, 0) == 0;
    }
    ok = ok && refuse_processes(filter) && seccomp_load(filter) == 0;
    if (filter)
        seccomp_release(filter);
    return ok;
}

/* 0: the kernel has none. */
static int
landlock_version(void)
{
    long version = syscall(SYS_landlock_create_ruleset, NULL, (size_t)0,
                           LANDLOCK_CREATE_RULESET_VERSION);
    return version > 0 ? (int)version : 0;
}

/* The rights that this version knows of. */
static uint64_t
known_rights(int version)
{
    uint64_t rights = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1; /* all of version 1 */
    if (version >= 2)
        rights |= LANDLOCK_ACCESS_FS_REFER;
    if (version >= 3)
        rights |= LANDLOCK_ACCESS_FS_TRUNCATE;
    return rights;
}

/* These rights below a directory, or on a file as far as they make sense for one. */
static bool
allow(int ruleset, const char *path, uint64_t rights)
{
    struct stat st;
    struct landlock_path_beneath_attr rule = {
        .allowed_access = rights, .parent_fd = open(path, O_PATH | O_CLOEXEC)};
    if (rule.parent_fd < 0)
        return false;
    if (fstat(rule.parent_fd, &st) == 0 && !S_ISDIR(st.st_mode))
        rule.allowed_access &= ON_A_FILE;
    long failed = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH,
                          &rule, (uint32_t)0);
    close(rule.parent_fd);
    return failed == 0;
}

static void
directory_of(const char *file, char *out, size_t size)
{
    const char *slash = strrchr(file, '/');
    str_format(out, size, "%.*s", slash ? (int)(slash - file) : 1, slash ? file : ".");
    if (out[0] == '\0')
        str_format(out, size, "/");
}

static bool
allow_beside(int ruleset, const char *file, uint64_t rights)
{
    char directory[4096];
    if (file == NULL || *file == '\0')
        return true;
    directory_of(file, directory, sizeof directory);
    return allow(ruleset, directory, rights);
}

/* 0: not there, or not to be had. */
static int
lock_files(const struct sandbox_plan *plan)
{
    int version = landlock_version();
    uint64_t known = known_rights(version);
    struct landlock_ruleset_attr attr = {.handled_access_fs = known};
    if (version == 0)
        return 0;
    int ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof attr, 0U);
    if (ruleset < 0)
        return 0;
    bool ok =
        (*plan->data == '\0' || allow(ruleset, plan->data, known & (READS | WRITES))) &&
        allow_beside(ruleset, plan->config, known & READS) &&
        allow_beside(ruleset, plan->motd, known & READS) &&
        allow_beside(ruleset, plan->log, known & WRITES) &&
        allow_beside(ruleset, plan->trace, known & WRITES) &&
        allow_beside(ruleset, plan->pid_file, known & WRITES) &&
        allow(ruleset, "/dev/null", known & ON_A_FILE);
    if (ok && SANITIZED)
        ok = allow(ruleset, "/proc", known & (READS | WRITES));
#ifdef SANDBOX_ALSO /* a coverage build writes its counters at the end */
    ok = ok && allow(ruleset, SANDBOX_ALSO, known & (READS | WRITES));
#endif
    ok = ok && syscall(SYS_landlock_restrict_self, ruleset, 0U) == 0;
    close(ruleset);
    return ok ? version : 0;
}

static bool
become(const struct passwd *user, char *err, size_t errlen)
{
    capng_clear(CAPNG_SELECT_BOTH);
    if (capng_change_id((int)user->pw_uid, (int)user->pw_gid,
                        CAPNG_DROP_SUPP_GRP | CAPNG_CLEAR_BOUNDING) == 0)
        return true;
    str_format(err, errlen, "cannot become process.user '%s' (start as root): %s",
               user->pw_name, strerror(errno));
    return false;
}

/* The user we are from now on may use what is needed later. */
static bool
may_use(const char *path, int how, const char *what, char *err, size_t errlen)
{
    if (path == NULL || *path == '\0' || access(path, how) == 0)
        return true;
    str_format(err, errlen, "%s: the user of this process (uid %u) may not %s: %s",
               path, (unsigned)getuid(), what, strerror(errno));
    return false;
}

static bool
may_use_all(const struct sandbox_plan *plan, char *err, size_t errlen)
{
    return may_use(plan->data, R_OK | W_OK | X_OK, "write there", err, errlen) &&
           may_use(plan->config, R_OK, "read it again (REHASH)", err, errlen) &&
           may_use(plan->motd, R_OK, "read it again (REHASH)", err, errlen) &&
           may_use(plan->log, W_OK, "write to it", err, errlen);
}

static bool
change_user(const struct sandbox_plan *plan, char *err, size_t errlen)
{
    if (*plan->user == '\0')
        return true;
    const struct passwd *user = getpwnam(plan->user);
    if (user == NULL) {
        str_format(err, errlen, "process.user: there is no user '%s'", plan->user);
        return false;
    }
    if (plan->made && chown(plan->data, user->pw_uid, user->pw_gid) != 0) {
        str_format(err, errlen, "%s: cannot give it to '%s': %s", plan->data,
                   plan->user, strerror(errno));
        return false;
    }
    if (user->pw_uid == geteuid())
        return true;
    return become(user, err, errlen) && may_use_all(plan, err, errlen);
}

bool
sandbox_enter(const struct sandbox_plan *plan, char *what, char *err, size_t errlen)
{
    struct str s;
    str_init(&s, what, SANDBOX_TEXT);
    if (!change_user(plan, err, errlen))
        return false;
    if (!plan->locked) {
        str_addf(&s, "off, uid %u", (unsigned)getuid());
        return true;
    }
    capng_clear(CAPNG_SELECT_BOTH);
    bool no_caps = capng_apply(CAPNG_SELECT_BOTH) == 0 || getuid() != 0;
    bool no_new = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
    int landlock = no_new ? lock_files(plan) : 0;
    bool seccomp = no_new && refuse_calls();
    if (landlock)
        str_addf(&s, "landlock %d", landlock);
    else
        str_add(&s, "no landlock");
    str_addf(&s, ", %sseccomp, %scapabilities, uid %u", seccomp ? "" : "no ",
             no_caps ? "no " : "", (unsigned)getuid());
    return true;
}
