/* Answers of HTTP on their way to the client. */
#ifndef SRC_NET_WEB_ANSWER_H
#define SRC_NET_WEB_ANSWER_H

struct web;
struct web_answer;

/* The answer of a call that was put off. Takes over a->text. In a turn of the
 * loop; w may be freed. */
void web_answered(struct web *w, struct web_answer *a);

#endif
