/* The password worker: right and wrong passwords, order, the bound of its queue. */
#include "net/worker.h"
#include "test.h"

#include <poll.h>
#include <sodium.h>
#include <unistd.h>

#define WAIT_MS 20000

static int wakes[2]; /* a pipe; one byte an answer */

static void
wake(void *ctx)
{
    (void)ctx;
    CU_ASSERT(write(wakes[1], "", 1) == 1);
}

static struct worker *
begin(void)
{
    CU_ASSERT_FATAL(sodium_init() >= 0 && pipe(wakes) == 0);
    struct worker *w = worker_new(wake, NULL);
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

/* The next answer, waiting for it. */
static bool
answer(struct worker *w, uint64_t *job, bool *ok)
{
    struct pollfd p = {.fd = wakes[0], .events = POLLIN};
    char byte;
    if (poll(&p, 1, WAIT_MS) != 1 || read(wakes[0], &byte, 1) != 1)
        return false;
    return worker_take(w, job, ok);
}

/* The cheapest argon2id there is, so that many run in no time. */
static void
cheap(const char *password, char out[static crypto_pwhash_STRBYTES])
{
    int bad = crypto_pwhash_str(out, password, strlen(password),
                                crypto_pwhash_OPSLIMIT_MIN, crypto_pwhash_MEMLIMIT_MIN);
    CU_ASSERT_FATAL(bad == 0);
}

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
        CU_ASSERT(worker_add(w, 100 + i, cases[i].hash, cases[i].password));
        CU_ASSERT_FATAL(answer(w, &job, &ok));
        EQUAL_NUMBER(job, 100 + i);
        EQUAL_NUMBER(ok, cases[i].ok);
    }
    end(w);
}

static void
the_queue_is_bounded_and_answers_keep_the_order(void)
{
    struct worker *w = begin();
    char hash[crypto_pwhash_STRBYTES];
    uint64_t job = 0;
    bool ok = false;
    cheap("a", hash);
    CU_ASSERT_FALSE(worker_take(w, &job, &ok));
    for (uint64_t i = 0; i < WORKER_QUEUE; i++)
        CU_ASSERT(worker_add(w, i, hash, i % 2 ? "a" : "b"));
    CU_ASSERT_FALSE(worker_add(w, 999, hash, "a"));
    for (uint64_t i = 0; i < WORKER_QUEUE; i++) {
        CU_ASSERT_FATAL(answer(w, &job, &ok));
        EQUAL_NUMBER(job, i);
        EQUAL_NUMBER(ok, i % 2);
    }
    CU_ASSERT(worker_add(w, 7, hash, "a"));
    CU_ASSERT(answer(w, &job, &ok));
    end(w);
}

static void
stopping_drops_what_waits(void)
{
    struct worker *w = begin();
    for (uint64_t i = 0; i < WORKER_QUEUE; i++)
        CU_ASSERT(worker_add(w, i, NULL, "x"));
    worker_stop(w);
    CU_ASSERT_FALSE(worker_add(w, 999, NULL, "x"));
    end(w); /* some seconds if all had to be answered */
    worker_free(NULL);
}

SUITE(worker)
{
    TEST(only_the_right_password_passes);
    TEST(the_queue_is_bounded_and_answers_keep_the_order);
    TEST(stopping_drops_what_waits);
}
