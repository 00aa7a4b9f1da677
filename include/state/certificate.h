/* The certificates that the server shows to its clients. The shell has them; the core
 * knows their facts, for STATS P and for notices before they end. */
#ifndef STATE_CERTIFICATE_H
#define STATE_CERTIFICATE_H

#include "base/msec.h"

#include <stdbool.h>
#include <stddef.h>

struct server;

struct certificate {
    const char *name;        /* of the server, for which it is shown */
    const char *fingerprint; /* SHA-256 in lower-case hex */
    msec until;              /* wall: its end */
    bool self_signed;        /* made by the server itself */
};

/* Replaces all certificates; the first one is for clients that ask for no known name.
 * Copies the texts. */
void certificate_set(struct server *srv, const struct certificate *all, size_t n);

/* All certificates, borrowed until certificate_set. *n: their number. */
const struct certificate *certificate_list(const struct server *srv, size_t *n);

#endif
