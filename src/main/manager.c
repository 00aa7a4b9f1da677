/* The service manager and the state of this server: what `systemctl status` shows. */
#include "manager.h"

#include "base/event.h"
#include "base/str.h"
#include "session/session.h"

void
manager_begin(struct serve *s)
{
    char err[ERR_TEXT];
    if (!notify_open(&s->notify, err, sizeof err))
        LOG_EVENT(&s->log, start_warning, .note = err);
}

/* "41 clients, saved". */
static void
write_status(const struct serve *s, char out[static NOTIFY_STATUS])
{
    size_t n = session_count(s->srv);
    bool kept = s->choice.store->durable;
    str_format(out, NOTIFY_STATUS, "%zu client%s, %s%s", n, n == 1 ? "" : "s",
               !kept        ? "in memory only"
               : s->unsaved ? "changes are not saved"
                            : "saved",
               s->refused ? "; the new configuration has faults and is not in force"
                          : "");
}

void
manager_ready(struct serve *s, bool applied)
{
    char status[NOTIFY_STATUS];
    s->refused = !applied;
    write_status(s, status);
    notify_ready(&s->notify, status);
}

void
manager_reloading(struct serve *s)
{
    notify_reloading(&s->notify);
}

void
manager_stopping(struct serve *s)
{
    notify_stopping(&s->notify, "saves and ends");
}

msec
manager_tick(void *serve, msec now)
{
    struct serve *s = serve;
    char status[NOTIFY_STATUS];
    if (s->notify.fd < 0)
        return MSEC_MINUTE;
    write_status(s, status);
    return notify_tick(&s->notify, now, status);
}
