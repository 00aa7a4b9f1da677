/* Restricts what the process may reach, by Landlock. The rules are never changed
 * again. */
#define _GNU_SOURCE /* O_PATH, syscall */
#include "landlock.h"

#include "sandbox_paths.h"
#include "sanitized.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
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

int
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

/* A set of rules, and the rights to files that it refuses otherwise. */
struct rules {
    int fd;
    uint64_t known;
};

/* Allows these rights below a directory, or on a file those of them that a file can
 * have. */
static bool
allow_rights(const struct rules *rules, const char *path, uint64_t rights)
{
    struct stat st;
    struct landlock_path_beneath_attr rule = {.allowed_access = rights & rules->known,
                                              .parent_fd =
                                                  open(path, O_PATH | O_CLOEXEC)};
    if (rule.parent_fd < 0)
        return false;
    if (fstat(rule.parent_fd, &st) == 0 && !S_ISDIR(st.st_mode))
        rule.allowed_access &= ON_A_FILE;
    long failed = syscall(SYS_landlock_add_rule, rules->fd, LANDLOCK_RULE_PATH_BENEATH,
                          &rule, (uint32_t)0);
    close(rule.parent_fd);
    return failed == 0;
}

static bool
allow_path(void *ctx, const char *path, unsigned access)
{
    return allow_rights(ctx, path,
                        (access & SANDBOX_READ ? READS : 0) |
                            (access & SANDBOX_WRITE ? WRITES : 0) |
                            (access & SANDBOX_SOCKET ? SOCKETS : 0));
}

int
landlock_lock(const struct sandbox_plan *plan)
{
    int version = landlock_version();
    struct ruleset attr = known_refusals(version);
    if (version == 0)
        return 0;
    struct rules rules = {.known = attr.fs};
    rules.fd =
        (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof attr, (uint32_t)0);
    if (rules.fd < 0)
        return 0;
    bool ok = sandbox_paths(plan, allow_path, &rules);
    if (ok && SANITIZED)
        ok = allow_rights(&rules, "/proc", READS | WRITES);
#ifdef SANDBOX_ALSO /* a coverage build writes its counters at the end */
    ok = ok && allow_rights(&rules, SANDBOX_ALSO, READS | WRITES);
#endif
    ok = ok && syscall(SYS_landlock_restrict_self, rules.fd, (uint32_t)0) == 0;
    close(rules.fd);
    return ok ? version : 0;
}
