/* Clients that come and go over TLS, in a process of its own, so that the handshakes of
 * its side do not count as a slow server. Each connection is made by the timetable; a
 * handshake that is late delays only what follows. STAY seconds later the client has been
 * welcomed and joins its channels, and then its connection is lost. A server may welcome
 * only once a second. It must never end
 * well unless each client of the plan was welcomed. */
#include "../tls_end.h"
#include "load.h"

#include <sys/prctl.h>
#include <sys/wait.h>

#define SECOND 1000000000LL

enum { ONE_IN = 100, STAY = 2, HOST = 300 };

struct comer {
    struct tls_end end;
    unsigned id; /* of the client whose channels it joins */
};

static void
join_as_client(struct comer *c)
{
    char line[LINE_SIZE];
    write_end(&c->end, line, state_join_line(c->id, line));
}

static void
connect_comer(SSL_CTX *x, const struct sockaddr_in *to, struct comer *c, unsigned i)
{
    c->end = connect_end(x, HOST + i, to);
    begin_register(&c->end, 'r', i);
    c->id = i * ONE_IN / STAY;
}

/* The client that connected longest ago joins and then loses its connection. */
static void
replace_comer(SSL_CTX *x, const struct sockaddr_in *to, struct comer *c, unsigned i)
{
    await_text(&c->end, " 422 ");
    join_as_client(c);
    await_text(&c->end, " 366 ");
    close_end(&c->end);
    connect_comer(x, to, c, i);
}

ATTR_NORETURN static void
come_and_go(const struct load *l, int in, int out)
{
    unsigned a_second = l->row->clients / ONE_IN, n = STAY * a_second, seconds;
    SSL_CTX *x = client_context();
    struct comer *all = calloc(n, sizeof *all);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (all == NULL || read(in, &seconds, sizeof seconds) != sizeof seconds)
        exit(1);
    for (unsigned i = 0; i < n; i++)
        connect_comer(x, &l->tls, &all[i], i);
    if (write(out, "r", 1) != 1)
        exit(1);
    int64_t begun = nanoseconds(CLOCK_MONOTONIC), gap = SECOND / a_second;
    for (unsigned i = 0; i < seconds * a_second; i++) {
        int64_t wait = begun + i * gap - nanoseconds(CLOCK_MONOTONIC);
        if (wait > 0)
            nanosleep(&(struct timespec){.tv_nsec = wait}, NULL);
        replace_comer(x, &l->tls, &all[i % n], i % n);
    }
    int64_t late = nanoseconds(CLOCK_MONOTONIC) - begun - seconds * SECOND;
    if (late > SECOND)
        die("the clients that come and go are %.1f s late", (double)late / SECOND);
    exit(0);
}

struct reconnects
reconnect_begin(const struct load *l)
{
    int down[2], up[2];
    if (pipe(down) != 0 || pipe(up) != 0)
        die("pipe: %s", strerror(errno));
    struct reconnects r = {.pid = fork(), .to = down[1], .from = up[0]};
    if (r.pid == 0)
        come_and_go(l, down[0], up[1]);
    close(down[0]);
    close(up[1]);
    return r;
}

void
reconnect_go(const struct reconnects *r, unsigned seconds)
{
    char ready;
    if (write(r->to, &seconds, sizeof seconds) != sizeof seconds ||
        read(r->from, &ready, 1) != 1)
        die("the clients that come and go have ended");
}

void
reconnect_end(const struct reconnects *r)
{
    int status;
    if (waitpid(r->pid, &status, 0) != r->pid || status != 0)
        die("the clients that come and go have ended");
}
