/* Input: cuts bytes into lines and applies flood control's verdict to each line
 * (contrib/POLICY.md 3).
 *
 * A line is priced before it is parsed, so held lines keep their order and a refused
 * line costs little work. Waiting input is bounded: of each client, the lines that a
 * credit pays for and the other input are each at most its receive queue. */
#include "input.h"

#include "base/attr.h"
#include "base/linebuf.h"
#include "base/mem.h"
#include "cmd/command.h"
#include "cmd/multiline.h"
#include "cmd/webirc.h"
#include "dispatch.h"
#include "enact/strike.h"
#include "held.h"
#include "lifecycle.h"
#include "line.h"
#include "policy/client_policy.h"
#include "policy/flood.h"
#include "policy/strikes.h"
#include "price.h"
#include "session/client_input.h"
#include "session/journal.h"
#include "session/session.h"
#include "state/census.h"
#include "state/client_end.h"
#include "state/queue.h"
#include "state/subsystem.h"
#include "state/tell.h"
#include "state/watch.h"
#include "wire.h"

#include <assert.h>

#define TAGS_MAX (MESSAGE_CLIENT_TAGS + 2) /* with '@' and the space */
#define BODY_MAX (MESSAGE_LINE - 2)
#define REFUSALS_TOLD 5 /* refusals a second that a client is told; more are counted */

/* Held in place of a line that was too long; no line can hold an LF. */
static const char too_long_mark[] = "\n";

static void
end_flooding(struct server *srv, struct client *c)
{
    char source[MASK_TEXT];
    client_real_source(c, source, sizeof source);
    /* A client has no cloak before registration. */
    TELL(srv, TELL_FORMS(PRIV_see_address), excess_flood, .client = source,
         .hidden = client_name(c));
    enact_strike(srv, c, STRIKE_EXCESS_FLOOD);
    client_kill(srv, c, END_EXCESS_FLOOD, NULL);
}

/* Tells c how many lines were refused silently, once the second of these refusals is
 * over. */
static void
tell_untold(struct server *srv, struct client *c)
{
    if (input_of(c)->untold == 0 || srv->now - input_of(c)->refused_at < MSEC_SECOND)
        return;
    out_notice(srv, c, "%d more lines were refused", input_of(c)->untold);
    input_of(c)->untold = 0;
    held_rest(c);
}

/* Tells c that a line was refused, at most REFUSALS_TOLD times a second. */
static void
tell_line_refused(struct server *srv, struct client *c, const struct command *row,
                  const char *line, size_t len)
{
    struct request req;
    tell_untold(srv, c);
    if (srv->now - input_of(c)->refused_at >= MSEC_SECOND) {
        input_of(c)->refused_at = srv->now;
        input_of(c)->refused = 0;
    }
    if (input_of(c)->refused == REFUSALS_TOLD) {
        input_of(c)->untold += input_of(c)->untold < UINT16_MAX;
        held_wake(srv, c);
        return;
    }
    input_of(c)->refused++;
    dispatch_begin(&req, srv, c, line, len);
    reply_standard(&req, "FAIL", row ? row->name : "*", "RATE_LIMITED", "",
                   "%s refused: you are sending too fast, and %d lines wait already",
                   row ? row->name : "A line was", policy_of(c)->held_lines);
    request_end(&req);
}

/* Refuses a line. Refused lines are at most one strike a second; a mild refusal is
 * none. A client that waits for a worker gets no strike; a client that reads a long
 * answer slowly gets one like any other. */
static void
refuse_line(struct server *srv, struct client *c, const struct input_line *raw,
            bool mild)
{
    const struct command *row = line_row(raw);
    multiline_spoil(c);
    tell_line_refused(srv, c, row, raw->line, raw->len);
    if (mild || c->out.flags & CLIENT_WAITING || !flood_is_offence(srv, c))
        return;
    flood_note_offence(srv, c);
    TELL(srv, TELL_ALL, line_refused, .nick = client_name(c),
         .line = row ? row->name : "a line");
    enact_strike(srv, c, STRIKE_FLOOD);
}

/* What becomes of a line, for a watch and for the counts. */
static const enum watch_verdict watched[] = {
    [FLOOD_RUN] = WATCH_RUN,
    [FLOOD_HOLD] = WATCH_HOLD,
    [FLOOD_REFUSE] = WATCH_REFUSE,
    [FLOOD_REFUSE_NO_STRIKE] = WATCH_REFUSE,
};
static const enum counts_line counted[] = {
    [FLOOD_RUN] = LINE_RUN,
    [FLOOD_HOLD] = LINE_HELD,
    [FLOOD_REFUSE] = LINE_REFUSED,
    [FLOOD_REFUSE_NO_STRIKE] = LINE_REFUSED,
};

/* Counts a line of any kind before registration. False if the client has sent too many:
 * it is ended then. */
static ATTR_HOT bool
is_within_budget(struct server *srv, struct client *c, const char *line, size_t len)
{
    if (client_is_registered(c) || input_of(c)->lines++ < flood_unregistered(srv, c))
        return true;
    srv->counts.lines[LINE_REFUSED]++;
    WATCH(srv, line, c, line, len, WATCH_END);
    end_flooding(srv, c);
    return false;
}

static size_t
recvq_limit_of(const struct server *srv, const struct client *c)
{
    return (size_t)(c->out.flags & CLIENT_REGISTERED
                        ? srv->config->limits.recvq
                        : srv->config->limits.recvq_unregistered);
}

static int
cost_of_line(const struct input_line *raw)
{
    return raw->credit ? -1 : price_of_line(raw);
}

static enum flood_verdict
judge_line(struct server *srv, struct client *c, int cost)
{
    enum flood_verdict verdict = flood_judge(srv, c, cost);
    flood_take(srv, c, cost, verdict);
    srv->counts.lines[counted[verdict]]++;
    return verdict;
}

static void
take_input_line(struct server *srv, struct client *c, char *line, size_t len)
{
    if (!is_within_budget(srv, c, line, len))
        return;
    struct input_line raw = line_look(srv, line, len);
    if (wire_is_traced(srv))
        wire_received(srv, c, line, len, raw.use != NULL);
    /* The credit is used up before the line runs or waits, even if the parser refuses
     * the line later. Otherwise such lines would be free without limit. */
    if (held_paid_bytes(c) + len <= recvq_limit_of(srv, c))
        raw.credit = price_pay(srv, c, &raw);
    enum flood_verdict verdict = judge_line(srv, c, cost_of_line(&raw));
    WATCH(srv, line, c, line, len, watched[verdict]);
    switch (verdict) {
    case FLOOD_RUN:
        dispatch_line(srv, c, &raw);
        break;
    case FLOOD_HOLD:
        held_add(srv, c, line, len, raw.credit);
        break;
    case FLOOD_REFUSE:
    case FLOOD_REFUSE_NO_STRIKE:
        refuse_line(srv, c, &raw, verdict == FLOOD_REFUSE_NO_STRIKE);
        break;
    }
}

/* Handles a line that is too long. line: its len bytes if it was stored; len is 0 if
 * not. */
static void
take_too_long(struct server *srv, struct client *c, const char *line, size_t len)
{
    struct request req;
    if (!is_within_budget(srv, c, NULL, len))
        return;
    if (wire_is_traced(srv))
        wire_received(srv, c, NULL, len, false);
    multiline_spoil(c);
    enum flood_verdict verdict = judge_line(srv, c, 1);
    WATCH(srv, line, c, NULL, len, watched[verdict]);
    switch (verdict) {
    case FLOOD_RUN:
        dispatch_begin(&req, srv, c, line, len);
        if (!webirc_refuse_long(srv, c))
            reply(&req, ERR_INPUTTOOLONG);
        request_end(&req);
        break;
    case FLOOD_HOLD: /* the answer must not overtake those of earlier lines */
        held_add(srv, c, too_long_mark, 1, 0);
        break;
    case FLOOD_REFUSE:
    case FLOOD_REFUSE_NO_STRIKE:
        refuse_line(srv, c, &(struct input_line){0}, verdict == FLOOD_REFUSE_NO_STRIKE);
        break;
    }
}

static bool
is_too_long(const char *line, size_t len)
{
    size_t tags = message_tags_length(line, len);
    return tags > TAGS_MAX || len - tags > BODY_MAX;
}

static size_t
longest_line(const struct client *c, const char *bytes)
{
    char first = input_of(c)->in.len > 0 ? input_of(c)->in.data[0] : *bytes;
    return first == '@' ? TAGS_MAX + BODY_MAX : BODY_MAX;
}

/* Whether the waiting input of c exceeds its receive queue. line: the bytes of a line
 * that has just ended; they count as if the line had come in pieces, so the split of a
 * stream does not matter. */
static bool
exceeds_recvq(const struct server *srv, const struct client *c, size_t line)
{
    return line + linebuf_pending(&input_of(c)->in) + held_bytes(c) >
           recvq_limit_of(srv, c);
}

static void
end_exceeding(struct server *srv, struct client *c)
{
    WATCH(srv, line, c, NULL, recvq_limit_of(srv, c) + 1, WATCH_END);
    end_flooding(srv, c);
}

/* Updates srv->input_bytes; the unfinished line took `room` bytes until now. */
static void
count_unfinished(struct server *srv, const struct client *c, size_t room)
{
    if (input_of(c)->in.cap != room)
        srv->input_bytes += mem_block(input_of(c)->in.cap) - mem_block(room);
}

ATTR_HOT void
session_input(struct server *srv, struct client *c, char *bytes, size_t n)
{
    enum linebuf_got got = LINEBUF_LINE;
    journal_input(srv, c, bytes, n);
    srv->bytes_in += n;
    c->session->received += n;
    if (c->out.flags & CLIENT_REGISTERED && !(c->out.flags & CLIENT_ENDING))
        client_touch(srv, c);
    while (!(c->out.flags & CLIENT_ENDING) && n > 0 && got != LINEBUF_MORE) {
        char *line = NULL;
        size_t len = 0, before = linebuf_pending(&input_of(c)->in) + n;
        size_t room = input_of(c)->in.cap;
        got = linebuf_next(&input_of(c)->in, longest_line(c, bytes), &bytes, &n, &line,
                           &len);
        count_unfinished(srv, c, room);
        size_t whole = got == LINEBUF_MORE ? 0 : before - n - 1;
        if (exceeds_recvq(srv, c, whole))
            end_exceeding(srv, c);
        else if (got == LINEBUF_TOO_LONG ||
                 (got == LINEBUF_LINE && is_too_long(line, len)))
            take_too_long(srv, c, line, got == LINEBUF_LINE ? len : 0);
        else if (got == LINEBUF_LINE)
            take_input_line(srv, c, line, len);
        lifecycle_reap(srv);
    }
    size_t room = input_of(c)->in.cap;
    linebuf_rest(&input_of(c)->in);
    count_unfinished(srv, c, room);
    queue_first(srv, c);
}

static bool
release_held_line(struct server *srv, struct client *c)
{
    size_t len;
    unsigned credit;
    char *line = held_first(c, &len, &credit);
    if (line == NULL || c->out.flags & (CLIENT_ENDING | CLIENT_HELD) ||
        session_is_over(srv, c))
        return false;
    struct input_line raw = line_look(srv, line, len);
    /* A JOIN that pays for this line may have run since the line came. */
    raw.credit = credit ? credit : price_pay(srv, c, &raw);
    int cost = cost_of_line(&raw);
    if (!flood_may_release(srv, c, cost))
        return false;
    flood_release(srv, c, cost);
    held_drop(c);
    if (policy_of(c)->held_struck > 0) {
        policy_of(c)->held_struck--;
        c->out.flags |= CLIENT_STRUCK;
    }
    WATCH(srv, released, c);
    if (len == 1 && *line == *too_long_mark)
        out_numeric(srv, c, ERR_INPUTTOOLONG);
    else
        dispatch_line(srv, c, &raw);
    c->out.flags &= ~(unsigned)CLIENT_STRUCK;
    mem_wipe(line, len); /* it may be a password */
    return true;
}

static void
release_held_lines(struct server *srv, struct client *c)
{
    while (release_held_line(srv, c))
        continue;
    held_trim(srv, c);
}

void
input_release(struct server *srv)
{
    LIST_EACH_SAFE(holding_of(srv), node, next) {
        struct client *c = input_holder(node);
        release_held_lines(srv, c);
        tell_untold(srv, c);
    }
    lifecycle_reap(srv);
}

static void
init_holding(struct server *srv, const struct server_start *start)
{
    (void)start;
    list_init(holding_of(srv));
}

static void
init_client_input(struct server *srv, struct client *c)
{
    input_of(c)->refused_at = srv->now - MSEC_DAY;
    list_init(&input_of(c)->holding);
}

static void
check_holding(const struct client *c, void *ctx)
{
    bool waits = policy_of(c)->held_lines > 0 || input_of(c)->untold > 0;
    (void)ctx;
    assert(waits == !list_empty(&input_of(c)->holding));
}

static void
check_all_held(const struct server *srv)
{
    census_each_session(srv, check_holding, NULL);
}

const struct subsystem held_subsystem = {
    .id = SUBSYSTEM_held,
    .state = sizeof(struct list),
    .init = init_holding,
    .client_made = init_client_input,
    .check = check_all_held,
    .tick = input_release,
};

bool
session_is_silent(const struct client *c)
{
    return c->session->received == 0;
}
