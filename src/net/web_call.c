/* Calls of /api/v1/: there are none yet. */
#include "web_call.h"

#include "net/web.h"

bool
web_call_begin(struct loop *l, struct web *w, const struct web_request *r,
               struct web_answer *out)
{
    (void)l, (void)w, (void)r;
    out->status = 404;
    return false;
}

void
web_call_drop(struct loop *l, const struct web *w)
{
    (void)l, (void)w;
}
