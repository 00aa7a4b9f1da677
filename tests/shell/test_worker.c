/* The worker: right and wrong passwords, other kinds of jobs, order. */
#include "net/worker.h"
#include "test.h"

#include <poll.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define WAIT_MS 20000

static int wakes[2]; /* a pipe; one byte an answer */

static void
wake(void *ctx)
{
    (void)ctx;
    CU_ASSERT(write(wakes[1], "", 1) == 1);
}

/* The payload reversed, so that the test sees its own kind run. */
static size_t
run_reverse(const unsigned char *payload, size_t n, unsigned char *answer)
{
    for (size_t i = 0; i < n; i++)
        answer[i] = payload[n - 1 - i];
    return n;
}

enum { REVERSE = JOB_KINDS };
static struct worker_kind kinds[JOB_KINDS + 1] = {[REVERSE] = {"reverse", run_reverse}};

static struct worker *
begin(void)
{
    CU_ASSERT_FATAL(sodium_init() >= 0 && pipe(wakes) == 0);
    kinds[JOB_VERIFY] = worker_kinds[JOB_VERIFY];
    struct worker *w = worker_new(kinds, wake, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(w);
    return w;
}

static void
end(struct worker *w)
{
    worker_free(w);
    close(wakes[0]);
    close(wakes[1]);
}

/* hash: NULL is of an unknown name. */
static void
submit_verify(struct worker *w, uint64_t job, const struct prefix *host,
              const char *hash, const char *password)
{
    char payload[512];
    int n = snprintf(payload, sizeof payload, "%s%c%s", hash ? hash : "", 0, password);
    CU_ASSERT_FATAL(n >= 0 && (size_t)n < sizeof payload);
    worker_submit(w, job, JOB_VERIFY, host, payload, (size_t)n + 1);
}

static bool
take(struct worker *w, uint64_t *job, bool *ok)
{
    struct worker_answer answer;
    if (!worker_take(w, &answer))
        return false;
    EQUAL_NUMBER(answer.n, 1);
    *job = answer.job;
    *ok = answer.bytes[0] == 1;
    return true;
}

/* Waits for the next answer. */
static bool
answer(struct worker *w, uint64_t *job, bool *ok)
{
    struct pollfd p = {.fd = wakes[0], .events = POLLIN};
    char byte;
    if (poll(&p, 1, WAIT_MS) != 1 || read(wakes[0], &byte, 1) != 1)
        return false;
    return take(w, job, ok);
}

/* The cheapest argon2id, so that many run in no time. */
static void
cheap(const char *password, char out[static crypto_pwhash_STRBYTES])
{
    int bad = crypto_pwhash_str(out, password, strlen(password),
                                crypto_pwhash_OPSLIMIT_MIN, crypto_pwhash_MEMLIMIT_MIN);
    CU_ASSERT_FATAL(bad == 0);
}

static const struct prefix here = {.bits = 128};

static void
only_the_right_password_passes(void)
{
    struct worker *w = begin();
    char hash[WORKER_HASH], small[crypto_pwhash_STRBYTES];
    CU_ASSERT_FATAL(worker_hash("secret", hash));
    cheap("", small);
    const struct {
        const char *hash, *password;
        bool ok;
    } cases[] = {
        {hash, "secret", true},     {hash, "Secret", false}, {hash, "", false},
        {hash, "secret ", false},   {NULL, "secret", false}, {NULL, "", false},
        {"nonsense", "x", false},   {"", "", false},         {small, "", true},
        {"$argon2id$", "x", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint64_t job = 0;
        bool ok = !cases[i].ok;
        submit_verify(w, 100 + i, &here, cases[i].hash, cases[i].password);
        CU_ASSERT_FATAL(answer(w, &job, &ok));
        EQUAL_NUMBER(job, 100 + i);
        EQUAL_NUMBER(ok, cases[i].ok);
    }
    end(w);
}

/* Another host for each number. */
static struct prefix
host_of(unsigned n)
{
    struct prefix host = {.bits = 128};
    host.addr.ip[14] = (uint8_t)(n >> 8);
    host.addr.ip[15] = (uint8_t)n;
    return host;
}

static void
add_of(struct worker *w, uint64_t job, unsigned n, const char *hash)
{
    struct prefix host = host_of(n);
    submit_verify(w, job, &host, hash, "a");
}

/* Kinds are rows: one that only this test has. */
static void
a_kind_is_a_row_and_its_answer_has_bytes(void)
{
    struct worker *w = begin();
    struct worker_answer answer;
    struct pollfd p = {.fd = wakes[0], .events = POLLIN};
    CU_ASSERT_FALSE(worker_take(w, &answer));
    worker_submit(w, 5, REVERSE, &here, "abc", 3);
    CU_ASSERT_FATAL(poll(&p, 1, WAIT_MS) == 1);
    CU_ASSERT_FATAL(worker_take(w, &answer));
    EQUAL_NUMBER(answer.job, 5);
    EQUAL_NUMBER(answer.n, 3);
    CU_ASSERT(memcmp(answer.bytes, "cba", 3) == 0);
    EQUAL_TEXT(worker_kinds[JOB_VERIFY].name, "verify");
    end(w);
}

static void
jobs_of_a_host_end_in_their_order(void)
{
    struct worker *w = begin();
    char hash[crypto_pwhash_STRBYTES];
    uint64_t job = 0, last[2] = {0, 0};
    bool ok = false;
    cheap("a", hash);
    for (unsigned n = 1; n <= 40; n++)
        add_of(w, n, n % 2, n % 3 ? hash : "nonsense");
    for (unsigned n = 1; n <= 40; n++) {
        CU_ASSERT_FATAL(answer(w, &job, &ok));
        CU_ASSERT(job > last[job % 2]);
        EQUAL_NUMBER(ok, job % 3 != 0);
        last[job % 2] = job;
    }
    end(w);
}

/* A hundred hosts have filled their shares; the last host waits for one job of each. */
static void
hosts_take_turns(void)
{
    struct worker *w = begin();
    char hash[crypto_pwhash_STRBYTES];
    uint64_t job = 0;
    bool ok = false;
    unsigned before = 0, of_first = 0;
    cheap("a", hash);
    add_of(w, 0, 7777, NULL); /* keeps the thread busy */
    for (unsigned n = 0; n < 400; n++)
        add_of(w, n / 4, n / 4, hash);
    add_of(w, 500, 500, hash);
    while (answer(w, &job, &ok) && job != 500) {
        before++;
        of_first += job == 1;
    }
    EQUAL_NUMBER(job, 500);
    CU_ASSERT(before <= 1 + 100 + 1);
    CU_ASSERT(of_first <= 2);
    end(w);
}

static void
stopping_drops_what_waits(void)
{
    struct worker *w = begin();
    for (unsigned i = 0; i < 64; i++)
        add_of(w, i, i, NULL);
    worker_stop(w);
    add_of(w, 999, 999, NULL);
    end(w); /* it takes some seconds if all are answered */
    worker_free(NULL);
}

SUITE(worker)
{
    TEST(only_the_right_password_passes);
    TEST(a_kind_is_a_row_and_its_answer_has_bytes);
    TEST(jobs_of_a_host_end_in_their_order);
    TEST(hosts_take_turns);
    TEST(stopping_drops_what_waits);
}
