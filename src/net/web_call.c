/* Calls of the API. A call is a client of the core that no socket is behind: its line goes
 * in as input, and the row `call` of this file, which writes to memory, collects what the
 * core sends to it. So a call has the commands, the rights and the log of a client, and
 * the journal has it as one.
 *
 * The row only notes lines: it runs while the loop writes to clients. Everything else is
 * done at the end of the turn (web_call_turn). The token never leaves this file; the core
 * gets its SHA-256. */
#include "web_call.h"

#include "base/linebuf.h"
#include "base/mem.h"
#include "base/str.h"
#include "conn_state.h"
#include "loop_state.h"
#include "net/web.h"
#include "policy/access.h"
#include "proto/api.h"
#include "proto/http_field.h"
#include "session/session.h"
#include "web_answer.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

#define NICKS_TRIED 100 /* other nicks if the first one is taken */
#define NICK_PREFIX "api"
#define INPUT_ROOM 1024 /* the lines of a call and one byte */

struct web_call {
    struct list link;   /* l->calls.all */
    struct web *web;    /* its request waits there */
    struct conn *conn;  /* NULL: its client has ended */
    msec since;         /* monotonic: when it began */
    unsigned nicks;     /* nicks that it has tried */
    bool is_in_use;     /* the nick that it has tried last is taken */
    bool is_over;       /* it is answered in this turn */
    enum api_fault end; /* why it has ended without a whole answer, or API_FINE */
    char command[API_COMMAND];
    struct linebuf lines;
    struct control_answer control;
    struct api_answer answer;
};

/* The own bytes of a connection of the row. */
struct call_own {
    struct web_call *call; /* NULL: it is answered */
};

static void
end_call(struct web_call *call, enum api_fault why)
{
    if (call->is_over)
        return;
    call->is_over = true;
    call->end = why;
}

static void
take_call_line(struct web_call *call, char *line, size_t len)
{
    struct control_text text;
    switch (control_answer_take(&call->control, line, len, &text)) {
    case CONTROL_TEXT:
        if (!api_answer_take(&call->answer, &text))
            end_call(call, API_FAULT_BYTES);
        break;
    case CONTROL_IN_USE:
        call->is_in_use = true;
        break;
    case CONTROL_ENDED:
    case CONTROL_BROKEN:
        end_call(call, API_FAULT_ENDED);
        break;
    case CONTROL_READY:
    case CONTROL_OTHER:
        break;
    }
    if (call->control.done)
        end_call(call, API_FINE);
}

/* What follows a nick that is taken answers lines of a client that has not registered. */
static void
take_call_bytes(struct web_call *call, char *bytes, size_t n)
{
    char *line;
    size_t len;
    while (!call->is_over && !call->is_in_use) {
        switch (linebuf_next(&call->lines, CONTROL_LINE_MAX, &bytes, &n, &line, &len)) {
        case LINEBUF_MORE:
            return;
        case LINEBUF_TOO_LONG:
            end_call(call, API_FAULT_ENDED);
            return;
        case LINEBUF_LINE:
            take_call_line(call, line, len);
            break;
        }
    }
}

/* --- the row --- */

static enum transport_state
read_call(int fd, void *own, char *out, size_t size, size_t *n)
{
    (void)fd, (void)own, (void)out, (void)size;
    *n = 0;
    return TRANSPORT_WAITS_READ;
}

/* Takes all bytes at once. They are shared with other clients, so the call gets a copy. */
static enum transport_state
write_call(int fd, void *own, struct iovec *iov, int count, bool last, size_t *n)
{
    struct web_call *call = ((struct call_own *)own)->call;
    (void)fd, (void)last;
    *n = 0;
    for (int i = 0; i < count; i++) {
        *n += iov[i].iov_len;
        if (call == NULL)
            continue;
        char *copy = xmalloc(iov[i].iov_len + 1);
        memcpy(copy, iov[i].iov_base, iov[i].iov_len);
        take_call_bytes(call, copy, iov[i].iov_len);
        free(copy);
    }
    return TRANSPORT_DONE;
}

/* Its client is freed. */
static void
close_call(int fd, void *own, enum transport_end why)
{
    struct web_call *call = ((struct call_own *)own)->call;
    (void)fd, (void)why;
    if (call == NULL)
        return;
    call->conn = NULL;
    end_call(call, API_FAULT_ENDED);
}

static bool
finish_call(int fd, void *own, enum transport_end why)
{
    close_call(fd, own, why);
    return false;
}

static void
refuse_call(int fd, const char *line, bool last)
{
    (void)fd, (void)line, (void)last;
}

static const struct transport transport_call = {
    .name = "call",
    .own = sizeof(struct call_own),
    .read = read_call,
    .write = write_call,
    .finish = finish_call,
    .close = close_call,
    .refuse = refuse_call,
};

/* --- the call --- */

void
web_call_init(struct loop *l)
{
    static char text[] = "api";
    list_init(&l->calls.all);
    l->calls.listener.loop = l;
    l->calls.listener.text = text;
    l->calls.listener.transport = &transport_call;
}

static void
refuse_request(enum api_fault fault, const char *words, struct web_answer *out)
{
    const char *fields = api_fault_fields(fault);
    *out = (struct web_answer){.status = api_fault_status(fault),
                               .type = "application/json",
                               .fields = *fields ? fields : NULL};
    api_fault_body(fault, words, &out->text);
}

/* Sends the lines with which the client registers, and its command; or another nick and
 * the command again. The core runs all of them at once. */
static void
send_call(struct loop *l, struct web_call *call)
{
    char lines[INPUT_ROOM], nick[CONTROL_NICK], label[CONTROL_LABEL];
    bool again = call->is_in_use;
    struct str s;
    call->is_in_use = false;
    /* An answer to the last try has another label. */
    str_format(label, sizeof label, "c%u", ++call->nicks);
    control_answer_begin(&call->control, label, call->command);
    control_answer_nick(NICK_PREFIX, ++l->calls.number, nick);
    str_init(&s, lines, sizeof lines - 1);
    if (!again)
        str_addf(&s, CONTROL_CAPS "USER " ACCESS_TOKEN_USER " 0 * :API\r\n");
    str_addf(&s, "NICK %s\r\n%s", nick, again ? "" : "CAP END\r\n");
    str_addf(&s, "@label=%s %s\r\n", label, call->command);
    l->busy = true;
    session_input(l->srv, call->conn->client, lines, s.len);
    mem_wipe(lines, sizeof lines);
}

/* The connection of a call, which has no descriptor and whose watcher never runs. */
static struct conn *
make_call_conn(struct loop *l, struct web_call *call)
{
    struct conn_kept *k = conn_new_kept(&transport_call, 0, l->turns);
    ((struct call_own *)(void *)k->own)->call = call;
    ev_io_init(&k->conn.io, NULL, -1, EV_READ);
    k->conn.io.data = &l->calls.listener;
    l->calls.listener.clients++;
    l->kept++;
    l->kept_bytes += kept_bytes_of(k);
    return &k->conn;
}

/* Writes the SHA-256 of the token. */
static void
hash_token(struct http_text token, char out[2 * crypto_hash_sha256_BYTES + 1])
{
    unsigned char sum[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(sum, (const unsigned char *)token.at, token.n);
    sodium_bin2hex(out, 2 * sizeof sum + 1, sum, sizeof sum);
    mem_wipe(sum, sizeof sum);
}

/* The client of the call. NULL: *out is the answer. */
static struct client *
open_call(struct loop *l, const struct web_request *r, struct http_text token,
          struct web_answer *out)
{
    static const enum api_fault faults[] = {[ACT_UNKNOWN] = API_FAULT_BAD_TOKEN,
                                            [ACT_LOCKED_OUT] = API_FAULT_LOCKED,
                                            [ACT_HOST] = API_FAULT_NO_RIGHT,
                                            [ACT_PLAIN] = API_FAULT_NO_RIGHT};
    char hash[2 * crypto_hash_sha256_BYTES + 1];
    struct act_refusal refusal;
    hash_token(token, hash);
    const struct connection_info info = {
        .addr = r->addr, .listener = r->listener, .secure = r->secure, .token = hash};
    struct client *c = session_act(l->srv, &info, NULL, &refusal);
    mem_wipe(hash, sizeof hash);
    if (c == NULL)
        refuse_request(faults[refusal.verdict], refusal.why, out);
    return c;
}

bool
web_call_begin(struct loop *l, struct web *w, const struct web_request *r,
               struct web_answer *out)
{
    struct http_text token;
    struct api_call request;
    enum api_fault fault = API_FINE;
    if (http_bearer(r->head, &token) <= 0)
        fault = API_FAULT_NO_TOKEN;
    else if (l->ending)
        fault = API_FAULT_ENDING;
    else if (l->calls.n == WEB_CALLS_MOST)
        fault = API_FAULT_BUSY;
    else
        fault = api_request(r->head, r->body, &request);
    if (fault != API_FINE) {
        refuse_request(fault, NULL, out);
        return false;
    }
    struct client *c = open_call(l, r, token, out);
    if (c == NULL) {
        mem_wipe(&request, sizeof request);
        return false;
    }
    struct web_call *call = xcalloc(1, sizeof *call);
    call->web = w;
    call->since = l->now;
    memcpy(call->command, request.command, sizeof call->command);
    api_answer_begin(&call->answer, request.is_table);
    mem_wipe(&request, sizeof request); /* a password may be in it */
    list_append(&l->calls.all, &call->link);
    l->calls.n++;
    call->conn = make_call_conn(l, call);
    call->conn->client = c;
    session_set_conn(c, call->conn);
    send_call(l, call);
    return true;
}

static void
make_answer(struct web_call *call, struct web_answer *out)
{
    if (call->end != API_FINE) {
        refuse_request(call->end, NULL, out);
        return;
    }
    *out = (struct web_answer){.type = "application/json"};
    out->status = api_answer_end(&call->answer, &out->text);
}

/* Ends the client of the call, and frees the call. */
static void
free_call(struct loop *l, struct web_call *call)
{
    if (call->conn) {
        struct call_own *own = conn_own(call->conn);
        assert(own != NULL);
        own->call = NULL;
        session_close(l->srv, call->conn->client, NULL);
    }
    l->calls.n--;
    list_remove(&call->link);
    linebuf_clear(&call->lines);
    api_answer_clear(&call->answer);
    mem_wipe(call->command, sizeof call->command);
    free(call);
}

/* The call is not in the list any more when web_answered begins the next request. */
static void
answer_call(struct loop *l, struct web_call *call)
{
    struct web_answer answer;
    struct web *w = call->web;
    make_answer(call, &answer);
    free_call(l, call);
    web_answered(w, &answer);
}

void
web_call_drop(struct loop *l, const struct web *w)
{
    LIST_EACH_SAFE(&l->calls.all, node, next) {
        struct web_call *call = LIST_ENTRY(node, struct web_call, link);
        if (call->web == w)
            free_call(l, call);
    }
}

/* The first call that is over; NULL: none is. */
static struct web_call *
find_ended_call(const struct loop *l)
{
    LIST_EACH(&l->calls.all, node) {
        struct web_call *call = LIST_ENTRY(node, struct web_call, link);
        if (call->is_over)
            return call;
    }
    return NULL;
}

void
web_call_turn(struct loop *l)
{
    struct web_call *call;
    bool calls = !list_empty(&l->calls.all);
    LIST_EACH(&l->calls.all, node) {
        call = LIST_ENTRY(node, struct web_call, link);
        if (call->is_in_use && !call->is_over && call->nicks < NICKS_TRIED)
            send_call(l, call);
        else if (call->is_in_use)
            end_call(call, API_FAULT_BUSY);
    }
    /* An answer may end other connections and their calls, so the walk begins again. */
    while ((call = find_ended_call(l)) != NULL)
        answer_call(l, call);
    if (calls && session_is_dirty(l->srv))
        ev_idle_start(l->ev, &l->unwritten);
}

/* What the core has sent to a call in this turn is still in its queue: the command may be
 * the one that ends the server. */
void
web_call_end_all(struct loop *l)
{
    struct web_call *call;
    LIST_EACH(&l->calls.all, node) {
        call = LIST_ENTRY(node, struct web_call, link);
        call->web->after = HTTP_AFTER_CLOSE;
        if (call->conn && !session_is_dead(call->conn->client))
            conn_flush_living(l, call->conn);
        end_call(call, API_FAULT_ENDED);
    }
    while ((call = find_ended_call(l)) != NULL)
        answer_call(l, call);
}

msec
web_call_expire(struct loop *l, msec most)
{
    LIST_EACH(&l->calls.all, node) {
        struct web_call *call = LIST_ENTRY(node, struct web_call, link);
        msec left = call->since + WEB_CALL_TIME - l->now;
        if (left > 0)
            return left < most ? left : most;
        end_call(call, API_FAULT_TIME);
    }
    return most;
}
