/* Each answer is checked as a configuration that has it, so that the file that --setup
 * writes has no fault. This file must never write a file. */
#include "questions.h"

#include "base/str.h"
#include "config/config.h"
#include "config_file.h"

#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define DEFAULT_USER "ircd"

/* Where answers come from that the arguments lack. */
enum asking { ASK_TERMINAL, ASK_LINES, ASK_PRESETS };

struct question {
    const char *prompt, *flag;
    const char *given;  /* by the command line; NULL: it was not given */
    const char *preset; /* an empty answer means it; NULL: an answer is needed */
    char *answer;       /* ANSWER bytes */
    /* a configuration with the answer in place of %: it has a fault if the answer cannot
     * be used */
    const char *trial;
    /* False: err says what else is wrong. NULL: nothing else can be. */
    bool (*check)(const char *answer, char *err, size_t errlen);
};

/* Keeps the reason of the first fault, without its place. */
static void
keep_reason(void *ctx, const char *text)
{
    char *reason = ctx;
    const char *at = strstr(text, ": ");
    if (*reason == '\0')
        str_format(reason, 1024, "%s", at != NULL ? at + 2 : text);
}

static bool
check_operator_file(const char *answer, char *err, size_t errlen)
{
    if (strchr(answer, '/') == NULL && answer[0] != '.')
        return true;
    str_format(err, errlen,
               "--oper: the name becomes the name of a file, so it has no / and does "
               "not begin with a dot");
    return false;
}

/* The form that a mail program takes; banned users copy the address from a line. */
static bool
check_mail_address(const char *answer, char *err, size_t errlen)
{
    const char *at = strrchr(answer, '@');
    bool whole =
        at != NULL && at > answer && at[1] != '\0' && strchr(answer, '@') == at;
    for (const char *byte = answer; *byte != '\0'; byte++)
        whole = whole && (unsigned char)*byte > ' ' && *byte != 0x7f;
    if (*answer == '\0' || whole)
        return true;
    str_format(err, errlen,
               "--email: \"%s\" is not a mail address, such as admin@example.org; an "
               "empty answer means none",
               SHOWN(answer));
    return false;
}

static bool
check_machine_user(const char *answer, char *err, size_t errlen)
{
    if (*answer == '\0' || getpwnam(answer) != NULL)
        return true;
    str_format(err, errlen,
               "the user %s does not exist; make it with: useradd --system --home-dir "
               "/var/lib/ircd --shell /usr/sbin/nologin %s",
               answer, answer);
    return false;
}

static bool
check_answer(const struct question *q, char *err, size_t errlen)
{
    char text[2 * ANSWER], reason[1024] = "";
    const char *bad = strpbrk(q->answer, "\"\\$"), *at = strchr(q->trial, '%');
    if (bad != NULL) {
        str_format(err, errlen, "--%s: the character %c cannot be used here", q->flag,
                   *bad);
        return false;
    }
    str_format(text, sizeof text, "%.*s%s%s", (int)(at - q->trial), q->trial, q->answer,
               at + 1);
    struct config *c = config_parse("-", text, &config_file_words, keep_reason, reason);
    config_free(c);
    if (c != NULL)
        return q->check == NULL || q->check(q->answer, err, errlen);
    str_format(err, errlen, "--%s: %s", q->flag, reason);
    return false;
}

/* Reads a line into the answer. 1: done; 0: the input has ended; -1: it is too long, and
 * err says so. */
static int
read_answer(const struct question *q, char *err, size_t errlen)
{
    char *out = q->answer;
    if (fgets(out, ANSWER, stdin) == NULL)
        return 0;
    size_t n = strcspn(out, "\r\n");
    bool whole = out[n] != '\0' || feof(stdin);
    out[n] = '\0';
    for (int c = 0; !whole && c != '\n' && c != EOF;)
        c = getchar();
    if (whole)
        return 1;
    str_format(err, errlen, "--%s: longer than %d bytes", q->flag, ANSWER - 2);
    return -1;
}

/* Asks once, and takes the preset for an empty answer. As read_answer. */
static int
ask_question(const struct question *q, enum asking asking, char *err, size_t errlen)
{
    if (asking == ASK_TERMINAL && q->preset != NULL)
        fprintf(stderr, "%s [%s]: ", q->prompt, q->preset);
    else if (asking == ASK_TERMINAL)
        fprintf(stderr, "%s: ", q->prompt);
    int got = asking == ASK_PRESETS ? 0 : read_answer(q, err, errlen);
    bool ended = got == 0 && asking != ASK_TERMINAL;
    bool empty = ended || (got == 1 && *q->answer == '\0');
    if (!empty || q->preset == NULL)
        return got;
    str_format(q->answer, ANSWER, "%s", q->preset);
    return 1;
}

/* Gets one answer. */
static bool
get_answer(const struct question *q, enum asking asking, char *err, size_t errlen)
{
    if (q->given != NULL && strlen(q->given) >= ANSWER) {
        str_format(err, errlen, "--%s: longer than %d bytes", q->flag, ANSWER - 1);
        return false;
    }
    if (q->given != NULL) {
        str_format(q->answer, ANSWER, "%s", q->given);
        return check_answer(q, err, errlen);
    }
    for (;;) {
        int got = ask_question(q, asking, err, errlen);
        if (got == 0) {
            str_format(
                err, errlen,
                "--setup needs --%s: the input has ended, and nothing was written",
                q->flag);
            return false;
        }
        if (got == 1 && check_answer(q, err, errlen))
            return true;
        if (asking != ASK_TERMINAL)
            return false;
        fprintf(stderr, "%s\n", err);
    }
}

/* "irc.example.org" is of the network "example". */
static void
guess_network(const char *name, char out[ANSWER])
{
    const char *end = strrchr(name, '.'), *at = end;
    while (at != NULL && at > name && at[-1] != '.')
        at--;
    str_format(out, ANSWER, "%.*s", (int)(at != NULL ? end - at : 0), at ? at : "");
    if (*out == '\0')
        str_format(out, ANSWER, "Local");
}

bool
questions_ask(const struct args *args, bool root, struct answers *out, char *err,
              size_t errlen)
{
    char network[ANSWER];
    bool enough = args->setup.name != NULL && args->setup.oper != NULL;
    const enum asking asking = isatty(STDIN_FILENO) ? ASK_TERMINAL
                               : enough             ? ASK_PRESETS
                                                    : ASK_LINES;
    const struct question all[] = {
        {"Name of the server, as clients see it (irc.example.org)", "name",
         args->setup.name, NULL, out->name, "server { name = \"%\" }", NULL},
        {"Name of the network, one word", "network", args->setup.network, network,
         out->network, "server { network = \"%\" }", NULL},
        {"Name of the operator, for /oper", "oper", args->setup.oper, NULL, out->oper,
         "oper \"%\" { certfp = "
         "{ \"3c4d8b1f0a9e7d6c5b4a39281706f5e4d3c2b1a0998877665544332211000fed\" } "
         "hosts = { \"*@*\" } privileges = { \"all\" } }",
         check_operator_file},
        {"Mail address for banned users (may be empty)", "email", args->setup.email, "",
         out->email, "admin { email = \"%\" }", check_mail_address},
        {"User of the machine that the server becomes", "user", args->setup.user,
         DEFAULT_USER, out->user, "process { user = \"%\" }", check_machine_user},
    };
    *out = (struct answers){.name = ""};
    if (!root && args->setup.user != NULL && *args->setup.user != '\0') {
        str_format(err, errlen, "--user: only root can give the server another user");
        return false;
    }
    for (size_t i = 0; i < sizeof all / sizeof *all - !root; i++) {
        if (!get_answer(&all[i], asking, err, errlen))
            return false;
        if (i == 0)
            guess_network(out->name, network);
    }
    return true;
}
