/* The whole configuration: the built-in one, and that of a file. */
#include "../../src/main/config_file.h"
#include "box.h"
#include "test.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static void
refuse_fault(void *ctx, const char *text)
{
    (void)ctx;
    (void)text;
    CU_FAIL("a fault");
}

/* EXEMPT_* bits of the first exempt block for this address; 0 without one. */
static unsigned
exempt_from(const struct config *config, const char *text)
{
    struct addr addr;
    CU_ASSERT_TRUE_FATAL(addr_parse(text, &addr));
    for (size_t i = 0; i < config->n_exempt; i++)
        if (prefix_match(&config->exempt[i].prefix, &addr))
            return config->exempt[i].from;
    return 0;
}

static void
the_built_in_one_exempts_loopback_from_connections_alone(void)
{
    struct config_file source;
    CU_ASSERT_TRUE_FATAL(config_file_load(NULL, refuse_fault, NULL, &source));
    EQUAL_NUMBER(exempt_from(source.config, "127.0.0.1"), EXEMPT_CONNECTIONS);
    EQUAL_NUMBER(exempt_from(source.config, "127.255.255.255"), EXEMPT_CONNECTIONS);
    EQUAL_NUMBER(exempt_from(source.config, "::1"), EXEMPT_CONNECTIONS);
    EQUAL_NUMBER(exempt_from(source.config, "128.0.0.0"), 0);
    EQUAL_NUMBER(exempt_from(source.config, "::2"), 0);
    config_file_clear(&source);
}

static void
a_file_exempts_nothing_that_it_does_not_name(void)
{
    struct box box;
    struct config_file source;
    char path[600];
    box_init(&box);
    snprintf(path, sizeof path, "%s/ircd.conf", box.dir);
    FILE *f = fopen(path, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    fclose(f);
    CU_ASSERT_TRUE_FATAL(config_file_load(path, refuse_fault, NULL, &source));
    EQUAL_NUMBER(source.config->n_exempt, 0);
    config_file_clear(&source);
    box_clear(&box);
}

static void
write_text(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    fputs(text, f);
    fclose(f);
}

/* True if a configuration in etc/ with this database.path, read in this directory,
 * reports a database in the place where version 0.3.0 looked for it. */
static bool
is_told(const char *config, const char *path)
{
    char text[200];
    struct config_file source;
    snprintf(text, sizeof text, "database { path = \"%s\" }\n", path);
    write_text("etc/ircd.conf", text);
    CU_ASSERT_TRUE_FATAL(config_file_load(config, refuse_fault, NULL, &source));
    bool told = source.left_data != NULL;
    if (told) {
        CONTAINS(source.left_data, "no database in etc/var, but one in var of the");
        CONTAINS(source.left_data, "write its full path");
    }
    config_file_clear(&source);
    return told;
}

static void
a_database_in_the_working_directory_is_told_of(void)
{
    static const char *const names[] = {"ircd.a.gdbm", "ircd.b.gdbm"};
    char file[40];
    int before = open(".", O_RDONLY | O_DIRECTORY);
    struct box box;
    box_init(&box);
    CU_ASSERT_EQUAL_FATAL(chdir(box.dir), 0);
    CU_ASSERT_EQUAL_FATAL(mkdir("etc", 0700) | mkdir("var", 0700), 0);
    CU_ASSERT_EQUAL_FATAL(mkdir("etc/var", 0700), 0);
    CU_ASSERT_FALSE(is_told("etc/ircd.conf", "var"));
    for (int i = 0; i < 2; i++) {
        snprintf(file, sizeof file, "var/%s", names[i]);
        write_text(file, "");
        CU_ASSERT_TRUE(is_told("etc/ircd.conf", "var"));
        CU_ASSERT_FALSE(is_told("etc/ircd.conf", "../var"));
        CU_ASSERT_FALSE(is_told("etc/ircd.conf", ""));
        CU_ASSERT_FALSE(is_told("etc/ircd.conf", "/nowhere/var"));
        snprintf(file, sizeof file, "etc/var/%s", names[1 - i]);
        write_text(file, "");
        CU_ASSERT_FALSE(is_told("etc/ircd.conf", "var"));
        unlink(file);
        snprintf(file, sizeof file, "var/%s", names[i]);
        unlink(file);
    }
    CU_ASSERT_EQUAL_FATAL(fchdir(before), 0);
    close(before);
    box_clear(&box);
}

static void
keep_fault(void *ctx, const char *text)
{
    snprintf(ctx, 600, "%s", text);
}

static void
the_path_of_a_unix_socket_is_beside_the_file_and_of_107_bytes(void)
{
    struct box box;
    struct config_file source;
    char path[600], text[400], want[700], told[600] = "";
    box_init(&box);
    snprintf(path, sizeof path, "%s/ircd.conf", box.dir);
    write_text(path, "listen \"unix:irc.sock\" { }\n");
    CU_ASSERT_TRUE_FATAL(config_file_load(path, refuse_fault, NULL, &source));
    snprintf(want, sizeof want, "%s/irc.sock", box.dir);
    EQUAL_TEXT(source.config->listen[0].path, want);
    EQUAL_TEXT(source.config->listen[0].text, "unix:irc.sock");
    config_file_clear(&source);
    snprintf(text, sizeof text, "listen \"unix:/%0106d\" { }\n", 0);
    write_text(path, text);
    CU_ASSERT_TRUE(config_file_load(path, refuse_fault, NULL, &source));
    config_file_clear(&source);
    snprintf(text, sizeof text, "listen \"unix:/%0107d\" { }\n", 0);
    write_text(path, text);
    CU_ASSERT_FALSE(config_file_load(path, keep_fault, told, &source));
    CONTAINS(told, "is 108 bytes long, and the kernel takes 107");
    box_clear(&box);
}

SUITE(config_file)
{
    TEST(the_built_in_one_exempts_loopback_from_connections_alone);
    TEST(a_file_exempts_nothing_that_it_does_not_name);
    TEST(the_path_of_a_unix_socket_is_beside_the_file_and_of_107_bytes);
    TEST(a_database_in_the_working_directory_is_told_of);
}
