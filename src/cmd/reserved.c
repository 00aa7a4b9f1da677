/* Names that are reserved.
 *
 * Only who wants a name is asked: whoever has it already keeps it. Attempts can be made
 * at will, so what the log and operators are told is bounded. */
#include "reserved.h"

#include "state/client.h"
#include "state/out.h"
#include "state/server.h"

bool
reserved_refuses(struct server *srv, const struct client *c, const char *name,
                 char why[RESERVED_WHY])
{
    char source[MASK_TEXT];
    const struct ban *ban = ban_reserves(srv, c, name);
    if (ban == NULL)
        return false;
    ban_why(ban, srv->wall, why, RESERVED_WHY);
    client_real_source(c, source, sizeof source);
    log_limited(srv->log, LOG_LEVEL_INFO, "reserved", "client", source, "wanted", name,
                "mask", ban->mask.text, NULL);
    if (out_opers_due(srv, SNO_FLOODS))
        out_opers(srv, SNO_FLOODS, "Refused %s to %s: reserved (%s) %s", name,
                  client_name(c), ban->mask.text, why);
    return true;
}
