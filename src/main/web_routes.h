/* What the routes of HTTP answer that need no core: pages, files, health, metrics. */
#ifndef SRC_MAIN_WEB_ROUTES_H
#define SRC_MAIN_WEB_ROUTES_H

#include "net/web.h"

/* The hook `web` of struct loop_hooks; its ctx is the struct serve. */
void web_routes_answer(void *serve, enum web_route route, const struct web_request *r,
                       struct web_answer *out);

#endif
