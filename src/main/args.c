/* The command line: the parser and the help are made from one table.
 *
 * An argument that is not understood is an error before anything is started. Nothing is
 * guessed, and no option silently overrides another. */
#include "args.h"

#include <getopt.h>
#include <stddef.h>
#include <string.h>

#define NO_LETTER 256 /* the values of options without a letter begin here */

struct option_row {
    const char *name;
    const char *operand; /* NULL: the option takes none */
    const char *help;
    int letter; /* or a value from NO_LETTER on */
    int mode;   /* enum args_mode; 0 (ARGS_SERVE): not a mode */
};

enum {
    LETTER_PRINT_CONFIG = NO_LETTER,
    LETTER_PRINT_REFERENCE,
    LETTER_HASH_PASSWORD,
    LETTER_MAKE_TOKEN,
    LETTER_PID_FILE,
    LETTER_DUMP_BANS,
    LETTER_LOAD_BANS,
    LETTER_SIMULATE,
    LETTER_JSON,
    LETTER_REPLAY,
    LETTER_MINIMAL,
    LETTER_SETUP,
    LETTER_NAME,
    LETTER_NETWORK,
    LETTER_OPER,
    LETTER_EMAIL,
    LETTER_USER,
    LETTER_HEALTH
};

/* clang-format off */
static const struct option_row rows[] = {
    {"config",        "FILE", "use this configuration instead of the built-in one (-: standard input)", 'c', 0},
    {"test",          NULL,   "check the configuration and print its faults", 't', ARGS_TEST},
    {"print-config",  NULL,   "print a sample with every option and its default", LETTER_PRINT_CONFIG, ARGS_PRINT_CONFIG},
    {"minimal",       NULL,   "with --print-config: print the twelve lines of a public server", LETTER_MINIMAL, 0},
    {"setup",         "DIR",  "write the configuration of a new public server into DIR, and say what to run next", LETTER_SETUP, ARGS_SETUP},
    {"name",          "NAME", "with --setup: the name of the server; what is not given is asked on a terminal", LETTER_NAME, 0},
    {"network",       "NAME", "with --setup: the name of the network", LETTER_NETWORK, 0},
    {"oper",          "NAME", "with --setup: the name of the operator", LETTER_OPER, 0},
    {"email",         "ADDRESS", "with --setup: the mail address that banned users read", LETTER_EMAIL, 0},
    {"user",          "USER", "with --setup, for root: the user that the server becomes; '': none", LETTER_USER, 0},
    {"print-reference", "PAGE", "print a manual page (ircd.conf.5, ircd-commands.7) or a completion (ircd.bash, ircd.zsh)", LETTER_PRINT_REFERENCE, ARGS_PRINT_REFERENCE},
    {"hash-password", NULL,   "read a password, print its hash for the configuration", LETTER_HASH_PASSWORD, ARGS_HASH_PASSWORD},
    {"make-token",    NULL,   "print a new token for a gateway or the API, and its hash for proxy.token or oper.token", LETTER_MAKE_TOKEN, ARGS_MAKE_TOKEN},
    {"dump-bans",     NULL,   "print all bans as text, one a line (the server must be stopped)", LETTER_DUMP_BANS, ARGS_DUMP_BANS},
    {"load-bans",     "FILE", "load bans from such a text, a kline.conf or an xline.db (-: standard input)", LETTER_LOAD_BANS, ARGS_LOAD_BANS},
    {"simulate",      "TRACE", "replay this trace (-: standard input) and print what the policy would do", LETTER_SIMULATE, ARGS_SIMULATE},
    {"json",          NULL,   "with --simulate: print one JSON object a host; with ctl: the answer as JSON", LETTER_JSON, 0},
    {"replay",        "FILE", "replay the journal of a server (log.journal) and compare all output", LETTER_REPLAY, ARGS_REPLAY},
    {"health",        NULL,   "ask the server that runs with this configuration whether it answers and saves", LETTER_HEALTH, ARGS_HEALTH},
    {"detach",        NULL,   "run in the background when everything has started", 'd', 0},
    {"pid-file",      "FILE", "write the process id to this file while running", LETTER_PID_FILE, 0},
    {"version",       NULL,   "print the version", 'V', ARGS_VERSION},
    {"help",          NULL,   "print this help", 'h', ARGS_HELP},
};
/* clang-format on */

#define N_ROWS (sizeof rows / sizeof *rows)

static const struct option_row *
find_option_row(int letter)
{
    for (size_t i = 0; i < N_ROWS; i++) {
        if (rows[i].letter == letter)
            return &rows[i];
    }
    return NULL;
}

/* Makes the option tables that getopt_long takes. */
static void
make_options(struct option longs[static N_ROWS + 1], char shorts[static 2 * N_ROWS + 3])
{
    size_t n = 0;
    /* Then getopt_long tells a missing operand from an unknown option. */
    shorts[n++] = '+'; /* it stops at the first operand */
    shorts[n++] = ':';
    for (size_t i = 0; i < N_ROWS; i++) {
        longs[i] = (struct option){.name = rows[i].name,
                                   .has_arg = rows[i].operand != NULL,
                                   .val = rows[i].letter};
        if (rows[i].letter >= NO_LETTER)
            continue;
        shorts[n++] = (char)rows[i].letter;
        if (rows[i].operand)
            shorts[n++] = ':';
    }
    longs[N_ROWS] = (struct option){0};
    shorts[n] = '\0';
}

static bool
refuse_args(const char *what, const char *which)
{
    fprintf(stderr, "ircd: %s%s; see ircd --help\n", what, which);
    return false;
}

static bool
set_operand(const char **slot, const char *name, const char *value)
{
    if (*slot)
        return refuse_args("given twice: option ", name);
    if (*value == '\0')
        return refuse_args("nothing given to option ", name);
    *slot = value;
    return true;
}

/* An empty mail address and an empty user mean that there is none. */
static bool
apply_setup_option(const struct option_row *row, const char *operand, struct args *out)
{
    const struct {
        int letter;
        const char **slot, *name;
    } slots[] = {{LETTER_SETUP, &out->setup.directory, "--setup"},
                 {LETTER_NAME, &out->setup.name, "--name"},
                 {LETTER_NETWORK, &out->setup.network, "--network"},
                 {LETTER_OPER, &out->setup.oper, "--oper"}};
    const char **may_be_empty = row->letter == LETTER_EMAIL  ? &out->setup.email
                                : row->letter == LETTER_USER ? &out->setup.user
                                                             : NULL;
    if (may_be_empty != NULL && *may_be_empty != NULL)
        return refuse_args("given twice: option --", row->name);
    if (may_be_empty != NULL)
        *may_be_empty = operand;
    for (size_t i = 0; i < sizeof slots / sizeof *slots; i++)
        if (row->letter == slots[i].letter &&
            !set_operand(slots[i].slot, slots[i].name, operand))
            return false;
    return true;
}

static bool
apply_option(const struct option_row *row, const char *operand, struct args *out)
{
    if (row->letter == 'c')
        return set_operand(&out->config, "--config", operand);
    if (row->letter == LETTER_PID_FILE)
        return set_operand(&out->pid_file, "--pid-file", operand);
    if (row->letter == LETTER_PRINT_REFERENCE &&
        !set_operand(&out->page, "--print-reference", operand))
        return false;
    if (row->letter == LETTER_LOAD_BANS &&
        !set_operand(&out->bans_file, "--load-bans", operand))
        return false;
    if (row->letter == LETTER_SIMULATE &&
        !set_operand(&out->trace, "--simulate", operand))
        return false;
    if (row->letter == LETTER_REPLAY &&
        !set_operand(&out->journal, "--replay", operand))
        return false;
    if (!apply_setup_option(row, operand, out))
        return false;
    if (row->letter == LETTER_JSON)
        out->json = true;
    if (row->letter == LETTER_MINIMAL)
        out->minimal = true;
    if (row->letter == 'd')
        out->detach = true;
    if (row->mode == ARGS_SERVE)
        return true;
    if (out->mode != ARGS_SERVE && (int)out->mode != row->mode)
        return refuse_args("does not go with the options before it: --", row->name);
    out->mode = (enum args_mode)row->mode;
    return true;
}

/* False after a line: the configuration cannot be used as the mode would. */
static bool
check_config_use(const struct args *a)
{
    const char *other = a->mode == ARGS_LOAD_BANS  ? a->bans_file
                        : a->mode == ARGS_SIMULATE ? a->trace
                                                   : NULL;
    if (a->config == NULL)
        return true;
    if (a->mode == ARGS_SETUP)
        return refuse_args("--setup writes a configuration, so it excludes --config",
                           "");
    if (a->mode == ARGS_PRINT_CONFIG)
        return refuse_args(
            "--print-config prints the defaults, so it excludes --config", "");
    if (a->mode == ARGS_REPLAY)
        return refuse_args(
            "a journal has a configuration of its own, so it excludes --config", "");
    if (other != NULL && strcmp(a->config, "-") == 0 && strcmp(other, "-") == 0)
        return refuse_args("standard input can be only one of two files", "");
    return true;
}

/* Takes the options up to the first operand. */
static bool
parse_options(int argc, char **argv, struct args *out)
{
    struct option longs[N_ROWS + 1];
    char shorts[2 * N_ROWS + 3];
    make_options(longs, shorts);
    int letter;
    while ((letter = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
        const char *given = argv[optind - 1];
        char single[] = {'-', (char)optopt, '\0'};
        if (letter == ':')
            return refuse_args("a value is missing after ", given);
        if (letter == '?')
            return refuse_args("unknown option, or one that takes no value: ",
                               strncmp(given, "--", 2) == 0 ? given : single);
        const struct option_row *row = find_option_row(letter);
        if (row == NULL || !apply_option(row, optarg, out))
            return false;
    }
    return true;
}

/* Takes the command behind the word ctl. The options of ctl stand before it; --json may
 * also be the last word. */
static bool
parse_ctl(int argc, char **argv, struct args *out)
{
    if (out->mode != ARGS_SERVE || out->detach || out->pid_file)
        return refuse_args("does not go with the options before it: ", "ctl");
    optind++;
    if (!parse_options(argc, argv, out))
        return false;
    if (out->mode == ARGS_HELP)
        return true;
    if (out->mode != ARGS_SERVE || out->detach || out->pid_file)
        return refuse_args("ctl takes no option but --config and --json", "");
    if (argc > optind + 1 && strcmp(argv[argc - 1], "--json") == 0) {
        out->json = true;
        argv[argc - 1] = NULL;
    }
    if (optind == argc)
        return refuse_args("a command is missing after ctl", "");
    out->mode = ARGS_CTL;
    out->words = argv + optind;
    return true;
}

bool
args_parse(int argc, char **argv, struct args *out)
{
    *out = (struct args){.argv = argv};
    opterr = 0;
    if (!parse_options(argc, argv, out))
        return false;
    if (optind < argc && strcmp(argv[optind], "ctl") == 0)
        return parse_ctl(argc, argv, out);
    if (optind < argc && strcmp(argv[optind], "status") == 0)
        return refuse_args("commands to a server that runs begin with ctl: ircd ctl ",
                           argv[optind]);
    if (optind < argc)
        return refuse_args("superfluous argument ", argv[optind]);
    if (out->json && out->mode != ARGS_SIMULATE)
        return refuse_args("goes with --simulate and ctl only: --json", "");
    if (out->minimal && out->mode != ARGS_PRINT_CONFIG)
        return refuse_args("goes with --print-config only: --minimal", "");
    if (out->mode != ARGS_SETUP &&
        (out->setup.name || out->setup.network || out->setup.oper || out->setup.email ||
         out->setup.user))
        return refuse_args(
            "go with --setup only: --name, --network, --oper, --email and --user", "");
    return check_config_use(out);
}

bool
args_option(size_t i, struct args_option *out)
{
    if (i >= N_ROWS)
        return false;
    *out = (struct args_option){
        .name = rows[i].name, .operand = rows[i].operand, .help = rows[i].help};
    if (rows[i].letter < NO_LETTER)
        out->letter = (char)rows[i].letter;
    return true;
}

void
args_help(FILE *to)
{
    fputs("usage: ircd [-c FILE] [-t | -d | --simulate TRACE | --replay FILE] "
          "[--pid-file FILE]\n"
          "       ircd [-c FILE] ctl [--json] status | rehash [tls] | bans list | bans "
          "export\n"
          "                     | bans import FILE | table NAME [FILTER] | "
          "COMMAND...\n\n",
          to);
    for (size_t i = 0; i < N_ROWS; i++) {
        const struct option_row *r = &rows[i];
        bool letter = r->letter < NO_LETTER;
        int used = fprintf(to, "  %c%c%s --%s%s%s", letter ? '-' : ' ',
                           letter ? r->letter : ' ', letter ? "," : " ", r->name,
                           r->operand ? " " : "", r->operand ? r->operand : "");
        fprintf(to, "%*s%s\n", used < 30 ? 30 - used : 1, "", r->help);
    }
    fputs(
        "\nWithout -c, ircd serves 127.0.0.1 and [::1] on port 6667 and, with TLS, "
        "6697,\nbrowsers on http://127.0.0.1:8067/, and keeps its data in ./var.\n"
        "Paths in a configuration are relative to its file; operands are relative to "
        "the\n"
        "working directory.\n\n"
        "ctl sends a command to the server that runs with this configuration, with all "
        "rights;\nCOMMAND is one of IRC, such as KLINE. Exit code: 1 it was refused, 2 "
        "no "
        "server answers,\n3 status names something that is wrong. --health prints one "
        "line; exit code: 1 it is\nnot healthy.\n\n"
        "Signals: TERM and INT end ircd, HUP reads the configuration again, USR1 opens "
        "the\n"
        "log file again. Exit code: 0 fine, 1 something must be changed before another "
        "start,\n"
        "2 it could not run.\n",
        to);
}
