/* Finds the route of a request. */
#include "web_route.h"

#include "config/config.h"

#include <string.h>

static const struct {
    const char *name, *path;
    unsigned serves, methods;
    enum web_kind kind;
} web_routes[WEB_ROUTES] = {
#define ROUTE(name, path, serves, methods, kind) {#name, path, serves, methods, kind},
#include "net/web_routes.def"
#undef ROUTE
};

static bool
has_route_path(const char *pattern, const char *path)
{
    size_t n = strlen(pattern) - 1;
    if (pattern[n] == '*')
        return strncmp(pattern, path, n) == 0;
    return strcmp(pattern, path) == 0;
}

enum web_route
web_route_find(const char *path, unsigned serves)
{
    int i = 0;
    while (i < WEB_ROUTES && !has_route_path(web_routes[i].path, path))
        i++;
    bool has = i < WEB_ROUTES && web_routes[i].serves & serves;
    return has ? (enum web_route)i : WEB_ROUTES;
}

const char *
web_route_name(enum web_route route)
{
    return web_routes[route].name;
}

enum web_kind
web_route_kind(enum web_route route)
{
    return web_routes[route].kind;
}

unsigned
web_route_methods(enum web_route route)
{
    return web_routes[route].methods;
}
