/* The command line. */
#ifndef SRC_MAIN_ARGS_H
#define SRC_MAIN_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum args_mode {
    ARGS_SERVE,
    ARGS_TEST,
    ARGS_PRINT_CONFIG,
    ARGS_PRINT_REFERENCE,
    ARGS_HASH_PASSWORD,
    ARGS_MAKE_TOKEN,
    ARGS_DUMP_BANS,
    ARGS_LOAD_BANS,
    ARGS_SIMULATE,
    ARGS_REPLAY,
    ARGS_CTL,
    ARGS_HEALTH,
    ARGS_VERSION,
    ARGS_HELP,
    ARGS_SETUP,
};

/* Texts are borrowed from argv. */
struct args {
    enum args_mode mode;
    const char *config;    /* NULL: the built-in configuration; "-": standard input */
    const char *pid_file;  /* NULL: none */
    const char *page;      /* page of ARGS_PRINT_REFERENCE */
    const char *bans_file; /* file of ARGS_LOAD_BANS; "-": standard input */
    const char *trace;     /* file of ARGS_SIMULATE; "-": standard input */
    const char *journal;   /* file of ARGS_REPLAY */
    char **words;          /* command of ARGS_CTL; ends with NULL; at least one */
    /* of ARGS_SETUP; NULL: not given */
    struct {
        const char *directory, *name, *network, *oper, *email, *user;
    } setup;
    bool json;
    bool minimal; /* ARGS_PRINT_CONFIG prints the minimal configuration */
    bool detach;
    char **argv; /* all of it */
};

/* Parses the command line. False after one line on standard error. */
bool args_parse(int argc, char **argv, struct args *out);

void args_help(FILE *to);

/* An option as the help shows it. */
struct args_option {
    const char *name;    /* without "--" */
    const char *operand; /* "FILE"; NULL: it takes none */
    const char *help;
    char letter; /* NUL: it has none */
};

/* Writes the option with this number, from 0. False: there are no more. */
bool args_option(size_t i, struct args_option *out);

#endif
