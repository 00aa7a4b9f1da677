/* Explains refusals on listeners of a transport with a handshake.
 *
 * A handshake costs as much as hundreds of refusals, so explanations have a budget, and
 * a host that tries again gets none for a while. The connection never has a client. Its
 * line is behind the own bytes of its transport, in the same block. */
#include "explain.h"

#include "base/mem.h"
#include "base/str.h"
#include "conn.h"
#include "conn_state.h"
#include "handshake_queue.h"
#include "loop_state.h"

#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#define EXPLANATION_FORMED 600 /* bytes of a line of 512 bytes in another form */

static bool
was_explained(const struct explain *e, const struct prefix *host, msec now)
{
    for (size_t i = 0; i < EXPLAIN_HOSTS; i++) {
        const struct explained_host *h = &e->hosts[i];
        if (h->at > 0 && now - h->at < EXPLAIN_AGAIN &&
            addr_equal(&h->host.addr, &host->addr))
            return true;
    }
    return false;
}

bool
explain_take(struct explain *e, const struct addr *peer, msec now)
{
    struct prefix host;
    addr_prefix(peer, e->prefix_v4, e->prefix_v6, &host);
    if (was_explained(e, &host, now) ||
        !bucket_take(&e->bucket, now, e->rate.count, rate_interval(&e->rate), 1))
        return false;
    e->hosts[e->next] = (struct explained_host){host, now};
    e->next = (e->next + 1) % EXPLAIN_HOSTS;
    return true;
}

void
explain_set_rate(struct explain *e, const struct rate *rate, msec now)
{
    e->rate = *rate;
    bucket_limit(&e->bucket, now, rate->count, rate_interval(rate));
}

static char *
line_of(struct conn_kept *k)
{
    return k->own + conn_transport(&k->conn)->own;
}

void
explain_open(struct loop *l, struct listener *at, int fd, const char *line)
{
    size_t n = strlen(line) + 1;
    struct conn_kept *k = conn_new_kept(at->transport, n, l->turns);
    k->conn.io.data = at;
    set_kept_state(k, CONN_EXPLAINS, true);
    memcpy(line_of(k), line, n);
    handshake_begin(l, k, fd);
}

static void
free_explained(struct loop *l, struct conn_kept *k)
{
    ev_io_stop(l->ev, &k->conn.io);
    handshake_ended(l, k);
    list_remove(&k->more);
    free(k);
}

void
explain_drop(struct loop *l, struct conn_kept *k)
{
    conn_transport(&k->conn)->close(k->conn.io.fd, k->own, TRANSPORT_UNMADE);
    free_explained(l, k);
}

static void
write_explanation(struct conn_kept *k, const char *line)
{
    const struct transport *t = conn_transport(&k->conn);
    enum transport_form form = t->form ? t->form(k->own) : TRANSPORT_LINES;
    char text[EXPLANATION_FORMED], formed[EXPLANATION_FORMED];
    struct iovec iov = {text, strlen(line)};
    size_t n = 0;
    str_format(text, sizeof text, "%s", line); /* iov_base is not const */
    if (form != TRANSPORT_LINES)
        iov = (struct iovec){formed, transport_forms[form](line, iov.iov_len, formed,
                                                           sizeof formed, &n)};
    t->write(k->conn.io.fd, k->own, &iov, 1, true, &n);
}

/* Without a drain the line may be lost if the peer has already sent bytes. */
void
explain_send(struct loop *l, struct conn_kept *k, const char *line)
{
    const struct transport *t = conn_transport(&k->conn);
    int fd = k->conn.io.fd;
    write_explanation(k, line);
    bool open = t->finish(fd, k->own, TRANSPORT_KILLED);
    free_explained(l, k);
    if (open && l->drain.count < DRAIN_REFUSED)
        drain_add(&l->drain, fd, l->now, l->input, LOOP_READ);
    else
        close(fd);
}

void
explain_step(struct loop *l, struct conn_kept *k)
{
    enum transport_state state = handshake_step(l, k);
    if (state == TRANSPORT_DONE)
        explain_send(l, k, line_of(k));
    else if (state == TRANSPORT_END || state == TRANSPORT_FAILED)
        explain_drop(l, k);
}
