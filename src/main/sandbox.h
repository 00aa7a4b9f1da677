/* What the process may still do once it serves: next to nothing beyond its sockets and
 * its own directories. */
#ifndef SRC_MAIN_SANDBOX_H
#define SRC_MAIN_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>

#define SANDBOX_TEXT 128
#define SANDBOX_PATH 4096

/* What to lock the process into; texts are borrowed. */
struct sandbox_plan {
    const char *user;     /* to become; "": stay who we are */
    const char *data;     /* directory, which is there; "": none */
    bool made;            /* it is new, and belongs to nobody else yet */
    const char *config;   /* file that REHASH reads again; NULL: none */
    const char *motd;     /* file beside it that REHASH reads; NULL or "": none */
    const char *log;      /* file that SIGUSR1 opens again; "": none */
    const char *journal;  /* beside it journals are made; "": none */
    const char *trace;    /* beside it recordings are made; "": none */
    const char *pid_file; /* written and removed later; NULL: none */
    bool made_pid_file;   /* written by user_become: it is new, and empty */
    bool core_dumps;      /* the memory may leave the process (dump.h) */
    bool locked;          /* false: only the user changes */
};

/* Becomes the user (user.h), gives up all capabilities, and lets the kernel refuse what
 * the plan does not name: files, connections and signals (landlock.h), system calls
 * (syscalls.h). Threads that exist already would stay outside, so call it before the
 * first one; listening sockets and what needs root come before it. What the kernel
 * lacks is left out and named in `what` (SANDBOX_TEXT bytes: "landlock 7, seccomp, no
 * capabilities, uid 990"). False with a sentence in err: the user does not exist, or
 * may not use what the plan names. */
bool sandbox_enter(struct sandbox_plan *plan, char *what, char *err, size_t errlen);

#endif
