/* The head of an answer of HTTP, with the fields by which a browser keeps scripts and
 * frames of other servers away. No answer is written without them. */
#ifndef PROTO_HTTP_ANSWER_H
#define PROTO_HTTP_ANSWER_H

#include "base/msec.h"
#include "base/str.h"
#include "proto/http.h"

/* Room for the head of any answer whose own texts have 1024 bytes or less. */
#define HTTP_ANSWER_HEAD 2560

/* What the configuration says about all answers of a listener. */
struct http_policy {
    /* The sources of frame-ancestors: the pages that may show this server's pages in a
     * frame (web.embed, as http_answer_embed accepts it). NULL: none may. */
    const char *embed;
    /* Seconds for which a browser shall come by TLS only (Strict-Transport-Security);
     * 0: the field is not sent. */
    uint32_t sts;
};

enum http_after {
    HTTP_AFTER_CLOSE,  /* the connection ends behind the answer */
    HTTP_AFTER_KEEP,   /* a further request may follow */
    HTTP_AFTER_UPGRADE /* what follows is no HTTP; with 101 */
};

/* An answer. All texts are the server's own: none has a byte of a request or a CR or LF
 * inside of it. */
struct http_answer {
    unsigned status; /* one that http_status_words knows */
    enum http_after after;
    const char *type;   /* Content-Type; NULL: none */
    uint64_t length;    /* bytes of the body that GET gets, also for HEAD */
    const char *tag;    /* ETag with its quotes; NULL: none */
    const char *cache;  /* Cache-Control; NULL: no-store */
    const char *fields; /* further whole lines, each with CR LF; NULL: none */
    msec wall;          /* wall time, for Date */
};

/* Writes the head of the answer, its empty line included, behind what is in *out. It
 * does not depend on the method, so HEAD gets what GET gets. Content-Length is not sent
 * with 101 and 304. False: there was too little room. */
bool http_answer_head(struct str *out, const struct http_answer *a,
                      const struct http_policy *policy);

/* Whether the body follows the head of an answer with this status. */
bool http_answer_has_body(unsigned status, enum http_method method);

/* The status of a refusal, which is not HTTP_FINE, its further fields of the head ("": none)
 * and its sentence. */
unsigned http_refusal_status(enum http_refusal refusal);
const char *http_refusal_fields(enum http_refusal refusal);
const char *http_refusal_sentence(enum http_refusal refusal);

/* Writes the whole answer to a refused request behind what is in *out: the head, and
 * the sentence as a line of text (not for HEAD). `method` is HTTP_GET if it is not
 * known. `after` is HTTP_AFTER_CLOSE if http_parse or the body was refused, because it
 * is not known then where the next request begins. False: there was too little room
 * (HTTP_ANSWER_HEAD is enough). */
bool http_refusal_answer(struct str *out, enum http_refusal refusal,
                         enum http_method method, enum http_after after, msec wall,
                         const struct http_policy *policy);

/* The words behind a status (200: "OK"); NULL: no answer of this server has it. */
const char *http_status_words(unsigned status);

/* Whether a text of the configuration can be http_policy.embed: sources of
 * frame-ancestors, separated by single blanks, of letters, digits and characters of
 * :/.*-_[]' and at most 512 bytes. */
bool http_answer_embed(const char *text);

#endif
