/* Checks what a start needs before anything is started: `ircd -t` must not report
 * success if the next start fails. A finding is a warning and not a fault of the
 * configuration, which may be meant for another machine. The kernel is asked about
 * files as the user that the server will become. */
#include "needs.h"

#include "args.h"
#include "base/str.h"
#include "certificates.h"
#include "config/config.h"
#include "config_file.h"
#include "directory.h"
#include "needs_listen.h"
#include "net/os.h"
#include "sandbox.h"
#include "sandbox_system.h"
#include "user.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define OWN_DESCRIPTORS 32 /* descriptors of the server itself, the store and the log */

struct needs {
    const struct args *args;
    const struct config *config;
    const struct config_file *loaded;
    char user[64]; /* name of the user that the server will be */
    uid_t uid;
    bool from_root; /* root starts the server, and makes files for the user */
    bool log_first; /* the server stays root, and opens the log before the sandbox */
    config_fault *fn, *fault;
    void *ctx;
    bool *failed; /* fault was called */
};

static void warn_need(const struct needs *n, const char *fmt, ...) ATTR_PRINTF(2, 3);

static void
warn_need(const struct needs *n, const char *fmt, ...)
{
    char text[3 * SANDBOX_PATH];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    n->fn(n->ctx, text);
}

static bool
may_access(const char *path, int how)
{
    return faccessat(AT_FDCWD, path, how, AT_EACCESS) == 0;
}

/* Whether a file exists, also a link that leads nowhere: root does not replace it. */
static bool
is_there(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0;
}

/* "log.file: the user ircd (uid 990) may not make /var/log/x; …" */
static void
warn_cure(const struct needs *n, const char *option, const char *what, const char *path,
          enum user_cure cure, const char *cured)
{
    char how[USER_CURE];
    user_cure(cure, n->user, cured, how);
    warn_need(n, "%s: the user %s (uid %u) may not %s %s; %s", option, n->user,
              (unsigned)n->uid, what, path, how);
}

/* Checks the directory of a file, in which the server makes files, and writes it to
 * `directory`. True if it exists and can be entered. */
static bool
check_directory_of(const struct needs *n, const char *option, const char *file,
                   char *directory)
{
    char cure[USER_CURE];
    struct stat st;
    directory_of(file, directory, SANDBOX_PATH);
    errno = 0;
    if (stat(directory, &st) == 0 && S_ISDIR(st.st_mode) && may_access(directory, X_OK))
        return true;
    if (errno == EACCES) {
        warn_cure(n, option, "reach", file, CURE_DIRECTORY, file);
        return false;
    }
    user_cure(CURE_DIRECTORY, n->user, directory, cure);
    warn_need(n, "%s: there is no directory %s; %s", option, directory, cure);
    return false;
}

/* Checks a file that the server writes; if it is missing, root makes it. True if the
 * server can write it. */
static bool
check_written(const struct needs *n, const char *option, const char *file,
              char *directory)
{
    if (!check_directory_of(n, option, file, directory))
        return false;
    if (is_there(file) ? may_access(file, W_OK)
                       : n->from_root || may_access(directory, W_OK | X_OK))
        return true;
    if (is_there(file))
        warn_cure(n, option, "write to", file, CURE_OWN, file);
    else
        warn_cure(n, option, "make", file, CURE_PLACE, directory);
    return false;
}

static void
check_log(const struct needs *n)
{
    char directory[SANDBOX_PATH], cure[USER_CURE];
    struct stat st;
    const char *file = n->config->log.file;
    if (*file == '\0' ||
        !(n->log_first ? check_directory_of : check_written)(n, "log.file", file,
                                                             directory) ||
        may_access(directory, W_OK | X_OK) ||
        (stat(file, &st) == 0 && !S_ISREG(st.st_mode)))
        return;
    user_cure(CURE_PLACE, n->user, directory, cure);
    warn_need(
        n,
        "log.file: the user %s may not make files in %s, so that SIGUSR1 opens a "
        "rotated log again only if logrotate makes the new file (create 0640 %s) or "
        "copies the old one (copytruncate); or %s",
        n->user, directory, n->user, cure);
}

/* The server makes its unix sockets at the start or at REHASH, and removes them. */
static void
check_sockets(const struct needs *n)
{
    char directory[SANDBOX_PATH], option[STR_SHOWN + 16];
    struct stat st;
    for (size_t i = 0; i < n->config->n_listen; i++) {
        const struct config_listen *l = &n->config->listen[i];
        if (l->path == NULL)
            continue;
        str_format(option, sizeof option, "listen \"%s\"", SHOWN(l->text));
        if (lstat(l->path, &st) == 0 && !S_ISSOCK(st.st_mode))
            warn_need(n,
                      "%s: another file has this path; move it away, or name another",
                      option);
        if (check_directory_of(n, option, l->path, directory) &&
            !may_access(directory, W_OK | X_OK))
            warn_cure(n, option, "make and remove sockets in", directory, CURE_PLACE,
                      directory);
    }
}

static void
check_pid_file(const struct needs *n)
{
    char directory[SANDBOX_PATH];
    if (n->args->pid_file)
        check_written(n, "--pid-file", n->args->pid_file, directory);
}

static void
check_recordings(const struct needs *n)
{
    char directory[SANDBOX_PATH];
    const char *const files[][2] = {{"log.trace", n->config->log.trace},
                                    {"log.journal", n->config->log.journal}};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (*files[i][1] &&
            check_directory_of(n, files[i][0], files[i][1], directory) &&
            !may_access(directory, W_OK | X_OK))
            warn_cure(n, files[i][0], "make files in", directory, CURE_PLACE,
                      directory);
}

static void
check_data(const struct needs *n)
{
    char directory[SANDBOX_PATH], file[USER_DATA_PATH];
    struct stat st;
    const char *path = n->config->database.path;
    char err[256];
    if (!directory_check_data(path, n->args->config, err, sizeof err))
        warn_need(n, "%s", err);
    if (*path == '\0')
        return;
    if (!is_there(path)) {
        if (check_directory_of(n, "database.path", path, directory) && !n->from_root &&
            !may_access(directory, W_OK | X_OK))
            warn_cure(n, "database.path", "make", path, CURE_DIRECTORY, path);
        return;
    }
    if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode))
        warn_need(n, "database.path: %s is no directory", path);
    else if (!may_access(path, R_OK | W_OK | X_OK))
        warn_cure(n, "database.path", "write in", path, CURE_OWN_ALL, path);
    else if (!user_may_use_data(path, file))
        warn_cure(n, "database.path", "write to", file, CURE_OWN_ALL, path);
}

static void
check_left_data(const struct needs *n)
{
    if (n->loaded->left_data)
        warn_need(n, "%s", n->loaded->left_data);
}

static void
check_texts(const struct needs *n)
{
    bool standard = config_file_is_standard(n->args->config);
    const char *files[] = {standard ? NULL : n->args->config, n->loaded->motd_file};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (files[i] && !may_access(files[i], R_OK))
            warn_cure(n, "REHASH", "read", files[i], CURE_READ, files[i]);
    for (size_t i = 0; i < n->loaded->includes.n; i++) {
        const char *file = n->loaded->includes.files[i].path;
        if (!may_access(file, R_OK))
            warn_cure(n, "REHASH", "read", file, CURE_READ, file);
    }
}

/* Warns of a secret that other users can read. The group of the server gets the file
 * before the others lose it, if it is neither in that group nor the server's. */
static void
warn_of_secret(const struct needs *n, const char *path, const struct stat *st)
{
    char group[2 * SANDBOX_PATH] = "";
    struct passwd *user = getpwuid(n->uid);
    struct group *own = user ? getgrgid(user->pw_gid) : NULL;
    if (st->st_uid != n->uid && own && st->st_gid != own->gr_gid)
        str_format(group, sizeof group, "chgrp %s %s && ", own->gr_name, path);
    warn_need(n,
              "every user of this machine may use the secret in %s, whose mode "
              "is %04o; %schmod 640 %s",
              path, (unsigned)st->st_mode & 07777u, group, path);
}

static void
warn_of_secrets(const struct needs *n)
{
    struct stat st;
    for (size_t i = 0; i < n->loaded->includes.n; i++) {
        const struct includes_file *file = &n->loaded->includes.files[i];
        if (file->secret && stat(file->path, &st) == 0 && (st.st_mode & S_IRWXO) != 0)
            warn_of_secret(n, file->path, &st);
    }
}

/* A pattern may name no file, but a directory that is missing is likely a mistake. */
static void
warn_of_includes(const struct needs *n)
{
    struct stat st;
    for (size_t i = 0; i < n->loaded->includes.n_directories; i++) {
        const char *at = n->loaded->includes.directories[i];
        if (stat(at, &st) != 0 || !S_ISDIR(st.st_mode))
            warn_need(n, "an include names no file, because %s is not a directory", at);
    }
}

static void
check_listeners(const struct needs *n)
{
    if (n->args->config)
        needs_listen_tell(n->config, n->fn, n->ctx);
}

/* limits.clients = 0 is as many clients as fit. */
static void
check_descriptors(const struct needs *n)
{
    struct rlimit limit;
    int clients = n->config->limits.clients;
    if (clients == 0 || getrlimit(RLIMIT_NOFILE, &limit) != 0 ||
        (rlim_t)clients + OWN_DESCRIPTORS <= limit.rlim_max)
        return;
    warn_need(
        n,
        "limits.clients = %d needs %d descriptors, and this process may have %llu; "
        "raise the limit (ulimit -n, LimitNOFILE=) or lower limits.clients",
        clients, clients + OWN_DESCRIPTORS, (unsigned long long)limit.rlim_max);
}

/* Warns of a file that root reads or writes in a directory that it shares with other
 * programs. */
static void
warn_shared(const struct needs *n, const char *option, const char *file,
            const char *verb)
{
    const char *at = directory_shared(file);
    if (at)
        warn_need(
            n,
            "%s is directly in %s, and the server stays root: the sandbox does not "
            "protect what root %s there%s; give the file a directory of its own, "
            "as in /etc/ircd/ircd.conf, and set process.user",
            option, at, verb, strcmp(at, "/etc") == 0 ? " (/etc/shadow)" : "");
}

static void
warn_shared_certificates(const struct needs *n)
{
    char option[320];
    for (size_t i = 0; i < n->config->n_tls; i++) {
        const struct config_tls *tls = &n->config->tls[i];
        str_format(option, sizeof option, "tls \"%s\" certificate", tls->name);
        warn_shared(n, option, tls->certificate, "reads");
        str_format(option, sizeof option, "tls \"%s\" key", tls->name);
        warn_shared(n, option, tls->key, "reads");
    }
}

static void
check_shared(const struct needs *n)
{
    const struct {
        const char *option, *file, *verb;
    } files[] = {{"the configuration",
                  config_file_is_standard(n->args->config) ? NULL : n->args->config,
                  "reads"},
                 {"server.motd", n->loaded->motd_file, "reads"},
                 {"log.file", n->config->log.file, "writes"},
                 {"log.trace", n->config->log.trace, "writes"},
                 {"log.journal", n->config->log.journal, "writes"},
                 {"--pid-file", n->args->pid_file, "writes"}};
    if (n->uid != 0 || !n->config->process.sandbox)
        return;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        warn_shared(n, files[i].option, files[i].file, files[i].verb);
    warn_shared_certificates(n);
}

static void
check_certificates(const struct needs *n)
{
    if (!certificates_check(n->args, n->config, n->fault, n->fn, n->ctx))
        *n->failed = true;
}

static void
check_contradictions(const struct needs *n)
{
    config_contradictions(n->config, n->fn, n->ctx);
    config_plaintext(n->config, n->fn, n->ctx);
    config_web_mistakes(n->config, n->fn, n->ctx);
}

static void
check_sandbox(const struct needs *n)
{
    char lacks[256];
    if (n->config->process.sandbox && sandbox_system_lacks(lacks, sizeof lacks))
        warn_need(n, "process.sandbox: %s", lacks);
}

static const struct {
    void (*check)(const struct needs *n);
    /* Asks the kernel as the server's user, else as the user that starts it. */
    bool files;
    bool started; /* also checked by a server that has started */
} checks[] = {
    {check_data, true, false},         {check_left_data, false, true},
    {check_log, true, true},           {check_recordings, true, false},
    {check_pid_file, true, false},     {check_sockets, true, false},
    {check_texts, true, false},        {check_certificates, true, false},
    {check_listeners, false, false},   {check_shared, false, true},
    {check_descriptors, false, false}, {check_contradictions, false, false},
    {warn_of_secrets, false, true},    {warn_of_includes, false, true},
    {check_sandbox, false, false},
};

static void
check_kind(const struct needs *n, bool files)
{
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++)
        if (checks[i].files == files)
            checks[i].check(n);
}

/* Checks files as the user that root will become, and then becomes root again. */
static void
check_files_as(const struct needs *n, gid_t group)
{
    gid_t groups[256];
    gid_t before = getegid();
    int count = getgroups(sizeof groups / sizeof *groups, groups);
    bool changed = count >= 0 && os_set_groups(1, &group) && setegid(group) == 0 &&
                   seteuid(n->uid) == 0;
    if (changed)
        check_kind(n, true);
    else
        warn_need(n, "process.user: cannot look at files as %s: %s", n->user,
                  strerror(errno));
    if (seteuid(0) != 0 || setegid(before) != 0 ||
        (count >= 0 && !os_set_groups((size_t)count, groups)))
        warn_need(n, "cannot become root again: %s", strerror(errno));
}

/* Checks files as root with what it has inside the sandbox: on Linux no capability. */
static void
check_files_bare(struct needs *n)
{
    n->log_first = *n->config->process.user == '\0';
    void *before = sandbox_system_drop_files();
    check_kind(n, true);
    if (!sandbox_system_regain_files(before))
        warn_need(n, "cannot become root again: %s", strerror(errno));
}

static void
name_self(struct needs *n)
{
    const struct passwd *self = getpwuid(geteuid());
    n->uid = geteuid();
    if (self)
        str_format(n->user, sizeof n->user, "%s", self->pw_name);
    else
        str_format(n->user, sizeof n->user, "uid-%u", (unsigned)n->uid);
}

/* Sets the user that the server will be in *n. True if root will become it. */
static bool
find_user(struct needs *n, gid_t *group)
{
    const char *name = n->config->process.user;
    name_self(n);
    if (*name == '\0')
        return false;
    const struct passwd *user = getpwnam(name);
    if (user == NULL)
        warn_need(n, "process.user: there is no user '%s'; useradd --system %s", name,
                  name);
    else if (geteuid() != 0 && user->pw_uid != geteuid())
        warn_need(
            n,
            "process.user: only root can become %s (uid %u), and this is %s (uid %u): "
            "start the server as root, or leave the option out",
            name, (unsigned)user->pw_uid, n->user, (unsigned)n->uid);
    if (user == NULL || geteuid() != 0 || user->pw_uid == 0)
        return false;
    str_format(n->user, sizeof n->user, "%s", name);
    n->uid = user->pw_uid;
    *group = user->pw_gid;
    return n->from_root = true;
}

bool
needs_tell(const struct args *args, const struct config_file *loaded,
           config_fault *warning, config_fault *fault, void *ctx)
{
    bool failed = false;
    struct needs n = {.args = args,
                      .config = loaded->config,
                      .loaded = loaded,
                      .fn = warning,
                      .fault = fault,
                      .ctx = ctx,
                      .failed = &failed};
    gid_t group = 0;
    if (find_user(&n, &group))
        check_files_as(&n, group);
    else if (n.uid == 0 && n.config->process.sandbox)
        check_files_bare(&n);
    else
        check_kind(&n, true);
    check_kind(&n, false);
    return !failed;
}

/* No name is looked up: the sandbox may keep the file of user names out of reach. */
void
needs_tell_started(const struct args *args, const struct config_file *loaded,
                   config_fault *fn, void *ctx)
{
    struct needs n = {.args = args,
                      .config = loaded->config,
                      .loaded = loaded,
                      .uid = geteuid(),
                      .fn = fn,
                      .ctx = ctx};
    if (*n.config->process.user)
        str_format(n.user, sizeof n.user, "%s", n.config->process.user);
    else
        str_format(n.user, sizeof n.user, "uid-%u", (unsigned)n.uid);
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++)
        if (checks[i].started)
            checks[i].check(&n);
}
