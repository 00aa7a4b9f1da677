/* The hook of the routes, with a server behind it. */
#include "../../src/main/serve_state.h"
#include "../../src/main/web_routes.h"
#include "asked.h"
#include "config/config.h"
#include "looped.h"
#include "metric_lint.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

static struct serve serve;
static struct looped *looped;
static struct asked asked;
static struct listener *all[1];

static void
begin_routes(const char *config)
{
    looped = looped_new(config);
    looped_turns(looped, 2);
    serve = (struct serve){.loop = looped->loop,
                           .srv = looped->srv,
                           .config = looped->srv->config,
                           .choice.store = looped->world->store};
    process_facts_open(&serve.process, 1);
    all[0] = &looped->listeners[0];
    looped->loop->listeners.all = all;
}

static void
end_routes(void)
{
    process_facts_close(&serve.process);
    looped->loop->listeners.all = NULL;
    looped->loop->listeners.n = 0;
    looped_free(looped);
}

/* The caller frees text.at; texts of the request are gone. */
static struct web_answer
ask_route(enum web_route route, const char *target, const char *fields)
{
    struct web_answer out = {0};
    asked_make(&asked, target, fields);
    web_routes_answer(&serve, route, &asked.request, &out);
    asked_clear(&asked);
    return out;
}

static void
check_tagged(enum web_route route, const char *target, const char *type)
{
    char fields[100];
    struct web_answer first = ask_route(route, target, "");
    EQUAL_NUMBER(first.status, 200);
    EQUAL_TEXT(first.type, type);
    EQUAL_TEXT(first.cache, "no-cache");
    CU_ASSERT(first.text.len > 0 || first.size > 0);
    snprintf(fields, sizeof fields, "If-None-Match: %s\r\n", first.tag);
    free(first.text.at);
    struct web_answer second = ask_route(route, target, fields);
    EQUAL_NUMBER(second.status, 304);
    CU_ASSERT(second.text.at == NULL && second.body == NULL && second.size == 0);
    CU_ASSERT(strstr(fields, second.tag) != NULL);
}

static void
pages_and_files_have_a_tag(void)
{
    begin_routes("");
    check_tagged(WEB_ROUTE_root, "/", "text/html; charset=utf-8");
    check_tagged(WEB_ROUTE_config, "/config.json", "application/json");
    check_tagged(WEB_ROUTE_file, "/style.css", "text/css; charset=utf-8");
    EQUAL_NUMBER(ask_route(WEB_ROUTE_file, "/nothing", "").status, 0);
    end_routes();
}

static void
another_configuration_has_another_tag(void)
{
    char before[100];
    begin_routes("");
    struct web_answer out = ask_route(WEB_ROUTE_config, "/config.json", "");
    snprintf(before, sizeof before, "%s", out.tag);
    free(out.text.at);
    serve.config->limits.nick_length = 17; /* as REHASH would */
    out = ask_route(WEB_ROUTE_config, "/config.json", "");
    CU_ASSERT_STRING_NOT_EQUAL(before, out.tag);
    CONTAINS(out.text.at, "\"nick_length\": 17");
    free(out.text.at);
    end_routes();
}

static void
health_is_of_this_moment(void)
{
    begin_routes("");
    struct web_answer out = ask_route(WEB_ROUTE_health, "/health", "");
    EQUAL_NUMBER(out.status, 503);
    EQUAL_TEXT(out.text.at, "no listener of clients is open\n");
    EQUAL_TEXT(out.type, "text/plain; charset=utf-8");
    CU_ASSERT(out.cache == NULL && out.tag == NULL); /* no-store */
    free(out.text.at);
    looped->loop->listeners.n = 1;
    looped->listeners[0].io.fd = 0;
    looped->listeners[0].serves = SERVES_IRC;
    out = ask_route(WEB_ROUTE_health, "/health", "");
    EQUAL_NUMBER(out.status, 200);
    EQUAL_TEXT(out.text.at, "ok\n");
    free(out.text.at);
    looped->loop->turn_time.turned = false;
    const char *targets[] = {"/health?ready", "/health?ready=1", "/health?ready&ready"};
    for (int i = 0; i < 3; i++) {
        out = ask_route(WEB_ROUTE_health, targets[i], "");
        EQUAL_NUMBER(out.status, 503);
        free(out.text.at);
    }
    out = ask_route(WEB_ROUTE_health, "/health?already", "");
    EQUAL_NUMBER(out.status, 200);
    free(out.text.at);
    looped->listeners[0].io.fd = -1;
    end_routes();
}

static void
metrics_are_those_of_the_exposition(void)
{
    struct metric_snapshot got;
    begin_routes("");
    struct web_answer out = ask_route(WEB_ROUTE_metrics, "/metrics", "");
    EQUAL_NUMBER(out.status, 200);
    EQUAL_TEXT(out.type, "text/plain; version=0.0.4; charset=utf-8");
    CU_ASSERT(out.cache == NULL && out.tag == NULL); /* no-store */
    metric_snapshot_read(&got, out.text.at);
    EQUAL_TEXT(got.fault, "");
    CU_ASSERT(got.n > 100);
    metric_snapshot_clear(&got);
    free(out.text.at);
    end_routes();
}

SUITE(web_routes)
{
    TEST(pages_and_files_have_a_tag);
    TEST(another_configuration_has_another_tag);
    TEST(health_is_of_this_moment);
    TEST(metrics_are_those_of_the_exposition);
}
