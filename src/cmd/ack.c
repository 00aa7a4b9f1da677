/* Acknowledgements that wait until the store has written a change.
 *
 * An acknowledgement is kept until its change is on disk, however long the disk is full.
 * The first failure is told to operators, and the success is logged, also if the client
 * has left meanwhile. */
#include "cmd/ack.h"

#include "base/log.h"
#include "base/mem.h"
#include "policy/privs.h"
#include "state/census.h"
#include "state/client.h"
#include "state/out.h"
#include "state/request.h"
#include "state/saved.h"
#include "state/server.h"
#include "state/subsystem.h"
#include "state/tell.h"

struct ack {
    struct saved_wait wait;
    struct list link;       /* struct acks.all */
    struct request request; /* the command; its client is NULL once it has left */
    bool failed;            /* a failure has been told */
    char *text;             /* owned: what was changed, for "<text>, saved" */
};

struct acks {
    struct list all;
    size_t n;
};

static struct acks *
acks_of(const struct server *srv)
{
    return subsystem_state(srv, SUBSYSTEM_ack);
}

bool
ack_waits(const struct server *srv)
{
    return !list_empty(&acks_of(srv)->all);
}

bool
ack_is_owed(const struct server *srv)
{
    LIST_EACH(&acks_of(srv)->all, node) {
        const struct ack *a = LIST_ENTRY(node, struct ack, link);
        if (a->request.client != NULL && !a->failed)
            return true;
    }
    return false;
}

static void
ack_free(struct server *srv, struct ack *a)
{
    acks_of(srv)->n--;
    request_drop(&a->request);
    saved_forget(&a->wait);
    list_remove(&a->link);
    free(a->text);
    free(a);
}

/* Tells the client, if it has not left. The first line has the label of the command. why:
 * NULL if the change is saved. A text may say anything, so a program reads the code. */
static void
tell_ack_client(struct ack *a, const char *why)
{
    if (a->request.client == NULL)
        return;
    request_begin(&a->request);
    if (why)
        reply_standard(&a->request, "WARN", "*", "NOT_SAVED", "", "%s, NOT saved: %s",
                       a->text, why);
    else
        reply_notice(&a->request, "%s, saved", a->text);
    request_end(&a->request);
}

static void
tell_ack_failed(struct server *srv, struct ack *a, const char *why)
{
    if (a->failed)
        return;
    a->failed = true;
    tell_ack_client(a, why);
    TELL_LIKE(srv, TELL_FORMS(PRIV_see_address),
              a->request.client ? EVENT_not_saved : EVENT_not_saved_left, not_saved,
              .what = a->text, .why = why, .hidden = "A change");
}

static void
handle_store_answer(struct server *srv, struct saved_wait *wait, const char *why)
{
    struct ack *a = LIST_ENTRY(wait, struct ack, wait);
    if (why) {
        tell_ack_failed(srv, a, why);
        return;
    }
    tell_ack_client(a, NULL);
    LOG_EVENT(srv->log, saved, .what = a->text);
    ack_free(srv, a);
}

void
ack_when_saved(struct server *srv, struct client *to, store_ticket ticket,
               const char *text)
{
    if (!srv->store->durable) {
        out_standard(srv, to, "WARN", "*", "NOT_SAVED", "",
                     "%s, NOT saved: there is no database (database.path is empty)",
                     text);
        return;
    }
    if (ticket == STORE_REFUSED) {
        out_standard(srv, to, "WARN", "*", "NOT_SAVED", "",
                     "%s, NOT saved: it is too long for the database", text);
        return;
    }
    if (acks_of(srv)->n == ACKS_MAX) {
        out_standard(srv, to, "WARN", "*", "NOT_SAVED", "",
                     "%s, NOT saved yet: %d changes wait for the disk; you get no "
                     "notice when it is saved",
                     text, ACKS_MAX);
        return;
    }
    struct ack *a = xcalloc(1, sizeof *a);
    acks_of(srv)->n++;
    a->text = xstrdup(text);
    request_defer(&a->request, srv, to);
    list_append(&acks_of(srv)->all, &a->link);
    on_saved(srv, ticket, &a->wait, handle_store_answer);
}

static void
free_acks(struct server *srv)
{
    while (!list_empty(&acks_of(srv)->all))
        ack_free(srv, LIST_ENTRY(acks_of(srv)->all.next, struct ack, link));
}

static void
cancel_acks(struct server *srv, struct client *c)
{
    LIST_EACH(&acks_of(srv)->all, node) {
        struct ack *a = LIST_ENTRY(node, struct ack, link);
        if (a->request.client == c)
            request_drop(&a->request);
    }
}

/* Walks all acknowledgements. */
static void
add_acks(const struct server *srv, struct census *out)
{
    size_t bytes = 0;
    LIST_EACH(&acks_of(srv)->all, node) {
        const struct ack *a = LIST_ENTRY(node, struct ack, link);
        bytes += mem_block(sizeof *a) + mem_text(a->text) + request_memory(&a->request);
    }
    census_add(out, CENSUS_OF_SERVER, CENSUS_WAITS, acks_of(srv)->n, bytes);
}

static void
init_acks(struct server *srv, const struct server_start *start)
{
    (void)start;
    list_init(&acks_of(srv)->all);
}

const struct subsystem ack_subsystem = {
    .id = SUBSYSTEM_ack,
    .state = sizeof(struct acks),
    .init = init_acks,
    .memory = add_acks,
    .client_leaves = cancel_acks,
    .free = free_acks,
};
