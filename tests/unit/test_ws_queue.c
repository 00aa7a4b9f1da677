/* The send queue of a WebSocket client: lines that were queued arrive identical as
 * frames, whatever a socket takes, whatever is queued meanwhile and whichever queues
 * share frames. */
#include "base/gather.h"
#include "base/mem.h"
#include "base/sbuf.h"
#include "base/sendq.h"
#include "dice.h"
#include "proto/ws_frame.h"
#include "test.h"

#define LINES 30000
#define LINE_ROOM 8800 /* bytes: of the longest line, with the tags of the server */
#define QUEUES 3

static size_t
form_text(const char *from, size_t n, char *out, size_t room, size_t *taken)
{
    return ws_frame_lines(WS_TEXT, from, n, out, room, taken);
}

/* A queue, and a client at its other end that checks each byte of the frames. */
struct ws_end {
    struct sendq q;
    size_t skip;           /* bytes of the first frame that are sent */
    char *queued;          /* all that was queued */
    size_t n_queued;       /* its bytes, */
    size_t n_read;         /* and those that have arrived in whole frames */
    char frame[LINE_ROOM]; /* a frame that has not arrived whole */
    size_t n_frame;
    /* What a record of TLS that the socket did not take would hold: a write that is tried
     * again must begin with it. */
    char tried[GATHER_FLAT_LEAST];
    size_t n_tried;
};

static struct ws_end ends[QUEUES];

/* A line whose bytes tell its place. */
static size_t
write_line(char *out, uint64_t *seed, int number)
{
    size_t n = dice(seed, 20) ? dice(seed, 200) : dice(seed, 2000);
    if (dice(seed, 300) == 0)
        n = 8000 + dice(seed, 700);
    for (size_t i = 0; i < n; i++)
        out[i] = (char)(' ' + ((size_t)number * 7 + i) % 90);
    memcpy(out + n, "\r\n", 2);
    return n + 2;
}

static void
note_queued(struct ws_end *e, const char *bytes, size_t n)
{
    memcpy(e->queued + e->n_queued, bytes, n);
    e->n_queued += n;
}

/* Queues some lines: for one client, or in a buffer that all share. */
static int
queue_lines(uint64_t *seed, int said)
{
    static char text[40 * LINE_ROOM];
    int lines = 1 + (int)dice(seed, dice(seed, 10) ? 4 : 40);
    size_t n = 0;
    for (int i = 0; i < lines; i++)
        n += write_line(text + n, seed, said + i);
    if (dice(seed, 3) == 0) {
        struct ws_end *e = &ends[dice(seed, QUEUES)];
        sendq_append(&e->q, NULL, text, n);
        note_queued(e, text, n);
        return lines;
    }
    struct sbuf *b = sbuf_new(NULL, n);
    memcpy(b->data, text, n);
    b->len = (uint32_t)n;
    for (int i = 0; i < QUEUES; i++) {
        sendq_push(&ends[i].q, b);
        note_queued(&ends[i], text, n);
    }
    sbuf_unref(b);
    return lines;
}

/* The client reads bytes; each whole frame is the next line. */
static void
read_bytes(struct ws_end *e, const char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const unsigned char *f = (unsigned char *)e->frame;
        CU_ASSERT_FATAL(e->n_frame < LINE_ROOM);
        e->frame[e->n_frame++] = bytes[i];
        if (e->n_frame < 2 || (f[1] == 126 && e->n_frame < 4))
            continue;
        size_t header = f[1] < 126 ? 2 : 4;
        size_t payload = f[1] < 126 ? f[1] : f[2] * 256u + f[3];
        if (e->n_frame < header + payload)
            continue;
        const char *line = e->queued + e->n_read;
        CU_ASSERT_FATAL(f[0] == 0x81 && e->n_read + payload + 2 <= e->n_queued);
        CU_ASSERT_FATAL(memcmp(line, f + header, payload) == 0 &&
                        memcmp(line + payload, "\r\n", 2) == 0);
        e->n_read += payload + 2;
        e->n_frame = 0;
    }
}

/* A write of which the socket takes at most `most` bytes. */
static void
write_queue(struct ws_end *e, struct gather *g, uint64_t *seed, size_t most)
{
    size_t n, lines, rest;
    const char *frames = gather_formed(g, form_text, &e->q, &n, &lines);
    if (frames == NULL)
        return;
    CU_ASSERT_FATAL(n > e->skip);
    CU_ASSERT(ws_frame_sent(frames, n, &rest) == lines && rest == 0);
    size_t left = n - e->skip < most ? n - e->skip : most;
    size_t sent = dice(seed, 5) == 0 ? 0
                  : dice(seed, 3)    ? dice(seed, (unsigned)left + 1)
                                     : left;
    CU_ASSERT_FATAL(n - e->skip >= e->n_tried &&
                    memcmp(frames + e->skip, e->tried, e->n_tried) == 0);
    e->n_tried = sent > 0 ? 0 : left < sizeof e->tried ? left : sizeof e->tried;
    memcpy(e->tried, frames + e->skip, e->n_tried);
    read_bytes(e, frames + e->skip, sent);
    sendq_consume(&e->q, ws_frame_sent(frames, e->skip + sent, &e->skip));
}

static void
lines_arrive_identical_through_short_writes_and_appends(void)
{
    static const size_t most[] = {3, 300, 5000, SIZE_MAX};
    struct gather *g = xcalloc(1, sizeof *g);
    for (size_t run = 0; run < sizeof most / sizeof *most; run++) {
        uint64_t seed = run;
        int lines = run == 0 ? 300 : LINES;
        for (int i = 0; i < QUEUES; i++)
            ends[i] = (struct ws_end){.queued = xmalloc((size_t)lines * 400 + 400000)};
        for (int said = 0; said < lines;) {
            said += queue_lines(&seed, said);
            for (int i = 0; i < QUEUES; i++)
                if (dice(&seed, 2) == 0)
                    write_queue(&ends[i], g, &seed, most[run]);
            if (dice(&seed, 4) == 0)
                gather_release(g); /* the end of a turn */
        }
        for (int i = 0; i < QUEUES; i++) {
            while (ends[i].q.bytes > 0)
                write_queue(&ends[i], g, &seed, run == 0 ? 3000 : most[run]);
            EQUAL_NUMBER(ends[i].n_read, ends[i].n_queued);
            EQUAL_NUMBER(ends[i].n_frame + ends[i].skip, 0);
            free(ends[i].queued);
        }
    }
    gather_release(g);
    free(g);
}

SUITE(ws_queue)
{
    TEST(lines_arrive_identical_through_short_writes_and_appends);
}
