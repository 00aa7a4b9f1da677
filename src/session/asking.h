/* The shell as the rest of the core sees it: its answers are in the journal. */
#ifndef SRC_SESSION_ASKING_H
#define SRC_SESSION_ASKING_H

struct server;

/* From now on srv->shell is a row of the session's, which calls srv->outer. */
void asking_begin(struct server *srv);

#endif
