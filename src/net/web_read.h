/* Requests of HTTP, from the bytes of a connection to their answer. */
#ifndef SRC_NET_WEB_READ_H
#define SRC_NET_WEB_READ_H

struct loop;
struct web;

/* Reads what has come. A whole request is answered, or its call is begun. w, which
 * is in the phase WEB_READING, may be freed. */
void web_read(struct loop *l, struct web *w);

/* Reads while the call of w waits for its answer (WEB_CALLING). A caller that has left, or
 * that sends no more (a FIN tells no difference), ends its call and its connection: w is
 * freed. Bytes behind its request are dropped, and its answer is the last one. */
void web_read_calling(struct loop *l, struct web *w);

#endif
