/* Faults of layout: braces, strings, comments, names, stray bytes. Any cut or change of
 * a file is either parsed or reported, and never causes a crash. */
#include "config/config.h"
#include "test.h"

static const char *const privileges[] = {"kill", NULL};
static const struct config_words words = {.privileges = privileges};

static char told[20000];

static void
tell(void *ctx, const char *text)
{
    int *n = ctx;
    (*n)++;
    size_t len = strlen(told);
    snprintf(told + len, sizeof told - len, "%s\n", text);
}

static int
faults(const char *text)
{
    int n = 0;
    told[0] = '\0';
    struct config *c = config_parse("t", text, &words, tell, &n);
    CU_ASSERT_EQUAL(c == NULL, n > 0);
    config_free(c);
    return n;
}

struct wrong {
    const char *text;
    const char *faults; /* all of them */
};

static void
each_is_told(const struct wrong *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        faults(cases[i].text);
        EQUAL_TEXT(told, cases[i].faults);
    }
}
#define EACH_IS_TOLD(cases) each_is_told(cases, sizeof(cases) / sizeof *(cases))

static void
a_missing_brace_is_told_at_the_block_that_lacks_it(void)
{
    static const struct wrong cases[] = {
        {"\nlimits {\n\n", "t:2: block limits lacks its closing brace\n"},
        {"limits {\n per_host = 3\n\nflood {\n}\n",
         "t:1: block limits lacks its closing brace\n"},
        {"limits { }\nlisten 1.2.3.4:1 {\n\nflood { }\n",
         "t:2: block listen 1.2.3.4:1 lacks its closing brace\n"},
        {"limits {\nflood {\nstrikes {\n",
         "t:1: block limits lacks its closing brace\nt:2: block flood lacks its "
         "closing brace\n"
         "t:3: block strikes lacks its closing brace\n"},
        {"class a {\n match = ::1\nstrikes {\n limit = 3\n}\n",
         "t:1: block class a lacks its closing brace\n"},
        {"strikes {\n ladder = { 1m,\n 2m\n decay = 1m\n}\n",
         "t:2: the list ladder lacks its closing brace\n"},
        {"strikes {\n ladder = { 1m\n}\n",
         "t:1: block strikes lacks its closing brace\n"},
        {"strikes {\n ladder = { 1m", "t:1: block strikes lacks its closing brace\n"
                                      "t:2: the list ladder lacks its closing brace\n"},
        {"limits { # }\n", "t:1: block limits lacks its closing brace\n"},
        {"limits { per_host = 3 flood { } ",
         "t:1: block limits lacks its closing brace\n"},
        {"limits { } }\n}\n", "t:1: this closing brace has no block to close\nt:2: "
                              "this closing brace has no block to close\n"},
        {"limits\n\nflood { }\n", "t:1: block limits lacks its opening brace\n"},
    };
    EACH_IS_TOLD(cases);
}

static void
braces_in_strings_and_comments_do_not_count(void)
{
    EQUAL_NUMBER(
        faults("server { description = \"}\" # }\n /* } */ // }\n motd = '{' }"), 0);
}

static void
unfinished_strings_and_comments_are_told_where_they_begin(void)
{
#define NOT_CLOSED                                                                     \
    "this string is not closed; the quote that ends it must stand on the same line\n"
    static const struct wrong cases[] = {
        {"server {\n motd = \"abc\n}\n", "t:2: " NOT_CLOSED},
        {"server {\n motd = 'abc\n description = 'x'\n}\n", "t:2: " NOT_CLOSED},
        {"server {\n motd = \"abc\\\n}\n", "t:2: " NOT_CLOSED},
        {"server {\n} /* abc\n\n", "t:2: this comment is not closed with */\n"},
        {"/*/\n\n", "t:1: this comment is not closed with */\n"},
    };
    EACH_IS_TOLD(cases);
}

static void
lines_are_right_behind_comments(void)
{
    static const struct wrong cases[] = {
        {"/* a\n b\n*/ x { }\n", "t:3: unknown block \"x\"\n"},
        {"# a\n// b\n/**/\n/***/x { }\n", "t:4: unknown block \"x\"\n"},
        {"#\n#\nlimits {\n#\n\nper_host = 0 }",
         "t:6: limits.per_host: \"0\" is not a whole number from 1 to 1000000 "
         "(connections)\n"},
    };
    EACH_IS_TOLD(cases);
}

static void
unknown_names_are_told_with_what_may_be_meant(void)
{
    static const struct wrong cases[] = {
        {"limts { per_host = 3 }",
         "t:1: unknown block \"limts\"; did you mean \"limits\"?\n"},
        {"Server { }", "t:1: unknown block \"Server\"; did you mean \"server\"?\n"},
        {"connect { port = 1 auth { user = x } }",
         "t:1: unknown block \"connect\": this server has no links to other servers\n"},
        {"server {\n nam = a.b\n}",
         "t:2: unknown option \"nam\" in block server; did you mean "
         "\"name\"?\n"},
        {"flood { per_host = 1 }", "t:1: unknown option \"per_host\" in block flood; "
                                   "it belongs to block limits\n"},
        {"flood { colour = { red, green } }",
         "t:1: unknown option \"colour\" in block flood\n"},
        {"flood { colour { red = 1 } }",
         "t:1: unknown option \"colour\" in block flood\n"},
        {"ssl { }", "t:1: unknown block \"ssl\": TLS is switched on by tls = true in a "
                    "block listen; a block tls has the certificate\n"},
        {"per_host = 3", "t:1: option per_host is outside of any block; it belongs "
                         "to block limits\n"},
        {"colour = red", "t:1: option colour is outside of any block\n"},
        {"log.level = debug", "t:1: option log.level is outside of any block: write "
                              "log { level = ... }\n"},
        {"oper.hosts = x", "t:1: option oper.hosts is outside of any block: write "
                           "oper \"NAME\" { hosts = ... }\n"},
        {"logs.level = debug", "t:1: option logs.level is outside of any block\n"},
        {"log = { level = debug }", "t:1: block log takes no \"=\": write log { ... }\n"
                                    "t:1: this closing brace has no block to close\n"},
        {"tls = true", "t:1: block tls takes no \"=\": write tls \"NAME\" { ... }\n"},
        {"include = \"x\"", "t:1: option include is outside of any block: an "
                            "include stands outside of blocks, alone on its line: "
                            "include \"conf.d/*.conf\"\n"},
    };
    EACH_IS_TOLD(cases);
}

/* Wherever the wrong text stands it is one fault, and the lines around it are read. */
static void
an_include_is_one_fault_at_its_line(void)
{
#define NO_INCLUDES                                                                    \
    "t:2: an include has no parentheses, and stands outside of blocks, alone on its "  \
    "line: include \"conf.d/*.conf\"\n"
    static const struct wrong cases[] = {
        {"\ninclude(\"x\")", NO_INCLUDES},
        {"limits { }\ninclude ( 'a b.conf' )\nflood { }", NO_INCLUDES},
        {"limits {\n include(\"x\")\n per_host = 3 }", NO_INCLUDES},
        {"limits {\n per_host = 3 include(x) clients = 5 }", NO_INCLUDES},
        {"limits {\n include(\"x\") per_host = 0 }",
         NO_INCLUDES "t:2: limits.per_host: \"0\" is not a whole number from 1 to "
                     "1000000 (connections)\n"},
        {"strikes { ladder = { 1m,\n include(\"x\"), 2m } }", NO_INCLUDES},
        {"server { motd =\n include(\"x\") }", NO_INCLUDES},
        {"server { }\ninclude(\"x\") {\n name = a.b }", NO_INCLUDES},
        {"server { }\ninclude(\"x\") limits { per_host = 3 }", NO_INCLUDES},
        {"limits {\n include(\"x\n per_host = 3 }", NO_INCLUDES},
        {"limits {\n include(\n}", NO_INCLUDES},
    };
    EACH_IS_TOLD(cases);
    EQUAL_NUMBER(faults("server { description = include motd = xinclude }"), 0);
}

static void
wrong_layout_of_options_is_told(void)
{
    static const struct wrong cases[] = {
        {"limits { per_host 3 }", "t:1: missing \"=\" after per_host\n"},
        {"class a { match { ::1 } }",
         "t:1: missing \"=\" after match\n"
         "t:1: class \"a\": option match is missing: the addresses "
         "it is for, or tls = true, or certfp\n"},
        {"limits { per_host = }", "t:1: per_host has no value\n"},
        {"limits { per_host =\nclients = 5 }", "t:1: per_host has no value\n"},
        {"limits { per_host = = 5 }",
         "t:1: per_host has no value\n"
         "t:1: unexpected \"=\" where an option should begin\n"},
        {"server { description = My nice server name = x }",
         "t:1: superfluous value; an option takes only one, and a text with blanks "
         "needs quotes\nt:1: server.name: \"x\" is not a server name: letters, digits "
         "and \"-\", with a dot, at most 63 bytes, as in \"irc.example.org\"\n"},
        {"server { description = a b c }\nlimits { per_host = 3 4 5\n6 }",
         "t:1: superfluous value; an option takes only one, and a text with blanks "
         "needs quotes\nt:2: superfluous value; an option takes only one, and a text "
         "with blanks needs quotes\nt:3: unknown option \"6\" in block limits\n"},
        {"server { include \"x\" }",
         "t:1: unknown option \"include\" in block server: an include stands "
         "outside of blocks, alone on its line: include \"conf.d/*.conf\"\n"},
        {"limits { per_host: 5 per_network = 0 }",
         "t:1: unknown option \"per_host:\" in block limits; did you mean "
         "\"per_host\"?\n"
         "t:1: limits.per_network: \"0\" is not a whole number from 1 to 1000000 "
         "(connections)\n"},
        {"limits { per_host = 3 4 }", "t:1: superfluous value; an option takes only "
                                      "one, and a text with blanks needs quotes\n"},
        {"limits { per_host = { 3 } }", "t:1: per_host takes one value, not a list\n"},
        {"limits { per_host = 3; }",
         "t:1: unexpected \";\": options and blocks end without one\n"},
        {"strikes { ladder = { 1m 2m } }", "t:1: missing \",\" in the list ladder\n"},
        {"strikes { ladder = { ,1m } }", "t:1: superfluous \",\" in the list ladder\n"},
        {"strikes { ladder = { 1m,,2m } }",
         "t:1: superfluous \",\" in the list ladder\n"},
        {"strikes { ladder += 1m }", "t:1: unexpected \"+\"\n"},
        {"limits { \"x\" }", "t:1: unexpected string where an option should begin\n"},
        {"\"x\"", "t:1: unexpected string outside of any block\n"},
    };
    EACH_IS_TOLD(cases);
}

static void
wrong_bytes_are_told(void)
{
    static const struct wrong cases[] = {
        {"server { motd = \"\xff\" }", "t:1: this is not UTF-8\n"},
        {"server { motd = \xc3\x28 }",
         "t:1: this is not UTF-8\nt:1: unexpected \"(\"\n"},
        {"server { motd = \"\xed\xa0\x80\" }", "t:1: this is not UTF-8\n"},
        {"server { motd = \"\xc0\xaf\" }", "t:1: this is not UTF-8\n"},
        {"server { motd = \"a\x01\" }",
         "t:1: there is a control character (such as a tab) in a value\n"},
        {"server { motd = \"a\tb\" }",
         "t:1: there is a control character (such as a tab) in a value\n"},
        {"\x01", "t:1: unexpected control character 0x01\n"},
        {"server { motd = \"a\\r\\nb\" }",
         "t:1: unknown escape in a string; only \\\\, \\\" and "
         "\\$ exist, or use single quotes\n"},
        {"server { motd = \"\\101\" }",
         "t:1: unknown escape in a string; only \\\\, \\\" and "
         "\\$ exist, or use single quotes\n"},
        {"server { motd = \"${HOME}\" }",
         "t:1: environment variables are not supported; for the two characters \"${\" "
         "write \"\\${\", or use single quotes\n"},
        {"# \xff\x01 in a comment is fine", ""},
    };
    EACH_IS_TOLD(cases);
}

static void
a_bad_string_is_one_fault_wherever_it_stands(void)
{
    static const struct wrong cases[] = {
        {"server { motd = \"a\"\" }",
         "t:1: " NOT_CLOSED "t:1: block server lacks its closing brace\n"},
        {"server { motd = 'a'\n \"b\tc\" }",
         "t:2: there is a control character (such as a tab) in a value\n"},
        {"'\nserver { }", "t:1: " NOT_CLOSED},
    };
    EACH_IS_TOLD(cases);
}

/* Any cut of the sample, and any mark put anywhere, is parsed or refused without a
 * crash. */
static void
cut_and_changed_files_do_no_harm(void)
{
    static const char whole[] =
        "server { name = \"irc.example.org\" }\nlisten \"[::]:1\" { v6only = no }\n"
        "strikes { ladder = { \"1m\", '2m' } } # end\n"
        "oper a { password = \"$argon2id$x\" hosts = { \"*@*\" } privileges = { all } "
        "}\n";
    static const char marks[] = "{}=,\"'#/*\n;\\$x\x80\x01";
    char text[sizeof whole];
    for (size_t i = 0; i < sizeof whole; i++) {
        memcpy(text, whole, sizeof whole);
        text[i] = '\0';
        faults(text);
        for (const char *m = marks; *m != '\0' && i < sizeof whole - 1; m++) {
            memcpy(text, whole, sizeof whole);
            text[i] = *m;
            faults(text);
        }
    }
    EQUAL_NUMBER(faults(whole), 0);
}

/* The fault takes the unit from the help of the option, whose first word it is. */
static void
the_fault_of_each_number_names_its_unit(void)
{
    static const char *const texts[] = {
#define COUNT(block, field, def, min, max, reload, help) #block " { " #field " = x }",
#include "config/config.def"
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char unit[32], known[34];
        EQUAL_NUMBER(faults(texts[i]), 1);
        const char *end = strrchr(told, '(');
        CU_ASSERT_FATAL(end != NULL);
        EQUAL_NUMBER(sscanf(end, "(%30[^)])", unit), 1);
        snprintf(known, sizeof known, " %s ", unit);
        CONTAINS(" bits bytes channels connections entries hosts invitations lines "
                 "strikes targets tokens ",
                 known);
    }
}

SUITE(config_layout)
{
    TEST(the_fault_of_each_number_names_its_unit);
    TEST(a_missing_brace_is_told_at_the_block_that_lacks_it);
    TEST(braces_in_strings_and_comments_do_not_count);
    TEST(unfinished_strings_and_comments_are_told_where_they_begin);
    TEST(lines_are_right_behind_comments);
    TEST(unknown_names_are_told_with_what_may_be_meant);
    TEST(an_include_is_one_fault_at_its_line);
    TEST(a_bad_string_is_one_fault_wherever_it_stands);
    TEST(wrong_layout_of_options_is_told);
    TEST(wrong_bytes_are_told);
    TEST(cut_and_changed_files_do_no_harm);
}
