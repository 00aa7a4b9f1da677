/* The sandbox of OpenBSD, with calls of unveil and pledge that only note what they are
 * asked. What the kernel of OpenBSD does with it is not tested. */
#include "../port/openbsd.h"

#define sandbox_system_lacks openbsd_lacks
#define sandbox_system_lock openbsd_lock
#include "../../src/main/sandbox_openbsd.c"
#include "config/config.h"
#include "test.h"

#include <sys/stat.h>

static struct {
    char text[4000]; /* "PERMISSIONS PATH\n" for each call, "locked\n" at the end */
    char promises[200];
    bool refuse_unveil, refuse_pledge;
} asked;

int
unveil(const char *path, const char *permissions)
{
    size_t n = strlen(asked.text);
    CU_ASSERT((path == NULL) == (permissions == NULL));
    if (path == NULL)
        snprintf(asked.text + n, sizeof asked.text - n, "locked\n");
    else
        snprintf(asked.text + n, sizeof asked.text - n, "%s %s\n", permissions, path);
    return asked.refuse_unveil ? -1 : 0;
}

int
pledge(const char *promises, const char *execpromises)
{
    CU_ASSERT(execpromises == NULL);
    snprintf(asked.promises, sizeof asked.promises, "%s", promises);
    return asked.refuse_pledge ? -1 : 0;
}

/* The tree of a server: root/conf, root/data, root/log. */
struct tree {
    char root[64], conf[80], data[80], log[80], config[100], logfile[100];
};

static void
make_tree(struct tree *t)
{
    strcpy(t->root, "/tmp/ircd-test-open-XXXXXX");
    CU_ASSERT_FATAL(mkdtemp(t->root) != NULL);
    snprintf(t->conf, sizeof t->conf, "%s/conf", t->root);
    snprintf(t->data, sizeof t->data, "%s/data", t->root);
    snprintf(t->log, sizeof t->log, "%s/log", t->root);
    snprintf(t->config, sizeof t->config, "%s/ircd.conf", t->conf);
    snprintf(t->logfile, sizeof t->logfile, "%s/ircd.log", t->log);
    CU_ASSERT_FATAL(mkdir(t->conf, 0700) == 0 && mkdir(t->data, 0700) == 0 &&
                    mkdir(t->log, 0700) == 0);
    memset(&asked, 0, sizeof asked);
}

static void
remove_tree(const struct tree *t)
{
    CU_ASSERT(rmdir(t->conf) == 0 && rmdir(t->data) == 0 && rmdir(t->log) == 0 &&
              rmdir(t->root) == 0);
}

/* What the lock says. */
static const char *
lock_plan(struct sandbox_plan *plan)
{
    static char what[SANDBOX_TEXT];
    struct str s;
    str_init(&s, what, sizeof what);
    plan->locked = true;
    openbsd_lock(plan, &s);
    CU_ASSERT(plan->locked);
    return what;
}

static struct sandbox_plan
plan_of(const struct tree *t)
{
    return (struct sandbox_plan){.user = "",
                                 .data = t->data,
                                 .config = t->config,
                                 .log = t->logfile,
                                 .journal = "",
                                 .trace = ""};
}

static void
each_path_is_unveiled_and_the_list_locked(void)
{
    struct tree t;
    char want[500];
    make_tree(&t);
    struct sandbox_plan plan = plan_of(&t);
    EQUAL_TEXT(lock_plan(&plan), "unveil, pledge");
    snprintf(want, sizeof want, "rwc %s\nr %s\nrwc %s\nrwc /dev/null\nlocked\n", t.data,
             t.conf, t.log);
    EQUAL_TEXT(asked.text, want);
    CU_ASSERT(plan.hides_files);
    remove_tree(&t);
}

static void
a_path_has_the_accesses_of_those_above_it(void)
{
    struct tree t;
    char want[500];
    make_tree(&t);
    struct sandbox_plan plan = plan_of(&t);
    plan.data = t.root; /* the configuration is below the data, the log too */
    plan.log = "";
    lock_plan(&plan);
    snprintf(want, sizeof want, "rwc %s\nrwc %s\nrwc /dev/null\nlocked\n", t.root,
             t.conf);
    EQUAL_TEXT(asked.text, want);
    remove_tree(&t);
}

static void
a_directory_that_is_read_and_written_keeps_both(void)
{
    struct tree t;
    char want[500];
    make_tree(&t);
    struct sandbox_plan plan = plan_of(&t);
    snprintf(t.config, sizeof t.config, "%s/ircd.conf", t.data);
    plan.log = "";
    lock_plan(&plan);
    snprintf(want, sizeof want, "rwc %s\nrwc %s\nrwc /dev/null\nlocked\n", t.data,
             t.data);
    EQUAL_TEXT(asked.text, want);
    remove_tree(&t);
}

static void
a_name_that_only_begins_like_a_directory_is_not_below_it(void)
{
    CU_ASSERT(is_below("/var/ircd", "/var/ircd"));
    CU_ASSERT(is_below("/var/ircd/a", "/var/ircd"));
    CU_ASSERT(is_below("/var", "/"));
    CU_ASSERT(!is_below("/var/ircd2", "/var/ircd"));
    CU_ASSERT(!is_below("/var", "/var/ircd"));
}

static void
a_missing_directory_leaves_all_files_and_is_named(void)
{
    struct tree t;
    make_tree(&t);
    struct sandbox_plan plan = plan_of(&t);
    plan.config = "/nonexistent/ircd.conf";
    EQUAL_TEXT(lock_plan(&plan), "no unveil, pledge");
    EQUAL_TEXT(asked.text, "");
    CU_ASSERT(!plan.hides_files);
    remove_tree(&t);
}

static void
a_kernel_that_refuses_is_named(void)
{
    struct tree t;
    make_tree(&t);
    struct sandbox_plan plan = plan_of(&t);
    asked.refuse_unveil = asked.refuse_pledge = true;
    EQUAL_TEXT(lock_plan(&plan), "no unveil, no pledge");
    CU_ASSERT(!plan.hides_files);
    remove_tree(&t);
}

static void
no_program_process_or_user_is_promised(void)
{
    static const char *const never[] = {"exec",      "proc", "id",
                                        "prot_exec", "dns",  "unveil"};
    struct tree t;
    char word[40];
    make_tree(&t);
    struct sandbox_plan plan = plan_of(&t);
    lock_plan(&plan);
    for (size_t i = 0; i < sizeof never / sizeof *never; i++) {
        snprintf(word, sizeof word, " %s ", never[i]);
        char all[300];
        snprintf(all, sizeof all, " %s ", asked.promises);
        CU_ASSERT(strstr(all, word) == NULL);
    }
    CONTAINS(asked.promises, "stdio rpath wpath cpath");
    remove_tree(&t);
}

SUITE(sandbox_openbsd)
{
    TEST(each_path_is_unveiled_and_the_list_locked);
    TEST(a_path_has_the_accesses_of_those_above_it);
    TEST(a_directory_that_is_read_and_written_keeps_both);
    TEST(a_name_that_only_begins_like_a_directory_is_not_below_it);
    TEST(a_missing_directory_leaves_all_files_and_is_named);
    TEST(a_kernel_that_refuses_is_named);
    TEST(no_program_process_or_user_is_promised);
}
