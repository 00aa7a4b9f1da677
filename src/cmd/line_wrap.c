/* Lists of words in numerics: each line takes as many words as fit.
 *
 * A word that is longer than a line stands alone on one, and is cut as any reply is. */
#include "cmd/line_wrap.h"

#include "state/client.h"
#include "state/request.h"
#include "state/server.h"

#include <string.h>

void
line_wrap_begin(struct line_wrap *w, const struct request *req, char separator,
                size_t around, void (*send)(const struct request *, const char *))
{
    w->req = req;
    w->separator = separator;
    w->send = send;
    w->room = MESSAGE_LINE - sizeof ":  123  :\r\n" - req->srv->me.name_len -
              strlen(client_name(req->client)) - around;
    str_init(&w->line, w->text, sizeof w->text);
}

void
line_wrap_add(struct line_wrap *w, const char *word)
{
    if (w->line.len && w->line.len + strlen(word) + 1 > w->room)
        line_wrap_end(w);
    if (w->line.len)
        str_addc(&w->line, w->separator);
    str_add(&w->line, word);
}

void
line_wrap_end(struct line_wrap *w)
{
    if (w->line.len)
        w->send(w->req, w->text);
    str_init(&w->line, w->text, sizeof w->text);
}
