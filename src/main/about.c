/* What the status tells of the process: facts that the core cannot know. Each is a line "key: value" of STATS s; a line "wrong: …" is a fault with
 * its remedy. */
#include "about.h"

#include "args.h"
#include "base/mem.h"
#include "base/str.h"
#include "config/config.h"
#include "config_file.h"
#include "net/loop.h"
#include "session/session.h"

#include <stdlib.h>
#include <unistd.h>

#define ABOUT_TEXT 65536 /* bytes of all lines */

static void
add_files(const struct serve *s, struct str *out)
{
    const char *config = s->args->config, *data = s->config->database.path;
    if (config_file_is_standard(config))
        config = "(standard input)";
    str_addf(out, "configuration: %s\n", config ? config : "(built-in)");
    if (*data && *s->uncontrolled == '\0')
        str_addf(out, "control: %s/" LOOP_CONTROL "\n", data);
    if (*s->uncontrolled)
        str_addf(out, "wrong: there is no control socket: %s; mend it and restart\n",
                 s->uncontrolled);
}

static void
add_listeners(const struct serve *s, struct str *out)
{
    for (size_t i = 0; i < s->config->n_listen; i++) {
        const struct config_listen *l = &s->config->listen[i];
        char roles[CONFIG_SERVES_TEXT];
        str_addf(out, "listener: %s %s%s%s%s%s\n", l->text,
                 l->tls        ? "tls"
                 : l->redirect ? "redirect"
                               : "plain",
                 l->proxy ? " proxy" : "", config_is_web(l) ? " " : "",
                 config_is_web(l) ? config_serves_text(l->serves, roles) : "",
                 loop_is_bound(s->loop, l->text)
                     ? ""
                     : ", skipped: this machine does not have the address");
    }
}

static void
add_safety(const struct serve *s, struct str *out)
{
    str_addf(out, "sandbox: %s\n", *s->sandbox ? s->sandbox : "none");
    if (geteuid() == 0)
        str_add(out, "user: root; process.user names the user that it should become\n");
}

static void
add_room(const struct serve *s, struct str *out)
{
    int room = loop_room(s->loop);
    if (room < s->clients)
        str_addf(out,
                 "wrong: limits.clients is %d, but only %d clients fit; raise the "
                 "descriptor limit (ulimit -n, LimitNOFILE) or lower limits.clients\n",
                 s->clients, room);
}

void
about_tell(struct serve *s)
{
    char *text = xmalloc(ABOUT_TEXT);
    struct str out;
    str_init(&out, text, ABOUT_TEXT);
    add_files(s, &out);
    add_listeners(s, &out);
    add_safety(s, &out);
    add_room(s, &out);
    session_about(s->srv, text);
    free(text);
}
