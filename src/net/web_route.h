/* The table of routes (net/web_routes.def). */
#ifndef SRC_NET_WEB_ROUTE_H
#define SRC_NET_WEB_ROUTE_H

#include "net/web.h"

/* The route of a path on a listener with these roles (SERVES_*). WEB_ROUTES: it has
 * none. */
enum web_route web_route_find(const char *path, unsigned serves);

/* Facts of a route, which is not WEB_ROUTES. */
const char *web_route_name(enum web_route route);
enum web_kind web_route_kind(enum web_route route);
unsigned web_route_methods(enum web_route route); /* WEB_READS, WEB_POSTS */

#endif
