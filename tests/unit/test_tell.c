/* Every row of events.def is whole, and makes the right log line, notice in both forms,
 * and count of its fields. */
#include "state/tell.h"

#include "base/str.h"
#include "logged.h"
#include "policy/privs.h"

#define CONFIG                                                                         \
    "oper \"alice\" { password = \"$argon2id$secret\" hosts = { \"*@*\" } "            \
    "privileges = { \"all\" } }\n"                                                     \
    "oper \"blind\" { password = \"$argon2id$secret\" hosts = { \"*@*\" } "            \
    "privileges = { \"spy\" } }\n"

#define ROOM (16 * sizeof(uint64_t)) /* of the fields of any event */

static const struct event_field *
find_field(enum event event, const char *name, size_t n)
{
    const struct event_field *field = event_rows[event].fields();
    for (; field->name; field++)
        if (strlen(field->name) == n && memcmp(field->name, name, n) == 0)
            return field;
    printf("\n    %.*s is no field of row %d (%s)\n", (int)n, name, event,
           event_rows[event].word);
    CU_ASSERT(false);
    return NULL;
}

/* Calls `see` for each field that the notice of an event names. Returns how many have
 * two forms. */
static int
each_named(enum event event, void (*see)(const struct event_field *, void *), void *ctx)
{
    int forms = 0;
    const char *at = notice_rows[event].text;
    while (at && (at = strchr(at, '{'))) {
        size_t n = strcspn(++at, "/}");
        CU_ASSERT(at[n] != '\0');
        see(find_field(event, at, n), ctx);
        if (at[n] == '/') {
            at += n + 1;
            see(find_field(event, at, strcspn(at, "}")), ctx);
            forms++;
        }
    }
    return forms;
}

struct naming {
    const struct event_field *field;
    bool found;
};

static void
compare_field(const struct event_field *field, void *ctx)
{
    struct naming *n = ctx;
    n->found |= field == n->field;
}

/* True if the notice of a row with these fields names this one. */
static bool
is_named(enum event event, const struct event_field *field)
{
    struct naming n = {field, false};
    for (int i = 0; i < EVENTS; i++)
        if (event_rows[i].fields == event_rows[event].fields)
            each_named((enum event)i, compare_field, &n);
    return n.found;
}

/* Parts in brackets are closed, none is inside another, and each has a field. */
static void
check_brackets(const char *text)
{
    for (bool open = false; text && (text = strpbrk(text, "[]")); text++) {
        CU_ASSERT((*text == '[') == !open);
        open = *text == '[';
        if (open) {
            size_t n = strcspn(text, "]");
            CU_ASSERT(text[n] == ']' && memchr(text, '{', n) != NULL);
        }
    }
}

static void
each_row_is_whole(void)
{
    for (int i = 0; i < EVENTS; i++) {
        enum event event = (enum event)i;
        const struct event_row *row = &event_rows[i];
        const struct notice_row *notice = &notice_rows[i];
        struct naming any = {NULL, false};
        bool has_line = row->rate != EVENT_NEVER;
        CU_ASSERT((row->word[0] != '\0') == has_line);
        CU_ASSERT(has_line || notice->text);
        CU_ASSERT((notice->text != NULL) == (notice->kind != 0));
        CU_ASSERT(each_named(event, compare_field, &any) <= 1);
        check_brackets(notice->text);
        for (const struct event_field *f = row->fields(); f->name; f++)
            CU_ASSERT(f->key || is_named(event, f));
    }
}

static struct world *w;
static struct actor *sees, *blind;

static struct actor *
enter_oper(const char *block)
{
    struct actor *a = world_oper_as(w, block, block);
    world_sayf(w, a, "MODE %s +s +bcfkors", block);
    return a;
}

static void
begin(void)
{
    w = world_new(CONFIG);
    w->log.level = LOG_LEVEL_TRACE;
    sees = enter_oper("alice");
    blind = enter_oper("blind");
    world_drain_all(w);
}

/* The value of a field: its own name, or a number of its own. */
static void
value_of(const struct event_field *field, char *out, size_t size)
{
    if (field->number)
        str_format(out, size, "%d", 1000 + (int)field->offset);
    else
        str_format(out, size, "V-%s", field->name);
}

struct filled {
    _Alignas(uint64_t) char fields[ROOM];
    char texts[16][64];
};

static void
fill(enum event event, struct filled *out)
{
    int n = 0;
    for (const struct event_field *f = event_rows[event].fields(); f->name; f++, n++) {
        const char *text = out->texts[n];
        uint64_t number = 1000 + (uint64_t)f->offset;
        value_of(f, out->texts[n], sizeof out->texts[n]);
        memcpy(out->fields + f->offset, f->number ? (void *)&number : (void *)&text,
               f->number ? sizeof number : sizeof text);
    }
}

/* " key=value" for each key of the line, in order. */
static void
write_pairs(enum event event, struct str *s)
{
    char value[64];
    for (const struct event_field *f = event_rows[event].fields(); f->name; f++) {
        value_of(f, value, sizeof value);
        if (f->key)
            str_addf(s, " %s=%s", f->key, value);
    }
}

/* The text that a reader of one form must see: the notice with the values in the places
 * of the fields. */
static void
write_notice(enum event event, bool open, const char *nick, struct str *s)
{
    char value[64];
    str_addf(s, ":irc.localhost NOTICE %s :*** ", nick);
    for (const char *at = notice_rows[event].text; *at; at++) {
        if (*at == '[' || *at == ']')
            continue;
        if (*at != '{') {
            str_addc(s, *at);
            continue;
        }
        size_t n = strcspn(++at, "}"), first = strcspn(at, "/}");
        bool second = first < n && !open;
        value_of(find_field(event, second ? at + first + 1 : at,
                            second ? n - first - 1 : first),
                 value, sizeof value);
        str_add(s, value);
        at += n;
    }
}

static void
expect_notice(enum event event, bool open, struct actor *a, const char *nick)
{
    char want[1024];
    struct str s;
    str_init(&s, want, sizeof want);
    write_notice(event, open, nick, &s);
    /* The pattern of a test is a glob: no row has one of its characters. */
    CU_ASSERT(strpbrk(notice_rows[event].text, "*?\\") == NULL);
    EXPECT(w, a, want);
}

/* The time moves past every limit, and nothing is left to read. */
static void
settle(void)
{
    world_sleep(w, 2 * MSEC_SECOND);
    world_say(w, sees, "PONG x");
    world_say(w, blind, "PONG x");
    world_drain_all(w);
    logged_clear(w);
}

/* Ends the turn, so that the queued lines can be read. */
static void
end_turn(void)
{
    world_say(w, sees, "PONG x");
}

/* The line of an event and its count. */
static void
check_line(enum event event, uint64_t before)
{
    static const char *const levels[] = {"error", "warn", "info", "debug", "trace"};
    const struct event_row *row = &event_rows[event];
    char want[2048];
    struct str s;
    str_init(&s, want, sizeof want);
    if (row->rate == EVENT_NEVER) {
        EQUAL_TEXT(w->logged, "");
    } else {
        str_addf(&s, "Z %s event=%s", levels[row->level], row->word);
        write_pairs(event, &s);
        str_add(&s, "\n");
        const char *z = strchr(w->logged, 'Z');
        EQUAL_TEXT(z ? z : "", want);
    }
    EQUAL_NUMBER(w->log.counts[event], before + 1);
}

static void
each_row_makes_its_line_its_notices_and_its_count(void)
{
    begin();
    for (int i = 0; i < EVENTS; i++) {
        enum event event = (enum event)i;
        struct filled filled;
        uint64_t before;
        settle();
        before = w->log.counts[event];
        fill(event, &filled);
        tell_event(w->srv, TELL_FORMS(PRIV_see_address), event, filled.fields);
        check_line(event, before);
        end_turn();
        if (notice_rows[i].text) {
            expect_notice(event, true, sees, "alice");
            expect_notice(event, false, blind, "blind");
        }
        SILENT(w, sees);
        SILENT(w, blind);
    }
    world_free(w);
}

/* A text without a value leaves no key in the line and no part in brackets. */
static void
what_has_no_value_is_left_out(void)
{
    begin();
    settle();
    TELL(w->srv, TELL_ALL, override, .by = "a", .command = "SAMODE", .channel = "#c",
         .oper = "ann");
    end_turn();
    EXPECT(w, sees, ":irc.localhost NOTICE alice :* ann used SAMODE: #c");
    CONTAINS(w->logged, " event=override by=a command=SAMODE channel=#c\n");
    TELL(w->srv, TELL_ALL, override, .by = "a", .command = "SAMODE", .channel = "#c",
         .text = "+m", .oper = "ann");
    end_turn();
    EXPECT(w, sees, ":irc.localhost NOTICE alice :* ann used SAMODE: #c +m");
    TELL(w->srv, TELL_ALL, override, .by = "a", .command = "SAMODE", .channel = "#c",
         .nick = "", .text = "+m", .oper = "ann");
    end_turn();
    EXPECT(w, sees, ":irc.localhost NOTICE alice :* ann used SAMODE: #c +m");
    world_free(w);
}

/* Characters in a value have no meaning for the row. */
static void
values_are_not_read_as_rows(void)
{
    begin();
    settle();
    TELL(w->srv, TELL_FORMS(PRIV_see_address), pardon, .by = "a",
         .host = "{oper}[%s]/x", .oper = "[{host/hidden}]", .hidden = "%n{");
    end_turn();
    EXPECT(w, sees,
           ":irc.localhost NOTICE alice :* [{host/hidden}] pardoned {oper}[%s]/x");
    EXPECT(w, blind, ":irc.localhost NOTICE blind :* [{host/hidden}] pardoned %n{");
    world_free(w);
}

static void
the_actor_reads_its_own_answer_alone(void)
{
    begin();
    settle();
    TELL(w->srv, TELL_OTHERS(sees->client, 0), close, .by = "a", .connections = 3,
         .oper = "alice");
    end_turn();
    EXPECT(w, blind,
           ":irc.localhost NOTICE blind :* alice closed 3 connections that *");
    SILENT(w, sees);
    world_free(w);
}

/* Suppressed or dropped, in the log or as a notice: the event counts. */
static void
all_are_counted(void)
{
    begin();
    settle();
    w->log.level = LOG_LEVEL_ERROR;
    uint64_t before = w->log.counts[EVENT_refused];
    for (int i = 0; i < 50; i++)
        TELL(w->srv, TELL_ALL, refused, .host = "192.0.2.7", .told = "no");
    EQUAL_NUMBER(w->log.counts[EVENT_refused] - before, 50);
    end_turn();
    EQUAL_NUMBER(world_count(sees, "*Refused a connection*"), 10);
    EQUAL_TEXT(w->logged, "");
    before = w->log.counts[EVENT_saved];
    CU_ASSERT(!tell_wants(w->srv, EVENT_saved));
    EQUAL_NUMBER(w->log.counts[EVENT_saved] - before, 1);
    CU_ASSERT(tell_wants(w->srv, EVENT_client_connecting));
    world_say(w, sees, "MODE alice +s -c");
    world_say(w, blind, "MODE blind +s -c");
    before = w->log.counts[EVENT_client_connecting];
    CU_ASSERT(!tell_wants(w->srv, EVENT_client_connecting));
    EQUAL_NUMBER(w->log.counts[EVENT_client_connecting] - before, 1);
    world_free(w);
}

SUITE(tell)
{
    TEST(each_row_is_whole);
    TEST(each_row_makes_its_line_its_notices_and_its_count);
    TEST(what_has_no_value_is_left_out);
    TEST(values_are_not_read_as_rows);
    TEST(the_actor_reads_its_own_answer_alone);
    TEST(all_are_counted);
}
