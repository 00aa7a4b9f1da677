/* Restricts what the process may reach, by Landlock.
 *
 * Rights are given for directories, not for files: an editor and a log rotation put
 * another file in the place of the first, and REHASH and SIGUSR1 must find it. Only the
 * right to read the log is one to the file. The rules are never changed again. */
#define _GNU_SOURCE /* O_PATH, syscall, realpath */
#include "landlock.h"

#include "config/config.h"
#include "directory.h"
#include "includes.h"
#include "sandbox.h"
#include "sanitized.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef LANDLOCK_ACCESS_FS_REFER
#define LANDLOCK_ACCESS_FS_REFER (1ULL << 13) /* ABI 2 */
#endif
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14) /* ABI 3 */
#endif
/* Not in older headers: the kernel may be newer than the headers of the build. */
#define IOCTL_DEV (1ULL << 15)            /* version 5 */
#define NET_CONNECT_TCP (1ULL << 1)       /* version 4 */
#define SCOPE_ABSTRACT_SOCKET (1ULL << 0) /* version 6 */
#define SCOPE_SIGNAL (1ULL << 1)          /* version 6 */

#define READS (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define WRITES                                                                         \
    (LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_TRUNCATE |                     \
     LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_REMOVE_FILE)
#define SOCKETS (LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_REMOVE_FILE)
#define ON_A_FILE                                                                      \
    (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE |                    \
     LANDLOCK_ACCESS_FS_TRUNCATE)

/* struct landlock_ruleset_attr of version 6. An older kernel takes it if the fields
 * that it does not know are 0. */
struct ruleset {
    uint64_t fs, net, scoped;
};

/* The version of Landlock; 0: the kernel has none. */
static int
landlock_version(void)
{
    long version = syscall(SYS_landlock_create_ruleset, NULL, (size_t)0,
                           LANDLOCK_CREATE_RULESET_VERSION);
    return version > 0 ? (int)version : 0;
}

/* All rights to files that this version knows. */
static uint64_t
known_rights(int version)
{
    uint64_t rights = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1; /* all of version 1 */
    if (version >= 2)
        rights |= LANDLOCK_ACCESS_FS_REFER;
    if (version >= 3)
        rights |= LANDLOCK_ACCESS_FS_TRUNCATE;
    if (version >= 5)
        rights |= IOCTL_DEV;
    return rights;
}

/* All accesses that this version can refuse. No rule allows an access of net or
 * scoped. */
static struct ruleset
known_refusals(int version)
{
    struct ruleset all = {.fs = known_rights(version)};
    if (version >= 4)
        all.net = NET_CONNECT_TCP; /* REHASH may add a listener on any port */
    if (version >= 6)
        all.scoped = SCOPE_ABSTRACT_SOCKET | SCOPE_SIGNAL;
    return all;
}

/* Allows these rights below a directory, or on a file those of them that a file can
 * have. */
static bool
allow_path(int ruleset, const char *path, uint64_t rights)
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

/* Allows these rights in the directory of the file and, if the file is a link, in that
 * of its target. */
static bool
allow_beside(int ruleset, const char *file, uint64_t rights)
{
    char directory[SANDBOX_PATH];
    if (file == NULL || *file == '\0')
        return true;
    directory_of(file, directory, sizeof directory);
    bool ok = allow_path(ruleset, directory, rights);
    char *real = realpath(file, NULL);
    if (ok && real) {
        directory_of(real, directory, sizeof directory);
        ok = allow_path(ruleset, directory, rights);
    }
    free(real);
    return ok;
}

/* Allows to write in the directory of the log, and to read the log: its last byte shows
 * whether its last line is whole. */
static bool
allow_log(int ruleset, const char *file, uint64_t known)
{
    if (!allow_beside(ruleset, file, known & WRITES))
        return false;
    return *file == '\0' || access(file, F_OK) != 0 ||
           allow_path(ruleset, file, known & LANDLOCK_ACCESS_FS_READ_FILE);
}

/* Allows to read each certificate and key. A renewed one is often a link to another file
 * of the same directory. */
static bool
allow_certificates(int ruleset, const struct sandbox_plan *plan, uint64_t known)
{
    for (size_t i = 0; i < plan->n_tls; i++)
        if (!allow_beside(ruleset, plan->tls[i].certificate, known & READS) ||
            !allow_beside(ruleset, plan->tls[i].key, known & READS))
            return false;
    return true;
}

/* Allows to read the directories of includes and the files that were found: links may lead
 * elsewhere. A directory that does not exist cannot be allowed. */
static bool
allow_includes(int ruleset, const struct includes_found *found, uint64_t known)
{
    bool ok = true;
    for (size_t i = 0; ok && found && i < found->n_directories; i++)
        ok = access(found->directories[i], F_OK) != 0 ||
             allow_path(ruleset, found->directories[i], known & READS);
    for (size_t i = 0; ok && found && i < found->n; i++)
        ok = allow_beside(ruleset, found->files[i].path, known & READS);
    return ok;
}

/* Allows to make sockets in the directories of the unix sockets, and to remove them. */
static bool
allow_sockets(int ruleset, const struct config *config, uint64_t known)
{
    bool ok = true;
    for (size_t i = 0; ok && config && i < config->n_listen; i++)
        ok = allow_beside(ruleset, config->listen[i].path, known & SOCKETS);
    return ok;
}

/* Allows all directories of the plan. */
static bool
allow_plan(int ruleset, const struct sandbox_plan *plan, uint64_t known)
{
    return (*plan->data == '\0' ||
            allow_path(ruleset, plan->data, known & (READS | WRITES))) &&
           allow_beside(ruleset, plan->config, known & READS) &&
           allow_includes(ruleset, plan->includes, known) &&
           allow_beside(ruleset, plan->motd, known & READS) &&
           allow_certificates(ruleset, plan, known) &&
           allow_log(ruleset, plan->log, known) &&
           allow_beside(ruleset, plan->trace, known & WRITES) &&
           allow_beside(ruleset, plan->journal, known & WRITES) &&
           allow_beside(ruleset, plan->pid_file, known & WRITES) &&
           allow_sockets(ruleset, plan->listeners, known) &&
           allow_path(ruleset, "/dev/null", known & ON_A_FILE);
}

int
landlock_lock(const struct sandbox_plan *plan)
{
    int version = landlock_version();
    struct ruleset attr = known_refusals(version);
    if (version == 0)
        return 0;
    int ruleset =
        (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof attr, (uint32_t)0);
    if (ruleset < 0)
        return 0;
    bool ok = allow_plan(ruleset, plan, attr.fs);
    if (ok && SANITIZED)
        ok = allow_path(ruleset, "/proc", attr.fs & (READS | WRITES));
#ifdef SANDBOX_ALSO /* a coverage build writes its counters at the end */
    ok = ok && allow_path(ruleset, SANDBOX_ALSO, attr.fs & (READS | WRITES));
#endif
    ok = ok && syscall(SYS_landlock_restrict_self, ruleset, (uint32_t)0) == 0;
    close(ruleset);
    return ok ? version : 0;
}
