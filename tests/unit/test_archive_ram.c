/* The archive of tests keeps the contract of the port: bounds of each form, order of
 * answers, answers to clients that have left, and a full queue that is told. The last
 * test compares it with a plain list. */
#include "base/hash.h"
#include "base/mem.h"
#include "state/archive_ram.h"
#include "test.h"

#define ALL UINT32_MAX
#define WAITING 8

static uint64_t
position(uint64_t ms, uint64_t sequence)
{
    return ms << MSGID_SEQUENCE_BITS | sequence;
}

static void
append_text(struct archive *a, uint64_t id, const char *target, uint64_t at,
            unsigned kind, const char *text)
{
    struct archive_record r = {target, at, kind, text, strlen(text)};
    a->ops->append(a, id, &r);
}

/* "ID: target=text …" or "ID: full" of the next answer; "" if none waits. */
static const char *
next_answer(struct archive *a)
{
    static char out[2000];
    static const char *const verdicts[] = {
        [ARCHIVE_DONE] = "", [ARCHIVE_UNKNOWN] = " unknown", [ARCHIVE_FULL] = " full"};
    const struct archive_answer *answer = archive_ram_answer(a);
    out[0] = '\0';
    if (answer == NULL)
        return out;
    int n = snprintf(out, sizeof out, "%llu:%s%s", (unsigned long long)answer->id,
                     answer->verdict == ARCHIVE_FAILED ? " failed, "
                                                       : verdicts[answer->verdict],
                     answer->why ? answer->why : "");
    for (size_t i = 0; i < answer->n; i++) {
        const struct archive_record *r = &answer->records[i];
        n += snprintf(out + n, sizeof out - (size_t)n, " %s=%.*s", r->target,
                      (int)r->len, r->bytes ? (const char *)r->bytes : "");
    }
    return out;
}

/* Milliseconds 10, 20 (three records), 30, 40; b and d are of kind 1. */
static struct archive *
filled_archive(void)
{
    static const struct {
        uint64_t ms, sequence;
        unsigned kind;
        const char *text;
    } rows[] = {
        {10, 0, 0, "a"}, {20, 0, 1, "b"},
        {20, 5, 0, "c"}, {20, (1 << MSGID_SEQUENCE_BITS) - 1, 1, "d"},
        {30, 0, 0, "e"}, {40, 7, 0, "f"},
    };
    struct archive *a = archive_ram_new(WAITING);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        append_text(a, 0, "#c", position(rows[i].ms, rows[i].sequence), rows[i].kind,
                    rows[i].text);
    EQUAL_TEXT(next_answer(a), "");
    return a;
}

static const char *
ask_query(struct archive *a, const struct archive_query *query)
{
    a->ops->range(a, 7, query);
    return next_answer(a);
}

#define MOMENT(ms)                                                                     \
    {                                                                                  \
        (uint64_t)(ms) << MSGID_SEQUENCE_BITS, true                                    \
    }
#define ID(ms, sequence)                                                               \
    {                                                                                  \
        (uint64_t)(ms) << MSGID_SEQUENCE_BITS | (sequence), false                      \
    }

static void
each_form_has_its_bounds_on_both_sides(void)
{
    static const struct {
        enum archive_form form;
        struct archive_bound from, to;
        size_t n;
        const char *want;
    } rows[] = {
        {ARCHIVE_LATEST, {0}, {0}, 2, "7: #c=e #c=f"},
        {ARCHIVE_LATEST, {0}, {0}, 99, "7: #c=a #c=b #c=c #c=d #c=e #c=f"},
        {ARCHIVE_LATEST, {0}, {0}, 0, "7:"},
        {ARCHIVE_LATEST, ID(20, 5), {0}, 99, "7: #c=d #c=e #c=f"},
        {ARCHIVE_LATEST, MOMENT(20), {0}, 99, "7: #c=e #c=f"},
        {ARCHIVE_LATEST, MOMENT(20), {0}, 1, "7: #c=f"},
        {ARCHIVE_LATEST, MOMENT(40), {0}, 99, "7:"},
        {ARCHIVE_LATEST, MOMENT(39), {0}, 99, "7: #c=f"},
        {ARCHIVE_BEFORE, ID(20, 5), {0}, 99, "7: #c=a #c=b"},
        {ARCHIVE_BEFORE, ID(20, 5), {0}, 1, "7: #c=b"},
        {ARCHIVE_BEFORE, ID(20, 6), {0}, 1, "7: #c=c"}, /* there is none */
        {ARCHIVE_BEFORE, MOMENT(20), {0}, 99, "7: #c=a"},
        {ARCHIVE_BEFORE, MOMENT(21), {0}, 2, "7: #c=c #c=d"},
        {ARCHIVE_BEFORE, MOMENT(10), {0}, 99, "7:"},
        {ARCHIVE_AFTER, ID(20, 5), {0}, 99, "7: #c=d #c=e #c=f"},
        {ARCHIVE_AFTER, ID(20, 4), {0}, 1, "7: #c=c"},
        {ARCHIVE_AFTER, MOMENT(20), {0}, 1, "7: #c=e"},
        {ARCHIVE_AFTER, MOMENT(19), {0}, 2, "7: #c=b #c=c"},
        {ARCHIVE_AFTER, ID(40, 7), {0}, 99, "7:"},
        {ARCHIVE_AFTER, {ARCHIVE_END, false}, {0}, 99, "7:"},
        {ARCHIVE_AFTER, {ARCHIVE_END, true}, {0}, 99, "7:"},
        {ARCHIVE_BETWEEN, MOMENT(10), MOMENT(30), 99, "7: #c=b #c=c #c=d"},
        {ARCHIVE_BETWEEN, MOMENT(10), MOMENT(30), 2, "7: #c=b #c=c"},
        {ARCHIVE_BETWEEN, MOMENT(30), MOMENT(10), 2, "7: #c=c #c=d"},
        {ARCHIVE_BETWEEN, ID(20, 0), ID(30, 0), 99, "7: #c=c #c=d"},
        {ARCHIVE_BETWEEN, ID(30, 0), ID(20, 0), 1, "7: #c=d"},
        {ARCHIVE_BETWEEN, ID(20, 5), MOMENT(20), 99, "7:"},
        {ARCHIVE_BETWEEN, MOMENT(20), ID(20, 5), 99, "7:"},
        {ARCHIVE_BETWEEN, ID(20, 5), ID(20, 5), 99, "7:"},
        {ARCHIVE_AROUND, ID(20, 5), {0}, 1, "7: #c=c"},
        {ARCHIVE_AROUND, ID(20, 5), {0}, 2, "7: #c=b #c=c"},
        {ARCHIVE_AROUND, ID(20, 5), {0}, 3, "7: #c=b #c=c #c=d"},
        {ARCHIVE_AROUND, ID(20, 5), {0}, 4, "7: #c=a #c=b #c=c #c=d"},
        {ARCHIVE_AROUND, ID(20, 6), {0}, 2, "7: #c=c #c=d"}, /* there is none */
        {ARCHIVE_AROUND, MOMENT(20), {0}, 3, "7: #c=a #c=b #c=c"},
        {ARCHIVE_AROUND, ID(50, 0), {0}, 3, "7: #c=f"},
    };
    struct archive *a = filled_archive();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct archive_query query = {.form = rows[i].form,
                                      .target = "#c",
                                      .from = rows[i].from,
                                      .to = rows[i].to,
                                      .n = rows[i].n,
                                      .kinds = ALL};
        EQUAL_TEXT(ask_query(a, &query), rows[i].want);
    }
    archive_ram_free(a);
}

static void
only_wanted_records_count(void)
{
    struct archive *a = filled_archive();
    struct archive_query q = {.target = "#c", .n = 2, .kinds = 1 << 1};
    EQUAL_TEXT(ask_query(a, &q), "7: #c=b #c=d");
    q.kinds = 1 << 0;
    EQUAL_TEXT(ask_query(a, &q), "7: #c=e #c=f");
    q = (struct archive_query){.form = ARCHIVE_BEFORE,
                               .target = "#c",
                               .from = MOMENT(30),
                               .n = 9,
                               .kinds = ALL};
    q.since = position(20, 5);
    EQUAL_TEXT(ask_query(a, &q), "7: #c=c #c=d");
    q.since++;
    EQUAL_TEXT(ask_query(a, &q), "7: #c=d");
    q.target = "#other";
    EQUAL_TEXT(ask_query(a, &q), "7:");
    archive_ram_free(a);
}

static void
targets_are_found_by_their_newest_record(void)
{
    static const char *const among[] = {"#c", "#young", "#old", "#none", "#mid"};
    struct archive *a = filled_archive(); /* the newest of #c: 40 */
    append_text(a, 0, "#old", position(5, 0), 0, "x");
    append_text(a, 0, "#mid", position(30, 9), 0, "x");
    append_text(a, 0, "#young", position(50, 0), 0, "x");
    append_text(a, 0, "#secret", position(35, 0), 0, "x");
    struct archive_query q = {.form = ARCHIVE_TARGETS,
                              .from = MOMENT(5),
                              .to = MOMENT(60),
                              .n = 9,
                              .kinds = ALL,
                              .among = among,
                              .n_among = 5};
    EQUAL_TEXT(ask_query(a, &q), "7: #mid= #c= #young=");
    q.n = 2;
    EQUAL_TEXT(ask_query(a, &q), "7: #mid= #c=");
    q.from = (struct archive_bound)MOMENT(60);
    q.to = (struct archive_bound)MOMENT(5);
    EQUAL_TEXT(ask_query(a, &q), "7: #c= #young=");
    q.from = (struct archive_bound)MOMENT(50);
    q.to = (struct archive_bound)MOMENT(4);
    q.n = 9;
    EQUAL_TEXT(ask_query(a, &q), "7: #old= #mid= #c=");
    q.to = (struct archive_bound)ID(4, 0);
    EQUAL_TEXT(ask_query(a, &q), "7: failed, TARGETS takes timestamps only");
    archive_ram_free(a);
}

static void
a_redacted_record_is_gone_and_paging_goes_on_behind_it(void)
{
    struct archive *a = filled_archive();
    uint64_t c = position(20, 5);
    a->ops->redact(a, 1, "#c", c);
    a->ops->redact(a, 2, "#c", c);
    a->ops->redact(a, 3, "#c", c + 1);
    a->ops->redact(a, 4, "#d", c);
    a->ops->redact(a, 0, "#c", position(30, 0));
    EQUAL_TEXT(next_answer(a), "1:");
    EQUAL_TEXT(next_answer(a), "2: unknown");
    EQUAL_TEXT(next_answer(a), "3: unknown");
    EQUAL_TEXT(next_answer(a), "4: unknown");
    EQUAL_TEXT(next_answer(a), "");
    struct archive_query q = {.form = ARCHIVE_AFTER,
                              .target = "#c",
                              .from = {c, false},
                              .n = 2,
                              .kinds = ALL};
    EQUAL_TEXT(ask_query(a, &q), "7: #c=d #c=f");
    q.form = ARCHIVE_BEFORE;
    EQUAL_TEXT(ask_query(a, &q), "7: #c=a #c=b");
    q.form = ARCHIVE_AROUND;
    EQUAL_TEXT(ask_query(a, &q), "7: #c=b #c=d");
    archive_ram_free(a);
}

static void
records_expire_by_age_and_count(void)
{
    struct archive *a = filled_archive();
    struct archive_query q = {.target = "#c", .n = 9, .kinds = ALL};
    append_text(a, 0, "#d", position(15, 0), 0, "x");
    a->ops->expire(a, 0, position(20, 0), 99);
    EQUAL_TEXT(ask_query(a, &q), "7: #c=b #c=c #c=d #c=e #c=f");
    a->ops->expire(a, 0, position(20, 1), 4);
    EQUAL_TEXT(ask_query(a, &q), "7: #c=c #c=d #c=e #c=f");
    a->ops->expire(a, 0, 0, 3);
    EQUAL_TEXT(ask_query(a, &q), "7: #c=d #c=e #c=f");
    a->ops->erase(a, 1, "#c", position(30, 0));
    EQUAL_TEXT(next_answer(a), "1:");
    EQUAL_TEXT(ask_query(a, &q), "7: #c=e #c=f");
    a->ops->erase(a, 0, "#c", ARCHIVE_END);
    a->ops->erase(a, 0, "#nothing", ARCHIVE_END);
    EQUAL_TEXT(ask_query(a, &q), "7:");
    q.target = "#d"; /* its only record was the oldest one in all channels */
    EQUAL_TEXT(ask_query(a, &q), "7:");
    append_text(a, 0, "#c", position(1, 0), 0, "again");
    q.target = "#c";
    EQUAL_TEXT(ask_query(a, &q), "7: #c=again");
    a->ops->expire(a, 0, 0, 0);
    EQUAL_TEXT(ask_query(a, &q), "7:");
    archive_ram_free(a);
}

static void
positions_of_a_target_rise(void)
{
    struct archive *a = filled_archive();
    append_text(a, 1, "#c", position(40, 7), 0, "same");
    append_text(a, 0, "#c", position(40, 6), 0, "below");
    append_text(a, 2, "#c", position(40, 8), 0, "");
    append_text(a, 3, "#d", 0, 0, "none");
    append_text(a, 4, "#d", ARCHIVE_END, 0, "none");
    append_text(a, 5, "#d", ARCHIVE_END - 1, 0, "last");
    CONTAINS(next_answer(a), "1: failed, the position is not above");
    CONTAINS(next_answer(a), "0: failed, the position is not above");
    EQUAL_TEXT(next_answer(a), "2:");
    CONTAINS(next_answer(a), "3: failed");
    CONTAINS(next_answer(a), "4: failed");
    EQUAL_TEXT(next_answer(a), "5:");
    struct archive_query q = {.target = "#c", .n = 2, .kinds = ALL};
    EQUAL_TEXT(ask_query(a, &q), "7: #c=f #c=");
    archive_ram_free(a);
}

static void
answers_come_in_order_and_tell_the_time_of_the_question(void)
{
    struct archive *a = filled_archive();
    struct archive_query q = {.target = "#c", .n = 1, .kinds = ALL};
    a->ops->range(a, 30, &q);
    append_text(a, 20, "#c", position(60, 0), 0, "later");
    a->ops->redact(a, 10, "#c", position(40, 7));
    a->ops->range(a, 1, &q);
    a->ops->erase(a, 0, "#c", ARCHIVE_END);
    EQUAL_TEXT(next_answer(a), "30: #c=f");
    EQUAL_TEXT(next_answer(a), "20:");
    EQUAL_TEXT(next_answer(a), "10:");
    EQUAL_TEXT(next_answer(a), "1: #c=later");
    EQUAL_TEXT(next_answer(a), "");
    archive_ram_free(a);
}

/* The memory of the question is freed as well: the answer does not refer to it. */
static void
an_answer_comes_after_the_asker_has_left(void)
{
    struct archive *a = filled_archive();
    char *target = xstrdup("#c");
    struct archive_query *query = xcalloc(1, sizeof *query);
    *query = (struct archive_query){.target = target, .n = 1, .kinds = ALL};
    a->ops->range(a, 1, query);
    memset(target, 'x', 2);
    free(target);
    free(query);
    EQUAL_TEXT(next_answer(a), "1: #c=f");
    query = xcalloc(1, sizeof *query);
    *query = (struct archive_query){.target = "#c", .n = 9, .kinds = ALL};
    a->ops->range(a, 2, query);
    free(query);
    archive_ram_free(a); /* with an answer that no one took */
}

static void
a_full_queue_is_told_as_an_answer(void)
{
    struct archive *a = filled_archive();
    struct archive_query q = {.target = "#c", .n = 1, .kinds = ALL};
    for (uint64_t id = 1; id <= WAITING; id++)
        a->ops->range(a, id, &q);
    a->ops->redact(a, 90, "#c", position(40, 7));
    append_text(a, 91, "#c", position(60, 0), 0, "lost");
    append_text(a, 0, "#c", position(60, 0), 0, "lost");
    for (uint64_t id = 1; id <= WAITING; id++) {
        char want[32];
        snprintf(want, sizeof want, "%d: #c=f", (int)id);
        EQUAL_TEXT(next_answer(a), want);
    }
    EQUAL_TEXT(next_answer(a), "90: full");
    EQUAL_TEXT(next_answer(a), "91: full");
    EQUAL_TEXT(next_answer(a), "0: full");
    EQUAL_TEXT(next_answer(a), "");
    EQUAL_TEXT(ask_query(a, &q), "7: #c=f");
    archive_ram_free(a);
}

static void
a_failure_is_told_with_its_reason_and_changes_nothing(void)
{
    struct archive *a = filled_archive();
    struct archive_query q = {.target = "#c", .n = 1, .kinds = ALL};
    archive_ram_fail(a, "no space");
    a->ops->expire(a, 0, ARCHIVE_END, 0);
    EQUAL_TEXT(next_answer(a), "0: failed, no space");
    EQUAL_TEXT(ask_query(a, &q), "7: failed, no space");
    archive_ram_fail(a, NULL);
    EQUAL_TEXT(ask_query(a, &q), "7: #c=f");
    archive_ram_free(a);
}

/* --- against a plain list */

#define MODEL 300

static bool
is_between(uint64_t at, struct archive_bound low, struct archive_bound high)
{
    uint64_t ms = at >> MSGID_SEQUENCE_BITS;
    bool above = low.moment ? ms > low.at >> MSGID_SEQUENCE_BITS : at > low.at;
    bool below = high.moment ? ms < high.at >> MSGID_SEQUENCE_BITS : at < high.at;
    return above && below;
}

/* The first or the last n records inside the bounds. */
static size_t
pick_records(const uint64_t *all, struct archive_bound from, struct archive_bound to,
             size_t n, uint64_t *out)
{
    bool newest = from.at > to.at;
    size_t inside = 0, skip;
    for (size_t i = 0; i < MODEL; i++)
        inside += is_between(all[i], newest ? to : from, newest ? from : to);
    skip = newest && inside > n ? inside - n : 0;
    size_t got = 0, seen = 0;
    for (size_t i = 0; i < MODEL && got < n; i++)
        if (is_between(all[i], newest ? to : from, newest ? from : to) &&
            seen++ >= skip)
            out[got++] = all[i];
    return got;
}

static struct archive_bound
random_bound(uint64_t *state, const uint64_t *all)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    uint64_t at = all[(*state >> 33) % MODEL] + ((*state >> 20) % 3) - 1;
    bool moment = *state >> 63;
    return (struct archive_bound){
        moment ? at >> MSGID_SEQUENCE_BITS << MSGID_SEQUENCE_BITS : at, moment};
}

static void
random_pages_are_those_of_a_plain_list(void)
{
    uint64_t all[MODEL], want[MODEL], state = 14;
    struct archive *a = archive_ram_new(WAITING);
    for (uint64_t i = 0; i < MODEL; i++) {
        all[i] = position(1000 + i / 4 * 2, i % 4 * 3);
        append_text(a, 0, "#c", all[i], 0, "text");
    }
    for (int i = 0; i < 3000; i++) {
        struct archive_bound from = random_bound(&state, all);
        struct archive_bound to = random_bound(&state, all);
        struct archive_query q = {.form = ARCHIVE_BETWEEN,
                                  .target = "#c",
                                  .from = from,
                                  .to = to,
                                  .n = (size_t)i % 50,
                                  .kinds = ALL};
        size_t n = pick_records(all, from, to, q.n, want);
        a->ops->range(a, 1, &q);
        const struct archive_answer *answer = archive_ram_answer(a);
        CU_ASSERT_FATAL(answer->n == n);
        for (size_t k = 0; k < n; k++)
            CU_ASSERT_FATAL(answer->records[k].at == want[k]);
    }
    archive_ram_free(a);
}

SUITE(archive_ram)
{
    TEST(each_form_has_its_bounds_on_both_sides);
    TEST(only_wanted_records_count);
    TEST(targets_are_found_by_their_newest_record);
    TEST(a_redacted_record_is_gone_and_paging_goes_on_behind_it);
    TEST(records_expire_by_age_and_count);
    TEST(positions_of_a_target_rise);
    TEST(answers_come_in_order_and_tell_the_time_of_the_question);
    TEST(an_answer_comes_after_the_asker_has_left);
    TEST(a_full_queue_is_told_as_an_answer);
    TEST(a_failure_is_told_with_its_reason_and_changes_nothing);
    TEST(random_pages_are_those_of_a_plain_list);
}
