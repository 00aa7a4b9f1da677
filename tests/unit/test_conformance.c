/* The server does all that it advertises: each token of 005 has a row that tries it at
 * its limit and one beyond it (conformance_lengths.c, conformance_modes.c, and below).
 * A token without a row fails; capabilities are in test_conformance_caps.c. */
#include "conformance.h"

/* More rows than one connection may hold back before LIST has to wait. */
static const char small_queue[] =
    "limits { sendq = 16384 channels_per_client = 1000 }\n"
    "flood { burst = 100000 join = \"9999/1s\" }\n";

static void
report(bool good, const char *said, const char *pattern, const struct actor *who)
{
    if (!good)
        printf("\n    %s\n      pattern: %s\n      got: %s\n", said, pattern,
               who->inbox);
    CU_ASSERT(good);
}

void
answered(struct cast *t, struct actor *who, const char *line, const char *pattern)
{
    world_drain_all(t->w);
    world_say(t->w, t->ann, line);
    report(world_count(who, pattern) > 0, line, pattern, who);
}

void
not_answered(struct cast *t, struct actor *who, const char *line, const char *pattern)
{
    world_drain_all(t->w);
    world_say(t->w, t->ann, line);
    report(world_count(who, pattern) == 0, line, pattern, who);
}

const char *
with_text(char *out, size_t size, const char *before, size_t n, const char *after)
{
    int len = snprintf(out, size, "%s%*s%s", before, (int)n, "", after);
    CU_ASSERT_FATAL(len >= 0 && (size_t)len < size);
    memset(out + strlen(before), 'x', n);
    return out;
}

size_t
number(const char *value)
{
    return strtoul(value, NULL, 10);
}

static void
casemapping(struct cast *t, const char *value)
{
    EQUAL_TEXT(value, "ascii");
    world_say(t->w, t->bob, "NICK ANN");
    AWAIT(t->w, t->bob, ":* 433 bob ANN :*");
    answered(t, t->ann, "NICK a|", ":ann!* NICK :a|");
    world_say(t->w, t->bob, "NICK A\\"); /* the same in rfc1459 */
    AWAIT(t->w, t->bob, ":bob!* NICK :A?");
    answered(t, t->ann, "TOPIC #A", "* 331 a| #a *");
}

static void
chantypes(struct cast *t, const char *value)
{
    char line[64], want[64];
    for (const char *p = "#&+!"; *p; p++) {
        snprintf(line, sizeof line, "JOIN %cnew", *p);
        snprintf(want, sizeof want, ":ann!* JOIN :%cnew", *p);
        if (strchr(value, *p))
            answered(t, t->ann, line, want);
        else
            not_answered(t, t->ann, line, want);
    }
}

/* A client-only tag is relayed unless the value names it ("*" names all but those with
 * '-'). */
static void
clienttagdeny(struct cast *t, const char *value)
{
    bool denied = strcmp(value, "*") == 0 || strstr(value, "typing") != NULL;
    world_say(t->w, t->ann, "CAP REQ message-tags");
    world_say(t->w, t->bob, "CAP REQ message-tags");
    if (denied)
        not_answered(t, t->bob, "@+typing=active TAGMSG #a", "*typing*");
    else
        answered(t, t->bob, "@+typing=active TAGMSG #a", "@*+typing=active* TAGMSG #a");
}

/* Each letter with a LIST that shows #a, 90 seconds old, and one that does not show it.
 */
static void
elist(struct cast *t, const char *value)
{
    static const struct {
        char letter;
        const char *shows, *hides;
    } cases[] = {{'C', "LIST C<9", "LIST C>9"},   {'C', "LIST C>1", "LIST C<1"},
                 {'M', "LIST #*a*", "LIST #*b*"}, {'N', "LIST !#*b*", "LIST !#*a*"},
                 {'T', "LIST T<9", "LIST T>9"},   {'T', "LIST T>1", "LIST T<1"},
                 {'U', "LIST >1", "LIST <2"},     {'U', "LIST <3", "LIST >2"}};
    CU_ASSERT(*value != '\0' && strspn(value, "CMNTU") == strlen(value));
    world_say(t->w, t->ann, "TOPIC #a :tea");
    world_sleep(t->w, 90 * MSEC_SECOND);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (strchr(value, cases[i].letter) == NULL)
            continue;
        answered(t, t->ann, cases[i].shows, "* 322 ann #a 2 :*tea");
        report(world_count(t->ann, "* 323 ann :*") == 1, cases[i].shows, "323", t->ann);
        not_answered(t, t->ann, cases[i].hides, "* 322 ann #a *");
    }
}

static void
network(struct cast *t, const char *value)
{
    char want[128];
    struct actor *c = world_connect(t->w, "192.0.2.3");
    world_say(t->w, c, "NICK cid\r\nUSER cid 0 * :Cid");
    snprintf(want, sizeof want, ":* 001 cid :*%s*", value);
    AWAIT(t->w, c, want);
}

/* LIST of far more channels than a queue holds ends well, also for a client that reads
 * slowly. */
static void
safelist(struct cast *t, const char *value)
{
    char line[64];
    struct world *w = world_new(small_queue);
    struct actor *many = world_user(w, "many"), *eve = world_user(w, "eve");
    EQUAL_TEXT(value, "");
    (void)t;
    for (int i = 0; i < 900; i++) {
        snprintf(line, sizeof line, "JOIN #channel-with-a-name-%d", i);
        world_say(w, many, line);
    }
    world_drain_all(w);
    world_say(w, eve, "LIST");
    world_sleep(w, 10 * MSEC_SECOND);
    EQUAL_NUMBER(world_count(eve, "* 322 eve #channel*"), many->client->user.njoined);
    CU_ASSERT(many->client->user.njoined > 800);
    EQUAL_NUMBER(world_count(eve, "* 323 eve :*"), 1);
    CU_ASSERT(!eve->closed);
    world_free(w);
}

static void
utf8only(struct cast *t, const char *value)
{
    EQUAL_TEXT(value, "");
    not_answered(t, t->bob, "PRIVMSG bob :caf\xe9", "*PRIVMSG*");
    answered(t, t->bob, "PRIVMSG bob :caf\xc3\xa9", ":ann!* PRIVMSG bob :caf\xc3\xa9");
    world_say(t->w, t->ann, "CAP REQ standard-replies");
    answered(t, t->ann, "PRIVMSG bob :caf\xe9", ":* FAIL PRIVMSG INVALID_UTF8 :*");
}

static void
whox(struct cast *t, const char *value)
{
    EQUAL_TEXT(value, "");
    answered(t, t->ann, "WHO #a %tcuihsnfdlaor,42",
             ":* 354 ann 42 #a bob * irc.localhost bob H* 0 * 0 * :Real bob");
    answered(t, t->ann, "WHO #a %n", ":* 354 ann bob");
    answered(t, t->ann, "WHO #a %tn,7", ":* 315 ann #a :*");
}

static void
knock(struct cast *t, const char *value)
{
    struct actor *c = world_user(t->w, "cid");
    EQUAL_TEXT(value, "");
    world_say(t->w, t->ann, "MODE #a +i");
    world_drain_all(t->w);
    world_say(t->w, c, "KNOCK #a");
    AWAIT(t->w, c, ":* 711 cid #a :*");
    AWAIT(t->w, t->ann, ":* 710 * #a cid!* :*");
}

static void
userip(struct cast *t, const char *value)
{
    EQUAL_TEXT(value, "");
    answered(t, t->ann, "USERIP ann", ":* 340 ann :ann*=+*@*");
}

static const struct token_check conformance_rest[] = {
    {"CASEMAPPING", casemapping},
    {"CHANTYPES", chantypes},
    {"CLIENTTAGDENY", clienttagdeny},
    {"ELIST", elist},
    {"KNOCK", knock},
    {"NETWORK", network},
    {"SAFELIST", safelist},
    {"USERIP", userip},
    {"UTF8ONLY", utf8only},
    {"WHOX", whox},
    {NULL, NULL},
};

static void (*find_check(const char *token))(struct cast *, const char *)
{
    static const struct token_check *const tables[] = {
        conformance_lengths, conformance_modes, conformance_rest};
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        for (const struct token_check *row = tables[i]; row->token; row++)
            if (strcmp(row->token, token) == 0)
                return row->check;
    return NULL;
}

static void
arrive(struct cast *t)
{
    t->w = world_new(world_easy);
    t->ann = world_oper(t->w, "ann");
    t->bob = world_user(t->w, "bob");
    world_say(t->w, t->ann, "JOIN #a");
    world_say(t->w, t->bob, "JOIN #a");
    world_drain_all(t->w);
}

/* All tokens of 005, with a blank behind each. */
static void
all_tokens(char *out, size_t size)
{
    struct world *w = world_new(world_easy);
    struct actor *a = world_user(w, "ann");
    size_t len = 0;
    world_say(w, a, "VERSION");
    for (const char *at = a->inbox; (at = strstr(at, " 005 ann ")) != NULL; at++) {
        const char *first = at + 9, *end = strstr(first, ":are supported");
        CU_ASSERT_FATAL(end != NULL && end - first < 400);
        len +=
            (size_t)snprintf(out + len, size - len, "%.*s", (int)(end - first), first);
    }
    world_free(w);
}

static void
each_token_is_true(void)
{
    char all[4096] = "", *next;
    unsigned n = 0;
    struct cast t;
    all_tokens(all, sizeof all);
    for (char *token = all; *token; token = next, n++) {
        next = strchr(token, ' ');
        *next++ = '\0';
        char *value = strchr(token, '=');
        if (value)
            *value++ = '\0';
        void (*check)(struct cast *, const char *) = find_check(token);
        if (check == NULL)
            printf("\n    005 %s: no check tries it\n", token);
        CU_ASSERT(check != NULL);
        if (check == NULL)
            continue;
        unsigned failures = CU_get_number_of_failures();
        arrive(&t);
        check(&t, value ? value : "");
        world_free(t.w);
        if (CU_get_number_of_failures() > failures)
            printf("\n    005 %s=%s is not true\n", token, value ? value : "");
    }
    CU_ASSERT(n >= 20);
}

SUITE(conformance)
{
    TEST(each_token_is_true);
}
