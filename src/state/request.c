/* Replies to requests, and requests with an answer that comes later. */
#include "state/request.h"

#include "base/attr.h"
#include "state/client.h"
#include "state/label.h"
#include "state/out.h"
#include "state/server.h"

#include <assert.h>
#include <stdarg.h>

void
reply_numeric(const struct request *req, int number, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    out_numeric_args(req->srv, req->client, req, number, fmt, args);
    va_end(args);
}

void
reply_notice(const struct request *req, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    out_notice_args(req->srv, req->client, req, fmt, args);
    va_end(args);
}

void
reply_standard(const struct request *req, const char *type, const char *command,
               const char *code, const char *context, const char *fmt, ...)
{
    const struct standard_code words = {type, command, code, context};
    va_list args;
    va_start(args, fmt);
    out_standard_args(req->srv, req->client, req, &words, fmt, args);
    va_end(args);
}

void
request_batch_begin(struct request *req, const char *type)
{
    if (!(req->client->out.caps & CAP_BATCH))
        return;
    origin_reference_next(req->srv, req->batch);
    out_batch(req->srv, req->client, req->batch, type);
}

void
request_batch_end(struct request *req)
{
    if (*req->batch)
        out_batch(req->srv, req->client, req->batch, NULL);
    *req->batch = '\0';
}

static void
request_drop_label(struct request *req)
{
    label_free(req->label);
    req->label = NULL;
}

ATTR_HOT void
request_begin(struct request *req)
{
    req->outer = req->srv->at_work;
    req->srv->at_work = req;
}

void
request_pause(struct request *req)
{
    assert(req->srv->at_work == req);
    req->srv->at_work = req->outer;
    req->outer = NULL;
}

ATTR_HOT void
request_end(struct request *req)
{
    struct request *outer = req->outer;
    request_pause(req);
    if (req->label) {
        label_close(req->srv, req->client, req->label);
        request_drop_label(req);
    }
    /* A client that was ended meanwhile gets no answer. */
    if (outer && outer->client->out.flags & CLIENT_ENDING)
        request_drop_label(outer);
}

void
request_defer(struct request *later, struct server *srv, struct client *c)
{
    struct request *now = srv->at_work;
    *later = (struct request){.srv = srv, .client = c};
    if (now == NULL || now->client != c)
        return;
    later->label = now->label;
    now->label = NULL;
}

void
request_drop(struct request *later)
{
    request_drop_label(later);
    later->client = NULL;
}

size_t
request_memory(const struct request *later)
{
    return label_memory(later->label);
}
