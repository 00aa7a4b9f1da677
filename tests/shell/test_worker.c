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
        CU_ASSERT(worker_add(w, 100 + i, &here, cases[i].hash, cases[i].password) ==
                  VERIFY_STARTED);
        CU_ASSERT_FATAL(answer(w, &job, &ok));
        EQUAL_NUMBER(job, 100 + i);
        EQUAL_NUMBER(ok, cases[i].ok);
    }
    end(w);
}

/* Another one for each number. */
static struct prefix
host_of(unsigned n)
{
    struct prefix host = {.bits = 128};
    host.addr.ip[14] = (uint8_t)(n >> 8);
    host.addr.ip[15] = (uint8_t)n;
    return host;
}

static enum verify_verdict
add_of(struct worker *w, uint64_t job, unsigned n, const char *hash)
{
    struct prefix host = host_of(n);
    return worker_add(w, job, &host, hash, "a");
}

static void
the_queue_is_bounded_and_so_is_the_share_of_a_host(void)
{
    struct worker *w = begin();
    char hash[crypto_pwhash_STRBYTES];
    uint64_t job = 0;
    bool ok = false;
    cheap("a", hash);
    CU_ASSERT_FALSE(worker_take(w, &job, &ok));
    unsigned n = 0;
    for (; n < WORKER_QUEUE; n++)
        EQUAL_NUMBER(add_of(w, n, n / WORKER_SHARE, hash), VERIFY_STARTED);
    EQUAL_NUMBER(add_of(w, 9999, 5000, hash), VERIFY_FULL);
    for (n = 0; n < WORKER_QUEUE; n++)
        CU_ASSERT_FATAL(answer(w, &job, &ok) && ok);
    EQUAL_NUMBER(add_of(w, 7, 1, hash), VERIFY_STARTED);
    CU_ASSERT(answer(w, &job, &ok));
    for (n = 0; n < WORKER_SHARE; n++)
        EQUAL_NUMBER(add_of(w, n, 1, NULL), VERIFY_STARTED);
    EQUAL_NUMBER(add_of(w, n, 1, NULL), VERIFY_HOST_FULL);
    EQUAL_NUMBER(add_of(w, n, 2, NULL), VERIFY_STARTED);
    end(w);
}

/* A hundred hosts have filled their shares; who comes last waits for one job of each.
 */
static void
hosts_take_turns(void)
{
    struct worker *w = begin();
    char hash[crypto_pwhash_STRBYTES];
    uint64_t job = 0;
    bool ok = false;
    unsigned before = 0, of_first = 0;
    cheap("a", hash);
    CU_ASSERT(add_of(w, 0, 7777, NULL) == VERIFY_STARTED); /* keeps the thread busy */
    for (unsigned n = 0; n < 100 * WORKER_SHARE; n++)
        EQUAL_NUMBER(add_of(w, n / WORKER_SHARE, n / WORKER_SHARE, hash),
                     VERIFY_STARTED);
    EQUAL_NUMBER(add_of(w, 500, 500, hash), VERIFY_STARTED);
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
        EQUAL_NUMBER(add_of(w, i, i, NULL), VERIFY_STARTED);
    worker_stop(w);
    EQUAL_NUMBER(add_of(w, 999, 999, NULL), VERIFY_FULL);
    end(w); /* some seconds if all had to be answered */
    worker_free(NULL);
}

SUITE(worker)
{
    TEST(only_the_right_password_passes);
    TEST(the_queue_is_bounded_and_so_is_the_share_of_a_host);
    TEST(hosts_take_turns);
    TEST(stopping_drops_what_waits);
}
