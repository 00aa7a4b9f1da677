/* What the process may do once it serves: little beyond its sockets and its own
 * directories. */
#ifndef SRC_MAIN_SANDBOX_H
#define SRC_MAIN_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>

struct config;

#define SANDBOX_TEXT 128
#define SANDBOX_PATH 4096

struct config_tls;
struct includes_found;

/* The limits of the sandbox; texts are borrowed. */
struct sandbox_plan {
    const char *user;   /* to become; "": no change */
    const char *data;   /* directory that exists; "": none */
    bool made;          /* the directory is new and is given to the user */
    const char *config; /* file that REHASH reads again; NULL: none */
    const struct includes_found *includes; /* files that REHASH reads; NULL: none */
    const char *motd; /* file beside it that REHASH reads; NULL or "": none */
    const struct config_tls *tls; /* files beside it that REHASH reads; n_tls */
    size_t n_tls;
    const char *log;      /* file that SIGUSR1 opens again; "": none */
    const char *journal;  /* path beside which journals are made; "": none */
    const char *trace;    /* path beside which recordings are made; "": none */
    const char *pid_file; /* file that is written and removed later; NULL: none */
    const struct config *listeners; /* its unix sockets are removed later; NULL: none */
    /* Set by user_become: it has made the pid file, which is empty. */
    bool made_pid_file;
    bool core_dumps; /* core dumps are allowed */
    /* Set by the caller; false: only the user changes. sandbox_enter sets it to whether
     * the system has a sandbox, in which no program can be started. */
    bool locked;
    bool hides_files; /* set by sandbox_enter: other files are out of reach */
};

/* Forbids (false) or allows (true) core dumps of this process and, to other processes
 * of the same user, debuggers and /proc/PID/mem. A change of the user forbids them
 * again. */
void sandbox_allow_dumps(bool allowed);

/* Becomes the user (user.h), gives up all capabilities, and makes the kernel refuse all
 * that the plan does not name, as far as the system can: on Linux files, connections and
 * signals (landlock.h) and system calls (syscalls.h). Threads that exist already stay outside, so call it before the
 * first one, but after all that needs root, such as listening. A part that the kernel
 * lacks is left out and named in `what` (SANDBOX_TEXT bytes: "landlock 7, seccomp, no
 * capabilities, uid 990"). False with a sentence in err: the user does not exist, or
 * may not use a file of the plan. */
bool sandbox_enter(struct sandbox_plan *plan, char *what, char *err, size_t errlen);

#endif
