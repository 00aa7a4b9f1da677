/* Joins a configuration with the files that it names. The files are put into the text,
 * before it is parsed: a journal of the server then has the whole configuration, and the
 * parser knows one text. A directive is found by its tokens, so that a comment and a string
 * hold none. What is no whole directive stays in the text, and the parser reports it. The
 * text holds secrets: this file must never leave a copy in freed memory. */
#include "base/mem.h"
#include "base/str.h"
#include "config/source.h"
#include "fault.h"
#include "option.h"
#include "titled.h"
#include "token.h"
#include "value.h"

#include <stdlib.h>
#include <string.h>

#define SECRET_SUFFIX "_file"

/* Looks for directives in the text of one file. */
struct scanner {
    struct lexer lexer;
    struct token before[2], at[3]; /* the last two tokens, the older one first */
    size_t depth;                  /* braces that are open */
    const struct block *block;     /* the block that is open; NULL: unknown */
    int opened;                    /* the line where it begins */
};

struct joining {
    const struct config_files *files;
    config_fault *fault;
    void *ctx;
    char *text;
    size_t len, room;
    int line; /* of the end of the text, from 1 */
    struct config_source *source;
    struct joining_file {
        const char *name;
        int begun;                /* its first line in the text */
        int by;                   /* the line of the text that includes it; 0: none */
    } stack[CONFIG_SOURCE_DEPTH]; /* the files that are being read */
    size_t depth;
    size_t n_faults;
};

static void
scan_token(struct scanner *x)
{
    if (x->at->kind == TOKEN_OPEN && x->depth++ == 0) {
        bool titled =
            x->before[0].kind == TOKEN_WORD && x->before[0].line == x->before[1].line;
        const struct token *name = &x->before[!titled];
        x->block = name->kind == TOKEN_WORD ? block_find(name->at, name->len) : NULL;
        x->opened = x->at->line;
    }
    if (x->at->kind == TOKEN_CLOSE && x->depth > 0)
        x->depth--;
    x->before[0] = x->before[1];
    x->before[1] = x->at[0];
    x->at[0] = x->at[1];
    x->at[1] = x->at[2];
    x->at[2] = lexer_next(&x->lexer);
}

static bool
is_include(const struct scanner *x)
{
    const struct token *t = x->at;
    return x->depth == 0 && t->kind == TOKEN_WORD && t->len == strlen("include") &&
           memcmp(t->at, "include", t->len) == 0 && x->before[1].line != t->line &&
           t[1].kind == TOKEN_STRING && !t[1].bad && t[1].line == t->line &&
           (t[2].kind == TOKEN_END || t[2].line != t->line);
}

/* True for NAME_file = PATH, where NAME is a secret option. An empty path is none. */
static bool
is_secret(const struct scanner *x)
{
    const struct token *t = x->at;
    size_t n = strlen(SECRET_SUFFIX);
    if (x->depth != 1 || x->block == NULL || t->kind != TOKEN_WORD || t->len <= n ||
        memcmp(t->at + t->len - n, SECRET_SUFFIX, n) != 0 ||
        t[1].kind != TOKEN_EQUALS || t[2].bad ||
        !(t[2].kind == TOKEN_WORD || (t[2].kind == TOKEN_STRING && t[2].len > 2)))
        return false;
    const struct option *o = option_find(x->block, t->at, t->len - n);
    return o != NULL && o->secret;
}

/* Goes to the next directive; false: there is none. */
static bool
scan_directive(struct scanner *x)
{
    while (x->at->kind != TOKEN_END && !is_include(x) && !is_secret(x))
        scan_token(x);
    return x->at->kind != TOKEN_END;
}

static void
join_fault(struct joining *j, int line, const char *what, const char *path,
           const char *why)
{
    char text[FAULT_LINE];
    struct str s;
    if (j->n_faults++ >= FAULTS_MAX)
        return;
    const struct joining_file *file = &j->stack[j->depth - 1];
    str_init(&s, text, sizeof text);
    str_addf(&s, "%.*s:%d: %s%s%s%s", (int)str_cut(file->name, strlen(file->name), 200),
             file->name, line, what, path != NULL ? SHOWN(path) : "",
             why != NULL ? ": " : "", why != NULL ? why : "");
    config_trail(j->source, file->begun, &s);
    j->fault(j->ctx, text);
}

/* True if no more files can be added: an include of files that include files may have
 * very many. The caller reports it. */
static bool
is_joined_full(const struct joining *j)
{
    return j->len == CONFIG_SOURCE_MAX || j->source->n >= CONFIG_SOURCE_PIECES;
}

/* Adds n bytes. Text beyond the maximum is dropped: the caller reports it. */
static void
join_bytes(struct joining *j, const char *at, size_t n)
{
    if (n > CONFIG_SOURCE_MAX - j->len)
        n = CONFIG_SOURCE_MAX - j->len;
    if (j->len + n >= j->room) {
        j->room = 2 * (j->len + n) + 1;
        char *more = xmalloc(j->room);
        if (j->len > 0)
            memcpy(more, j->text, j->len);
        mem_free_secret(j->text);
        j->text = more;
    }
    memcpy(j->text + j->len, at, n);
    j->len += n;
    j->text[j->len] = '\0';
    for (size_t i = 0; i < n; i++)
        j->line += at[i] == '\n';
}

/* The text that follows is the one of a file from this line on. */
static void
begin_piece(struct joining *j, int line)
{
    struct config_source *s = j->source;
    const struct joining_file *file = &j->stack[j->depth - 1];
    if (!is_joined_full(j))
        VALUE_ADD(s->pieces, s->n,
                  (struct config_piece){j->line, line, file->by, xstrdup(file->name)});
}

/* Adds a secret as a string. */
static void
join_secret_text(struct joining *j, const char *at)
{
    join_bytes(j, "\"", 1);
    for (; *at != '\0'; at++) {
        if (strchr("\\\"$", *at) != NULL)
            join_bytes(j, "\\", 1);
        join_bytes(j, at, 1);
    }
    join_bytes(j, "\"", 1);
}

/* Cuts the end of the only line. Returns what is wrong with the secret; NULL: nothing. */
static const char *
trim_secret(char *text)
{
    size_t n = strcspn(text, "\n");
    if (text[n] == '\n' && text[n + 1] != '\0')
        return "it has a second line; expected one, the secret";
    n -= n > 0 && text[n - 1] == '\r' && text[n] == '\n';
    text[n] = '\0';
    return n > 0 ? NULL : "it is empty";
}

/* Replaces NAME_file = PATH by NAME = "SECRET". */
static void
join_secret(struct joining *j, const struct token t[3])
{
    char err[FAULT_TEXT - 200];
    char *path = token_value(&t[2]);
    char *secret =
        j->files->read_secret(j->files->ctx, path, CONFIG_SECRET_MAX, err, sizeof err);
    const char *wrong = secret != NULL ? trim_secret(secret) : err;
    if (wrong != NULL)
        join_fault(j, t[2].line, "cannot use the secret in ", path, wrong);
    join_bytes(j, t[0].at, t[0].len - strlen(SECRET_SUFFIX));
    join_bytes(j, t[0].at + t[0].len, (size_t)(t[2].at - t[0].at) - t[0].len);
    if (wrong == NULL)
        join_secret_text(j, secret);
    mem_free_secret(secret);
    free(path);
}

static bool
is_same_file(const struct joining *j, const char *a, const char *b)
{
    return j->files->same != NULL ? j->files->same(j->files->ctx, a, b)
                                  : strcmp(a, b) == 0;
}

static void join_file(struct joining *j, const char *file, const char *text, int by);

/* Adds one file that the include of this line names; `by`: its line in the text. */
static void
include_file(struct joining *j, const char *path, int line, int by)
{
    char err[FAULT_TEXT - 200];
    for (size_t i = 0; i < j->depth; i++)
        if (is_same_file(j, j->stack[i].name, path)) {
            join_fault(j, line, "the include of ", path,
                       i + 1 == j->depth ? "the file includes itself"
                                         : "that file includes this one");
            return;
        }
    if (j->depth == CONFIG_SOURCE_DEPTH) {
        join_fault(j, line, "the include of ", path,
                   "more than 15 includes are inside of each other");
        return;
    }
    char *text =
        j->files->read(j->files->ctx, path, CONFIG_SOURCE_MAX, err, sizeof err);
    if (text == NULL) {
        join_fault(j, line, "cannot read ", path, err);
        return;
    }
    join_file(j, path, text, by);
    mem_free_secret(text);
    if (j->len > 0 && j->text[j->len - 1] != '\n')
        join_bytes(j, "\n", 1);
}

/* Replaces an include by the files that it names. */
static void
join_include(struct joining *j, const struct token *t)
{
    char err[FAULT_TEXT - 200];
    if (is_joined_full(j))
        return;
    char *pattern = token_value(t);
    int by = j->line;
    char **paths = j->files->find(j->files->ctx, pattern, err, sizeof err);
    if (paths == NULL)
        join_fault(j, t->line, "cannot include ", pattern, err);
    join_bytes(j, "\n", 1);
    for (size_t i = 0; paths != NULL && paths[i] != NULL; i++) {
        if (!is_joined_full(j))
            include_file(j, paths[i], t->line, by);
        free(paths[i]);
    }
    free(paths);
    free(pattern);
    begin_piece(j, t->line);
}

/* Reports a comment or a block that an included file leaves open: it would swallow what
 * follows the include. */
static void
check_end(struct joining *j, const struct scanner *x)
{
    if (x->lexer.open_comment > 0)
        join_fault(j, x->lexer.open_comment, "this comment is not closed with */", NULL,
                   NULL);
    else if (x->depth > 0)
        join_fault(j, x->opened, "the block that begins here lacks its closing brace",
                   NULL, NULL);
}

/* Adds the text of a file. */
static void
join_file(struct joining *j, const char *file, const char *text, int by)
{
    struct faults ignored = {0}; /* the parser reports them */
    struct scanner x = {.lexer = {.line = 1, .faults = &ignored}};
    x.lexer.at = text + (strncmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0);
    const char *done = j->depth > 0 ? x.lexer.at : text;
    j->stack[j->depth++] = (struct joining_file){file, j->line, by};
    begin_piece(j, 1);
    for (int i = 0; i < 3; i++)
        scan_token(&x);
    while (scan_directive(&x)) {
        int more = is_include(&x) ? 1 : 2;
        const struct token *last = &x.at[more];
        join_bytes(j, done, (size_t)(x.at->at - done));
        done = last->at + last->len;
        if (more == 1)
            join_include(j, last);
        else
            join_secret(j, x.at);
        /* A value such as password_file begins no other directive. */
        for (int i = 0; i <= more; i++)
            scan_token(&x);
    }
    join_bytes(j, done, strlen(done));
    if (j->depth > 1)
        check_end(j, &x);
    faults_clear(&ignored);
    j->depth--;
}

static void
tell_dropped(const struct joining *j, const char *file)
{
    char text[FAULT_LINE];
    str_format(text, sizeof text, "%.*s: %zu more faults",
               (int)str_cut(file, strlen(file), 200), file, j->n_faults - FAULTS_MAX);
    j->fault(j->ctx, text);
}

char *
config_join(const char *file, const char *text, const struct config_files *files,
            struct config_source *out, config_fault *fault, void *ctx)
{
    struct joining j = {
        .files = files, .fault = fault, .ctx = ctx, .line = 1, .source = out};
    *out = (struct config_source){0};
    join_file(&j, file, text, 0);
    j.stack[j.depth++] = (struct joining_file){file, 1, 0};
    if (j.n_faults == 0 && is_joined_full(&j))
        join_fault(&j, 1,
                   j.len == CONFIG_SOURCE_MAX
                       ? "the configuration is larger than 4096 KiB"
                       : "the configuration includes more than 10,000 files",
                   NULL, NULL);
    if (j.n_faults > FAULTS_MAX)
        tell_dropped(&j, file);
    if (j.n_faults == 0 || files->keep_faulty)
        return j.text;
    mem_free_secret(j.text);
    config_source_clear(out);
    return NULL;
}
