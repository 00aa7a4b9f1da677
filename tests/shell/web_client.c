/* A client of HTTP: the text of the tests goes out as it is. */
#include "web_client.h"

#include "../../src/net/web_serve.h"
#include "base/str.h"

#include <unistd.h>

static const char crowd[] =
    "limits { per_host = 9999 per_network = 9999 unregistered_per_host = 9999 "
    "connect_rate = \"9999/1s\" }";

static void
answer_with_name(struct looped *x, enum web_route route, const struct web_request *r,
                 struct web_answer *out)
{
    (void)x, (void)route;
    *out = (struct web_answer){.status = 200, .type = "text/plain"};
    draft_add(&out->text, r->head->path + 1);
}

struct looped *
web_looped(const char *config)
{
    struct looped *x = looped_new(config ? config : crowd);
    x->web = answer_with_name;
    return x;
}

int
web_connect(struct looped *x, const char *address)
{
    return looped_connect(x, LOOPED_WEB, address);
}

const char *
web_ask(struct looped *x, int fd, const char *text)
{
    looped_send(fd, text);
    looped_turns(x, 3);
    return looped_read(x, fd);
}

const char *
web_ask_new(struct looped *x, const char *text)
{
    int fd = web_connect(x, WEB_ADDR);
    const char *got = web_ask(x, fd, text);
    close(fd);
    looped_turns(x, 2);
    return got;
}

void
web_expect_closed(struct looped *x, int fd)
{
    CU_ASSERT_PTR_NULL(looped_read(x, fd));
    close(fd);
}

size_t
web_count(const struct looped *x, enum web_phase phase)
{
    size_t n = 0;
    LIST_EACH(&x->loop->webs.waiting[phase], node)
        n++;
    return n;
}

unsigned
web_requests(const struct looped *x, const char *route, const char *code)
{
    const struct metric_series *s = &x->loop->webs.requests;
    for (size_t i = 0; i < s->n; i++)
        if (strcmp(s->all[i].labels[0], route) == 0 &&
            strcmp(s->all[i].labels[1], code) == 0)
            return (unsigned)s->all[i].n;
    return 0;
}

void
web_wait(struct looped *x, msec ms)
{
    x->loop->now += ms;
    web_expire(x->loop, MSEC_SECOND);
}
