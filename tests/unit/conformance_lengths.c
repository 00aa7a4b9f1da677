/* The tokens of 005 that are lengths and counts: each is tried at the limit and one
 * beyond it.
 *
 * A text that is too long is cut where a token says so (topic, reasons, real name). It
 * is refused where a cut would change its meaning (nick, channel, key). */
#include "conformance.h"

#define ROOM 1024

/* A text of the value's length arrives whole; a longer one is cut to this length. */
static void
is_cut(struct cast *t, const char *value, const char *command, const char *heard)
{
    char line[ROOM], want[ROOM];
    size_t n = number(value);
    for (size_t more = 0; more < 2; more++) {
        world_say(t->w, t->bob, "JOIN #a");
        answered(t, t->bob, with_text(line, ROOM, command, n + more, ""),
                 with_text(want, ROOM, heard, n, ""));
    }
}

static void
awaylen(struct cast *t, const char *value)
{
    char line[ROOM], want[ROOM];
    size_t n = number(value);
    for (size_t more = 0; more < 2; more++) {
        world_say(t->w, t->ann, with_text(line, ROOM, "AWAY :", n + more, ""));
        world_drain_all(t->w);
        world_say(t->w, t->bob, "PRIVMSG ann :there?");
        EXPECT(t->w, t->bob, with_text(want, ROOM, "* 301 bob ann :", n, ""));
    }
}

static void
kicklen(struct cast *t, const char *value)
{
    is_cut(t, value, "KICK #a bob :", ":ann!* KICK #a bob :");
}

static void
topiclen(struct cast *t, const char *value)
{
    is_cut(t, value, "TOPIC #a :", ":ann!* TOPIC #a :");
}

static void
chanlimit(struct cast *t, const char *value)
{
    char line[64];
    CU_ASSERT(strncmp(value, "#:", 2) == 0);
    int n = (int)number(value + 2);
    for (int i = 1; i < n; i++) { /* #a is one of them */
        snprintf(line, sizeof line, "JOIN #%d", i);
        answered(t, t->ann, line, "* 366 *");
    }
    answered(t, t->ann, "JOIN #more", "* 405 ann #more :*");
}

static void
channellen(struct cast *t, const char *value)
{
    char line[ROOM];
    size_t n = number(value) - 1; /* '#' */
    answered(t, t->ann, with_text(line, ROOM, "JOIN #", n, ""), ":ann!* JOIN :#x*");
    not_answered(t, t->ann, with_text(line, ROOM, "JOIN #", n + 1, ""), "* JOIN *");
}

static void
nicklen(struct cast *t, const char *value)
{
    char line[ROOM];
    size_t n = number(value);
    answered(t, t->ann, with_text(line, ROOM, "NICK ", n, ""), ":ann!* NICK :x*");
    answered(t, t->ann, with_text(line, ROOM, "NICK ", n + 1, ""), "* 432 x*");
}

/* A third client with this user and real name: its WHOIS must show them cut. */
static void
is_cut_at_registration(struct cast *t, const char *user, const char *real,
                       const char *want)
{
    struct actor *c = world_connect(t->w, "192.0.2.3");
    world_say(t->w, c, "NICK cid");
    world_sayf(t->w, c, "USER %s 0 * :%s", user, real);
    AWAIT(t->w, c, "* 001 cid *");
    answered(t, t->ann, "WHOIS cid", want);
    world_close(t->w, c);
}

static void
userlen(struct cast *t, const char *value)
{
    char user[ROOM], want[ROOM];
    size_t n = number(value);
    with_text(want, ROOM, "* 311 ann cid ", n, " * :Cid");
    memmove(strstr(want, " * :Cid"), " * * :Cid", sizeof " * * :Cid"); /* its host */
    for (size_t more = 0; more < 2; more++)
        is_cut_at_registration(t, with_text(user, ROOM, "", n + more, ""), "Cid", want);
}

static void
namelen(struct cast *t, const char *value)
{
    char real[ROOM], want[ROOM];
    size_t n = number(value);
    with_text(want, ROOM, "* 311 ann cid cid * :", n, "");
    for (size_t more = 0; more < 2; more++)
        is_cut_at_registration(t, "cid", with_text(real, ROOM, "", n + more, ""), want);
}

/* The longest host is an address without zeros. */
static void
hostlen(struct cast *t, const char *value)
{
    char host[256] = "";
    struct actor *c =
        world_user_at(t->w, "cid", "2001:db8:1111:2222:3333:4444:5555:6666");
    world_say(t->w, c, "USERHOST cid");
    const char *at = strrchr(c->inbox, '@');
    CU_ASSERT_FATAL(at != NULL);
    EQUAL_NUMBER(sscanf(at, "@%255[^ \r\n]", host), 1);
    CU_ASSERT(strlen(host) >= 7 && strlen(host) <= number(value));
}

static void
keylen(struct cast *t, const char *value)
{
    char line[ROOM], want[ROOM];
    size_t n = number(value);
    answered(t, t->bob, with_text(line, ROOM, "MODE #a +k ", n, ""),
             with_text(want, ROOM, "* +k ", n, ""));
    world_say(t->w, t->ann, "MODE #a -k *");
    not_answered(t, t->bob, with_text(line, ROOM, "MODE #a +k ", n + 1, ""),
                 "* MODE *");
}

static void
linelen(struct cast *t, const char *value)
{
    char line[ROOM];
    size_t n = number(value) - sizeof "PING \r\n" + 1;
    answered(t, t->ann, with_text(line, ROOM, "PING ", n, ""), "* PONG *");
    answered(t, t->ann, with_text(line, ROOM, "PING ", n + 1, ""), "* 417 ann :*");
    n = number(value) - sizeof "PRIVMSG bob :\r\n" + 1;
    answered(t, t->bob, with_text(line, ROOM, "PRIVMSG bob :", n, ""),
             ":ann!* PRIVMSG bob :xxx*"); /* world_expect.c checks what is left of it */
}

/* "MONITOR + a,b": n nicks are added; one more is answered with 734. */
static void
monitor(struct cast *t, const char *value)
{
    char line[64];
    int n = (int)number(value);
    for (int i = 0; i < n; i++) {
        snprintf(line, sizeof line, "MONITOR + n%d", i);
        answered(t, t->ann, line, "* 731 ann :n*");
    }
    answered(t, t->ann, "MONITOR + more", "* 734 ann * more :*");
}

/* "ACCEPT a": n nicks are added; one more is answered with 456. */
static void
accept(struct cast *t, const char *value)
{
    char nick[32];
    int n = (int)number(value);
    for (int i = 0; i < n; i++) {
        snprintf(nick, sizeof nick, "n%d", i);
        world_user(t->w, nick);
        world_sayf(t->w, t->ann, "ACCEPT %s", nick);
    }
    SILENT(t->w, t->ann);
    answered(t, t->ann, "ACCEPT bob", "* 456 ann :*");
}

/* Commands with a list of targets: the text behind the targets, and the line that each
 * target receives. */
static const struct {
    const char *name, *command, *after, *heard;
} target_rows[] = {
    {"PRIVMSG", "PRIVMSG", " :x", "*:ann!* PRIVMSG t* :x"},
    {"NOTICE", "NOTICE", " :x", "*:ann!* NOTICE t* :x"},
    {"TAGMSG", "@+x TAGMSG", "", "@*+x* :ann!* TAGMSG t*"},
    {"KICK", "KICK #a", " :x", "*:ann!* KICK #a t* :x"},
    {"WHOIS", "WHOIS", "", NULL}, /* only the client that asks receives it */
};

/* n targets receive the line and one more does not. The sender is told, except for a
 * NOTICE, which is never answered. */
static void
try_targets(struct cast *t, size_t row, int n)
{
    char line[512], nick[16];
    struct actor *last[2] = {NULL, NULL};
    int len = snprintf(line, sizeof line, "%s ", target_rows[row].command);
    for (int i = 0; i <= n; i++) {
        snprintf(nick, sizeof nick, "t%d", i);
        last[0] = last[1];
        last[1] = world_user(t->w, nick);
        world_say(t->w, last[1], "CAP REQ message-tags\r\nJOIN #a");
        len +=
            snprintf(line + len, sizeof line - (size_t)len, "%s%s", i ? "," : "", nick);
    }
    snprintf(line + len, sizeof line - (size_t)len, "%s", target_rows[row].after);
    world_drain_all(t->w);
    world_say(t->w, t->ann, line);
    bool quiet = strcmp(target_rows[row].name, "NOTICE") == 0;
    EQUAL_NUMBER(world_count(t->ann, "* 407 ann *"), quiet ? 0 : 1);
    if (target_rows[row].heard) {
        snprintf(line, sizeof line, "*t%d*", n);
        EQUAL_NUMBER(world_count(last[1], line), 0);
        CU_ASSERT(world_count(last[0], target_rows[row].heard) >= 1);
    } else {
        EQUAL_NUMBER(world_count(t->ann, "* 311 ann t*"), n);
    }
    world_say(t->w, t->ann, "JOIN #a"); /* KICK leaves one member on it */
    for (int i = 0; i <= n; i++)
        world_close(t->w, last[1] - i);
}

/* As many channels as exist, or as many as the value says. */
static void
try_channels(struct cast *t, const char *name, int limit)
{
    char list[256] = "", line[300];
    int n = limit ? limit : 20, len = 0;
    for (int i = 0; i < n + (limit > 0); i++)
        len += snprintf(list + len, sizeof list - (size_t)len, "%s#%s%d", i ? "," : "",
                        name, i);
    snprintf(line, sizeof line, "JOIN %s", list);
    bool part = strcmp(name, "PART") == 0;
    world_drain_all(t->w);
    world_say(t->w, t->ann, line);
    snprintf(line, sizeof line, "%s %s", name, list);
    if (strcmp(name, "JOIN") != 0) {
        world_drain_all(t->w);
        world_say(t->w, t->ann, line);
    }
    EQUAL_NUMBER(world_count(t->ann, part ? "* PART *" : "* 366 *"), n);
}

static void
try_targmax(struct cast *t, const char *name, int limit)
{
    static const char *const of_channels[] = {"JOIN", "PART", "NAMES"};
    for (size_t i = 0; i < sizeof target_rows / sizeof *target_rows; i++)
        if (strcmp(name, target_rows[i].name) == 0) {
            try_targets(t, i, limit);
            return;
        }
    for (size_t i = 0; i < sizeof of_channels / sizeof *of_channels; i++)
        if (strcmp(name, of_channels[i]) == 0) {
            try_channels(t, name, limit);
            return;
        }
    printf("\n    TARGMAX names %s, which this test cannot try\n", name);
    CU_FAIL("a command in TARGMAX without a way to try it");
}

static void
targmax(struct cast *t, const char *value)
{
    char name[32];
    int used = 0;
    world_say(t->w, t->ann, "CAP REQ message-tags");
    for (const char *at = value; *at; at += used) {
        if (sscanf(at, "%31[A-Z]:%n", name, &used) != 1) {
            CU_FAIL("TARGMAX is not NAME:number,...");
            return;
        }
        try_targmax(t, name, (int)number(at + used));
        used += (int)strcspn(at + used, ",");
        used += at[used] == ',';
    }
}

static void
maxtargets(struct cast *t, const char *value)
{
    try_targets(t, 0, (int)number(value));
}

const struct token_check conformance_lengths[] = {
    {"ACCEPT", accept},         {"AWAYLEN", awaylen},
    {"CHANLIMIT", chanlimit},   {"CHANNELLEN", channellen},
    {"HOSTLEN", hostlen},       {"KEYLEN", keylen},
    {"KICKLEN", kicklen},       {"LINELEN", linelen},
    {"MAXTARGETS", maxtargets}, {"MONITOR", monitor},
    {"NAMELEN", namelen},       {"NICKLEN", nicklen},
    {"TARGMAX", targmax},       {"TOPICLEN", topiclen},
    {"USERLEN", userlen},       {NULL, NULL},
};
