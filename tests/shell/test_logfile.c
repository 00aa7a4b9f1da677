/* The files of log lines: appending, rotation, files that fail. */
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
    log_line(&p->log, LOG_LEVEL_INFO, NULL, event, NULL, 0);
}

/* The number of lines of the file with the text; -1: there is no file. */
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
lines_are_appended_and_other_users_cannot_read_them(void)
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

static long
size_of(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 ? (long)st.st_size : -1;
}

/* The number of lines that begin with the text; and none is empty. */
static int
count_beginning(const char *path, const char *text)
{
    FILE *f = fopen(path, "r");
    char line[4096];
    int n = 0;
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    while (fgets(line, sizeof line, f)) {
        n += strncmp(line, text, strlen(text)) == 0;
        CU_ASSERT(line[0] != '\n');
    }
    fclose(f);
    return n;
}

/* The disk takes a part of a line, of each possible length. */
static void
a_line_behind_a_torn_one_is_a_line_of_its_own(void)
{
    char err[256] = "";
    for (int part = 0; part <= 40; part++) {
        struct place p;
        struct rlimit before, small;
        begin(&p);
        p.log.wall = 1795356185123;
        signal(SIGXFSZ, SIG_IGN);
        CU_ASSERT(logfile_open(p.file, p.path, err, sizeof err));
        say(&p, "first");
        CU_ASSERT_FATAL(getrlimit(RLIMIT_FSIZE, &before) == 0);
        small = before;
        small.rlim_cur = (rlim_t)(size_of(p.path) + part);
        CU_ASSERT_FATAL(setrlimit(RLIMIT_FSIZE, &small) == 0);
        say(&p, "torn");
        say(&p, "lost");
        small.rlim_cur += 1; /* room for the LF alone, at the most */
        CU_ASSERT_FATAL(setrlimit(RLIMIT_FSIZE, &small) == 0);
        say(&p, "lost");
        say(&p, "lost");
        CU_ASSERT_FATAL(setrlimit(RLIMIT_FSIZE, &before) == 0);
        if (part % 3 == 1) /* as at a REHASH, and as after a start */
            CU_ASSERT(logfile_open(p.file, p.path, err, sizeof err));
        say(&p, "again");
        EQUAL_NUMBER(
            count_beginning(p.path, "2026-11-22T14:03:05.123Z info event=again\n"), 1);
        EQUAL_NUMBER(
            count_beginning(p.path, "2026-11-22T14:03:05.123Z warn event=log-lost "),
            1);
        EQUAL_NUMBER(count(p.path, "event=lost"), 0);
        end(&p);
    }
}

static void
a_file_that_ends_torn_is_gone_on_with_on_a_new_line(void)
{
    static const struct {
        const char *holds, *end;
    } cases[] = {{"", ""}, {"old\n", ""}, {"old\nto", "\n"}, {"x", "\n"}, {"x\n", ""}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct place p;
        char err[256] = "", got[200] = "", want[200];
        begin(&p);
        FILE *f = fopen(p.path, "w");
        CU_ASSERT_PTR_NOT_NULL_FATAL(f);
        fputs(cases[i].holds, f);
        fclose(f);
        p.log.wall = 1795356185123;
        CU_ASSERT(logfile_open(p.file, p.path, err, sizeof err));
        say(&p, "new");
        f = fopen(p.path, "r");
        CU_ASSERT_PTR_NOT_NULL_FATAL(f);
        got[fread(got, 1, sizeof got - 1, f)] = '\0';
        fclose(f);
        snprintf(want, sizeof want, "%s%s2026-11-22T14:03:05.123Z info event=new\n",
                 cases[i].holds, cases[i].end);
        EQUAL_TEXT(got, want);
        end(&p);
    }
}

static void
a_pipe_without_a_reader_blocks_nothing(void)
{
    struct place p;
    char err[256] = "";
    begin(&p);
    CU_ASSERT_FATAL(mkfifo(p.path, 0600) == 0);
    CU_ASSERT_FALSE(logfile_open(p.file, p.path, err, sizeof err));
    FILE *reader = fopen(p.path, "r+"); /* open, but nothing reads it */
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
    TEST(lines_are_appended_and_other_users_cannot_read_them);
    TEST(reopening_follows_a_rotation);
    TEST(a_file_that_cannot_be_opened_leaves_the_old_one);
    TEST(lines_lost_to_a_full_file_are_counted);
    TEST(a_line_behind_a_torn_one_is_a_line_of_its_own);
    TEST(a_file_that_ends_torn_is_gone_on_with_on_a_new_line);
    TEST(a_pipe_without_a_reader_blocks_nothing);
}
