/* Each route of the kind WEB_HOOK is a row. All facts are those of this moment, and no
 * answer changes the server. */
#include "web_routes.h"

#include "exposition.h"
#include "net/loop.h"
#include "net/tls.h"
#include "proto/http_target.h"
#include "serve_state.h"
#include "web_config.h"
#include "web_files.h"
#include "web_health.h"
#include "web_page.h"
#include "web_tag.h"

#include <string.h>

typedef void answer_fn(const struct serve *s, const struct web_request *r,
                       struct web_answer *out);

/* The tag of a text that was made for this answer. */
static void
tag_text(const struct web_request *r, struct web_answer *out)
{
    static char tag[WEB_TAG];
    web_tag_make(out->text.at, out->text.len, "", tag);
    web_tag_answer(r, tag, out);
}

static bool
is_page_bound(const void *ctx, const char *listener)
{
    return loop_is_bound(ctx, listener);
}

static void
answer_page(const struct serve *s, const struct web_request *r, struct web_answer *out)
{
    const struct tls *tls = loop_tls(s->loop);
    size_t n = 0;
    struct web_page page = {.config = s->config,
                            .certificate = tls ? tls_certificates(tls, &n) : NULL,
                            .is_bound = is_page_bound,
                            .ctx = s->loop};
    if (n == 0)
        page.certificate = NULL;
    web_page_write(&page, r, &out->text);
    out->type = "text/html; charset=utf-8";
    tag_text(r, out);
}

static void
answer_file(const struct serve *s, const struct web_request *r, struct web_answer *out)
{
    (void)s;
    web_files_answer(r, out);
}

static void
answer_config(const struct serve *s, const struct web_request *r,
              struct web_answer *out)
{
    web_config_write(s->config, r->listener, &out->text);
    out->type = "application/json";
    tag_text(r, out);
}

static void
answer_health(const struct serve *s, const struct web_request *r,
              struct web_answer *out)
{
    struct web_health_facts facts;
    char value[8];
    struct http_text query = http_text(r->head, r->head->query);
    bool ready = http_query_find(query, "ready", value, sizeof value) != 0;
    web_health_read(s, &facts);
    out->status = web_health_write(&facts, ready, &out->text);
    out->type = "text/plain; charset=utf-8";
}

static void
answer_metrics(const struct serve *s, const struct web_request *r,
               struct web_answer *out)
{
    (void)r;
    exposition_write(s, &out->text);
    out->status = 200;
    out->type = "text/plain; version=0.0.4; charset=utf-8";
}

static answer_fn *const answers[WEB_ROUTES] = {
    [WEB_ROUTE_root] = answer_page,     [WEB_ROUTE_config] = answer_config,
    [WEB_ROUTE_health] = answer_health, [WEB_ROUTE_metrics] = answer_metrics,
    [WEB_ROUTE_file] = answer_file,
};

void
web_routes_answer(void *serve, enum web_route route, const struct web_request *r,
                  struct web_answer *out)
{
    if (answers[route])
        answers[route](serve, r, out);
}
