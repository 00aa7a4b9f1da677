/* What the server says on standard error of its start and its end: one sentence for each
 * fault, with what to do about it. */
#include "report.h"

#include "base/str.h"
#include "config/config.h"
#include "cure.h"
#include "net/logfile.h"

#include <stdio.h>
#include <string.h>

void
report_failure(struct serve *s, enum event event, const char *err)
{
    fprintf(stderr, "ircd: %s\n", err);
    if (s->restart.detached || logfile_is_file(s->logfile))
        LOG_EVENT_LIKE(&s->log, event, restart_failed, .why = err);
}

void
report_start(struct serve *s, const char *err)
{
    char line[ERR_TEXT];
    for (const char *at = err; *at; at += strcspn(at, "\n"), at += *at == '\n') {
        str_format(line, sizeof line, "%.*s", (int)strcspn(at, "\n"), at);
        s->misconfigured |= cure_is_needed(line);
        cure_add(line, sizeof line);
        report_failure(s, EVENT_start_failed, line);
    }
}

void
report_log(const struct serve *s)
{
    char err[ERR_TEXT];
    if (!logfile_is_losing(s->logfile, err, sizeof err))
        return;
    cure_add(err, sizeof err);
    fprintf(stderr, "ircd: lines of the log are lost: %s\n", err);
}

void
report_end(const struct serve *s, bool saved)
{
    if (!saved && logfile_is_file(s->logfile))
        fprintf(stderr,
                "ircd: the last changes could not be saved in %s and are lost\n",
                s->choice.where);
    report_log(s);
}
