/* The page is made of the template src/web/index.html, in which {{mark}} stands for a text
 * of this file. It has no script, so that any browser shows it. All that comes from the
 * configuration or the request is escaped. */
#include "web_page.h"

#include "base/addr.h"
#include "base/str.h"
#include "net/tls.h"
#include "net/web.h"
#include "proto/http_host.h"
#include "web_files.h"

#include <string.h>

#define HOST 256 /* room for the name of a host */

/* The page while it is made. */
struct making {
    const struct web_page *page;
    const struct config *config;
    const struct web_request *r;
    struct draft *out;
    const struct config_listen *at; /* the listener that is described, for its marks */
    char host[HOST];                /* its name or address */
};

static void add_template(struct making *m, const char *at, size_t n);

static void
add_escaped_html(struct draft *out, const char *text)
{
    for (; *text; text++) {
        switch (*text) {
        case '&':
            draft_add(out, "&amp;");
            break;
        case '<':
            draft_add(out, "&lt;");
            break;
        case '>':
            draft_add(out, "&gt;");
            break;
        case '"':
            draft_add(out, "&quot;");
            break;
        default:
            draft_add(out, (char[]){*text, '\0'});
        }
    }
}

/* --- which listeners, and by which name --- */

/* The host that the request names, without the brackets of an IPv6 address. */
static void
read_request_host(const struct web_request *r, char out[HOST])
{
    struct http_text host = http_text(r->head, r->head->host);
    if (host.n > 2 && host.at[0] == '[')
        host = (struct http_text){host.at + 1, host.n - 2};
    http_text_copy(host, out, HOST);
}

static bool
is_asked_locally(const struct web_request *r)
{
    return r->local && http_host_is_local(r->head, NULL, 0);
}

static bool
is_self_signed(const struct making *m)
{
    return m->page->certificate && m->page->certificate->self_signed;
}

/* A client compares the name in a certificate with the name to which it connects. */
static void
name_host(struct making *m, const struct config_listen *at)
{
    const struct config *c = m->config;
    read_request_host(m->r, m->host);
    if (addr_is_loopback(&at->addr))
        addr_format(&at->addr, m->host, sizeof m->host);
    else if (at->tls && c->n_tls > 0 && !config_tls_find(c, m->host) &&
             c->tls[0].name[0] != '*')
        str_format(m->host, sizeof m->host, "%s", c->tls[0].name);
}

/* Whether visitors of the page can connect to the listener: it is reached by its port,
 * and open. */
static bool
is_reachable(const struct making *m, const struct config_listen *at)
{
    if (at->port == 0 || at->proxy || at->redirect)
        return false;
    if (addr_is_loopback(&at->addr) && !is_asked_locally(m->r))
        return false;
    return m->page->is_bound(m->page->ctx, at->text);
}

/* Whether a listener before `at` is shown with the same port. */
static bool
is_shown_already(const struct making *m, const struct config_listen *at)
{
    for (const struct config_listen *l = m->config->listen; l < at; l++)
        if (l->port == at->port && (l->serves & SERVES_IRC) && is_reachable(m, l))
            return true;
    return false;
}

/* --- the lines of clients --- */

static const struct form {
    const char *client;
    /* What a user types: without TLS; with TLS; with TLS to a certificate that the server
     * has made itself. */
    const char *plain, *tls, *pinned;
} forms[] = {
    {"irssi", "/connect {{host}} {{port}}",
     "/connect -tls -tls_verify {{host}} {{port}}",
     "/connect -tls -notls_verify -tls_pinned_cert {{colons}} {{host}} {{port}}"},
    {"WeeChat", "/server add {{word}} {{host}}/{{port}} -notls",
     "/server add {{word}}-tls {{host}}/{{port}} -ssl",
     "/server add {{word}}-tls {{host}}/{{port}} -ssl "
     "-ssl_fingerprint={{fingerprint}}"},
    {"", "/connect {{word}}", "/connect {{word}}-tls", "/connect {{word}}-tls"},
    {"HexChat", "/server {{host}} {{port}}", "/server -ssl {{host}} {{port}}",
     "/server -ssl-noverify {{host}} {{port}}"},
};

static void
add_form(struct making *m, const struct form *form)
{
    const char *line = !m->at->tls         ? form->plain
                       : is_self_signed(m) ? form->pinned
                                           : form->tls;
    if (*form->client)
        draft_addf(m->out, "<dt>%s</dt>\n", form->client);
    draft_add(m->out, "<dd><code>");
    add_template(m, line, strlen(line));
    draft_add(m->out, "</code></dd>\n");
}

static void
add_way(struct making *m, const struct config_listen *at)
{
    m->at = at;
    name_host(m, at);
    draft_addf(m->out, "<section>\n<h2>Port %u, %s</h2>\n<dl>\n", at->port,
               at->tls ? "with TLS" : "without encryption");
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        add_form(m, &forms[i]);
    draft_add(m->out, "</dl>\n");
    if (at->tls)
        draft_add(m->out,
                  "<p class=\"note\">WeeChat 4 and later: <code>-tls</code> for "
                  "<code>-ssl</code>.</p>\n");
    if (at->tls && is_self_signed(m))
        draft_add(
            m->out,
            "<p class=\"note\">The server has made its certificate itself, so the "
            "lines name its fingerprint. HexChat compares none.</p>\n");
    draft_add(m->out, "</section>\n");
}

/* --- the marks --- */

static void
add_title(struct making *m)
{
    const char *title = m->config->web.title;
    add_escaped_html(m->out, *title ? title : m->config->server.network);
}

static void
add_network(struct making *m)
{
    add_escaped_html(m->out, m->config->server.network);
}

static void
add_server(struct making *m)
{
    add_escaped_html(m->out, m->config->server.name);
}

static void
add_version(struct making *m)
{
    draft_add(m->out, IRCD_VERSION);
}

/* Those with TLS come first. */
static void
add_ways(struct making *m)
{
    const struct config *c = m->config;
    size_t before = m->out->len;
    for (int tls = 1; tls >= 0; tls--) {
        for (size_t i = 0; i < c->n_listen; i++) {
            const struct config_listen *at = &c->listen[i];
            if (at->tls == tls && (at->serves & SERVES_IRC) && is_reachable(m, at) &&
                !is_shown_already(m, at))
                add_way(m, at);
        }
    }
    if (m->out->len == before)
        draft_add(m->out, "<section>\n<p>No port of this server takes IRC clients from "
                          "here.</p>\n</section>\n");
}

static void
add_channels(struct making *m)
{
    const struct config *c = m->config;
    if (c->web.n_channels == 0)
        return;
    draft_add(m->out, "<section>\n<h2>Then join</h2>\n");
    for (size_t i = 0; i < c->web.n_channels; i++) {
        draft_add(m->out, "<p><code>/join ");
        add_escaped_html(m->out, c->web.channels[i]);
        draft_add(m->out, "</code></p>\n");
    }
    draft_add(m->out, "</section>\n");
}

static void
add_websocket(struct making *m)
{
    char host[HOST];
    if (!(m->r->serves & SERVES_WEBSOCKET))
        return;
    http_text_copy(http_text(m->r->head, m->r->head->host), host, sizeof host);
    draft_addf(m->out,
               "<section>\n<h2>WebSocket</h2>\n<p>For programs and pages, with the "
               "subprotocol <code>text.ircv3.net</code> or "
               "<code>binary.ircv3.net</code>:</p>\n<p><code>%s://",
               m->r->secure ? "wss" : "ws");
    add_escaped_html(m->out, host);
    if (m->r->head->port)
        draft_addf(m->out, ":%u", m->r->head->port);
    draft_add(m->out, "/irc</code></p>\n</section>\n");
}

static void
add_host_mark(struct making *m)
{
    add_escaped_html(m->out, m->host);
}

static void
add_port(struct making *m)
{
    draft_addf(m->out, "%u", m->at->port);
}

/* The name of the network as a word that WeeChat takes for a server. */
static void
add_word(struct making *m)
{
    size_t before = m->out->len;
    for (const char *at = m->config->server.network; *at; at++) {
        char c = *at >= 'A' && *at <= 'Z' ? (char)(*at + 32) : *at;
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
            draft_add(m->out, (char[]){c, '\0'});
    }
    if (m->out->len == before)
        draft_add(m->out, "irc");
}

static void
add_fingerprint(struct making *m)
{
    draft_add(m->out, m->page->certificate->fingerprint);
}

static void
add_colons(struct making *m)
{
    const char *digits = m->page->certificate->fingerprint;
    for (int i = 0; digits[i]; i++) {
        char c = digits[i] >= 'a' ? (char)(digits[i] - 32) : digits[i];
        draft_add(m->out, (char[]){c, '\0'});
        if (i % 2 == 1 && digits[i + 1])
            draft_add(m->out, ":");
    }
}

static const struct mark {
    const char *name;
    void (*add)(struct making *m);
} marks[] = {
    {"title", add_title},
    {"network", add_network},
    {"server", add_server},
    {"version", add_version},
    {"ways", add_ways},
    {"channels", add_channels},
    {"websocket", add_websocket},
    /* of a line */
    {"host", add_host_mark},
    {"port", add_port},
    {"word", add_word},
    {"fingerprint", add_fingerprint},
    {"colons", add_colons},
};

/* Adds at[0..n) with its marks replaced. An unknown mark adds nothing. */
static void
add_template(struct making *m, const char *at, size_t n)
{
    struct http_text rest = {at, n}, part, name;
    while (http_text_cut(&rest, '{', &part)) {
        draft_addn(m->out, part.at, part.n);
        if (rest.n == 0 || *rest.at != '{') {
            draft_add(m->out, "{");
            continue;
        }
        rest = (struct http_text){rest.at + 1, rest.n - 1};
        http_text_cut(&rest, '}', &name);
        if (rest.n > 0) /* the second brace */
            rest = (struct http_text){rest.at + 1, rest.n - 1};
        for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
            if (http_text_is(name, marks[i].name))
                marks[i].add(m);
    }
    draft_addn(m->out, part.at, part.n);
}

void
web_page_write(const struct web_page *page, const struct web_request *r,
               struct draft *out)
{
    struct making m = {.page = page, .config = page->config, .r = r, .out = out};
    struct web_file file;
    if (web_files_find("index.html", &file))
        add_template(&m, file.bytes, file.size);
}
