/* Waves (policy/wave.h): tells operators and writes the log when one begins and ends.
 */
#ifndef ENACT_WAVE_H
#define ENACT_WAVE_H

struct client;
struct server;

/* c, which is registered, sends this text in a message. */
void enact_wave_text(struct server *srv, const struct client *c, const char *text);

#endif
