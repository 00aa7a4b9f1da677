/* The store, alone, against kill -9: a child puts and deletes at full speed and tells
 * through a pipe what was acknowledged; it is killed at a random moment; then
 * everything acknowledged must be there (or gone, if its removal was acknowledged).
 * The object single_pair.o, if this is linked with it, is tested in the place of the
 * pair.
 *
 *   crash_store keep ROUNDS SECONDS DIR    exit 0 if nothing was lost in any round
 *   crash_store lose ROUNDS SECONDS DIR    exit 0 as soon as something was lost or
 * damaged
 *
 * What operation number n does follows from n alone, and a child never has more than
 * WINDOW unanswered; so the parent needs to know only the number that was acknowledged.
 * An operation is a group of two records, K and L of one host: they must always agree.
 */
#include "../unit/dice.h"
#include "base/str.h"
#include "store/store_gdbm.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { KEYS = 6000, WINDOW = 400, MOST_KILL_US = 40000 };

struct op {
    unsigned key;
    bool gone;
};

/* The number of the operation that made each record; 0: it is gone. */
static uint64_t acked[KEYS];  /* as acknowledged */
static uint64_t found[KEYS];  /* as read after the kill */
static uint64_t second[KEYS]; /* the second records, as read after the kill */
static int torn;              /* values that no operation wrote */
static int halves;            /* groups of which a part is there */
static uint64_t seed;

static uint64_t
mix(uint64_t n)
{
    n += 0x9e3779b97f4a7c15u;
    n = (n ^ n >> 30) * 0xbf58476d1ce4e5b9u;
    n = (n ^ n >> 27) * 0x94d049bb133111ebu;
    return n ^ n >> 31;
}

static struct op
op_of(uint64_t n)
{
    uint64_t m = mix(n);
    return (struct op){.key = (unsigned)(m % KEYS), .gone = m >> 32 & 1 && m >> 33 & 1};
}

static size_t
value_of(uint64_t n, char *value, size_t size)
{
    size_t more = mix(~n) % 500;
    str_format(value, size, "%llu ", (unsigned long long)n);
    size_t len = strlen(value);
    memset(value + len, (int)('a' + n % 26), more);
    return len + more;
}

static double
now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
nap_us(long us)
{
    nanosleep(&(struct timespec){.tv_nsec = us * 1000}, NULL);
}

static void
put(struct store *s, uint64_t n)
{
    char key[32], value[600];
    struct op op = op_of(n);
    size_t len = value_of(n, value, sizeof value);
    str_format(key, sizeof key, "K*!*@host-%u", op.key);
    store_begin(s);
    store_put(s, key, strlen(key), op.gone ? NULL : value, op.gone ? 0 : len);
    if (mix(n) % 8 == 0) /* time for the writer to take the first without the second */
        nap_us(30);
    key[0] = 'L';
    store_put(s, key, strlen(key), op.gone ? NULL : value, op.gone ? 0 : len);
    store_commit(s);
}

static void
wake(void *ctx)
{
    (void)ctx;
}

static struct store *
open_store(const char *dir)
{
    char err[300];
    struct store_gdbm_options o = {.dir = dir, .wake = wake};
    struct store *s = store_gdbm_open(&o, err, sizeof err);
    if (s == NULL)
        printf("  the database does not open any more: %s\n", err);
    return s;
}

/* The child: operations first, first + 1, … for ever. */
static void
work(const char *dir, uint64_t first, int pipe_fd)
{
    struct store *s = open_store(dir);
    struct store_news news;
    uint64_t next = first, done = first - 1;
    if (s == NULL)
        _exit(1);
    for (;;) {
        /* Bursts of different sizes, so that batches differ. */
        for (uint64_t burst = 1 + mix(next) % 64; burst > 0 && next - done < WINDOW;
             burst--)
            put(s, next++);
        while (store_gdbm_news(s, &news)) {
            if (news.upto % 2 != 0)
                _exit(1); /* news of half a group */
            done = first - 1 + news.upto / 2;
            if (news.why == NULL && write(pipe_fd, &done, sizeof done) != sizeof done)
                _exit(1);
        }
        if (next - done >= WINDOW)
            nap_us(50);
    }
}

/* Lets a child work and kills it. Returns the last operation that was acknowledged, or
 * first - 1. */
static uint64_t
run_and_kill(const char *dir, uint64_t first)
{
    int fd[2];
    uint64_t last = first - 1, got;
    fflush(stdout);
    if (pipe(fd) < 0)
        exit(2);
    pid_t child = fork();
    if (child < 0)
        exit(2);
    if (child == 0) {
        close(fd[0]);
        work(dir, first, fd[1]);
    }
    close(fd[1]);
    double end = now() + dice(&seed, MOST_KILL_US) / 1e6;
    struct pollfd p = {.fd = fd[0], .events = POLLIN};
    while (now() < end)
        if (poll(&p, 1, 1) > 0 && read(fd[0], &got, sizeof got) == sizeof got)
            last = got;
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    while (read(fd[0], &got, sizeof got) == sizeof got)
        last = got;
    close(fd[0]);
    return last;
}

static void
read_fact(void *ctx, const void *key, size_t key_len, const void *value,
          size_t value_len)
{
    char k[32], v[32], want[600];
    unsigned i;
    unsigned long long n;
    (void)ctx;
    str_format(k, sizeof k, "%.*s", (int)key_len, (const char *)key);
    str_format(v, sizeof v, "%.*s", (int)value_len, (const char *)value);
    char kind;
    bool whole = sscanf(k, "%c*!*@host-%u", &kind, &i) == 2 &&
                 (kind == 'K' || kind == 'L') && sscanf(v, "%llu ", &n) == 1 &&
                 op_of(n).key == i && value_of(n, want, sizeof want) == value_len &&
                 memcmp(want, value, value_len) == 0;
    if (whole)
        (kind == 'K' ? found : second)[i] = n;
    else
        torn++;
}

/* True if operations after `last` explain the present value of a key. */
static bool
newer_op_explains(unsigned key, uint64_t last)
{
    if (found[key] > last)
        return true;
    for (uint64_t n = last + 1; n <= last + WINDOW; n++)
        if (op_of(n).key == key && op_of(n).gone && found[key] == 0)
            return true;
    return false;
}

/* The number of acknowledged changes that are not there; -1 if the database does not
 * open. */
static int
count_lost(const char *dir, uint64_t last)
{
    int lost = 0;
    struct store *s = open_store(dir);
    if (s == NULL)
        return -1;
    memset(found, 0, sizeof found);
    memset(second, 0, sizeof second);
    store_each(s, read_fact, NULL);
    store_gdbm_close(s, 5000);
    for (unsigned i = 0; i < KEYS; i++)
        halves += found[i] != second[i];
    for (unsigned i = 0; i < KEYS; i++)
        lost += found[i] != acked[i] && !newer_op_explains(i, last);
    return lost;
}

static void
acknowledge(uint64_t from, uint64_t to)
{
    for (uint64_t n = from; n <= to; n++)
        acked[op_of(n).key] = op_of(n).gone ? 0 : n;
}

/* One kill. False if something was lost or damaged. */
static bool
round_is_fine(const char *dir, uint64_t *next, uint64_t *changes)
{
    uint64_t first = *next, last = run_and_kill(dir, first);
    torn = halves = 0;
    acknowledge(first, last);
    *changes += last + 1 - first;
    int lost = count_lost(dir, last);
    if (lost != 0 || torn != 0 || halves != 0) {
        printf(
            "  operations %llu to %llu acknowledged: %d lost, %d torn, %d halves%s\n",
            (unsigned long long)first, (unsigned long long)last, lost < 0 ? 0 : lost,
            torn, halves, lost < 0 ? ", all unreadable" : "");
        return false;
    }
    /* Changes after the acknowledged ones count as acknowledged where they are found.
     */
    memcpy(acked, found, sizeof acked);
    *next = last + WINDOW + 1;
    return true;
}

int
main(int argc, char **argv)
{
    uint64_t rounds, seconds, next = 1, changes = 0, done = 0;
    bool fine = true;
    if (argc != 5 || !str_to_uint(argv[2], 1, 100000, &rounds) ||
        !str_to_uint(argv[3], 1, 100000, &seconds)) {
        fprintf(stderr, "usage: crash_store keep|lose ROUNDS SECONDS DIR\n");
        return 2;
    }
    bool keep = strcmp(argv[1], "keep") == 0;
    double end = now() + (double)seconds;
    seed = (uint64_t)getpid();
    while (fine && done < rounds && now() < end) {
        fine = round_is_fine(argv[4], &next, &changes);
        done++;
    }
    printf("  %s: %llu kills, %llu acknowledged changes, %s\n", argv[1],
           (unsigned long long)done, (unsigned long long)changes,
           fine ? "0 lost, 0 damaged" : "LOST OR DAMAGED");
    if (keep)
        return fine && done == rounds ? 0 : 1;
    return fine ? 1 : 0;
}
