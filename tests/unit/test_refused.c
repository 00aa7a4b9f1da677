/* Refusals by the shell, and of WEBIRC: operators see each, and their numbers, but no
 * token. */
#include "base/str.h"
#include "session/journal.h"
#include "session/turn.h"
#include "world.h"

#define ROOT                                                                           \
    "oper root { password = \"$argon2id$secret\" hosts = \"*@*\" privileges = all }\n" \
    "oper some { password = \"$argon2id$secret\" hosts = \"*@*\" privileges = spy }\n"

static struct refused
make_refused(enum refusal kind, const char *address, const char *why)
{
    struct refused r = {.kind = kind, .listener = "192.0.2.9:6670", .why = why};
    CU_ASSERT_FATAL(addr_parse(address, &r.addr));
    return r;
}

static struct actor *
new_operator(struct world *w, const char *name)
{
    struct actor *a = world_user(w, name);
    world_sayf(w, a, "OPER %s secret", name);
    world_sayf(w, a, "MODE %s +s +f", name);
    world_drain(a);
    return a;
}

static void
each_kind_has_its_count_in_stats(void)
{
    static const struct {
        enum refusal kind;
        const char *text;
    } cases[] = {
        {REFUSAL_proxy, "connections refused for their PROXY header"},
        {REFUSAL_tls, "handshakes of TLS failed"},
        {REFUSAL_plain_port, "clients spoke TLS to a plain port"},
        {REFUSAL_origin, "WebSockets refused for their Origin"},
        {REFUSAL_http, "requests of HTTP refused"},
    };
    struct world *w = world_new(ROOT);
    struct actor *root = new_operator(w, "root");
    char want[100];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (size_t n = 0; n <= i; n++) {
            struct refused r = make_refused(cases[i].kind, "192.0.2.1", "so");
            session_refused(w->srv, &r);
        }
    world_drain(root);
    world_say(w, root, "STATS t");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        str_format(want, sizeof want, "* 249 root t :%zu %s", i + 1, cases[i].text);
        CU_ASSERT(world_count(root, want) == 1);
    }
    CU_ASSERT(world_count(root, "* 249 root t :0 WEBIRC lines refused") == 1);
    world_free(w);
}

static void
operators_are_told_of_a_refused_header(void)
{
    struct world *w = world_new(ROOT);
    struct actor *root = new_operator(w, "root"), *some = new_operator(w, "some");
    struct actor *ann = world_user(w, "ann");
    world_drain_all(w);
    struct refused r =
        make_refused(REFUSAL_proxy, "192.0.2.7", "the header is not whole");
    session_refused(w->srv, &r);
    world_settle(w);
    EXPECT(w, root,
           "* NOTICE root :*Refused a connection from 192.0.2.7 to 192.0.2.9:6670 "
           "for its PROXY header: the header is not whole");
    EXPECT(w, some, "* NOTICE some :*Refused a connection from a host to *");
    SILENT(w, ann);
    CONTAINS(w->logged, "event=proxy-refused host=192.0.2.7 listen=192.0.2.9:6670 "
                        "why=\"the header is not whole\"");
    world_free(w);
}

static void
operators_are_told_of_a_refused_webirc(void)
{
    struct world *w = world_new(ROOT);
    struct actor *root = new_operator(w, "root"), *some = new_operator(w, "some");
    world_drain_all(w);
    struct actor *a = world_connect(w, "192.0.2.7");
    world_say(w, a, "WEBIRC token gw host 192.0.2.8");
    CU_ASSERT(a->closed);
    AWAIT(w, root,
          "* NOTICE root :*Refused WEBIRC of *@192.0.2.7: no proxy block with webirc "
          "matches the address");
    AWAIT(w, some, "* NOTICE some :*Refused WEBIRC of a client: *");
    world_drain_all(w);
    world_say(w, root, "STATS t");
    CU_ASSERT(world_count(root, "* 249 root t :1 WEBIRC lines refused") == 1);
    world_free(w);
}

struct secrets {
    struct turn_reader reader;
    int marked, open; /* entries with the token */
};

static bool
has_token(const struct turn_entry *e)
{
    char text[200];
    size_t n = (size_t)(e->fields.end - e->fields.at);
    str_format(text, sizeof text, "%.*s", (int)n, (const char *)e->fields.at);
    return e->kind == TURN_INPUT && strstr(text, "verysecret");
}

static void
count_secrets(void *ctx, const void *bytes, size_t n)
{
    struct secrets *s = ctx;
    struct turn turn;
    struct turn_entry e;
    char err[128];
    if (n == TURN_HEADER) {
        CU_ASSERT(turn_reader_init(&s->reader, bytes, n));
        return;
    }
    s->reader.bytes = bytes;
    s->reader.n = n;
    s->reader.at = 0;
    CU_ASSERT_FATAL(turn_read(&s->reader, &turn, err, sizeof err) == 1);
    while (turn_next(&turn, &e))
        if (has_token(&e))
            ++*(e.secret ? &s->marked : &s->open);
}

static void
the_token_is_marked_in_a_journal(void)
{
    struct secrets s = {.marked = 0};
    struct journal journal = {.write = count_secrets, .ctx = &s, .out_every = 1};
    world_journal = &journal;
    struct world *w = world_new(ROOT);
    world_say(w, world_connect(w, "192.0.2.7"), "WebIRC verysecret gw h 192.0.2.7");
    world_say(w, world_connect(w, "192.0.2.7"), "PING verysecret");
    world_free(w);
    world_journal = NULL;
    EQUAL_NUMBER(s.marked, 1);
    EQUAL_NUMBER(s.open, 1);
}

SUITE(refused)
{
    TEST(each_kind_has_its_count_in_stats);
    TEST(operators_are_told_of_a_refused_header);
    TEST(operators_are_told_of_a_refused_webirc);
    TEST(the_token_is_marked_in_a_journal);
}
