/* Any split of the input gives the same replies: a script of 300 commands, good and bad
 * ones, is sent whole, byte by byte, and cut at random. All that any client receives
 * must be the same to the last byte. */
#include "base/mem.h"
#include "dice.h"
#include "world.h"

#define COMMANDS 300
#define SCRIPT 65536

/* The lines reach no other limits than their own. */
static const char config[] =
    "oper \"alice\" { password = \"$argon2id$secret\" hosts = { \"*@*\" } "
    "privileges = { \"all\" } }\n"
    "flood { burst = 100000 hold = 1000 nick = \"9999/1s\" away = \"9999/1s\" "
    "invite = \"9999/1s\" join = \"9999/1s\" unregistered = 1000 }\n"
    "limits { recvq = 1048576 }\n";

static const char *const begin[] = {
    "CAP LS 302\r\n",
    "NICK ann\r\n",
    "USER ann 0 * :Ann of the split\n",
    "CAP REQ :message-tags batch labeled-response echo-message standard-replies\r\n",
    "CAP REQ :draft/multiline away-notify extended-join setname chghost\r\n",
    "CAP END\r\n",
    "JOIN #a,#b key\r\n",
};

/* Whole lines; the lines behind them are made of verbs and words. */
static const char *const whole[] = {
    "\r\n",
    "\n",
    "   \r\n",
    ":source\r\n",
    "@a=b\r\n",
    "  PING  x\r\n",
    ":ann PING :x  y \r\n",
    "@label=17;+x=\\s\\: PRIVMSG bob,#a,#nowhere :caf\xc3\xa9 \xf0\x9f\x8d\xb5\r\n",
    "@label=18 NAMES #a\r\n",
    "@label=19 PONG x\r\n",
    "@+draft/reply=1 TAGMSG #a\r\n",
    "PRIVMSG #a :not UTF-8 \xff\xfe\r\n",
    "PRIVMSG #a :a bare \r inside\r\n",
    "MODE #a +b-b+ov-v x!*@* x!*@* bob bob bob\r\n",
    "MODE #a +b\n",
    "TOPIC #a :\x03"
    "4,5colours\x0f and \x02"
    "bold\x02\r\n",
    "BATCH +1 draft/multiline #a\r\n",
    "@batch=1 PRIVMSG #a :one\r\n",
    "@batch=1;draft/multiline-concat PRIVMSG #a :two\r\n",
    "BATCH -1\r\n",
    "WHO #a %tcuihsnfdlaor,7\r\n",
    "GET / HTTP/1.1\r\n",
};

static const char *const verbs[] = {
    "PRIVMSG", "notice", "MODE", "Topic",  "NAMES",   "LIST",    "WHO",   "WHOIS",
    "WHOWAS",  "JOIN",   "PART", "INVITE", "KICK",    "AWAY",    "ISON",  "USERHOST",
    "MONITOR", "KNOCK",  "NICK", "LUSERS", "VERSION", "SETNAME", "STATS", "FROB",
};

static const char *const words[] = {
    "#a",    "#b", "#c,#d", "bob",      "ann", "*", ":a text of words", ":", "+nt",
    "-nt+i", "+o", "-i+l",  "x!*@10.*", "0",   "+", "u,K,#a",
};

static size_t
add(char *script, size_t len, const char *text)
{
    size_t n = strlen(text);
    CU_ASSERT_FATAL(len + n < SCRIPT);
    memcpy(script + len, text, n + 1);
    return len + n;
}

static size_t
add_made(char *script, size_t len, uint64_t *state)
{
    len = add(script, len, verbs[dice(state, sizeof verbs / sizeof *verbs)]);
    for (unsigned n = dice(state, 4); n > 0; n--) {
        len = add(script, len, " ");
        len = add(script, len, words[dice(state, sizeof words / sizeof *words)]);
    }
    return add(script, len, dice(state, 4) ? "\r\n" : "\n");
}

/* One line that is longer than the buffer of a line; the next one fits. */
static size_t
add_overlong(char *script, size_t len)
{
    len = add(script, len, "PRIVMSG #a :");
    for (int i = 0; i < 60; i++)
        len = add(script, len, "too long, ");
    return add(script, len, "\r\n");
}

static size_t
make_script(char *script, uint64_t seed)
{
    size_t len = 0, n = 0;
    for (; n < sizeof begin / sizeof *begin; n++)
        len = add(script, len, begin[n]);
    for (size_t i = 0; n < COMMANDS - 2; i++, n++) {
        if (i == 150) /* its answer is late, and all lines behind it wait */
            len = add(script, len, "OPER alice secret\r\n");
        else if (i % 40 == 39)
            len = add_overlong(script, len);
        else if (i % 3 == 0)
            len = add(script, len, whole[i / 3 % (sizeof whole / sizeof *whole)]);
        else
            len = add_made(script, len, &seed);
    }
    len = add(script, len, "OPER alice secret\r\n");
    return add(script, len, "QUIT :done\r\nPRIVMSG #a :behind the end\r\n");
}

/* Writes all that any client received to `out`. The seed gives the sizes of the pieces
 * (0: byte by byte, 1: all at once). */
static char *
play(const char *script, size_t len, unsigned seed)
{
    uint64_t state = seed;
    struct world *w = world_new(config);
    struct actor *bob = world_user(w, "bob"), *ann = world_connect(w, "192.0.2.1");
    world_say(w, bob, "CAP REQ :message-tags server-time\r\nJOIN #a,#b");
    world_drain_all(w);
    for (size_t at = 0, n; at < len; at += n) {
        n = seed == 0 ? 1 : seed == 1 ? len : 1 + dice(&state, 200);
        if (n > len - at)
            n = len - at;
        world_send(w, ann, script + at, n);
    }
    for (int turn = 0; turn < COMMANDS && !ann->closed; turn++) {
        world_sleep(w, 0); /* long answers come in pieces, one a turn */
        world_verify(w);
    }
    CU_ASSERT(ann->closed);
    char *heard = xmalloc(ann->len + bob->len + 16);
    snprintf(heard, ann->len + bob->len + 16, "%s--- bob:\n%s", ann->inbox, bob->inbox);
    world_free(w);
    return heard;
}

static void
compare(const char *want, const char *got, unsigned seed)
{
    size_t same = 0, line = 0;
    for (; want[same] && want[same] == got[same]; same++)
        if (want[same] == '\n')
            line = same + 1;
    CU_ASSERT(want[same] == got[same]);
    if (want[same] != got[same])
        printf("\n    split %u\n      whole: %.150s\n      split: %.150s\n", seed,
               want + line, got + line);
}

static void
any_split_gives_the_same_replies(void)
{
    static char script[SCRIPT];
    for (unsigned seed = 11; seed < 14; seed++) {
        size_t len = make_script(script, seed);
        char *want = play(script, len, 1);
        CONTAINS(want, "(Quit: done)");
        CU_ASSERT(strlen(want) > 20000);
        CONTAINS(want, " 417 ann ");
        CONTAINS(want, "--- bob:\n");
        for (unsigned split = 0; split < 20; split++) {
            char *got = play(script, len, split);
            compare(want, got, split);
            free(got);
        }
        free(want);
    }
}

SUITE(linebuf_split)
{
    TEST(any_split_gives_the_same_replies);
}
