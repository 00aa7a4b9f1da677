/* Applies the options of a configuration that concern the process itself (the log, the
 * recording, the number of clients), and reads the configuration again. */
#ifndef SRC_MAIN_APPLY_H
#define SRC_MAIN_APPLY_H

#include "serve_state.h"

#include <stddef.h>
#include <stdint.h>

/* Sets the level, the format and the redaction of the log from s->config. */
void apply_log(struct serve *s);

/* Keeps limits.clients of the file in s->clients, and replaces 0 in config by the
 * number of clients that the descriptor limit allows. */
void apply_room(struct serve *s, struct config *config);
/* Logs that the descriptor limit allows fewer clients than s->clients, if it does. */
void apply_warn_of_room(struct serve *s);

/* Finds the recorder for log.trace of this configuration: *out is the one in use, a new
 * one that has not begun, or NULL. False with the reason. */
bool apply_open_trace(struct serve *s, const struct config *config,
                      struct recorder **out, char *err, size_t errlen);
/* Makes this the recorder in use (NULL: none) and closes the one before. */
void apply_use_trace(struct serve *s, struct recorder *recorder);

/* A config_fault that adds the fault as a line to its ctx, a struct str. */
void apply_collect_fault(void *ctx, const char *text);

/* Reads the configuration again and passes it, or its faults, to the session. asked:
 * the number of the REHASH that it answers; 0: a signal. */
void apply_again(struct serve *s, uint64_t asked);

/* Reads only the certificates again, of the configuration in force. asked: the number of
 * the REHASH TLS that it answers. */
void apply_certificates(struct serve *s, uint64_t asked);

#endif
