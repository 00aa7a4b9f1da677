/* Lists in numerics: as many words as fit in a line, then the next line.
 *
 * A word longer than a line stands alone in one and is cut there, as any reply is. */
#include "words.h"

#include "state/client.h"
#include "state/server.h"

#include <string.h>

void
words_begin(struct words *w, struct server *srv, struct client *to, char separator,
            size_t around, void (*send)(struct server *, struct client *, const char *))
{
    w->srv = srv;
    w->to = to;
    w->separator = separator;
    w->send = send;
    w->room = MESSAGE_LINE - sizeof ":  123  :\r\n" - strlen(srv->config->server.name) -
              strlen(client_name(to)) - around;
    str_init(&w->line, w->text, sizeof w->text);
}

void
words_add(struct words *w, const char *word)
{
    if (w->line.len && w->line.len + strlen(word) + 1 > w->room)
        words_end(w);
    if (w->line.len)
        str_addc(&w->line, w->separator);
    str_add(&w->line, word);
}

void
words_end(struct words *w)
{
    if (w->line.len)
        w->send(w->srv, w->to, w->text);
    str_init(&w->line, w->text, sizeof w->text);
}
