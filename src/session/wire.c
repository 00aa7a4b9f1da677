/* Writes lines to the log. An outgoing line is logged when the socket took its last
 * byte. Text that may be a password is masked before the log gets it (proto/secret.h),
 * and log.redact applies as to all text of users. */
#include "wire.h"

#include "base/event.h"
#include "base/mem.h"
#include "base/sbuf.h"
#include "proto/mask.h"
#include "proto/secret.h"

#include <string.h>

#define WIRE_LINE 1024 /* bytes of a line in the log; a longer line is cut */

static void
log_wire(struct server *srv, enum event event, const struct client *c, const char *line,
         size_t len, bool is_command)
{
    char source[MASK_TEXT], shown[WIRE_LINE];
    client_real_source(c, source, sizeof source);
    secret_mask(line, len, is_command, shown, sizeof shown);
    LOG_EVENT_LIKE(srv->log, event, line_in, .client = source, .line = shown);
}

void
wire_received(struct server *srv, const struct client *c, const char *line, size_t len,
              bool is_command)
{
    log_wire(srv, EVENT_line_in, c, line ? line : "", line ? len : 0,
             line && is_command);
}

/* Logs the lines that end in the bytes from..to of a buffer. */
static void
log_buffer(struct server *srv, const struct client *c, const struct sbuf *b,
           size_t from, size_t to)
{
    const char *line = b->data, *end;
    while ((end = memchr(line, '\n', (size_t)(b->data + to - line))) != NULL) {
        if ((size_t)(end - b->data) >= from)
            log_wire(srv, EVENT_line_out, c, line, (size_t)(end - line), true);
        line = end + 1;
    }
}

void
wire_sent(struct server *srv, const struct client *c, size_t n)
{
    const struct sendq *q = &c->out.sendq;
    size_t from = q->offset;
    for (uint32_t i = 0; n > 0; i++, from = 0) {
        const struct sbuf *b = q->ring[(q->head + i) & (q->cap - 1)];
        size_t part = b->len - from < n ? b->len - from : n;
        log_buffer(srv, c, b, from, from + part);
        n -= part;
    }
}
