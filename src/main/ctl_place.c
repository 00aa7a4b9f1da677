/* The server that `ircd ctl` and `ircd --health` mean: its configuration and its data
 * directory, in which the control socket is. A configuration that has got faults since
 * the start of the server is read as far as possible, because its administrator asks
 * then what is wrong. */
#include "ctl_place.h"

#include "args.h"
#include "base/str.h"
#include "config_file.h"

#include <unistd.h>

#define SYSTEM_CONFIG "/etc/ircd/ircd.conf"

bool
ctl_place_find(const struct args *args, struct ctl_place *out, char *err, size_t errlen)
{
    out->config = args->config;
    if (out->config == NULL && access("var", F_OK) != 0 &&
        access(SYSTEM_CONFIG, F_OK) == 0)
        out->config = SYSTEM_CONFIG;
    if (!config_file_find_data(out->config, out->data, sizeof out->data, &out->faulty,
                               err, errlen))
        return false;
    if (*out->data == '\0') {
        str_format(err, errlen,
                   "the server of this configuration keeps no data (database.path), so "
                   "it has no control socket");
        return false;
    }
    return true;
}
