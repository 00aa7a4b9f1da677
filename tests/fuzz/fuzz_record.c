/* Records that a store may hand to a server that starts: any bytes, and records with a
 * right checksum and any fields. The server starts, the facts that it kept are the same
 * after the next restart, and the lines about them to an operator are whole. */
#include "base/mem.h"
#include "base/str.h"
#include "facts.h"
#include "fuzz.h"
#include "policy/ban/ban.h"
#include "policy/cloaking.h"
#include "policy/host.h"
#include "state/channel_record.h"
#include "state/msgid.h"
#include "state/record.h"
#include "world.h"

static const struct record_kind *const owners[] = {
    ban_records, host_records, channel_records, cloaking_records, msgid_records,
};

/* The kind byte of row n of all owners; behind the last row an unknown one. */
static uint8_t
pick_letter(unsigned n)
{
    size_t rows = 0;
    for (size_t i = 0; i < sizeof owners / sizeof *owners; i++)
        for (const struct record_kind *kind = owners[i]; kind->letter; kind++)
            rows++;
    n %= rows + 1;
    for (size_t i = 0; i < sizeof owners / sizeof *owners; i++)
        for (const struct record_kind *kind = owners[i]; kind->letter; kind++)
            if (n-- == 0)
                return kind->letter;
    return 'x';
}

/* A field; texts come from the input up to LF, numbers take a few forms. */
static void
add_field(struct record *r, struct fuzz_input *in)
{
    unsigned how = fuzz_byte(in);
    uint64_t n = fuzz_byte(in);
    if (how & 1) {
        in->at -= in->at < in->end || n > 0;
        char *text = fuzz_line(in);
        record_add_text(r, text);
        free(text);
        return;
    }
    if (how & 2)
        n = (n << 56) + fuzz_byte(in);
    if (how & 4)
        n = (uint64_t)WORLD_WALL + (n << (how >> 3));
    record_add_number(r, n);
}

/* Under a key that no other record has. */
static void
put_somewhere(struct world *w, const struct fuzz_input *in, const void *bytes, size_t n)
{
    char key[32];
    str_format(key, sizeof key, "record %td", in->end - in->at);
    store_put(w->store, key, strlen(key), bytes, n);
}

/* A record as the core writes it, under a key that is not its own. */
static void
put_record(struct world *w, struct fuzz_input *in, unsigned how)
{
    struct record r;
    record_begin(&r, pick_letter(how));
    for (unsigned fields = 1 + how / 8 % 16; fields > 0 && in->at < in->end; fields--)
        add_field(&r, in);
    if (record_seal(&r))
        put_somewhere(w, in, r.bytes, r.len);
}

static void
put_bytes(struct world *w, struct fuzz_input *in)
{
    struct record_reader reader;
    char err[128] = "", text[32];
    char *line = fuzz_line(in);
    size_t n = strlen(line);
    if (record_open(&reader, line, n, err, sizeof err)) {
        while (reader.at < reader.end) {
            record_text(&reader, text, sizeof text);
            MUST(strlen(text) < sizeof text);
            record_number(&reader);
        }
    } else {
        MUST(err[0] != '\0');
    }
    put_somewhere(w, in, line, n);
    free(line);
}

static void
ask(struct world *w)
{
    static const char *const lines[] = {
        "STATS k", "STATS K",    "STATS d", "STATS D",  "LIST",
        "WHO *",   "MODE #p +b", "MODE #p", "TOPIC #p", "JOIN #p",
    };
    struct actor *a = world_user(w, "asker");
    world_say(w, a, "OPER alice secret");
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        world_say(w, a, lines[i]);
    world_sleep(w, 2500);
    world_close(w, a);
}

int
fuzz_record(const uint8_t *bytes, size_t n)
{
    struct fuzz_input in = {bytes, bytes + n};
    struct world *w = world_new(world_easy);
    while (in.at < in.end) {
        unsigned how = fuzz_byte(&in);
        if (how >= 0xf0)
            put_bytes(w, &in);
        else
            put_record(w, &in, how);
    }
    world_restart(w, world_easy);
    uint64_t sum = facts_sum(w->srv);
    world_restart(w, world_easy);
    MUST(sum == facts_sum(w->srv));
    ask(w);
    world_free(w);
    return 0;
}
