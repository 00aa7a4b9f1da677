/* The last steps before a server serves: its control socket, and the sandbox with what
 * the configuration and the command line name. */
#include "confine.h"

#include "args.h"
#include "base/str.h"
#include "config/config.h"
#include "config_file.h"
#include "net/loop.h"
#include "sandbox.h"
#include "serve_state.h"
#include "store/store_gdbm.h"

/* A server without a control socket serves as well; the start says so. */
static void
open_control(struct serve *s)
{
    char err[sizeof s->uncontrolled];
    if (!loop_control(s->loop, s->config->database.path, s->config->process.user, err,
                      sizeof err))
        str_format(s->uncontrolled, sizeof s->uncontrolled, "%s", err);
}

bool
confine_server(struct serve *s, const struct config_file *loaded, char *err,
               size_t errlen)
{
    const struct config *config = s->config;
    struct sandbox_plan plan = {
        .user = config->process.user,
        .data = config->database.path,
        .config = config_file_is_standard(s->args->config) ? NULL : s->args->config,
        .includes = &loaded->includes,
        .motd = loaded->motd_file,
        .tls = config->tls,
        .n_tls = config->n_tls,
        .log = config->log.file,
        .journal = config->log.journal,
        .trace = config->log.trace,
        .pid_file = s->args->pid_file,
        .listeners = config,
        .core_dumps = config->process.core_dumps,
        .locked = config->process.sandbox};
    if (*plan.data && !store_gdbm_make_directory(plan.data, &plan.made, err, errlen))
        return false;
    if (*plan.data)
        open_control(s);
    bool entered = sandbox_enter(&plan, s->sandbox, err, errlen);
    s->locked = plan.locked;
    s->hides_files = plan.hides_files;
    s->has_pid_file = plan.made_pid_file;
    return entered;
}
