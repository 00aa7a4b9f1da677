/* What is told of a REHASH that was refused: to the log and to operators. */
#include "cmd/rehash.h"

#include "base/log.h"
#include "base/str.h"
#include "state/out.h"
#include "state/server.h"
#include "state/tell.h"

#include <string.h>

const char *
rehash_by(const struct server *srv)
{
    return srv->rehash_by ? srv->rehash_by : "signal";
}

void
rehash_refused(struct server *srv, const char *err)
{
    char line[400], all[2000];
    struct str s;
    size_t faults = 0;
    str_init(&s, all, sizeof all);
    for (; *err; faults++) {
        size_t n = strcspn(err, "\n");
        str_format(line, sizeof line, "%.*s", (int)str_cut(err, n, sizeof line - 1),
                   err);
        TELL(srv, TELL_OTHERS(srv->rehash_client, 0), rehash_fault, .fault = line);
        str_addf(&s, "%s%s", faults ? "; " : "", line);
        err += n + (err[n] == '\n');
    }
    TELL(srv, TELL_ALL, rehash_refused, .by = rehash_by(srv), .faults = faults,
         .why = all);
}
