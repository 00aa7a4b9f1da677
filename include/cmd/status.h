/* The report of STATS s, which `ircd ctl status` and TABLE status show as well. */
#ifndef CMD_STATUS_H
#define CMD_STATUS_H

struct request;
struct server;

/* Calls fn for each fact. The keys are server, up, listener, clients, data, certificate
 * and wrong; listener, certificate and wrong may come more than once. The last facts are
 * the faults (wrong), or one: wrong, nothing. The texts are borrowed for the call. */
void status_each(const struct server *srv,
                 void (*fn)(void *ctx, const char *key, const char *value), void *ctx);

/* Sends them as lines "key: value". */
void status_report(const struct request *req, char letter);

#endif
