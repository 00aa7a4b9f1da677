/* Replies to requests, and requests whose answer comes later. */
#include "state/request.h"

#include "state/client.h"
#include "state/label.h"
#include "state/out.h"
#include "state/server.h"

#include <stdarg.h>

void
reply_numeric(const struct request *req, int number, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    out_numeric_args(req->srv, req->client, req->batch, number, fmt, args);
    va_end(args);
}

void
reply_notice(const struct request *req, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    out_notice_args(req->srv, req->client, req->batch, fmt, args);
    va_end(args);
}

void
reply_standard(const struct request *req, const char *type, const char *command,
               const char *code, const char *context, const char *fmt, ...)
{
    const struct standard_code words = {type, command, code, context};
    va_list args;
    va_start(args, fmt);
    out_standard_args(req->srv, req->client, req->batch, &words, fmt, args);
    va_end(args);
}

void
request_batch_begin(struct request *req, const char *type)
{
    if (!(req->client->out.caps & CAP_BATCH))
        return;
    reference_next(req->srv, req->batch);
    out_batch(req->srv, req->client, req->batch, type);
}

void
request_batch_end(struct request *req)
{
    if (*req->batch)
        out_batch(req->srv, req->client, req->batch, NULL);
    *req->batch = '\0';
}

void
request_defer(struct request *later, struct server *srv, struct client *c)
{
    *later = (struct request){.srv = srv, .client = c, .label = label_defer(c)};
}

void
request_resume(struct request *later)
{
    label_resume(later->client, later->label);
    later->label = NULL;
}

void
request_pause(struct request *later)
{
    later->label = label_defer(later->client);
}

void
request_end(struct request *later)
{
    label_end(later->srv, later->client);
}

void
request_drop(struct request *later)
{
    label_free(later->label);
    later->label = NULL;
    later->client = NULL;
}

size_t
request_memory(const struct request *later)
{
    return label_memory(later->label);
}
