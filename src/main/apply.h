/* What of a configuration the process itself applies: the log, the recording, how many
 * clients have room; and a configuration that is read again. */
#ifndef SRC_MAIN_APPLY_H
#define SRC_MAIN_APPLY_H

#include "serve_state.h"

#include <stddef.h>
#include <stdint.h>

/* Of s->config. */
void apply_log(struct serve *s);

/* What 0 clients means on this machine. Notes the number that the file has. */
void apply_room(struct serve *s, struct config *config);
/* Where fewer clients have room than that number: logs it. */
void apply_warn_of_room(struct serve *s);

/* What records what this configuration names, into *out: the one in use, a new one that
 * has not begun, or NULL. False with the reason. */
bool apply_open_trace(struct serve *s, const struct config *config,
                      struct recorder **out, char *err, size_t errlen);
/* From now on this one records (NULL: none); the one before is closed. */
void apply_use_trace(struct serve *s, struct recorder *recorder);

/* A config_fault with a struct str as ctx: the faults, one a line. */
void apply_collect_fault(void *ctx, const char *text);

/* Reads the configuration and hands it, or its faults, to the session. asked: the
 * number of the REHASH that it answers; 0: a signal's. */
void apply_again(struct serve *s, uint64_t asked);

#endif
