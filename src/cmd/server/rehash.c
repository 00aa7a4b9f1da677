/* What is told of a REHASH that was refused: to the log and to operators. */
#include "cmd/rehash.h"

#include "base/log.h"
#include "base/str.h"
#include "state/out.h"
#include "state/server.h"

#include <string.h>

const char *
rehash_by(const struct server *srv)
{
    return srv->rehash_by ? srv->rehash_by : "signal";
}

void
rehash_refused(struct server *srv, const char *err)
{
    char line[400], all[2000], count[16];
    struct str s;
    size_t faults = 0;
    str_init(&s, all, sizeof all);
    for (; *err; faults++) {
        size_t n = strcspn(err, "\n");
        str_format(line, sizeof line, "%.*s", (int)str_cut(err, n, sizeof line - 1),
                   err);
        out_opers_by(srv, srv->rehash_client, SNO_REHASH, 0, "", "",
                     "REHASH refused, nothing changed: %s", line);
        str_addf(&s, "%s%s", faults ? "; " : "", line);
        err += n + (err[n] == '\n');
    }
    str_format(count, sizeof count, "%zu", faults);
    log_event(srv->log, LOG_LEVEL_ERROR, "rehash-refused", "by", rehash_by(srv),
              "faults", count, "why", all, NULL);
}
