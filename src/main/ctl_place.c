/* The server that `ircd ctl` and `ircd --health` mean: its configuration and its data
 * directory, in which the control socket is. A configuration that has got faults since
 * the start of the server is read as far as possible, because its administrator asks
 * then what is wrong. */
#include "ctl_place.h"

#include "args.h"
#include "base/str.h"
#include "config_file.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SYSTEM_CONFIG "/etc/ircd/ircd.conf"

/* Its directory may be closed to this user, and then it is there as well. */
const char *
ctl_place_system(void)
{
    return access(SYSTEM_CONFIG, F_OK) == 0 || errno == EACCES ? SYSTEM_CONFIG : NULL;
}

/* True if a server without -c runs in this directory, as this user. The directory "var"
 * alone says nothing: it is in "/" as well. A socket of another user must not get the
 * commands of an administrator. */
static bool
serves_here(void)
{
    struct stat st;
    return lstat("var/control", &st) == 0 && S_ISSOCK(st.st_mode) &&
           st.st_uid == geteuid();
}

bool
ctl_place_find(const struct args *args, struct ctl_place *out, char *err, size_t errlen)
{
    out->config = args->config;
    if (out->config == NULL && !serves_here())
        out->config = ctl_place_system();
    if (!config_file_find_data(out->config, out->data, sizeof out->data, &out->faulty,
                               err, errlen)) {
        if (out->config && access(out->config, R_OK) != 0 && errno == EACCES)
            str_format(err + strlen(err), errlen - strlen(err),
                       "; only root and the user of the server can use ctl (sudo)");
        return false;
    }
    if (*out->data == '\0') {
        str_format(err, errlen,
                   "the server of this configuration keeps no data (database.path), so "
                   "it has no control socket");
        return false;
    }
    return true;
}
