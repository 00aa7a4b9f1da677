/* Unix sockets that listen. */
#ifndef SRC_NET_LISTEN_UNIX_H
#define SRC_NET_LISTEN_UNIX_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* The file of a unix socket. */
struct unix_file {
    dev_t device;
    ino_t number; /* 0: none was made */
};

/* Makes a socket that listens at this path with this access mode, and returns it; -1
 * with the reason in err. A socket that is there already is replaced if no process listens
 * on it; any other file stays. As root, the file is given to the user of this name (""
 * or NULL: to none). *file is what was made. */
int listen_unix_bind(const char *path, int mode, const char *user,
                     struct unix_file *file, char *err, size_t errlen);

/* Changes the access mode of the file of the socket. False with errno; ENOENT if another
 * file, or none, is there meanwhile. */
bool listen_unix_set_mode(const char *path, const struct unix_file *file, int mode);

/* Removes the file of the socket, unless another one is there meanwhile. */
void listen_unix_remove(const char *path, const struct unix_file *file);

#endif
