/* The inside of a server that runs: serve.c starts and stops it, apply.c gives it a
 * configuration. */
#ifndef SRC_MAIN_SERVE_STATE_H
#define SRC_MAIN_SERVE_STATE_H

#include "base/list.h"
#include "base/log.h"
#include "notify.h"
#include "process_facts.h"
#include "restart.h"
#include "sandbox.h"
#include "state/shell.h"
#include "store_choice.h"

#include <stdbool.h>

#define ERR_TEXT 4096 /* bytes; room for the faults of a configuration, one a line */

struct args;
struct config;
struct journal_file;
struct logfile;
struct loop;
struct recorder;
struct server;

struct serve {
    const struct args *args;
    struct config *config; /* in force; the server owns it once there is one */
    struct server *srv;    /* NULL until session_begin */
    struct log log;
    struct logfile *logfile;
    struct loop *loop;
    struct recorder *recorder;    /* NULL: nothing is recorded */
    struct journal_file *journal; /* NULL: none is kept */
    struct store_choice choice;
    struct shell shell;
    struct restart restart;
    struct notify notify;
    struct process_facts process;
    struct list asked; /* waiting REHASHes and RESTARTs, oldest first */
    int clients;       /* limits.clients as the file has it; 0: as many as fit */
    bool has_pid_file; /* this process has written it and removes it at the end */
    char sandbox[SANDBOX_TEXT]; /* the parts that are in force, for the log */
    char uncontrolled[512];     /* why there is no control socket; "": there is one */
    bool locked;                /* inside a sandbox, which starts no program */
    bool hides_files;           /* of which other files are out of reach */
    bool misconfigured;         /* the start failed because of the configuration */
    char fingerprint[65];       /* SHA-256, hex; "": no client gets a certificate */
    bool unsaved;               /* the store cannot write its last changes */
    bool refused;               /* the configuration that was read last has faults */
    bool ending;                /* set by DIE, RESTART or a signal */
    bool again;                 /* at the end the program is executed again */
};

#endif
