/* ircd ctl: commands to a server that runs, for administrators and scripts.
 *
 * The process is an IRC client on the control socket of the data directory, so each
 * command, its rights and its line in the log are those of IRC. What it adds: it finds
 * the socket, names the commands that an administrator types first (status, bans, table,
 * rehash), and gives an exit code. Any other word is the name of a command of IRC. */
#include "ctl.h"

#include "args.h"
#include "base/str.h"
#include "ctl_bans.h"
#include "ctl_link.h"
#include "ctl_place.h"
#include "ctl_table.h"
#include "session/words.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define EXIT_WRONG 3 /* the status names a fault */

/* The command at work. */
struct ctl {
    struct ctl_link link;
    json_t *json; /* with --json: what status prints; NULL: lines */
    bool as_json;
    bool is_wrong; /* status has named a fault */
};

static void
print_json(json_t *value)
{
    json_dumpf(value, stdout, JSON_COMPACT | JSON_ENSURE_ASCII);
    putchar('\n');
    json_decref(value);
}

/* Users choose texts of an answer, and a terminal would obey a control sequence. */
static void
print_shown(FILE *to, const char *text)
{
    char shown[4 * CONTROL_LINE_MAX];
    control_answer_show(text, shown, sizeof shown);
    fprintf(to, "%s\n", shown);
}

/* A line of an answer. A refusal is printed on standard error as well as in the
 * exit code, so that standard output has results alone. */
static void
print_answer(void *ctx, const struct control_text *line)
{
    const struct ctl *c = ctx;
    if (c->as_json)
        print_json(json_pack("{s:s,s:s,s:b}", "code", line->code, "text", line->text,
                             "refused", (int)line->refuses));
    else
        print_shown(line->refuses ? stderr : stdout, line->text);
}

/* A fault, or a fact, of the status as a line. The faults are the last lines. */
static void
print_status_line(struct ctl *c, const char *key, const char *value, bool fault)
{
    if (strcmp(key, "wrong") != 0)
        printf("%-13s %s\n", key, value);
    else if (!fault)
        puts("\nnothing is wrong");
    else
        printf("%s  - %s\n", c->is_wrong ? "" : "\nwhat is wrong:\n", value);
}

static void
add_status_json(json_t *all, const char *key, const char *value)
{
    json_t *list = json_object_get(all, key);
    if (list == NULL) {
        list = json_array();
        json_object_set_new(all, key, list);
    }
    if (value)
        json_array_append_new(list, json_string(value));
}

/* A line "s key: value" of STATS s. */
static void
print_status(void *ctx, const struct control_text *line)
{
    struct ctl *c = ctx;
    const char *text = line->text, *colon = strstr(text, ": ");
    char key[32];
    if (strcmp(line->code, "249") != 0 || strncmp(text, "s ", 2) != 0 || !colon) {
        if (line->refuses)
            print_shown(stderr, text);
        return;
    }
    str_format(key, sizeof key, "%.*s", (int)(colon - text - 2), text + 2);
    bool wrong = strcmp(key, "wrong") == 0;
    bool fault = wrong && strcmp(colon + 2, "nothing") != 0;
    if (c->as_json)
        add_status_json(c->json, key, wrong && !fault ? NULL : colon + 2);
    else
        print_status_line(c, key, colon + 2, fault);
    c->is_wrong = c->is_wrong || fault;
}

/* The exit code of a result; tells on standard error why the server is gone. */
static int
end_command(const struct ctl *c, enum ctl_result result)
{
    if (result == CTL_BROKEN)
        fprintf(stderr, "ircd: %s\n", c->link.why);
    return result == CTL_DONE ? 0 : result == CTL_REFUSED ? 1 : 2;
}

static int
run_status(struct ctl *c, char **words)
{
    (void)words;
    c->json = json_object();
    int code = end_command(c, ctl_link_run(&c->link, "STATS s", print_status, c));
    if (c->as_json && code == 0) {
        json_incref(c->json);
        print_json(c->json);
    }
    json_decref(c->json);
    return code == 0 && c->is_wrong ? EXIT_WRONG : code;
}

/* DIE and RESTART end the connection: that is their success. */
static bool
ends_server(const char *command)
{
    return strncmp(command, "DIE ", 4) == 0 || strncmp(command, "RESTART ", 8) == 0;
}

static int
run_line(struct ctl *c, const char *command)
{
    enum ctl_result result = ctl_link_run(&c->link, command, print_answer, c);
    if (result == CTL_BROKEN && c->link.ended && ends_server(command))
        return 0;
    int code = end_command(c, result);
    if (result == CTL_BROKEN && c->link.ended)
        fputs(
            "ircd: no answer has come; the command may still have an effect, saved or "
            "not\n",
            stderr);
    return code;
}

static int
run_words(struct ctl *c, char **words)
{
    char line[CTL_COMMAND], err[CTL_COMMAND + 64];
    if (words_line(words, line, sizeof line, err, sizeof err))
        return run_line(c, line);
    fprintf(stderr, "ircd: %s; see ircd --help\n", err);
    return 1;
}

static int
run_bans_list(struct ctl *c, char **words)
{
    (void)words;
    return run_line(c, "BANS");
}

static int
run_bans_export(struct ctl *c, char **words)
{
    (void)words;
    return end_command(c, ctl_bans_export(&c->link, print_answer, c));
}

static int
run_bans_import(struct ctl *c, char **words)
{
    const char *name = words[0];
    bool standard = strcmp(name, "-") == 0;
    FILE *from = standard ? stdin : fopen(name, "re");
    struct stat st;
    if (from == NULL || (fstat(fileno(from), &st) == 0 && S_ISDIR(st.st_mode))) {
        fprintf(stderr, "ircd: cannot read %s: %s\n", name,
                strerror(from ? EISDIR : errno));
        if (from)
            fclose(from);
        return 1;
    }
    enum ctl_result result = ctl_bans_import(
        &c->link, from, standard ? "(standard input)" : name, print_answer, c);
    if (!standard)
        fclose(from);
    return end_command(c, result);
}

/* A row is JSON already, so --json changes it no more. */
static void
print_table_line(void *ctx, const struct control_text *line)
{
    if (strcmp(line->code, "TABLE") == 0)
        print_shown(stdout, line->text);
    else
        print_answer(ctx, line);
}

static int
run_table(struct ctl *c, char **words)
{
    return end_command(c, ctl_table_list(&c->link, words, print_table_line, c));
}

static int
run_rehash(struct ctl *c, char **words)
{
    (void)words;
    return run_line(c, "REHASH");
}

static int
run_rehash_tls(struct ctl *c, char **words)
{
    (void)words;
    return run_line(c, "REHASH TLS");
}

/* Commands with words of their own; `more`: the number of words that follow. */
static const struct {
    const char *first, *second; /* second NULL: there is none */
    size_t more;
    int (*run)(struct ctl *c, char **words);
} commands[] = {
    {"status", NULL, 0, run_status},        {"bans", "list", 0, run_bans_list},
    {"bans", "export", 0, run_bans_export}, {"bans", "import", 1, run_bans_import},
    {"rehash", NULL, 0, run_rehash},        {"rehash", "tls", 0, run_rehash_tls},
};

static size_t
count_words(char **words)
{
    size_t n = 0;
    while (words[n])
        n++;
    return n;
}

/* IMPORT has a meaning of its own in IRC, which no administrator types. */
static bool
is_import_without_file(char **words, size_t n)
{
    return n >= 2 && n != 3 && strcmp(words[0], "bans") == 0 &&
           strcmp(words[1], "import") == 0;
}

static int
run_ctl_words(struct ctl *c, char **words)
{
    size_t n = count_words(words);
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        size_t own = commands[i].second ? 2 : 1;
        if (strcmp(words[0], commands[i].first) != 0 || n != own + commands[i].more)
            continue;
        if (own == 1 || strcmp(words[1], commands[i].second) == 0)
            return commands[i].run(c, words + own);
    }
    if (n >= 2 && strcmp(words[0], "table") == 0)
        return run_table(c, words + 1);
    if (is_import_without_file(words, n)) {
        fputs("ircd: bans import needs the name of one file (-: standard input); see "
              "ircd --help\n",
              stderr);
        return 1;
    }
    return run_words(c, words);
}

/* A server runs with the configuration that it has read, whatever the file is now. */
static void
tell_faulty(const struct ctl_place *place)
{
    if (place->faulty)
        fprintf(stderr,
                "ircd: %s has faults now, which `ircd -t` with the same -c names\n",
                place->config ? place->config : "the configuration");
}

int
ctl_run(const struct args *args)
{
    static struct ctl c; /* too large for the stack */
    static struct ctl_place place;
    const struct ctl_link_way way = {.user = "ctl"};
    char err[512];
    if (!ctl_place_find(args, &place, err, sizeof err)) {
        fprintf(stderr, "ircd: %s\n", err);
        return 1;
    }
    tell_faulty(&place);
    c.as_json = args->json;
    int code = ctl_link_open(&c.link, place.data, &way) ? run_ctl_words(&c, args->words)
                                                        : end_command(&c, CTL_BROKEN);
    ctl_link_close(&c.link);
    return code;
}
