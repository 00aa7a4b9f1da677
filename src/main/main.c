/* The program: runs the mode that the command line asks for. Each mode is a function
 * that returns the exit code; serve.c runs the server. */
#include "args.h"
#include "bans_file.h"
#include "config_file.h"
#include "ctl.h"
#include "ctl_place.h"
#include "health.h"
#include "needs.h"
#include "password.h"
#include "reference.h"
#include "replay/rerun.h"
#include "replay/simulate.h"
#include "replay/tally.h"
#include "sandbox.h"
#include "serve.h"
#include "setup.h"
#include "token.h"

#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void
print_warning(void *ctx, const char *text)
{
    (void)ctx;
    fprintf(stderr, "warning: %s\n", text);
}

static int
test_config(const struct args *args)
{
    struct config_file loaded;
    if (!config_file_load(args->config, config_file_print_fault, NULL, &loaded))
        return 1;
    bool fine = needs_tell(args, &loaded, print_warning, config_file_print_fault, NULL);
    config_file_clear(&loaded);
    if (!fine)
        return 1;
    const char *name = args->config ? args->config : "(built-in)";
    const char *installed = args->config ? NULL : ctl_place_system();
    if (installed)
        fprintf(stderr, "warning: without -c, %s is not checked: ircd -c %s -t\n",
                installed, installed);
    printf("%s: configuration is fine\n",
           config_file_is_standard(args->config) ? "(standard input)" : name);
    return 0;
}

static int
print_config(const struct args *args)
{
    static const struct config_minimal example = {.name = "irc.example.org",
                                                  .network = "Example",
                                                  .oper = "alice",
                                                  .email = "irc@example.org",
                                                  .data = "/var/lib/ircd",
                                                  .log = "/var/log/ircd/ircd.log",
                                                  .user = "ircd",
                                                  .certificate = true};
    char *sample =
        args->minimal ? config_minimal(&example) : config_sample(&config_file_words);
    fputs(sample, stdout);
    free(sample);
    return 0;
}

static int
print_version(const struct args *args)
{
    (void)args;
    puts("ircd " IRCD_VERSION);
    return 0;
}

static int
print_help(const struct args *args)
{
    (void)args;
    args_help(stdout);
    return 0;
}

static int
hash_password(const struct args *args)
{
    (void)args;
    return password_command();
}

static int
make_token(const struct args *args)
{
    (void)args;
    return token_command();
}

static int
serve_clients(const struct args *args)
{
    struct config_file loaded;
    if (!config_file_load(args->config, config_file_print_fault, NULL, &loaded))
        return 1;
    return serve_run(args, &loaded);
}

/* Prints what the policy would have done to the trace. 1: the trace or the
 * configuration is wrong. */
static int
simulate_trace(const struct args *args)
{
    struct config_file loaded;
    struct tally tally;
    if (!config_file_load(args->config, config_file_print_fault, NULL, &loaded))
        return 1;
    bool good = simulate(loaded.config, loaded.motd, args->trace, &tally);
    loaded.config = NULL; /* the simulation owns it now */
    config_file_clear(&loaded);
    if (!good)
        return 1;
    (args->json ? tally_print_json : tally_print)(&tally, stdout);
    tally_free(&tally);
    return 0;
}

static struct config *
parse_recorded(void *ctx, const char *text)
{
    (void)ctx;
    return config_parse("(journal)", text, &config_file_words, config_file_print_fault,
                        NULL);
}

/* 1: the journal is damaged, or this program behaves differently from it. */
static int
replay_journal(const struct args *args)
{
    return rerun_journal(args->journal, parse_recorded, stdout) ? 0 : 1;
}

static int (*const modes[])(const struct args *args) = {
    [ARGS_SERVE] = serve_clients,
    [ARGS_TEST] = test_config,
    [ARGS_PRINT_CONFIG] = print_config,
    [ARGS_PRINT_REFERENCE] = reference_print,
    [ARGS_HASH_PASSWORD] = hash_password,
    [ARGS_MAKE_TOKEN] = make_token,
    [ARGS_DUMP_BANS] = bans_dump,
    [ARGS_LOAD_BANS] = bans_load,
    [ARGS_SIMULATE] = simulate_trace,
    [ARGS_REPLAY] = replay_journal,
    [ARGS_CTL] = ctl_run,
    [ARGS_HEALTH] = health_run,
    [ARGS_VERSION] = print_version,
    [ARGS_HELP] = print_help,
    [ARGS_SETUP] = setup_command,
};

/* Opens closed standard descriptors: otherwise a socket or a file of the store would
 * get their numbers, and the log would be written to it. Without /dev/null they are the
 * root directory, which takes no byte. */
static void
open_standard(void)
{
    int fd;
    do
        if ((fd = open("/dev/null", O_RDWR)) < 0)
            fd = open("/", O_RDONLY);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0)
        close(fd);
}

int
main(int argc, char **argv)
{
    struct args args;
    open_standard();
    sandbox_allow_dumps(false); /* all modes read passwords or their hashes */
    if (!args_parse(argc, argv, &args))
        return 1;
    if (sodium_init() < 0) {
        fputs("ircd: no source of random numbers\n", stderr);
        return 2;
    }
    int code = modes[args.mode](&args);
    if (code == 0 && args.mode != ARGS_SERVE &&
        (fflush(stdout) != 0 || ferror(stdout))) {
        perror("ircd: cannot write");
        return 2;
    }
    return code;
}
