/* A queue of held lines, each stored as [head][line][NUL], in one block of the client
 * that exists only while lines wait.
 *
 * A line is stored as it came; it is priced and parsed when it runs. The head of a line
 * that a credit pays for has the credit, and the bytes of such lines are counted apart.
 * A line may hold a password, so its old bytes are wiped when the queue moves or
 * shrinks. */
#include "held.h"

#include "base/attr.h"
#include "base/mem.h"
#include "policy/client_policy.h"
#include "session/client_input.h"
#include "state/client.h"
#include "state/server.h"

#include <string.h>

struct held {
    uint32_t len, off; /* bytes in use; how many of them have run */
    uint32_t cap;
    uint32_t paid; /* waiting bytes of lines that a credit pays for */
    char bytes[];
};

/* Stored before each line. */
struct head {
    uint16_t len, credit;
};

void
held_wake(struct server *srv, struct client *c)
{
    if (list_empty(&input_of(c)->holding))
        list_append(holding_of(srv), &input_of(c)->holding);
}

void
held_rest(struct client *c)
{
    if (policy_of(c)->held_lines == 0 && input_of(c)->untold == 0)
        list_remove(&input_of(c)->holding);
}

static void
wipe_held(struct held *h)
{
    if (h != NULL)
        mem_wipe(h->bytes, h->len);
    free(h);
}

/* Makes room for n bytes at the end of the queue. */
static struct held *
make_space(struct client *c, uint32_t n)
{
    struct held *h = input_of(c)->held;
    if (h && h->off > 0) {
        uint32_t left = h->len - h->off;
        memmove(h->bytes, h->bytes + h->off, left);
        mem_wipe(h->bytes + left, h->off);
        h->len = left;
        h->off = 0;
    }
    if (h && h->len + n <= h->cap)
        return h;
    uint32_t cap = 2 * ((h ? h->len : 0) + n);
    struct held *more = xmalloc(sizeof *more + cap);
    *more = h ? *h : (struct held){.len = 0};
    if (h)
        memcpy(more->bytes, h->bytes, h->len);
    wipe_held(h);
    more->cap = cap;
    return input_of(c)->held = more;
}

/* Counts a line that is added (sign 1) or removed (-1). The credit of a query is 1, and
 * that of a JOIN of n channels is 1 + n. */
static void
count_paid(struct client *c, struct head head, uint32_t bytes, int sign)
{
    if (head.credit == 0)
        return;
    input_of(c)->held->paid += (uint32_t)sign * bytes;
    policy_of(c)->held_paid = (uint16_t)(policy_of(c)->held_paid + sign);
    policy_of(c)->held_joins =
        (uint16_t)(policy_of(c)->held_joins + sign * (head.credit - 1));
}

/* Updates srv->input_bytes; the held lines of c took `before` bytes until now. */
static void
count_held(struct server *srv, const struct client *c, size_t before)
{
    srv->input_bytes += held_memory(c) - before;
}

void
held_add(struct server *srv, struct client *c, const char *line, size_t len,
         unsigned credit)
{
    struct head head = {(uint16_t)len, (uint16_t)credit};
    uint32_t need = (uint32_t)(sizeof head + len + 1);
    size_t before = held_memory(c);
    struct held *h = make_space(c, need);
    count_held(srv, c, before);
    memcpy(h->bytes + h->len, &head, sizeof head);
    memcpy(h->bytes + h->len + sizeof head, line, len);
    h->len += need;
    h->bytes[h->len - 1] = '\0';
    policy_of(c)->held_lines++;
    if (srv->now - policy_of(c)->struck < MSEC_SECOND)
        policy_of(c)->held_struck = policy_of(c)->held_lines;
    count_paid(c, head, need, 1);
    held_wake(srv, c);
}

char *
held_first(struct client *c, size_t *len, unsigned *credit)
{
    struct head head;
    if (policy_of(c)->held_lines == 0)
        return NULL;
    memcpy(&head, input_of(c)->held->bytes + input_of(c)->held->off, sizeof head);
    *len = head.len;
    *credit = head.credit;
    return input_of(c)->held->bytes + input_of(c)->held->off + sizeof head;
}

void
held_drop(struct client *c)
{
    struct head head;
    if (policy_of(c)->held_lines == 0)
        return;
    memcpy(&head, input_of(c)->held->bytes + input_of(c)->held->off, sizeof head);
    uint32_t bytes = (uint32_t)(sizeof head + head.len + 1);
    input_of(c)->held->off += bytes;
    policy_of(c)->held_lines--;
    count_paid(c, head, bytes, -1);
    held_rest(c);
}

void
held_trim(struct server *srv, struct client *c)
{
    size_t before = held_memory(c);
    if (policy_of(c)->held_lines > 0 || input_of(c)->held == NULL)
        return;
    held_clear(c);
    count_held(srv, c, before);
}

void
held_clear(struct client *c)
{
    wipe_held(input_of(c)->held);
    input_of(c)->held = NULL;
    policy_of(c)->held_lines = policy_of(c)->held_paid = policy_of(c)->held_joins =
        policy_of(c)->held_struck = 0;
    held_rest(c);
}

ATTR_HOT size_t
held_bytes(const struct client *c)
{
    return input_of(c)->held ? input_of(c)->held->len - input_of(c)->held->off -
                                   input_of(c)->held->paid
                             : 0;
}

ATTR_HOT size_t
held_paid_bytes(const struct client *c)
{
    return input_of(c)->held ? input_of(c)->held->paid : 0;
}

size_t
held_memory(const struct client *c)
{
    return input_of(c)->held
               ? mem_block(sizeof *input_of(c)->held + input_of(c)->held->cap)
               : 0;
}
