/* Every command with 0 to 40 parameters of any kind, in every state: the state stays
 * whole, and no reply has fewer parameters than its numeric defines. */
#include "cmd/command.h"
#include "cmd/registry.h"
#include "session/client_input.h"
#include "world.h"

#define PARAMETERS 40
#define LINE_END 490 /* a line stops growing here */

/* All of numeric.h; the build makes the list of their names. */
static const struct {
    const char *name;
    int number;
    const char *format;
} numerics[] = {
#define NUMERIC_ROW(name) {#name, name},
#include "numerics.inc"
#undef NUMERIC_ROW
};

/* The number of parameters of a line or a format: words, and the rest behind " :" as
 * one; an empty word gives -1. The conversion of a format can end in the blank before
 * its ":". */
static int
count_parameters(const char *at, const char *end)
{
    int n = 0;
    for (const char *stop; at < end; at = stop + (stop < end)) {
        n++;
        if (*at == ':')
            return n;
        stop = memchr(at, ' ', (size_t)(end - at));
        stop = stop ? stop : end;
        if (stop == at)
            return -1;
    }
    return n;
}

static void
parameters_are_counted_as_clients_do(void)
{
    static const struct {
        const char *line;
        int n;
    } cases[] = {
        {"", 0},       {"a", 1},     {":a b", 1}, {"a b", 2},    {"a b :c d", 3},
        {"a b :", 3},  {"a  b", -1}, {" a", -1},  {"%s :%s", 2}, {"%s %c %s :%s", 4},
        {"a b:c d", 3}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        EQUAL_NUMBER(
            count_parameters(cases[i].line, cases[i].line + strlen(cases[i].line)),
            cases[i].n);
}

/* The least number of parameters of a numeric with this number; -1: numeric.h has none.
 */
static int
least_parameters(int number)
{
    int least = -1;
    for (size_t i = 0; i < sizeof numerics / sizeof *numerics; i++) {
        if (numerics[i].number != number)
            continue;
        const char *format = numerics[i].format;
        const char *words = strstr(format, "%s:are supported"); /* several words */
        int n = words ? 2 : count_parameters(format, format + strlen(format));
        least = least < 0 || n < least ? n : least;
    }
    return least;
}

static const char *
fault_of_reply(const char *line, const char *end)
{
    int number, used = 0;
    char nick[64];
    if (*line == '@')
        line = (const char *)memchr(line, ' ', (size_t)(end - line)) + 1;
    if (sscanf(line, ":irc.localhost %3d %63s %n", &number, nick, &used) < 2 || !used)
        return NULL; /* no numeric */
    int least = least_parameters(number), n = count_parameters(line + used, end);
    if (least < 0)
        return "numeric.h does not know this numeric";
    if (n < 0)
        return "an empty parameter stands in the middle";
    return n < least ? "it has fewer parameters than numeric.h defines" : NULL;
}

static void
check_replies(const struct actor *a, const char *said)
{
    for (const char *at = a->inbox; *at;) {
        const char *end = strchr(at, '\r');
        const char *fault = fault_of_reply(at, end);
        if (fault)
            printf("\n    %.120s\n      got: %.*s\n      %s\n", said, (int)(end - at),
                   at, fault);
        CU_ASSERT(fault == NULL);
        at = end + 2;
    }
}

enum state { UNREGISTERED, REGISTERED, CAPABLE, OPER };

static struct actor *
arrive(struct world *w, enum state state)
{
    if (w->n_actors > WORLD_CLIENTS - 8)
        return NULL;
    struct actor *a = state == UNREGISTERED ? world_connect(w, "192.0.2.1")
                      : state == OPER       ? world_oper(w, "ann")
                                            : world_user(w, "ann");
    if (state == CAPABLE)
        for (size_t i = 0; i < CAP_COUNT; i++)
            world_sayf(w, a, "CAP REQ :%s", cap_names[i]);
    if (state != UNREGISTERED)
        world_say(w, a, "JOIN #a");
    world_drain_all(w);
    return a;
}

#define LONG "wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww"

static const char *const kinds[] = {
    "x",
    "ann",
    "bob",
    "#a",
    "#",
    "*",
    ",",
    ",a,,a",
    "0",
    "-1",
    "%n%s",
    "a!b@c",
    "+ovbkl",
    "1d",
    "99999999999999999999",
    "10.0.0.0/8",
    "\xc3\xa9",
    "-eIq+jSfz?",
    "@#a",
    "$$*",
    "~time:1s:x",
    "\x01X\x01",
    "%tcn,1",
    "C>1,>0",
    "#" LONG LONG LONG LONG LONG LONG,
};

/* The name and n parameters of one kind, or of all kinds in turn (a kind beyond the
 * last). Every other line begins with a channel that exists. */
static size_t
make_line(char *line, size_t size, const char *name, size_t kind, int n)
{
    size_t all = sizeof kinds / sizeof *kinds;
    size_t len = (size_t)snprintf(line, size, "%s", name);
    for (int p = 0; p < n; p++) {
        const char *word = kinds[kind < all ? kind : ((size_t)p * 7 + (size_t)n) % all];
        if (p == 0 && n % 2)
            word = "#a";
        if (len + strlen(word) > LINE_END)
            break;
        len += (size_t)snprintf(line + len, size - len, " %s", word);
    }
    return len;
}

static void
try_row(const char *name, enum state state)
{
    static const char *const ends[] = {"", " :", " ::a  b"};
    char line[600];
    struct world *w = world_new(world_easy);
    world_user(w, "bob");
    struct actor *a = arrive(w, state);
    for (size_t kind = 0; kind <= sizeof kinds / sizeof *kinds; kind++)
        for (int n = 0; a && n <= PARAMETERS; n += n < 5 || n > 38 ? 1 : 5) {
            size_t len = make_line(line, sizeof line, name, kind, n);
            for (size_t e = 0; a && e < sizeof ends / sizeof *ends; e++) {
                snprintf(line + len, sizeof line - len, "%s", ends[e]);
                world_say(w, a, line);
                check_replies(a, line);
                world_drain_all(w);
                if (state == UNREGISTERED && !a->closed)
                    input_of(a->client)->lines = 0;
                if (a->closed)
                    a = arrive(w, state);
            }
        }
    world_free(w);
}

static void
every_handler_survives_any_parameters(void)
{
    char names[160][16];
    size_t n = 0;
    const struct command *row;
    struct world *w = world_new(NULL);
    for (; n < 160 && (row = registry_row(w->srv, n, NULL, NULL)) != NULL; n++)
        snprintf(names[n], sizeof names[n], "%s", row->name);
    world_free(w);
    CU_ASSERT(n > 30 && n < 160);
    for (size_t i = 0; i < n; i++)
        for (enum state state = UNREGISTERED; state <= OPER; state++)
            try_row(names[i], state);
}

SUITE(parameters)
{
    TEST(parameters_are_counted_as_clients_do);
    TEST(every_handler_survives_any_parameters);
}
