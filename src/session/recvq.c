/* The waiting input of all clients together (limits.recvq_total).
 *
 * Each client may have little input waiting, but there are many clients.
 * srv->input_bytes is updated wherever that memory changes and is checked once a turn.
 * The clients with the most input are ended first: a normal client has next to none. */
#include "recvq.h"

#include "base/mem.h"
#include "base/str.h"
#include "cmd/multiline.h"
#include "held.h"
#include "lifecycle.h"
#include "policy/client_policy.h"
#include "session/client_input.h"
#include "state/census.h"
#include "state/client.h"
#include "state/client_end.h"
#include "state/out.h"
#include "state/overload.h"
#include "state/server.h"
#include "state/subsystem.h"
#include "state/tell.h"

#include <assert.h>

size_t
recvq_memory(const struct client *c)
{
    return mem_block(input_of(c)->in.cap) + held_memory(c) + multiline_memory(c);
}

void
recvq_clear(struct server *srv, struct client *c)
{
    srv->input_bytes -= recvq_memory(c);
    held_clear(c);
    linebuf_clear(&input_of(c)->in);
    multiline_free(c);
}

static uint64_t
weigh_input(const struct client *c)
{
    return recvq_memory(c);
}

static bool
input_is_over(const struct server *srv)
{
    return srv->input_bytes > (size_t)srv->config->limits.recvq_total;
}

static void
end_with_input(struct server *srv, struct client *c)
{
    client_kill(srv, c, END_RECVQ_TOTAL, NULL);
    recvq_clear(srv, c);
}

static void
tell_input_ended(struct server *srv, size_t ended, size_t before)
{
    TELL_LIKE(srv, TELL_ALL, EVENT_recvq_total, sendq_total, .clients = ended,
              .bytes = before);
}

size_t
recvq_judge_all(struct server *srv)
{
    static const struct overload input = {weigh_input, input_is_over, end_with_input};
    size_t before = srv->input_bytes;
    if (!input_is_over(srv))
        return 0;
    size_t ended = overload_relieve(srv, &input);
    if (ended > 0)
        tell_input_ended(srv, ended, before);
    return ended;
}

void
recvq_check(const struct server *srv)
{
    size_t bytes = 0;
    for (size_t i = 0; i < SERVER_LISTS; i++)
        LIST_EACH(server_list(srv, i), node)
            bytes += recvq_memory(LIST_ENTRY(node, struct client, link));
    assert(bytes == srv->input_bytes);
}

static void
leave_input(struct server *srv, struct client *c)
{
    recvq_clear(srv, c);
    list_remove(&input_of(c)->holding);
    policy_of(c)->held_lines = policy_of(c)->held_paid = policy_of(c)->held_joins =
        policy_of(c)->held_struck = 0;
}

static void
count_input_lines(const struct client *c, struct mem_sum *sum)
{
    sum->n += (size_t)(input_of(c)->in.len > 0) + policy_of(c)->held_lines;
    sum->bytes -= input_of(c)->in.len == 0 ? mem_block(input_of(c)->in.cap) : 0;
}

/* The buffer of the line at work is not counted: it exists only if the line came in
 * pieces, and the answer must not depend on that. */
static void
add_input(const struct server *srv, struct census *out)
{
    const struct mem_sum *sum = out->of_clients[SUBSYSTEM_recvq];
    census_add(out, CENSUS_OF_CLIENTS, "lines waiting or incomplete", sum->n,
               srv->input_bytes + sum->bytes);
}

const struct subsystem recvq_subsystem = {
    .id = SUBSYSTEM_recvq,
    .of_sessions = true,
    .client_memory = count_input_lines,
    .memory = add_input,
    .written = recvq_judge_all,
    .client_leaves = leave_input,
    .check = recvq_check,
};
