/* The directory of a file, by its name alone. */
#include "../../src/main/directory.h"
#include "test.h"

static void
the_directory_is_the_text_before_the_last_slash(void)
{
    static const struct {
        const char *file, *directory;
    } cases[] = {
        {"ircd.conf", "."},         {"./ircd.conf", "."},     {"/ircd.conf", "/"},
        {"/etc/ircd.conf", "/etc"}, {"a/b/ircd.conf", "a/b"}, {"a//b", "a/"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char directory[100];
        directory_of(cases[i].file, directory, sizeof directory);
        EQUAL_TEXT(directory, cases[i].directory);
    }
}

static void
a_long_directory_is_cut(void)
{
    char directory[4];
    directory_of("/etc/ircd/ircd.conf", directory, sizeof directory);
    EQUAL_TEXT(directory, "/et");
}

SUITE(directory)
{
    TEST(the_directory_is_the_text_before_the_last_slash);
    TEST(a_long_directory_is_cut);
}
