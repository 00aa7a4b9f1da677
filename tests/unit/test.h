/* Needed by every test file: CUnit, and SUITE/TEST, which make a suite of a file. */
#ifndef TESTS_TEST_H
#define TESTS_TEST_H

#include <CUnit/CUnit.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* test_x.c holds one SUITE(x) { TEST(a_sentence); … }; main.c runs the suites of all
 * files. */
#define SUITE(name)                                                                    \
    void suite_##name(void);                                                           \
    void suite_##name(void)
#define TEST(function) test_add(#function, function)

void test_add(const char *name, void (*function)(void));

/* Like CU_ASSERT_STRING_EQUAL, but prints both texts. */
#define EQUAL_TEXT(got, want) test_equal_text((got), (want), __FILE__, __LINE__)
/* Like CU_ASSERT_EQUAL for whole numbers, but prints both. */
#define EQUAL_NUMBER(got, want)                                                        \
    test_equal_number((long long)(got), (long long)(want), #got, __FILE__, __LINE__)
/* `text` contains `part`. */
#define CONTAINS(text, part) test_contains((text), (part), __FILE__, __LINE__)

void test_equal_text(const char *got, const char *want, const char *file, int line);
void test_equal_number(long long got, long long want, const char *what,
                       const char *file, int line);
void test_contains(const char *text, const char *part, const char *file, int line);

#endif
