/* The plan of the sandbox as paths, the same for all systems. A file that the server
 * uses after it entered the sandbox must be here. */
#define _XOPEN_SOURCE 700 /* realpath */
#include "sandbox_paths.h"

#include "config/config.h"
#include "directory.h"
#include "includes.h"
#include "sandbox.h"

#include <stdlib.h>
#include <unistd.h>

struct paths {
    sandbox_allow *allow;
    void *ctx;
};

/* Allows the access in the directory of the file and, if the file is a link, in that of
 * its target. */
static bool
allow_beside(const struct paths *p, const char *file, unsigned access)
{
    char directory[SANDBOX_PATH];
    if (file == NULL || *file == '\0')
        return true;
    directory_of(file, directory, sizeof directory);
    bool ok = p->allow(p->ctx, directory, access);
    char *real = realpath(file, NULL);
    if (ok && real) {
        directory_of(real, directory, sizeof directory);
        ok = p->allow(p->ctx, directory, access);
    }
    free(real);
    return ok;
}

/* Allows to write in the directory of the log, and to read the log: its last byte shows
 * whether its last line is whole. */
static bool
allow_log(const struct paths *p, const char *file)
{
    if (!allow_beside(p, file, SANDBOX_WRITE))
        return false;
    return *file == '\0' || access(file, F_OK) != 0 ||
           p->allow(p->ctx, file, SANDBOX_READ);
}

/* Allows to read the directories of includes and the files that were found: links may
 * lead elsewhere. A directory that does not exist cannot be allowed. */
static bool
allow_includes(const struct paths *p, const struct includes_found *found)
{
    bool ok = true;
    for (size_t i = 0; ok && found && i < found->n_directories; i++)
        ok = access(found->directories[i], F_OK) != 0 ||
             p->allow(p->ctx, found->directories[i], SANDBOX_READ);
    for (size_t i = 0; ok && found && i < found->n; i++)
        ok = allow_beside(p, found->files[i].path, SANDBOX_READ);
    return ok;
}

/* A renewed certificate is often a link to another file of the same directory. */
static bool
allow_certificates(const struct paths *p, const struct sandbox_plan *plan)
{
    for (size_t i = 0; i < plan->n_tls; i++)
        if (!allow_beside(p, plan->tls[i].certificate, SANDBOX_READ) ||
            !allow_beside(p, plan->tls[i].key, SANDBOX_READ))
            return false;
    return true;
}

static bool
allow_sockets(const struct paths *p, const struct config *config)
{
    bool ok = true;
    for (size_t i = 0; ok && config && i < config->n_listen; i++)
        ok = allow_beside(p, config->listen[i].path, SANDBOX_SOCKET);
    return ok;
}

bool
sandbox_paths(const struct sandbox_plan *plan, sandbox_allow *allow, void *ctx)
{
    const struct paths paths = {allow, ctx}, *p = &paths;
    return (*plan->data == '\0' ||
            allow(ctx, plan->data, SANDBOX_READ | SANDBOX_WRITE)) &&
           allow_beside(p, plan->config, SANDBOX_READ) &&
           allow_includes(p, plan->includes) &&
           allow_beside(p, plan->motd, SANDBOX_READ) && allow_certificates(p, plan) &&
           allow_log(p, plan->log) && allow_beside(p, plan->trace, SANDBOX_WRITE) &&
           allow_beside(p, plan->journal, SANDBOX_WRITE) &&
           allow_beside(p, plan->pid_file, SANDBOX_WRITE) &&
           allow_sockets(p, plan->listeners) &&
           (access("/dev/null", F_OK) != 0 ||
            allow(ctx, "/dev/null", SANDBOX_READ | SANDBOX_WRITE));
}
