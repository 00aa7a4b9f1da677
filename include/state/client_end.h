/* Ending a client: each end has a cause. */
#ifndef STATE_CLIENT_END_H
#define STATE_CLIENT_END_H

struct client;
struct server;

/* END_QUIT, END_PING_TIMEOUT, ...: the rows of ends.def. */
enum end_cause {
#define END(NAME, word, LOGGED, text, when) END_##NAME,
#include "state/ends.def"
#undef END
    END_CAUSES
};

/* All texts are borrowed. */
struct end {
    enum end_cause cause;
    const char *why;  /* the reason that all clients read; NULL: the row's text */
    const char *by;   /* oper block of the operator that ended it; NULL: none */
    const char *mask; /* the ban that ended it; NULL: none */
};

/* Marks c to be ended, adds it to srv->doomed and logs the event `exit`. Nothing else
 * happens yet, so any walk may call it. Only the first call for a client has an effect.
 * `why` must not be NULL if the row of the cause has no text. */
void client_end(struct server *srv, struct client *c, const struct end *end);

/* The same for an end without operator and ban. */
void client_kill(struct server *srv, struct client *c, enum end_cause cause,
                 const char *why);

/* "ping-timeout", ...: the value of the log key `cause`. */
const char *end_cause_word(enum end_cause cause);

/* The text of the row; NULL: the caller of client_end makes it. */
const char *end_text(enum end_cause cause);

#endif
