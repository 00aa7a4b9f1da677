/* Answers of HTTP on their way to the client. After each of these functions the
 * connection may be gone. */
#ifndef SRC_NET_WEB_ANSWER_H
#define SRC_NET_WEB_ANSWER_H

#include "base/str.h"
#include "proto/http.h"

struct loop;
struct web;
struct web_answer;

/* Answers the request at work, which is dropped, and ends the connection or goes on with
 * it as w->after says. Takes over a->text. Counts the request. */
void web_answer(struct loop *l, struct web *w, struct web_answer *a);

/* Answers with a refusal. One before its route is counted and logged as such. */
void web_refuse(struct loop *l, struct web *w, enum http_refusal refusal);

/* The same for a request with a whole head. If Host or Origin is wrong, the log has both,
 * unless log.redact hides what users write. */
void web_refuse_request(struct loop *l, struct web *w, enum http_refusal refusal,
                        const struct http_request *head);

/* Answers with 403 and this sentence: a ban covers the address. */
void web_refuse_banned(struct loop *l, struct web *w, const char *why);

/* Answers with 101; this is the whole answer. Then the connection is a WebSocket. */
void web_answer_upgrade(struct loop *l, struct web *w, const struct str *head);

/* Sends bytes that are no answer, and ends the connection. */
void web_say(struct loop *l, struct web *w, const char *text);

/* The socket takes bytes again: sends more of the answer. */
void web_send(struct loop *l, struct web *w);

/* The answer of a call that was put off. Takes over a->text. In a turn of the loop. */
void web_answered(struct web *w, struct web_answer *a);

#endif
