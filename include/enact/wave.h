/* Waves (policy/wave.h), told to operators and logged, once when they are seen and once
 * when they end. */
#ifndef ENACT_WAVE_H
#define ENACT_WAVE_H

struct client;
struct server;

/* c, which is registered, says text in a message. */
void enact_wave_text(struct server *srv, const struct client *c, const char *text);

#endif
