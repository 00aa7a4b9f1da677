/* A journal of unknown origin: any bytes, and turns with right checksums and any
 * entries. The turns that are read are whole, and they have the same bytes when they
 * are written again. */
#include "base/mem.h"
#include "fuzz.h"
#include "session/turn.h"

#include <stdlib.h>
#include <string.h>

/* Reads the fields that the bytes of the entry choose: none may lie outside. */
static void
read_fields(struct turn_fields f)
{
    const unsigned char *end = f.end;
    while (!f.bad && f.at < f.end) {
        const char *text;
        switch (*f.at & 3) {
        case 0:
            turn_get_u8(&f);
            break;
        case 1:
            turn_get_u32(&f);
            break;
        case 2:
            turn_get_u64(&f);
            break;
        default:
            text = turn_get_text(&f);
            MUST(text == NULL || (const unsigned char *)text + strlen(text) < end);
        }
    }
    MUST(f.bad || turn_fields_done(&f));
}

/* The turns of these bytes, written anew by a second writer, have the same bytes. */
static void
read_journal(const unsigned char *bytes, size_t n, bool whole)
{
    struct turn_reader r;
    struct turn_writer w;
    struct turn t;
    struct turn_entry e;
    char err[128] = "";
    int got = 0;
    turn_writer_init(&w);
    if (!turn_reader_init(&r, bytes, n)) {
        MUST(!whole);
        return;
    }
    for (size_t at = r.at; (got = turn_read(&r, &t, err, sizeof err)) == 1; at = r.at) {
        turn_begin(&w, t.mono, t.wall);
        while (turn_next(&t, &e)) {
            size_t len = (size_t)(e.fields.end - e.fields.at);
            read_fields(e.fields);
            turn_entry(&w, e.kind, e.secret, e.cid);
            turn_put_bytes(&w, e.fields.at, len);
        }
        turn_end(&w);
        MUST(w.len == r.at - at && memcmp(w.bytes, bytes + at, w.len) == 0);
    }
    MUST(got == 0 || err[0] != '\0');
    MUST(!whole || (got == 0 && r.at == n));
    turn_writer_clear(&w);
}

static void
append_bytes(unsigned char **all, size_t *n, const void *bytes, size_t len)
{
    *all = xrealloc(*all, *n + len);
    memcpy(*all + *n, bytes, len);
    *n += len;
}

/* Turns with the entries that the input chooses; then one bit of them is flipped, or
 * their end is cut off, and no turn from there on may be read. */
static void
damage_journal(const uint8_t *bytes, size_t n)
{
    struct fuzz_input in = {bytes, bytes + n};
    struct turn_writer w;
    unsigned char head[TURN_HEADER], *all = NULL;
    size_t len = 0, flip = 256 * fuzz_byte(&in);
    unsigned how = fuzz_byte(&in);
    flip += fuzz_byte(&in);
    turn_header(head);
    append_bytes(&all, &len, head, sizeof head);
    turn_writer_init(&w);
    while (in.at < in.end) {
        turn_begin(&w, fuzz_byte(&in), fuzz_byte(&in));
        for (unsigned left = fuzz_byte(&in) % 8; left > 0; left--) {
            char *line = fuzz_line(&in);
            unsigned kind = 1 + fuzz_byte(&in) % (TURN_KINDS - 1);
            turn_entry(&w, (enum turn_kind)kind, kind & 1, fuzz_byte(&in));
            turn_put_text(&w, line);
            free(line);
        }
        turn_end(&w);
        append_bytes(&all, &len, w.bytes, w.len);
    }
    read_journal(all, len, true);
    struct turn_reader r;
    struct turn t;
    char err[128];
    flip %= len;
    size_t seen = how & 1 ? len : flip;
    if (how & 1)
        all[flip] ^= (unsigned char)(1u << (how >> 1) % 8);
    if (turn_reader_init(&r, all, seen)) {
        while (turn_read(&r, &t, err, sizeof err) == 1)
            MUST(r.at <= flip);
        MUST(r.at <= flip);
    } else {
        MUST(flip < TURN_HEADER);
    }
    turn_writer_clear(&w);
    free(all);
}

int
fuzz_turn(const uint8_t *bytes, size_t n)
{
    unsigned char *copy = xmalloc(n + 1);
    memcpy(copy, bytes, n);
    read_journal(copy, n, false);
    free(copy);
    damage_journal(bytes, n);
    return 0;
}
