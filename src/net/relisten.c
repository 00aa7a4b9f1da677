/* The change of the listeners to those of another configuration.
 *
 * All new sockets are made first; only if that worked are the old ones closed, so a
 * fault leaves the server as it was. A listener of which only settings change hands its
 * socket to a new one: no connection that waits in the kernel is lost, and the
 * connections that it has accepted keep theirs. An old socket that blocks a
 * new one, as 127.0.0.1:6667 blocks 0.0.0.0:6667, does not listen meanwhile, but stays
 * bound: the sandbox might not let the server bind it again. */
#include "relisten.h"

#include "base/event.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "config/config.h"
#include "loop_state.h"
#include "web_serve.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct listener *
match_listener(const struct listeners *ls, const struct listener *like,
               bool (*matches)(const struct listener *a, const struct listener *b))
{
    for (size_t i = 0; i < ls->n; i++)
        if (ls->all[i]->io.fd >= 0 && matches(ls->all[i], like))
            return ls->all[i];
    return NULL;
}

static bool
is_wanted(struct loop *l, const struct config *config, const struct listener *old)
{
    bool wanted = false;
    for (size_t i = 0; i < config->n_listen && !wanted; i++) {
        struct listener *at = listener_new(l, &config->listen[i]);
        wanted = listener_has_socket_of(at, old);
        listener_free(at);
    }
    return wanted;
}

/* Halts the old listeners of the same port that the configuration lacks. False: there is
 * none. */
static bool
halt_rivals(struct loop *l, const struct config *config, const struct listener *at)
{
    bool any = false;
    for (size_t i = 0; at->path == NULL && i < l->listeners.n; i++) {
        struct listener *old = l->listeners.all[i];
        if (old->io.fd < 0 || old->path || old->halted || old->port != at->port ||
            is_wanted(l, config, old))
            continue;
        any |= listen_halt(old);
    }
    return any;
}

/* Keeps errno. */
static bool
open_listener(struct listener *at, const char *user, char *err, size_t errlen)
{
    if (!listener_bind(at, user, err, errlen))
        return false;
    if (listen_ready(at, err, errlen))
        return true;
    int error = errno;
    listener_close(at);
    errno = error;
    return false;
}

/* Gives a new listener its socket, or notes which one it takes over. */
static bool
prepare_listener(struct loop *l, struct listener *at, const struct config *config,
                 char *err, size_t errlen)
{
    const char *user = config->process.user;
    at->before = match_listener(&l->listeners, at, listener_has_socket_of);
    if (at->before == NULL)
        return open_listener(at, user, err, errlen) ||
               (errno == EADDRINUSE && halt_rivals(l, config, at) &&
                open_listener(at, user, err, errlen));
    if (at->mode == at->before->mode ||
        listen_unix_set_mode(at->path, &at->before->file, at->mode))
        return true;
    str_format(err, errlen, "cannot change the mode of %s: %s; a restart can", at->text,
               strerror(errno));
    return false;
}

static void
add_next(struct listeners *ls, struct listener *at)
{
    ls->next = xrealloc(ls->next, (ls->n_next + 1) * sizeof(struct listener *));
    ls->next[ls->n_next++] = at;
}

bool
relisten_begin(struct loop *l, const struct config *config, bool lenient, char *err,
               size_t errlen)
{
    struct listeners *ls = &l->listeners;
    for (size_t i = 0; i < config->n_listen; i++) {
        struct listener *at = listener_new(l, &config->listen[i]);
        struct listener *same = match_listener(ls, at, listener_is_same);
        if (same == NULL && prepare_listener(l, at, config, err, errlen)) {
            add_next(ls, at);
            continue;
        }
        bool skipped =
            same == NULL && lenient && listener_is_missing_address(at, errno);
        listener_free(at);
        if (same)
            add_next(ls, same);
        else if (!skipped) {
            relisten_end(l, false);
            return false;
        }
    }
    return true;
}

static bool
has_listener(struct listener *const *list, size_t n, const struct listener *at)
{
    for (size_t i = 0; i < n; i++)
        if (list[i] == at)
            return true;
    return false;
}

static bool
is_in_use(const struct listeners *ls, const struct listener *at)
{
    return has_listener(ls->all, ls->n, at);
}

static bool
stays_in_use(const struct listeners *ls, const struct listener *at)
{
    return has_listener(ls->next, ls->n_next, at);
}

static void
take_over_socket(struct listener *at)
{
    at->io.fd = at->before->io.fd;
    at->file = at->before->file;
    at->passed = at->before->passed;
    at->before->io.fd = -1;
    at->before = NULL;
    listen_watch(at);
}

/* Connections that wait for their header stay with a listener that has handed over its
 * socket. */
static void
retire_listener(struct loop *l, struct listener *at)
{
    struct listeners *ls = &l->listeners;
    if (at->io.fd >= 0)
        arrival_close(l, at);
    web_retire(l, at);
    listener_close(at);
    ls->retired =
        xrealloc(ls->retired, (ls->n_retired + 1) * sizeof(struct listener *));
    ls->retired[ls->n_retired++] = at;
}

static void
log_listeners(struct loop *l)
{
    char listeners[512];
    listen_addresses(l, listeners, sizeof listeners);
    LOG_EVENT(l->log, listeners, .listen = listeners);
}

static void
apply_next(struct loop *l)
{
    struct listeners *ls = &l->listeners;
    bool paused = ev_is_active(&ls->resume), changed = false;
    for (size_t i = 0; i < ls->n; i++)
        if (!stays_in_use(ls, ls->all[i]))
            ev_io_stop(l->ev, &ls->all[i]->io);
    for (size_t i = 0; i < ls->n_next; i++) {
        struct listener *at = ls->next[i];
        changed |= !is_in_use(ls, at);
        if (at->before)
            take_over_socket(at);
        if (!paused)
            ev_io_start(l->ev, &at->io);
    }
    for (size_t i = 0; i < ls->n; i++)
        if (!stays_in_use(ls, ls->all[i])) {
            retire_listener(l, ls->all[i]);
            changed = true;
        }
    free(ls->all);
    ls->all = ls->next;
    ls->n = ls->n_next;
    if (changed)
        log_listeners(l);
}

/* The directory belongs to the server, so what worked before works again. */
static void
restore_mode(const struct listener *at)
{
    if (!listen_unix_set_mode(at->path, &at->file, at->mode))
        LOG_EVENT(at->loop->log, listen_lost, .why = strerror(errno));
}

/* Takes back all changes of relisten_begin. */
static void
drop_next(struct loop *l)
{
    struct listeners *ls = &l->listeners;
    char why[200];
    for (size_t i = 0; i < ls->n_next; i++) {
        struct listener *at = ls->next[i];
        if (is_in_use(ls, at))
            continue;
        if (at->before && at->mode != at->before->mode)
            restore_mode(at->before);
        listener_free(at);
    }
    free(ls->next);
    for (size_t i = 0; i < ls->n; i++)
        if (ls->all[i]->halted && !listen_again(ls->all[i], why, sizeof why))
            LOG_EVENT(l->log, listen_lost, .why = why);
}

void
relisten_end(struct loop *l, bool apply)
{
    struct listeners *ls = &l->listeners;
    if (apply)
        apply_next(l);
    else
        drop_next(l);
    ls->next = NULL;
    ls->n_next = 0;
}
