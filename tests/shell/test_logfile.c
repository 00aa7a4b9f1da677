/* Where log lines go: appending, rotation, files that fail. */
#include "base/log.h"
#include "net/logfile.h"
#include "test.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

struct place {
    char dir[32], path[48], old[48];
    struct log log;
    struct logfile *file;
};

static void
begin(struct place *p)
{
    memset(p, 0, sizeof *p);
    snprintf(p->dir, sizeof p->dir, "/tmp/ircd-test-XXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(p->dir));
    snprintf(p->path, sizeof p->path, "%s/log", p->dir);
    snprintf(p->old, sizeof p->old, "%s/old", p->dir);
    p->log.level = LOG_LEVEL_INFO;
    p->file = logfile_new(&p->log);
}

static void
end(struct place *p)
{
    logfile_free(p->file);
    CU_ASSERT_PTR_NULL(p->log.write);
    unlink(p->path);
    unlink(p->old);
    CU_ASSERT(rmdir(p->dir) == 0);
}

static void
say(struct place *p, const char *event)
{
    log_event(&p->log, LOG_LEVEL_INFO, event, NULL);
}

/* How many lines of the file hold the text; -1: no file. */
static int
count(const char *path, const char *text)
{
    FILE *f = fopen(path, "r");
    char line[4096];
    int n = 0;
    if (f == NULL)
        return -1;
    while (fgets(line, sizeof line, f))
        n += strstr(line, text) != NULL;
    fclose(f);
    return n;
}

static void
lines_are_appended_and_nobody_else_reads_them(void)
{
    struct place p;
    char err[256] = "";
    struct stat st;
    begin(&p);
    for (int i = 0; i < 2; i++) {
        CU_ASSERT(logfile_open(p.file, p.path, err, sizeof err));
        say(&p, "one");
    }
    EQUAL_NUMBER(count(p.path, "event=one"), 2);
    CU_ASSERT_FATAL(stat(p.path, &st) == 0);
    EQUAL_NUMBER(st.st_mode & 0137, 0);
    end(&p);
}

static void
reopening_follows_a_rotation(void)
{
    struct place p;
    char err[256] = "";
    begin(&p);
    CU_ASSERT(logfile_open(p.file, p.path, err, sizeof err));
    say(&p, "before");
    CU_ASSERT(rename(p.path, p.old) == 0);
    say(&p, "between");
    CU_ASSERT(logfile_reopen(p.file, err, sizeof err));
    say(&p, "after");
    EQUAL_NUMBER(count(p.old, "event=between"), 1);
    EQUAL_NUMBER(count(p.old, "event=after"), 0);
    EQUAL_NUMBER(count(p.path, "event=after"), 1);
    end(&p);
}

static void
a_file_that_cannot_be_opened_leaves_the_old_one(void)
{
    struct place p;
    char err[256] = "", bad[64];
    begin(&p);
    snprintf(bad, sizeof bad, "%s/none/log", p.dir);
    CU_ASSERT(logfile_open(p.file, p.path, err, sizeof err));
    CU_ASSERT_FALSE(logfile_open(p.file, bad, err, sizeof err));
    CONTAINS(err, bad);
    CONTAINS(err, "No such file");
    say(&p, "still");
    CU_ASSERT(logfile_reopen(p.file, err, sizeof err));
    say(&p, "still");
    EQUAL_NUMBER(count(p.path, "event=still"), 2);
    end(&p);
}

static void
lines_lost_to_a_full_file_are_counted(void)
{
    struct place p;
    char err[256] = "";
    struct rlimit before, small;
    begin(&p);
    signal(SIGXFSZ, SIG_IGN);
    CU_ASSERT(logfile_open(p.file, p.path, err, sizeof err));
    say(&p, "first");
    CU_ASSERT_FATAL(getrlimit(RLIMIT_FSIZE, &before) == 0);
    small = before;
    small.rlim_cur = 1;
    CU_ASSERT_FATAL(setrlimit(RLIMIT_FSIZE, &small) == 0);
    for (int i = 0; i < 3; i++)
        say(&p, "lost");
    CU_ASSERT_FATAL(setrlimit(RLIMIT_FSIZE, &before) == 0);
    say(&p, "again");
    EQUAL_NUMBER(count(p.path, "event=lost"), 0);
    EQUAL_NUMBER(count(p.path, "event=again"), 1);
    EQUAL_NUMBER(count(p.path, "event=log-lost lines=3"), 1);
    end(&p);
}

static void
a_pipe_nobody_reads_blocks_nothing(void)
{
    struct place p;
    char err[256] = "";
    begin(&p);
    CU_ASSERT_FATAL(mkfifo(p.path, 0600) == 0);
    CU_ASSERT_FALSE(logfile_open(p.file, p.path, err, sizeof err));
    FILE *reader = fopen(p.path, "r+"); /* open, but it reads nothing */
    CU_ASSERT_PTR_NOT_NULL_FATAL(reader);
    CU_ASSERT(logfile_open(p.file, p.path, err, sizeof err));
    for (int i = 0; i < 5000; i++)
        say(&p, "into-the-void");
    fclose(reader);
    signal(SIGPIPE, SIG_IGN);
    say(&p, "nobody");
    end(&p);
}

SUITE(logfile)
{
    TEST(lines_are_appended_and_nobody_else_reads_them);
    TEST(reopening_follows_a_rotation);
    TEST(a_file_that_cannot_be_opened_leaves_the_old_one);
    TEST(lines_lost_to_a_full_file_are_counted);
    TEST(a_pipe_nobody_reads_blocks_nothing);
}
