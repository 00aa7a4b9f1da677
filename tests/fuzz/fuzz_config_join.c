/* A configuration with the files that it names: a joined text or at least one fault, never
 * both. Each line of the joined text is the line of the file that its place says. Input: the
 * texts of the first file and of the files 1, 2, ... with NUL between them; the pattern "*" names 1 to 3. */
#include "base/mem.h"
#include "base/str.h"
#include "config/source.h"
#include "fuzz.h"
#include "policy/access.h"
#include "policy/privs.h"

#include <stdlib.h>
#include <string.h>

enum { FILES = 10 };

struct fuzz_files {
    char *texts[FILES]; /* NULL: there is no such file */
};

/* The text of a file; NULL: there is none. */
static const char *
text_of(const struct fuzz_files *f, const char *name)
{
    if (strcmp(name, "a.conf") == 0)
        return f->texts[0];
    bool digit = name[0] > '0' && name[0] <= '9' && name[1] == '\0';
    return digit ? f->texts[name[0] - '0'] : NULL;
}

static char **
find_fuzzed(void *ctx, const char *pattern, char *err, size_t errlen)
{
    (void)ctx;
    char **list = xcalloc(4, sizeof *list);
    if (*pattern == '\0') {
        str_format(err, errlen, "the name is empty");
        free(list);
        return NULL;
    }
    list[0] = xstrdup(strcmp(pattern, "*") == 0 ? "1" : pattern);
    for (size_t i = 1; i < 3 && strcmp(pattern, "*") == 0; i++)
        list[i] = xstrdup(i == 1 ? "2" : "3");
    return list;
}

static char *
read_fuzzed(void *ctx, const char *path, size_t max, char *err, size_t errlen)
{
    const char *text = text_of(ctx, path);
    if (text != NULL && strlen(text) <= max)
        return xstrdup(text);
    str_format(err, errlen, "No such file");
    return NULL;
}

static void
count_fault(void *ctx, const char *text)
{
    unsigned *faults = ctx;
    size_t n = strncmp(text, "a.conf", 6) == 0 ? 6 : 1;
    MUST(n == 6 || (text[0] > '0' && text[0] <= '9'));
    MUST(text[n] == ':' && strchr(text, '\n') == NULL);
    ++*faults;
}

/* Line n of a text, without its LF: its length in *len. */
static const char *
find_line(const char *text, int n, size_t *len)
{
    for (; n > 1; n--) {
        text = strchr(text, '\n');
        MUST(text != NULL);
        text++;
    }
    *len = strcspn(text, "\n");
    return text;
}

/* The place of each line exists, and has the same line unless a directive is in it. */
static void
check_places(const struct fuzz_files *f, const struct config_source *s,
             const char *joined)
{
    int line = 1;
    for (const char *at = joined;; line++) {
        char place[240];
        size_t n = strcspn(at, "\n"), len;
        config_place(s, line, place, sizeof place);
        char *colon = strrchr(place, ':');
        MUST(colon != NULL);
        *colon = '\0';
        const char *text = text_of(f, place);
        MUST(text != NULL);
        const char *was = find_line(text, atoi(colon + 1), &len);
        if (line > 1 && was == text && strncmp(was, "\xef\xbb\xbf", 3) == 0)
            was += 3, len -= 3; /* the mark of an included file is left out */
        if (strstr(text, "_file") == NULL && strstr(text, "include") == NULL)
            MUST(n == len && memcmp(at, was, n) == 0);
        if (at[n] == '\0')
            return;
        at += n + 1;
    }
}

static void
check_joined(struct fuzz_files *f, struct config_source *source, const char *joined)
{
    static const struct config_words words = {.privileges = privs_names,
                                              .host_mask = access_host_mask};
    unsigned faults = 0;
    MUST(source->n > 0 && source->pieces[0].from == 1 && source->pieces[0].by == 0);
    for (size_t i = 1; i < source->n; i++) {
        MUST(source->pieces[i].from >= source->pieces[i - 1].from);
        MUST(source->pieces[i].by < source->pieces[i].from);
    }
    check_places(f, source, joined);
    struct config *c =
        config_parse_joined(source, joined, &words, count_fault, &faults);
    MUST((c != NULL) == (faults == 0));
    MUST(source->pieces == NULL);
    if (c != NULL)
        MUST(c->server.password_file[0] == '\0');
    for (size_t i = 0; c != NULL && i < c->n_oper; i++)
        MUST(c->oper[i].password_file == NULL);
    config_free(c);
}

int
fuzz_config_join(const uint8_t *bytes, size_t n)
{
    struct fuzz_files f = {{NULL}};
    struct config_files access = {.ctx = &f,
                                  .find = find_fuzzed,
                                  .read = read_fuzzed,
                                  .read_secret = read_fuzzed};
    struct config_source source;
    unsigned faults = 0;
    char *all = xmalloc(n + 1);
    memcpy(all, bytes, n);
    all[n] = '\0';
    size_t count = 0;
    for (size_t at = 0; at <= n && count < FILES; at += strlen(all + at) + 1)
        f.texts[count++] = xstrdup(all + at);
    char *joined =
        config_join("a.conf", f.texts[0], &access, &source, count_fault, &faults);
    MUST((joined != NULL) == (faults == 0));
    MUST(joined != NULL || source.n == 0);
    if (joined != NULL)
        check_joined(&f, &source, joined);
    config_source_clear(&source);
    access.keep_faulty = true;
    unsigned again = 0;
    char *kept =
        config_join("a.conf", f.texts[0], &access, &source, count_fault, &again);
    MUST(kept != NULL && again == faults &&
         (joined == NULL || strcmp(kept, joined) == 0));
    config_source_clear(&source);
    mem_free_secret(kept);
    mem_free_secret(joined);
    for (size_t i = 0; i < FILES; i++)
        free(f.texts[i]);
    free(all);
    return 0;
}
