/* The tokens of 005 about modes, lists and prefixes: each letter is set and unset as
 * its type says. */
#include "conformance.h"

/* The parameter that a letter of CHANMODES type A, B or C takes. */
static const struct {
    char letter;
    const char *param;
} params[] = {
    {'b', "eve!*@*"}, {'e', "eve!*@*"}, {'I', "eve!*@*"},
    {'q', "eve!*@*"}, {'k', "key"},     {'l', "5"},
    {'j', "3:10"},    {'S', "5"},       {'f', "#b"},
};

enum type { ALWAYS_LIST, ALWAYS, TO_SET, NEVER_ANY };

static const char *
param_of(char letter)
{
    for (size_t i = 0; i < sizeof params / sizeof *params; i++)
        if (params[i].letter == letter)
            return params[i].param;
    printf("\n    this test knows no parameter for mode %c\n", letter);
    CU_FAIL("a mode letter without a parameter to try");
    return "x";
}

static void
try_mode(struct cast *t, char letter, enum type type)
{
    char line[64], want[64];
    const char *param = type < NEVER_ANY ? param_of(letter) : "";
    const char *gap = type < NEVER_ANY ? " " : "";
    snprintf(line, sizeof line, "MODE #a -%c%s%s", letter, gap, param);
    world_say(t->w, t->ann, line); /* +n and +t are on already */
    snprintf(line, sizeof line, "MODE #a +%c%s%s", letter, gap, param);
    snprintf(want, sizeof want, ":ann!* MODE #a +%c%s%s", letter, gap, param);
    answered(t, t->bob, line, want);
    snprintf(line, sizeof line, "MODE #a -%c", letter);
    snprintf(want, sizeof want, ":ann!* MODE #a -%c%s", letter,
             type < TO_SET ? " *" : "");
    if (type < TO_SET)
        strncat(strncat(line, " ", 2), param, 20);
    answered(t, t->bob, line, want);
    snprintf(line, sizeof line, "MODE #a +%c", letter);
    if (type == ALWAYS_LIST)
        answered(t, t->ann, line, "* ann #a*:*"); /* the end of its list */
    else if (type < NEVER_ANY)
        not_answered(t, t->bob, line, "* MODE *");
}

/* 004 has the same letters. */
static void
is_in_myinfo(struct cast *t, const char *letters)
{
    char channel[64] = "";
    struct actor *c = world_connect(t->w, "192.0.2.4");
    world_say(t->w, c, "NICK cid\r\nUSER cid 0 * :Cid");
    const char *at = strstr(c->inbox, " 004 cid ");
    CU_ASSERT_FATAL(at != NULL);
    EQUAL_NUMBER(sscanf(at, " 004 cid %*s %*s %*s %63s", channel), 1);
    for (const char *p = letters; *p; p++)
        CU_ASSERT(*p == ',' || strchr(channel, *p) != NULL);
}

static void
chanmodes(struct cast *t, const char *value)
{
    int type = ALWAYS_LIST;
    answered(t, t->ann, "JOIN #b", "* 366 *"); /* the target of +f */
    for (const char *p = value; *p; p++) {
        if (*p == ',')
            type++;
        else
            try_mode(t, *p, (enum type)type);
    }
    EQUAL_NUMBER(type, NEVER_ANY);
    answered(t, t->ann, "MODE #a +?", "* 472 ann ? :*");
    is_in_myinfo(t, value);
}

static void
prefix(struct cast *t, const char *value)
{
    char line[64], want[64];
    const char *symbol = strchr(value, ')');
    CU_ASSERT_FATAL(*value == '(' && symbol != NULL);
    EQUAL_NUMBER(strlen(symbol + 1), symbol - value - 1);
    for (const char *letter = value + 1; *letter != ')'; letter++) {
        snprintf(line, sizeof line, "MODE #a +%c bob", *letter);
        snprintf(want, sizeof want, ":ann!* MODE #a +%c bob", *letter);
        answered(t, t->bob, line, want);
        snprintf(want, sizeof want, "* 353 ann = #a :*%cbob*", *++symbol);
        answered(t, t->ann, "NAMES #a", want);
        snprintf(want, sizeof want, "* 352 ann #a bob * bob H%c :*", *symbol);
        answered(t, t->ann, "WHO #a", want);
        line[8] = '-';
        answered(t, t->bob, line, ":ann!* MODE #a -? bob");
    }
}

/* "@#a" reaches the members with this rank or a higher one, and no others. */
static void
statusmsg(struct cast *t, const char *value)
{
    static const char ranks[] = "~&@%+", letters[] = "qaohv";
    char line[64], want[64];
    struct actor *c = world_user(t->w, "cid");
    world_say(t->w, c, "JOIN #a");
    CU_ASSERT(*value != '\0');
    for (const char *p = value; *p; p++) {
        CU_ASSERT_FATAL(strchr(ranks, *p) != NULL);
        snprintf(line, sizeof line, "MODE #a +%c bob",
                 letters[strchr(ranks, *p) - ranks]);
        world_say(t->w, t->ann, line);
        snprintf(line, sizeof line, "PRIVMSG %c#a :psst", *p);
        snprintf(want, sizeof want, ":ann!* PRIVMSG %c#a :psst", *p);
        answered(t, t->bob, line, want);
        NEVER(t->w, c, "*psst*");
        world_say(t->w, t->ann, "MODE #a -ov bob bob");
    }
    not_answered(t, c, "PRIVMSG &#a :psst", "*psst*");
}

/* The first line shuts bob out and the second lets bob in. */
static void
lets_in(struct cast *t, const char *shut, const char *refusal, const char *exempt)
{
    world_say(t->w, t->bob, "PART #a");
    world_say(t->w, t->ann, shut);
    world_drain_all(t->w);
    world_say(t->w, t->bob, "JOIN #a");
    AWAIT(t->w, t->bob, refusal);
    world_say(t->w, t->ann, exempt);
    world_say(t->w, t->bob, "JOIN #a");
    AWAIT(t->w, t->bob, ":bob!* JOIN *#a");
}

static void
excepts(struct cast *t, const char *value)
{
    char line[64];
    snprintf(line, sizeof line, "MODE #a +%c bob!*@*", *value ? *value : 'e');
    lets_in(t, "MODE #a +b *!*@*", "* 474 bob #a :*", line);
}

static void
invex(struct cast *t, const char *value)
{
    char line[64];
    snprintf(line, sizeof line, "MODE #a +%c bob!*@*", *value ? *value : 'I');
    lets_in(t, "MODE #a +i", "* 473 bob #a :*", line);
}

/* "~,cmrt": the sign and the first letters of the names. */
static void
extban(struct cast *t, const char *value)
{
    static const char *const masks[] = {"~mute:bob!*@*", "~time:10m:bob!*@*",
                                        "~realname:*bob*", "~channel:#a"};
    char line[64], want[64];
    size_t n = sizeof masks / sizeof *masks;
    CU_ASSERT_FATAL(strncmp(value, "~,", 2) == 0);
    EQUAL_NUMBER(strlen(value + 2), n);
    for (size_t i = 0; i < n; i++) {
        CU_ASSERT(strchr(value + 2, masks[i][1]) != NULL);
        snprintf(line, sizeof line, "MODE #a +b %s", masks[i]);
        snprintf(want, sizeof want, ":ann!* MODE #a +b %s", masks[i]);
        answered(t, t->bob, line, want);
    }
}

/* The lists that stand together share the limit (Modern IRC "MAXLIST"). */
static void
fill_lists(struct cast *t, const char *letters, size_t n_letters, int limit)
{
    char line[64], want[64];
    for (int i = 0; i < limit; i++) {
        char letter = letters[(size_t)i % n_letters];
        snprintf(line, sizeof line, "MODE #a +%c n%d!*@*", letter, i);
        snprintf(want, sizeof want, "* MODE #a +%c *", letter);
        answered(t, t->bob, line, want);
    }
    for (size_t l = 0; l < n_letters; l++) {
        snprintf(line, sizeof line, "MODE #a +%c more!*@*", letters[l]);
        snprintf(want, sizeof want, "* 478 ann #a %c :*", letters[l]);
        answered(t, t->ann, line, want);
    }
}

static void
maxlist(struct cast *t, const char *value)
{
    while (*value) {
        size_t n = strcspn(value, ":");
        fill_lists(t, value, n, (int)number(value + n + 1));
        value += strcspn(value, ",");
        value += *value == ',';
    }
}

/* n changes with a parameter in one line take effect; one more does not. */
static void
modes(struct cast *t, const char *value)
{
    char line[512], want[64];
    int n = (int)number(value);
    int len =
        snprintf(line, sizeof line, "MODE #a +%.*s", n + 1, "bbbbbbbbbbbbbbbbbbbb");
    CU_ASSERT_FATAL(n >= 3 && n < 20);
    for (int i = 0; i <= n; i++)
        len += snprintf(line + len, sizeof line - (size_t)len, " n%d!*@*", i);
    snprintf(want, sizeof want, ":ann!* MODE #a +%.*s n0!* n%d!?@?", n,
             "bbbbbbbbbbbbbbbbbbbb", n - 1);
    answered(t, t->bob, line, want);
    snprintf(want, sizeof want, "* MODE * n%d!*", n);
    NEVER(t->w, t->bob, want);
}

static void
bot(struct cast *t, const char *value)
{
    char line[64], want[64];
    snprintf(line, sizeof line, "MODE ann +%s", value);
    snprintf(want, sizeof want, ":ann!* MODE ann :+%s", value);
    answered(t, t->ann, line, want);
    answered(t, t->ann, "WHOIS ann", ":* 335 ann ann :*");
    snprintf(want, sizeof want, ":* 352 ann * ann H*%s* :0 Real ann", value);
    answered(t, t->ann, "WHO ann", want);
}

/* Caller-id: the first message does not arrive, ann is told, and ACCEPT lets it
 * through. */
static void
callerid(struct cast *t, const char *value)
{
    char line[64];
    snprintf(line, sizeof line, "MODE bob +%c", *value ? *value : 'g');
    world_say(t->w, t->bob, line);
    not_answered(t, t->bob, "PRIVMSG bob :psst", "*psst*");
    world_say(t->w, t->bob, "ACCEPT ann");
    answered(t, t->bob, "PRIVMSG bob :psst", ":ann!* PRIVMSG bob :psst");
}

const struct token_check conformance_modes[] = {
    {"BOT", bot},
    {"CALLERID", callerid},
    {"CHANMODES", chanmodes},
    {"EXCEPTS", excepts},
    {"EXTBAN", extban},
    {"INVEX", invex},
    {"MAXLIST", maxlist},
    {"MODES", modes},
    {"PREFIX", prefix},
    {"STATUSMSG", statusmsg},
    {NULL, NULL},
};
