/* What is told of a REHASH. */
#ifndef CMD_REHASH_H
#define CMD_REHASH_H

struct server;

/* Who had it done, for the log: an operator, or "signal". Borrowed for the call. */
const char *rehash_by(const struct server *srv);

/* The new configuration was refused: logs and tells operators with the right. err: one
 * fault a line. */
void rehash_refused(struct server *srv, const char *err);

#endif
