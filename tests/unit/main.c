/* Usage: unit-tests [SUITE...] [-t PART]. Runs the suites named on the command line, or
 * all of the generated suites.inc; of their tests those with PART in the name. */
#include "test.h"

#include <CUnit/Basic.h>

#define SUITE_ROW(name) void suite_##name(void);
#include "suites.inc"
#undef SUITE_ROW

static CU_pSuite adding;
static const char *part_of_name = ""; /* a part of the names of the wanted tests */
static unsigned n_added;

static const struct {
    const char *name;
    void (*add)(void);
} suites[] = {
#define SUITE_ROW(name) {#name, suite_##name},
#include "suites.inc"
#undef SUITE_ROW
};

void
test_add(const char *name, void (*function)(void))
{
    if (strstr(name, part_of_name) == NULL)
        return;
    if (CU_add_test(adding, name, function) == NULL)
        CU_FAIL_FATAL("CU_add_test failed");
    n_added++;
}

static void
say(const char *file, int line, const char *label, const char *got, const char *want)
{
    printf("\n    %s:%d: %s\n      got:  %s\n      want: %s\n", file, line, label,
           got ? got : "(null)", want ? want : "(null)");
}

void
test_equal_text(const char *got, const char *want, const char *file, int line)
{
    bool same = got && want && strcmp(got, want) == 0;
    if (!same)
        say(file, line, "texts differ", got, want);
    CU_assertImplementation(same, (unsigned)line, "texts are equal", file, "",
                            CU_FALSE);
}

void
test_equal_number(long long got, long long want, const char *what, const char *file,
                  int line)
{
    if (got != want)
        printf("\n    %s:%d: %s is %lld, want %lld\n", file, line, what, got, want);
    CU_assertImplementation(got == want, (unsigned)line, what, file, "", CU_FALSE);
}

void
test_contains(const char *text, const char *part, const char *file, int line)
{
    bool found = text && strstr(text, part);
    if (!found)
        say(file, line, "part not found", text, part);
    CU_assertImplementation(found, (unsigned)line, "text contains part", file, "",
                            CU_FALSE);
}

/* Whether a suite is one of n names; without names every suite is. */
static bool
is_wanted(const char *suite, char **names, int n)
{
    bool wanted = n == 0;
    for (int i = 0; i < n; i++)
        wanted |= strcmp(names[i], suite) == 0;
    return wanted;
}

int
main(int argc, char **argv)
{
    int n_names = argc - 1;
    if (n_names >= 2 && strcmp(argv[n_names - 1], "-t") == 0) {
        part_of_name = argv[n_names];
        n_names -= 2;
    }
    if (CU_initialize_registry() != CUE_SUCCESS)
        return 2;
    for (size_t i = 0; i < sizeof suites / sizeof *suites; i++) {
        if (!is_wanted(suites[i].name, argv + 1, n_names))
            continue;
        adding = CU_add_suite(suites[i].name, NULL, NULL);
        if (adding == NULL)
            return 2;
        suites[i].add();
    }
    if (n_added == 0) {
        fprintf(stderr, "no such suite, or no such test in it\n");
        return 2;
    }
    CU_basic_set_mode(getenv("IRCD_TEST_VERBOSE") ? CU_BRM_VERBOSE : CU_BRM_NORMAL);
    CU_basic_run_tests();
    unsigned failures = CU_get_number_of_failures();
    bool ran = CU_get_number_of_asserts() > 0;
    CU_cleanup_registry();
    return failures == 0 && ran ? 0 : 1;
}
