/* The end of the server: changes under way are saved and answered, then clients are told
 * and have a moment to take their last lines. */
#include "shutdown.h"

#include "base/event.h"
#include "base/log.h"
#include "base/str.h"
#include "listen.h"
#include "loop_state.h"
#include "net/loop.h"
#include "net/worker.h"
#include "session/session.h"
#include "web_serve.h"

#define END_SAVE 1000  /* ms that the disk has for changes that a client waits for */
#define END_FLUSH 2500 /* ms that clients have to take their last lines */
#define END_OVER 3000  /* ms of the end after which the loop returns */

bool
shutdown_is_due(const struct loop *l)
{
    return l->ending && !l->told &&
           (l->now >= l->save_until || !session_awaits_store(l->srv));
}

void
shutdown_begin(struct loop *l)
{
    l->told = true;
    l->drain.unbounded = true;
    l->flush_until = l->now + END_FLUSH;
    l->over_at = l->now + END_OVER;
    ev_timer_stop(l->ev, &l->sweep); /* it restarts with a shorter interval */
    listen_close(l);
    web_end_all(l);
    worker_stop(l->worker);
    LOG_EVENT(l->log, end, .reason = l->reason);
    session_shutdown(l->srv, l->reason);
}

bool
shutdown_is_over(const struct loop *l)
{
    if (!l->told)
        return false;
    bool done = l->n_unsent == 0 && l->drain.count == 0 && !session_is_dirty(l->srv);
    return done || l->now >= l->over_at;
}

void
loop_end(struct loop *l, const char *reason)
{
    if (l->ending) {
        l->save_until = l->flush_until = l->over_at = l->now;
        return;
    }
    l->ending = true;
    l->save_until = l->now + END_SAVE;
    str_format(l->reason, sizeof l->reason, "%s", reason);
}
