/* The inside of a server that runs: serve.c starts and stops it, apply.c gives it a
 * configuration. */
#ifndef SRC_MAIN_SERVE_STATE_H
#define SRC_MAIN_SERVE_STATE_H

#include "base/list.h"
#include "base/log.h"
#include "restart.h"
#include "sandbox.h"
#include "state/shell.h"
#include "store_choice.h"

#include <stdbool.h>

#define ERR_TEXT 4096 /* faults of a configuration, one a line */

struct args;
struct config;
struct journal_file;
struct logfile;
struct loop;
struct recorder;
struct server;

struct serve {
    const struct args *args;
    struct config *config; /* in force; the server's once there is one */
    struct server *srv;    /* NULL until begun */
    struct log log;
    struct logfile *logfile;
    struct loop *loop;
    struct recorder *recorder;    /* NULL: nothing is recorded */
    struct journal_file *journal; /* NULL: none is kept */
    struct store_choice choice;
    struct shell shell;
    struct restart restart;
    struct list asked; /* in the order in which they came */
    int clients;       /* limits.clients as the file has it; 0: as many as fit */
    bool has_pid_file; /* it is ours, and goes with us */
    char sandbox[SANDBOX_TEXT]; /* what holds, for the log */
    bool locked;                /* inside the sandbox */
    bool ending;                /* DIE, RESTART or a signal has been */
    bool again;                 /* at the end the program starts anew */
};

#endif
