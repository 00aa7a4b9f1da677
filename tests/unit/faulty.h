/* Configurations with faults, for the tests of each kind of block. */
#ifndef TESTS_FAULTY_H
#define TESTS_FAULTY_H

#include "config/config.h"
#include "test.h"

/* The faults of the last text, one a line. */
extern char faulty_told[20000];

/* The words of these configurations: the privileges kill, kline and rehash. */
extern const struct config_words faulty_words;

/* Parses the text. NULL: it has faults; *n is their number. The caller frees it. */
struct config *faulty_parse(const char *text, int *n);

/* Parses a text without faults. The caller frees it. */
struct config *faulty_none(const char *text);

/* The number of faults in the text. */
int faulty_count(const char *text);

struct wrong {
    const char *text, *fault;
};

/* Each text has one fault, which begins with this text or, in the second function, has
 * this part. */
void faulty_each_begins(const struct wrong *cases, size_t n);
void faulty_each_contains(const struct wrong *cases, size_t n);
#define EACH_IS_TOLD(cases) faulty_each_begins(cases, sizeof(cases) / sizeof *(cases))
#define EACH_CONTAINS(cases)                                                           \
    faulty_each_contains(cases, sizeof(cases) / sizeof *(cases))

#endif
