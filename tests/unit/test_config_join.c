/* Includes and secrets: what the joined text is, and where its lines come from. */
#include "base/mem.h"
#include "base/str.h"
#include "config/source.h"
#include "policy/access.h"
#include "policy/privs.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

static const struct config_words words = {.privileges = privs_names,
                                          .host_mask = access_host_mask};

/* The files of a test, ended by NULL; a pattern is the beginning of their names. */
struct fake {
    const char *name, *text;
};

static char **
fake_find(void *ctx, const char *pattern, char *err, size_t errlen)
{
    const struct fake *files = ctx;
    size_t n = 0, len = strcspn(pattern, "*");
    if (strcmp(pattern, "secret/*") == 0) {
        str_format(err, errlen, "Permission denied");
        return NULL;
    }
    char **list = xcalloc(20, sizeof *list);
    for (; files->name != NULL; files++)
        if (pattern[len] == '*' ? strncmp(files->name, pattern, len) == 0
                                : strcmp(files->name, pattern) == 0)
            list[n++] = xstrdup(files->name);
    if (n == 0 && pattern[len] == '\0')
        list[n] = xstrdup(pattern);
    return list;
}

static char *
fake_read(void *ctx, const char *path, size_t max, char *err, size_t errlen)
{
    for (const struct fake *f = ctx; f->name != NULL; f++)
        if (strcmp(f->name, path) == 0 && strlen(f->text) <= max)
            return xstrdup(f->text);
    str_format(err, errlen, "No such file");
    return NULL;
}

static void
take_fault(void *ctx, const char *text)
{
    str_addf(ctx, "%s\n", text);
}

/* Joins and parses; writes the faults and, unless it is NULL, the joined text. */
static struct config *
load_fake(const char *text, const struct fake *fake, char told[4000], char joined[4000])
{
    union {
        const struct fake *in;
        void *out;
    } files = {fake};
    struct config_files access = {files.out, fake_find, fake_read,
                                  fake_read, NULL,      false};
    struct config_source source;
    struct str s;
    str_init(&s, told, 4000);
    char *all = config_join("a.conf", text, &access, &source, take_fault, &s);
    struct config *c = NULL;
    if (joined != NULL)
        str_format(joined, 4000, "%s", all != NULL ? all : "(none)");
    if (all != NULL)
        c = config_parse_joined(&source, all, &words, take_fault, &s);
    mem_free_secret(all);
    return c;
}

static const struct fake files[] = {
    {"d/1", "limits { per_host = 7 }"},
    {"d/2", "\xef\xbb\xbf# a mark before it\nflood { burst = 12 }\n"},
    {"bad/1", "\nflood {\n burst = x }\n"},
    {"again", "limits { per_host = 9 }\nlimits { }"},
    {"open", "flood { burst = 3 }\n/* no end"},
    {"self", "include \"self\""},
    {"ring", "include \"bell\""},
    {"bell", "# a line\ninclude \"ring\""},
    {"nest", "include 'd/1'\nadmin { email = 'x' }\nincluded = 1"},
    {"unclosed", "limits {\n"},
    {"hidden", "\nserver {\n"},
    {"long", "\ninclude 'missing'"},
    {"hash", "$argon2id$a\"b\\c\n"},
    {"windows", "$argon2id$x\r\n"},
    {"two", "a\nb\n"},
    {"none", "\n"},
    {"tab", "$argon2id$\tx"},
    {NULL, NULL},
};

static void
a_text_without_directives_stays_as_it_is(void)
{
    static const char *const texts[] = {"",
                                        "# include \"d/1\"\n",
                                        "limits { per_host = 3 }",
                                        "/* \ninclude \"d/1\"\n*/",
                                        "\xef\xbb\xbflimits { }\r\n",
                                        "server { password_file = \"\" }"};
    char told[4000], joined[4000];
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        config_free(load_fake(texts[i], files, told, joined));
        EQUAL_TEXT(told, "");
        EQUAL_TEXT(joined, texts[i]);
    }
}

static void
an_include_is_replaced_by_its_files_in_order(void)
{
    char told[4000], joined[4000];
    struct config *c =
        load_fake("  include \"d/*\" # all\nadmin { }", files, told, joined);
    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    EQUAL_TEXT(joined, "  \nlimits { per_host = 7 }\n# a mark before it\nflood { burst "
                       "= 12 }\n # all\nadmin { }");
    EQUAL_NUMBER(c->limits.per_host, 7);
    EQUAL_NUMBER(c->flood.burst, 12);
    config_free(c);
}

struct wrong {
    const char *text, *faults;
};

static void
faults_name_the_file_and_the_line(void)
{
    static const struct wrong cases[] = {
        {"\ninclude 'bad/*'\nlimits { x = 1 }",
         "bad/1:3: flood.burst: \"x\" is not a whole number from 1 to 100000 (tokens) "
         "(included by a.conf:2)\n"
         "a.conf:3: unknown option \"x\" in block limits\n"},
        {"limits { }\ninclude 'again'",
         "again:1: block limits is there twice; the first is on line 1 of a.conf "
         "(included by a.conf:2)\n"
         "again:2: block limits is there twice; the first is on line 1 of a.conf "
         "(included by a.conf:2)\n"},
        {"include 'd/1'\ninclude 'again'",
         "again:1: block limits is there twice; the first is on line 1 of d/1 "
         "(included by a.conf:2)\n"
         "again:2: block limits is there twice; the first is on line 1 of d/1 "
         "(included by a.conf:2)\n"},
        {"include 'again'", "again:2: block limits is there twice; the first is on "
                            "line 1 (included by a.conf:1)\n"},
        {"\ninclude 'missing'", "a.conf:2: cannot read missing: No such file\n"},
        {"include 'secret/*'",
         "a.conf:1: cannot include secret/*: Permission denied\n"},
        {"include 'open'\nadmin { }",
         "open:2: this comment is not closed with */ (included by a.conf:1)\n"},
        {"include 'self'", "self:1: the include of self: the file includes itself "
                           "(included by a.conf:1)\n"},
        {"include 'a.conf'",
         "a.conf:1: the include of a.conf: the file includes itself\n"},
        {"\ninclude 'ring'", "bell:2: the include of ring: that file includes this one "
                             "(included by ring:1, by a.conf:2)\n"},
        {"include 'nest'",
         "nest:3: option included is outside of any block (included by a.conf:1)\n"},
        {"include 'unclosed'\nadmin { }",
         "unclosed:1: the block that begins here lacks its closing brace (included by "
         "a.conf:1)\n"},
        {"include 'hidden'\npassword_file = hash\n}",
         "hidden:2: the block that begins here lacks its closing brace (included by "
         "a.conf:1)\n"},
        {"include 'long'",
         "long:2: cannot read missing: No such file (included by a.conf:1)\n"},
        {"limits {\ninclude 'd/1'\n}",
         "a.conf:2: unknown option \"include\" in block limits: an include stands "
         "outside "
         "of blocks, alone on its line: include \"conf.d/*.conf\"\n"},
        {"admin { } include 'd/1'", "a.conf:1: unknown block \"include\": an include "
                                    "stands outside of blocks, alone "
                                    "on its line: include \"conf.d/*.conf\"\n"},
    };
    char told[4000];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct config *c = load_fake(cases[i].text, files, told, NULL);
        CU_ASSERT_PTR_NULL(c);
        EQUAL_TEXT(told, cases[i].faults);
        config_free(c);
    }
}

static void
a_text_that_was_not_joined_has_no_file_of_a_secret(void)
{
    static const char *const texts[] = {
        "server { password_file = x }",
        "oper a { password_file = x hosts = { '*@*' } privileges = { all } }"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char told[4000];
        struct str s;
        str_init(&s, told, sizeof told);
        CU_ASSERT_PTR_NULL(config_parse("a.conf", texts[i], &words, take_fault, &s));
        CU_ASSERT_PTR_NOT_NULL(strstr(told, "this text was not joined with its files"));
    }
}

static void
a_pattern_may_name_no_file(void)
{
    char told[4000];
    struct config *c = load_fake("include 'x/*'", files, told, NULL);
    CU_ASSERT_PTR_NOT_NULL(c);
    EQUAL_TEXT(told, "");
    config_free(c);
}

static void
a_secret_is_the_line_of_its_file(void)
{
    char told[4000], joined[4000];
    struct config *c = load_fake(
        "oper a { password_file = hash hosts = { '*@*' } privileges = { all } }\n"
        "server {\n password_file = \"windows\"\n}",
        files, told, joined);
    EQUAL_TEXT(told, "");
    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    EQUAL_TEXT(c->oper[0].password, "$argon2id$a\"b\\c");
    EQUAL_TEXT(c->server.password, "$argon2id$x");
    EQUAL_NUMBER(c->password_line, 3);
    CU_ASSERT_PTR_NULL(strstr(joined, "_file"));
    config_free(c);
}

static void
wrong_files_of_secrets_are_told_without_the_secret(void)
{
    static const struct wrong cases[] = {
        {"server {\n password_file = two }",
         "a.conf:2: cannot use the secret in two: it has a "
         "second line; expected one, the secret\n"},
        {"server { password_file = none }",
         "a.conf:1: cannot use the secret in none: it is empty\n"},
        {"server { password_file = nofile }",
         "a.conf:1: cannot use the secret in nofile: No such file\n"},
        {"server { password_file = tab }",
         "a.conf:1: there is a control character (such as a tab) in a value\n"},
        {"server { name_file = two }",
         "a.conf:1: unknown option \"name_file\" in block server\n"},
        {"server { password_file = password_file = hash }",
         "a.conf:1: cannot use the secret in password_file: No such file\n"},
        {"server { password = ''\n password_file = hash }",
         "a.conf:2: option password is set twice; the first is on line 1\n"},
    };
    char told[4000];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CU_ASSERT_PTR_NULL(load_fake(cases[i].text, files, told, NULL));
        EQUAL_TEXT(told, cases[i].faults);
    }
}

static void
sixteen_files_may_be_inside_of_each_other(void)
{
    static char names[20][8], texts[20][32];
    struct fake chain[21] = {{NULL, NULL}};
    char told[4000];
    for (int i = 0; i < 20; i++) {
        str_format(names[i], sizeof names[i], "f%d", i);
        str_format(texts[i], sizeof texts[i], "include 'f%d'", i + 1);
        chain[i] = (struct fake){names[i], texts[i]};
    }
    str_format(texts[14], sizeof texts[14], "# the end");
    struct config *c = load_fake("include 'f0'", chain, told, NULL);
    CU_ASSERT_PTR_NOT_NULL(c);
    config_free(c);
    str_format(texts[14], sizeof texts[14], "include 'f15'");
    CU_ASSERT_PTR_NULL(load_fake("include 'f0'", chain, told, NULL));
    EQUAL_TEXT(
        told,
        "f14:1: the include of f15: more than 15 includes are inside of each "
        "other (included by f13:1, by f12:1, by f11:1, by f10:1, by f9:1, by f8:1, "
        "by f7:1, by f6:1, by f5:1, by f4:1, by f3:1, by f2:1, by f1:1, by f0:1, "
        "by a.conf:1)\n");
}

/* Eleven files that each include the next one ten times. */
static void
files_that_multiply_have_a_limit(void)
{
    static char names[12][8], texts[12][200];
    struct fake many[13] = {{NULL, NULL}};
    char told[4000];
    for (int i = 0; i < 12; i++) {
        struct str s;
        str_format(names[i], sizeof names[i], "f%d", i);
        str_init(&s, texts[i], sizeof texts[i]);
        for (int k = 0; i < 11 && k < 10; k++)
            str_addf(&s, "include 'f%d'\n", i + 1);
        many[i] = (struct fake){names[i], texts[i]};
    }
    CU_ASSERT_PTR_NULL(load_fake("include 'f0'", many, told, NULL));
    EQUAL_TEXT(told, "a.conf:1: the configuration includes more than 10,000 files\n");
    str_format(texts[11], sizeof texts[11], "include 'missing'");
    CU_ASSERT_PTR_NULL(load_fake("include 'f9'", many, told, NULL));
    CU_ASSERT_PTR_NULL(strstr(told, "more faults"));
    CU_ASSERT_PTR_NULL(load_fake("include 'f8'", many, told, NULL));
    CU_ASSERT_PTR_NOT_NULL(strstr(told, "cannot read missing: No such file"));
}

static void
a_joined_text_has_a_limit(void)
{
    char told[4000];
    char *much = xmalloc(CONFIG_SOURCE_MAX);
    memset(much, '\n', CONFIG_SOURCE_MAX);
    much[CONFIG_SOURCE_MAX - 8] = '\0';
    struct fake big[] = {{"big", much}, {NULL, NULL}};
    struct config *c = load_fake("include 'big'", big, told, NULL);
    CU_ASSERT_PTR_NOT_NULL(c);
    config_free(c);
    CU_ASSERT_PTR_NULL(
        load_fake("include 'big'\nadmin { email = 'a.b' }", big, told, NULL));
    EQUAL_TEXT(told, "a.conf:1: the configuration is larger than 4096 KiB\n");
    free(much);
}

SUITE(config_join)
{
    TEST(a_text_without_directives_stays_as_it_is);
    TEST(an_include_is_replaced_by_its_files_in_order);
    TEST(faults_name_the_file_and_the_line);
    TEST(a_text_that_was_not_joined_has_no_file_of_a_secret);
    TEST(a_pattern_may_name_no_file);
    TEST(a_secret_is_the_line_of_its_file);
    TEST(wrong_files_of_secrets_are_told_without_the_secret);
    TEST(sixteen_files_may_be_inside_of_each_other);
    TEST(files_that_multiply_have_a_limit);
    TEST(a_joined_text_has_a_limit);
}
