/* Each capability of CAP LS is requested alone, shown, tried by its specification
 * (https://ircv3.net/specs/), and given back. A capability without a row here fails.
 *
 * The connection of ann has the capability and those that its specification builds
 * upon; bob has none. */
#include "conformance.h"

static const char cloaking[] = "server { cloak = true cloak_optional = true }\n";

static void
heard(struct cast *t, const char *by_bob, const char *pattern)
{
    world_drain_all(t->w);
    world_say(t->w, t->bob, by_bob);
    if (world_count(t->ann, pattern) == 0)
        printf("\n    %s\n      pattern: %s\n      got: %s\n", by_bob, pattern,
               t->ann->inbox);
    CU_ASSERT(world_count(t->ann, pattern) > 0);
}

static void
server_time(struct cast *t)
{
    heard(t, "PRIVMSG #a :hi", "@time=2026-11-22T0?:??:??.???Z :bob!* PRIVMSG #a :hi");
    answered(t, t->ann, "PING x", "@time=2026-11-22T*Z :* PONG * :x");
    NEVER(t->w, t->bob, "@*");
}

static void
message_tags(struct cast *t)
{
    world_say(t->w, t->bob, "CAP REQ message-tags");
    heard(t, "@+a=b;c=d TAGMSG #a", "@*+a=b :bob!* TAGMSG #a");
    NEVER(t->w, t->ann, "*c=d*");
    heard(t, "@+a=\\s\\: PRIVMSG #a :hi", "@*+a=* :bob!* PRIVMSG #a :hi");
    CONTAINS(t->ann->inbox, "+a=\\s\\:");
}

static void
multi_prefix(struct cast *t)
{
    world_say(t->w, t->ann, "MODE #a +v ann");
    answered(t, t->ann, "NAMES #a", "* 353 ann = #a :*@+ann*");
    answered(t, t->ann, "WHO #a", "* 352 ann #a ann * ann H*@+ :*");
}

static void
echo_message(struct cast *t)
{
    answered(t, t->ann, "PRIVMSG #a :hi", ":ann!* PRIVMSG #a :hi");
    answered(t, t->ann, "NOTICE bob :hi", ":ann!* NOTICE bob :hi");
}

/* capability-negotiation "cap-notify": implied by 302, and then it cannot be given
 * back. */
static void
cap_notify(struct cast *t)
{
    world_say(t->w, t->bob, "CAP LS 302");
    world_drain(t->bob);
    world_say(t->w, t->bob, "CAP LIST");
    EXPECT(t->w, t->bob, "*:* CAP bob LIST :*cap-notify*");
    world_say(t->w, t->bob, "CAP REQ -cap-notify");
    EXPECT(t->w, t->bob, "*:* CAP bob NAK :-cap-notify");
}

static void
labeled_response(struct cast *t)
{
    answered(t, t->ann, "@label=1 PING x", "@label=1 :* PONG * :x");
    answered(t, t->ann, "@label=2 PONG x", "@label=2 :* ACK");
    answered(t, t->ann, "@label=3 NAMES #a", "@label=3 :* BATCH +* labeled-response");
    AWAIT(t->w, t->ann, "@label=3 *");
    EXPECT(t->w, t->ann, "@batch=* :* 353 ann = #a :*");
    EXPECT(t->w, t->ann, "@batch=* :* 366 ann #a :*");
    EXPECT(t->w, t->ann, "*:* BATCH -*");
    SILENT(t->w, t->ann);
}

static void
standard_replies(struct cast *t)
{
    answered(t, t->ann, "PRIVMSG #a :\xff", "*:* FAIL PRIVMSG INVALID_UTF8 :*");
}

static void
away_notify(struct cast *t)
{
    heard(t, "AWAY :tea", ":bob!* AWAY :tea");
    heard(t, "AWAY", ":bob!* AWAY");
}

/* chghost: clients with it receive CHGHOST, the others a QUIT and a JOIN. */
static void
chghost(struct cast *t)
{
    struct actor *c = world_user(t->w, "cid");
    world_say(t->w, c, "JOIN #a");
    heard(t, "MODE bob -x", ":bob!* CHGHOST bob 10.1.2.1");
    NEVER(t->w, t->ann, "* QUIT *");
    AWAIT(t->w, c, ":bob!* QUIT :*");
    AWAIT(t->w, c, ":bob!bob@10.1.2.1 JOIN *#a");
}

static void
setname(struct cast *t)
{
    world_say(t->w, t->bob, "CAP REQ setname");
    answered(t, t->ann, "SETNAME :Ann of Tea", ":ann!* SETNAME :Ann of Tea");
    heard(t, "SETNAME :Bob", ":bob!* SETNAME :Bob");
    answered(t, t->ann, "WHOIS ann", "* 311 ann ann * :Ann of Tea");
}

static void
invite_notify(struct cast *t)
{
    world_user(t->w, "cid");
    world_say(t->w, t->ann, "MODE #a +o bob");
    heard(t, "INVITE cid #a", ":bob!* INVITE cid *#a");
}

static void
extended_join(struct cast *t)
{
    world_say(t->w, t->bob, "PART #a");
    heard(t, "JOIN #a", ":bob!* JOIN #a ? :Real bob");
}

static void
userhost_in_names(struct cast *t)
{
    answered(t, t->ann, "NAMES #a", "* 353 ann = #a :*bob!bob@*");
}

static void
no_implicit_names(struct cast *t)
{
    answered(t, t->ann, "JOIN #b", ":ann!* JOIN *#b");
    NEVER(t->w, t->ann, "* 353 *");
    NEVER(t->w, t->ann, "* 366 *");
    answered(t, t->ann, "NAMES #b", "* 353 ann = #b :@ann");
}

/* extended-monitor: news that go to clients on a shared channel also go to clients that
 * watch the nick. */
static void
extended_monitor(struct cast *t)
{
    world_say(t->w, t->bob, "PART #a");
    world_say(t->w, t->ann, "MONITOR + bob");
    heard(t, "AWAY :tea", ":bob!* AWAY :tea");
    world_say(t->w, t->ann, "MONITOR - bob");
    world_drain_all(t->w);
    world_say(t->w, t->bob, "AWAY");
    NEVER(t->w, t->ann, "* AWAY*");
}

static void
pre_away(struct cast *t)
{
    struct actor *c = world_connect(t->w, "192.0.2.3");
    world_say(t->w, c, "CAP REQ draft/pre-away\r\nAWAY :in a moment");
    AWAIT(t->w, c, "*:* 306 *");
    world_say(t->w, c, "NICK cid\r\nUSER cid 0 * :Cid\r\nCAP END");
    AWAIT(t->w, c, "*:* 001 cid :*");
    answered(t, t->ann, "PRIVMSG cid :hi", "* 301 ann cid :in a moment");
}

static void
extended_isupport(struct cast *t)
{
    struct actor *c = world_connect(t->w, "192.0.2.3");
    world_say(t->w, c, "CAP REQ :batch draft/extended-isupport\r\nISUPPORT");
    AWAIT(t->w, c, "*:* BATCH +* draft/isupport");
    AWAIT(t->w, c, "@batch=* :* 005 ? *NICKLEN=*");
    AWAIT(t->w, c, "*:* BATCH -*");
}

/* Sends a message of `lines` lines with `bytes` bytes each. Returns how many lines bob
 * receives. */
static unsigned
say_lines(struct cast *t, unsigned lines, int bytes)
{
    world_drain_all(t->w);
    world_say(t->w, t->ann, "BATCH +1 draft/multiline #a");
    for (unsigned i = 0; i < lines; i++)
        world_sayf(t->w, t->ann, "@batch=1 PRIVMSG #a :%0*u", bytes, i);
    world_say(t->w, t->ann, "BATCH -1");
    EQUAL_NUMBER(world_count(t->bob, "* BATCH *"), 0);
    return world_count(t->bob, ":ann!* PRIVMSG #a :*");
}

/* The values are the limits, which count a line break as one byte. */
static void
multiline(struct cast *t)
{
    unsigned lines = 0, bytes = 0;
    CU_ASSERT_FATAL(sscanf(t->value, "max-bytes=%u,max-lines=%u", &bytes, &lines) == 2);
    world_say(t->w, t->ann, "CAP REQ standard-replies");
    EQUAL_NUMBER(say_lines(t, lines, 9), lines);
    EQUAL_NUMBER(say_lines(t, lines + 1, 9), 0);
    AWAIT(t->w, t->ann, ":* FAIL BATCH MULTILINE_MAX_LINES *");
    unsigned each = bytes / 400;
    EQUAL_NUMBER(say_lines(t, each, 399), each);
    EQUAL_NUMBER(say_lines(t, each + 1, 399), 0);
    AWAIT(t->w, t->ann, ":* FAIL BATCH MULTILINE_MAX_BYTES *");
}

static void
channel_rename(struct cast *t)
{
    answered(t, t->ann, "RENAME #a #new :moved", ":ann!* RENAME #a #new :moved");
    CU_ASSERT(world_count(t->bob, ":bob!* JOIN *#new") == 1);
    answered(t, t->bob, "PRIVMSG #new :hi", ":ann!* PRIVMSG #new :hi");
}

static const struct {
    const char *name, *with; /* the capabilities that its specification builds upon */
    void (*check)(struct cast *t);
} rows[] = {
    {"server-time", "", server_time},
    {"message-tags", "", message_tags},
    {"multi-prefix", "", multi_prefix},
    {"echo-message", "", echo_message},
    {"cap-notify", "", cap_notify},
    {"batch", "labeled-response", labeled_response},
    {"labeled-response", "batch", labeled_response},
    {"standard-replies", "", standard_replies},
    {"away-notify", "", away_notify},
    {"chghost", "", chghost},
    {"setname", "", setname},
    {"invite-notify", "", invite_notify},
    {"extended-join", "", extended_join},
    {"userhost-in-names", "", userhost_in_names},
    {"no-implicit-names", "", no_implicit_names},
    {"extended-monitor", "away-notify", extended_monitor},
    {"draft/pre-away", "", pre_away},
    {"draft/extended-isupport", "batch", extended_isupport},
    {"draft/multiline", "batch", multiline},
    {"draft/channel-rename", "", channel_rename},
};

static void
arrive(struct cast *t)
{
    char config[1024];
    snprintf(config, sizeof config, "%s%s", world_easy, cloaking);
    t->w = world_new(config);
    t->ann = world_oper(t->w, "ann");
    t->bob = world_user(t->w, "bob");
    world_say(t->w, t->ann, "JOIN #a");
    world_say(t->w, t->bob, "JOIN #a");
    world_drain_all(t->w);
}

/* ann requests it: it is acknowledged, and listed from now on. */
static void
take(struct cast *t, const char *name, const char *with)
{
    char line[128], want[128];
    snprintf(line, sizeof line, "CAP REQ :%s", name);
    snprintf(want, sizeof want, "*:* CAP ann ACK :%s", name);
    answered(t, t->ann, line, want);
    snprintf(want, sizeof want, "*:* CAP ann LIST :%s", name);
    answered(t, t->ann, "CAP LIST", want);
    if (*with) {
        snprintf(line, sizeof line, "CAP REQ :%s", with);
        world_say(t->w, t->ann, line);
    }
}

static void
give_back(struct cast *t, const char *name)
{
    char line[128], want[128];
    snprintf(line, sizeof line, "CAP REQ :-%s", name);
    snprintf(want, sizeof want, "* CAP ann ACK :-%s", name);
    answered(t, t->ann, line, want);
    snprintf(want, sizeof want, "* CAP ann LIST :*%s*", name);
    not_answered(t, t->ann, "CAP LIST", want);
}

static void
try_cap(const char *name, const char *value)
{
    struct cast t = {.value = value};
    size_t i = 0;
    while (i < sizeof rows / sizeof *rows && strcmp(rows[i].name, name) != 0)
        i++;
    if (i == sizeof rows / sizeof *rows) {
        printf("\n    capability %s: no check tries it\n", name);
        CU_FAIL("a capability without a check");
        return;
    }
    unsigned failures = CU_get_number_of_failures();
    arrive(&t);
    take(&t, name, rows[i].with);
    rows[i].check(&t);
    give_back(&t, name);
    world_free(t.w);
    if (CU_get_number_of_failures() > failures)
        printf("\n    capability %s does not do what its specification says\n", name);
}

/* The names and values of CAP LS 302, with a blank behind each. */
static void
all_caps(char *out, size_t size)
{
    struct world *w = world_new(world_easy);
    struct actor *a = world_connect(w, "192.0.2.1");
    size_t len = 0;
    world_say(w, a, "CAP LS 302");
    for (const char *at = a->inbox; (at = strstr(at, " CAP * LS ")) != NULL; at++) {
        const char *first = strchr(at, ':') + 1, *end = strchr(first, '\r');
        len +=
            (size_t)snprintf(out + len, size - len, "%.*s ", (int)(end - first), first);
    }
    world_free(w);
}

static void
each_capability_is_true(void)
{
    char all[2048] = "", *next;
    unsigned n = 0;
    all_caps(all, sizeof all);
    for (char *name = all; *name; name = next, n++) {
        next = strchr(name, ' ');
        *next++ = '\0';
        char *value = name + strcspn(name, "=");
        if (*value)
            *value++ = '\0';
        try_cap(name, value);
    }
    CU_ASSERT(n >= 8);
}

SUITE(conformance_caps)
{
    TEST(each_capability_is_true);
}
