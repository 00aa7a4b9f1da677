/* The certificates of the configuration: loaded for the loop, at the start and at
 * REHASH. */
#ifndef SRC_MAIN_CERTIFICATES_H
#define SRC_MAIN_CERTIFICATES_H

#include "config/config.h"

#include <stdbool.h>
#include <stdint.h>

struct args;
struct serve;
struct tls;

/* Loads the certificates of a configuration and logs their warnings. The self-signed one
 * is that of s->config, the configuration in force. NULL after at least one call of
 * fault. */
struct tls *certificates_load(struct serve *s, const struct config *config,
                              config_fault *fault, void *ctx);

/* Checks the certificates of a configuration and makes none. False after at least one
 * call of fault. */
bool certificates_check(const struct args *args, const struct config *config,
                        config_fault *fault, config_fault *warning, void *ctx);

/* Puts loaded certificates into force and logs those that clients can get. s->config is
 * the configuration from which they were loaded. Takes over the reference. */
void certificates_use(struct serve *s, struct tls *tls);

/* Tells the session which certificates clients can get with s->config. asked: the number of the REHASH TLS
 * that it answers; 0: none. */
void certificates_tell(struct serve *s, uint64_t asked);

#endif
