/* A recorded world; see taped.h. */
#include "taped.h"

#include "base/mem.h"

#include <glob.h>
#include <unistd.h>

void
taped_begin(struct taped *t, const char *config)
{
    char err[256] = "";
    memset(t, 0, sizeof *t);
    snprintf(t->dir, sizeof t->dir, "/tmp/ircd-trace-XXXXXX");
    CU_ASSERT_FATAL(mkdtemp(t->dir) != NULL);
    snprintf(t->path, sizeof t->path, "%s/t", t->dir);
    t->world = world_new(config);
    t->recorder = recorder_open(t->world->srv, t->path, err, sizeof err);
    EQUAL_TEXT(err, "");
    CU_ASSERT_FATAL(t->recorder != NULL);
    recorder_begin(t->recorder);
}

void
taped_stop(struct taped *t)
{
    char pattern[64];
    glob_t found;
    recorder_close(t->recorder);
    world_free(t->world);
    snprintf(pattern, sizeof pattern, "%s/t-*.jsonl", t->dir);
    if (glob(pattern, 0, NULL, &found) == 0)
        snprintf(t->file, sizeof t->file, "%s", found.gl_pathv[0]);
    globfree(&found);
}

static void
say_fault(void *ctx, const char *text)
{
    (void)ctx;
    printf("\n    %.300s\n", text);
}

struct trace *
taped_trace(const struct taped *t)
{
    FILE *from = fopen(t->file, "r");
    CU_ASSERT_FATAL(from != NULL);
    struct trace *trace = trace_read(from, "recording", say_fault, NULL);
    fclose(from);
    CU_ASSERT_FATAL(trace != NULL);
    return trace;
}

char *
taped_text(const struct taped *t)
{
    size_t room = 1 << 20, n = 0, got;
    char *text = xmalloc(room + 1);
    FILE *from = fopen(t->file, "r");
    CU_ASSERT_FATAL(from != NULL);
    while ((got = fread(text + n, 1, room - n, from)) > 0)
        if ((n += got) == room)
            text = xrealloc(text, (room *= 2) + 1);
    fclose(from);
    text[n] = '\0';
    return text;
}

void
taped_clear(struct taped *t)
{
    char pattern[64];
    glob_t found;
    snprintf(pattern, sizeof pattern, "%s/*", t->dir);
    if (glob(pattern, 0, NULL, &found) == 0)
        for (size_t i = 0; i < found.gl_pathc; i++)
            unlink(found.gl_pathv[i]);
    globfree(&found);
    rmdir(t->dir);
}
