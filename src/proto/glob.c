/* Globs: `*` for any run of bytes, `?` for one byte; ASCII letters are compared without
 * case.
 *
 * Users choose the globs and the texts, so the work is bounded. A plain loop that
 * retries the last '*' decides nearly all of them in a few steps; if it does not, an
 * automaton looks at each byte of the text once. This file must never recurse or
 * allocate. */
#include "proto/glob.h"

#include "proto/casemap.h"

#include <stdint.h>
#include <string.h>

#define QUICK_STEPS 128 /* of the plain loop, before the automaton takes over */
#define WORDS 8         /* of the automaton: globs of fewer than 512 letters */
#define BITS 64         /* of a word */

/* Returns 1 if the glob matches, 0 if it does not, -1 if `limit` steps do not decide.
 * Adds the steps to *work. */
static int
match_by_retry(const char *glob, const char *text, size_t limit, size_t *work)
{
    const char *star = NULL;  /* behind the last '*' of the glob */
    const char *retry = NULL; /* the text on which it is tried */
    size_t steps = 0;

    for (; *text != '\0' && steps < limit; steps++) {
        if (*glob == '*') {
            star = ++glob;
            retry = text;
        } else if (*glob == '?' ||
                   (*glob != '\0' && casemap_fold(*glob) == casemap_fold(*text))) {
            glob++;
            text++;
        } else if (star != NULL) {
            glob = star;
            text = ++retry;
        } else {
            break;
        }
    }
    *work += steps + 1;
    if (*text != '\0')
        return steps < limit ? 0 : -1;
    return glob[strspn(glob, "*")] == '\0';
}

/* Compares the end of the glob, behind its last '*' (it has one), with the end of the
 * text, and takes it off both lengths. False: they differ, or the text is too short. */
static bool
trim_last_run(const char *glob, size_t *glob_len, const char *text, size_t *text_len)
{
    while (glob[*glob_len - 1] != '*') {
        char g = glob[*glob_len - 1];

        if (*text_len == 0 ||
            (g != '?' && casemap_fold(g) != casemap_fold(text[*text_len - 1])))
            return false;
        --*glob_len;
        --*text_len;
    }
    return true;
}

/* The parts of the glob that can have matched so far, as bits: bit i of `reached` says
 * that its first i letters have. A '*' behind these letters keeps the bit; if the next
 * byte of the text is the next letter, the bit moves on. */
struct automaton {
    size_t letters, words;
    uint64_t stay[WORDS];       /* a '*' is behind these letters */
    uint64_t any[WORDS];        /* the next letter is '?' */
    uint64_t next[256 * WORDS]; /* [byte * words]: the next letter is this byte */
    uint64_t reached[WORDS];
};

static void
automaton_build(struct automaton *a, const char *glob, size_t n)
{
    size_t i = 0;

    memset(a->stay, 0, sizeof(a->stay));
    memset(a->any, 0, sizeof(a->any));
    memset(a->reached, 0, sizeof(a->reached));
    memset(a->next, 0, 256 * a->words * sizeof(a->next[0]));
    a->reached[0] = 1;
    for (const char *end = glob + n; glob < end; glob++) {
        uint64_t bit = UINT64_C(1) << i % BITS;

        if (*glob == '*') {
            a->stay[i / BITS] |= bit;
            continue;
        }
        if (*glob == '?')
            a->any[i / BITS] |= bit;
        else
            a->next[(unsigned char)casemap_fold(*glob) * a->words + i / BITS] |= bit;
        i++;
    }
}

/* Takes one byte of the text; false: no match is possible any more. */
static bool
automaton_step(struct automaton *a, char byte)
{
    const uint64_t *next = &a->next[(unsigned char)casemap_fold(byte) * a->words];
    uint64_t carry = 0, left = 0;

    for (size_t w = 0; w < a->words; w++) {
        uint64_t moves = a->reached[w] & (next[w] | a->any[w]);

        a->reached[w] = (a->reached[w] & a->stay[w]) | moves << 1 | carry;
        carry = moves >> (BITS - 1);
        left |= a->reached[w];
    }
    return left != 0;
}

/* For a glob that the plain loop did not decide: compares the lengths, then the end
 * behind the last '*', and then walks over the text once. */
static bool
match_by_automaton(const char *glob, const char *text, size_t *work)
{
    struct automaton a;
    size_t n = strlen(glob), len = strlen(text), stars = 0;

    for (size_t i = 0; i < n; i++)
        stars += glob[i] == '*';
    *work += n + len;
    if (n - stars > len)
        return false;
    if (n - stars >= WORDS * BITS)
        return match_by_retry(glob, text, SIZE_MAX, work) == 1;
    if (stars > 0 && !trim_last_run(glob, &n, text, &len))
        return false;
    a.letters = n - stars;
    a.words = a.letters / BITS + 1;
    *work += a.words * (len + BITS);
    automaton_build(&a, glob, n);
    for (size_t i = 0; i < len; i++)
        if (!automaton_step(&a, text[i]))
            return false;
    return a.reached[a.letters / BITS] >> a.letters % BITS & 1;
}

bool
mask_glob_work(const char *glob, const char *text, size_t *work)
{
    int matches = match_by_retry(glob, text, QUICK_STEPS, work);

    return matches < 0 ? match_by_automaton(glob, text, work) : matches == 1;
}

bool
mask_glob(const char *glob, const char *text)
{
    size_t ignored = 0;

    return mask_glob_work(glob, text, &ignored);
}
