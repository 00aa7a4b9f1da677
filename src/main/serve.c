/* The server from start to end: the only file in which net, store and the core meet.
 *
 * All that can fail at the start does so before the first client is served, and is
 * undone in the reverse order. */
#include "serve.h"

#include "about.h"
#include "apply.h"
#include "args.h"
#include "base/event.h"
#include "base/list.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "certificates.h"
#include "config_file.h"
#include "confine.h"
#include "cure.h"
#include "detach.h"
#include "directory.h"
#include "manager.h"
#include "needs.h"
#include "net/logfile.h"
#include "net/loop.h"
#include "net/tls.h"
#include "replay/journal_file.h"
#include "replay/recorder.h"
#include "report.h"
#include "restart.h"
#include "session/session.h"
#include "state/server.h"
#include "store_choice.h"
#include "web_routes.h"

#include <errno.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define RESERVE_NAPS 1000      /* at most, while await_reservation waits */
#define RESERVE_NAP_NS 2000000 /* nanoseconds of one of them */

/* A REHASH or RESTART that waits for its answer. */
struct asked {
    struct list link; /* serve.asked */
    uint64_t id;
    bool tls;     /* only the certificates */
    char *reason; /* reason of a RESTART; NULL: it is a REHASH */
};

static void
submit_job(void *ctx, uint64_t job, enum job_kind kind, const struct prefix *host,
           const void *payload, size_t n)
{
    struct serve *s = ctx;
    loop_submit(s->loop, job, kind, host, payload, n);
}

static void
count_memory(void *ctx, struct shell_memory *out)
{
    const struct serve *s = ctx;
    loop_memory(s->loop, out);
}

static void
end_server(void *ctx, const char *reason)
{
    struct serve *s = ctx;
    s->ending = true;
    s->again = false;
    manager_stopping(s);
    loop_end(s->loop, reason);
}

/* Begins a restart. False with the reason if it is known to fail: then no client is
 * sent away. */
static bool
begin_restart(struct serve *s, const char *reason, char *err, size_t errlen)
{
    struct config_file loaded;
    struct str faults;
    str_init(&faults, err, errlen);
    if (s->ending)
        return true;
    if (s->locked) {
        str_format(err, errlen,
                   "the sandbox lets no program start (process.sandbox); DIE ends the "
                   "server, and a service manager with Restart=always starts it again");
        return false;
    }
    if (*s->config->process.user) {
        str_format(
            err, errlen,
            "the server has become process.user and might not listen again; DIE "
            "ends it, and a service manager with Restart=always starts it again");
        return false;
    }
    if (config_file_is_standard(s->args->config)) {
        str_format(err, errlen,
                   "the configuration came from standard input, which cannot be read "
                   "again; DIE ends the server, and a service manager starts it again");
        return false;
    }
    if (!restart_check(&s->restart, err, errlen) ||
        !config_file_load(s->args->config, apply_collect_fault, &faults, &loaded))
        return false;
    config_file_clear(&loaded);
    s->ending = s->again = true;
    manager_reloading(s);
    loop_end(s->loop, reason);
    return true;
}

static void
note_asked(struct serve *s, uint64_t id, const char *reason)
{
    struct asked *asked = xcalloc(1, sizeof *asked);
    asked->id = id;
    asked->reason = reason ? xstrdup(reason) : NULL;
    list_append(&s->asked, &asked->link);
    loop_answer(s->loop);
}

static void
ask_rehash(void *ctx, uint64_t asked)
{
    note_asked(ctx, asked, NULL);
}

static void
ask_rehash_tls(void *ctx, uint64_t asked)
{
    struct serve *s = ctx;
    note_asked(s, asked, NULL);
    LIST_ENTRY(s->asked.prev, struct asked, link)->tls = true;
}

static void
ask_restart(void *ctx, uint64_t asked, const char *reason)
{
    note_asked(ctx, asked, reason);
}

static void
free_asked(struct asked *asked)
{
    list_remove(&asked->link);
    free(asked->reason);
    free(asked);
}

/* Answers the oldest REHASH or RESTART; one a turn, because each reads the
 * configuration. */
static void
answer_asked(void *ctx)
{
    struct serve *s = ctx;
    char err[ERR_TEXT];
    struct asked *asked = LIST_ENTRY(s->asked.next, struct asked, link);
    if (asked->tls)
        apply_certificates(s, asked->id);
    else if (asked->reason == NULL)
        apply_again(s, asked->id);
    else if (begin_restart(s, asked->reason, err, sizeof err))
        session_restarted(s->srv, asked->id, NULL);
    else
        session_restarted(s->srv, asked->id, err);
    free_asked(asked);
    if (!list_empty(&s->asked))
        loop_answer(s->loop);
}

/* SIGTERM or SIGINT: also ends a server that is about to restart. */
static void
note_terminate(void *ctx)
{
    struct serve *s = ctx;
    s->ending = true;
    s->again = false;
    manager_stopping(s);
}

/* SIGHUP: reads the configuration again. */
static void
handle_hangup(void *ctx)
{
    apply_again(ctx, 0);
}

/* SIGUSR1: opens the log again. */
static void
reopen_log(void *ctx)
{
    struct serve *s = ctx;
    char err[ERR_TEXT];
    if (!logfile_reopen(s->logfile, err, sizeof err))
        LOG_EVENT(&s->log, log_reopen, .why = err);
}

static bool
next_news(void *ctx, struct store_news *out)
{
    struct serve *s = ctx;
    if (s->choice.store == NULL || !s->choice.news(s->choice.store, out))
        return false;
    s->unsaved = out->why != NULL;
    return true;
}

/* Called on the store's thread. */
static void
wake_for_news(void *ctx)
{
    struct serve *s = ctx;
    loop_wake(s->loop);
}

static bool
start_loop(struct serve *s, char *err, size_t errlen)
{
    struct loop_hooks hooks = {.ctx = s,
                               .hangup = handle_hangup,
                               .answer = answer_asked,
                               .reopen = reopen_log,
                               .terminate = note_terminate,
                               .tick = manager_tick,
                               .news = next_news,
                               .web = web_routes_answer};
    s->loop = loop_new(&s->log, &hooks, err, errlen);
    if (s->loop == NULL)
        return false;
    s->misconfigured = !loop_match(s->loop, s->config, err, errlen);
    if (s->misconfigured ||
        !loop_bind(s->loop, s->config, s->args->config == NULL, err, errlen))
        return false;
    s->misconfigured = !cure_check_room(loop_room(s->loop), err, errlen);
    return !s->misconfigured;
}

static void
start_session(struct serve *s, const struct config_file *loaded)
{
    s->shell = (struct shell){.ctx = s,
                              .submit = submit_job,
                              .reread = ask_rehash,
                              .reread_tls = ask_rehash_tls,
                              .die = end_server,
                              .restart = ask_restart,
                              .memory = count_memory};
    struct server_start start = {.config = s->config,
                                 .log = &s->log,
                                 .store = s->choice.store,
                                 .shell = &s->shell,
                                 .motd = loaded->motd,
                                 .journal = journal_file_journal(s->journal),
                                 .config_text = loaded->text,
                                 .now = loop_monotonic(),
                                 .wall = s->log.wall};
    randombytes_buf(&start.hash_key, sizeof start.hash_key);
    randombytes_buf(&start.cloak_seed, sizeof start.cloak_seed);
    s->srv = session_begin(&start);
    sodium_memzero(&start.cloak_seed, sizeof start.cloak_seed);
}

/* Waits until the reservation of message ids is on disk, so that no id is given again
 * after a crash. If the disk fails or hangs, the start goes on after a moment: ids also
 * rise with the clock. */
static void
await_reservation(struct serve *s)
{
    struct store_news news = {0};
    for (int i = 0; i < RESERVE_NAPS && !msgid_is_ready(s->srv); i++) {
        while (s->choice.news(s->choice.store, &news) && news.why == NULL)
            session_stored(s->srv, &news);
        if (news.why != NULL)
            session_stored(s->srv, &news);
        if (news.why != NULL || msgid_is_ready(s->srv))
            return;
        nanosleep(&(struct timespec){.tv_nsec = RESERVE_NAP_NS}, NULL);
    }
}

static void
log_warning(void *ctx, const char *text)
{
    struct serve *s = ctx;
    LOG_EVENT(&s->log, start_warning, .note = text);
}

static void
log_start(struct serve *s, size_t records)
{
    char listeners[512];
    loop_addresses(s->loop, listeners, sizeof listeners);
    LOG_EVENT(&s->log, start, .version = IRCD_VERSION,
              .network = s->config->server.network, .listen = listeners,
              .fingerprint = *s->fingerprint ? s->fingerprint : NULL,
              .data = s->choice.where, .records = records, .sandbox = s->sandbox);
    if (geteuid() == 0)
        LOG_EVENT(&s->log, root,
                  .note = "the server stays root; set process.user to the user that it "
                          "should become");
    if (*s->uncontrolled)
        log_warning(s, s->uncontrolled);
    apply_warn_of_room(s);
}

static bool
open_log(struct serve *s, char *err, size_t errlen)
{
    return logfile_open(s->logfile, s->config->log.file, err, errlen);
}

/* Loads the certificates as the user, inside the sandbox: what fails at a REHASH fails
 * at the start. */
static bool
open_certificates(struct serve *s, char *err, size_t errlen)
{
    struct str faults;
    str_init(&faults, err, errlen);
    struct tls *tls = certificates_load(s, s->config, apply_collect_fault, &faults);
    s->misconfigured = tls == NULL;
    if (tls)
        certificates_use(s, tls);
    return tls != NULL;
}

/* Opens the log, the listeners and the store, with the sandbox between. All that may
 * need root comes first. A log of another user is opened as that user, because its path
 * may lead to a file of root. */
static bool
open_all(struct serve *s, const struct config_file *loaded, char *err, size_t errlen)
{
    bool as_user = *s->config->process.user != '\0';
    if (!as_user && !open_log(s, err, errlen))
        return false;
    tls_init();
    if (!start_loop(s, err, errlen))
        return false;
    manager_begin(s);
    if (!confine_server(s, loaded, err, errlen))
        return false;
    if (as_user && !open_log(s, err, errlen))
        return false;
    return store_choice_open(&s->choice, s->config->database.path, &s->log,
                             wake_for_news, s, err, errlen) &&
           open_certificates(s, err, errlen);
}

/* A step that fails undoes nothing: stop_server does. */
static bool
start_server(struct serve *s, const struct config_file *loaded, char *err,
             size_t errlen)
{
    s->log.wall = loop_wall();
    process_facts_open(&s->process, s->log.wall);
    randombytes_buf(&s->log.redact.key, sizeof s->log.redact.key);
    s->logfile = logfile_new(&s->log);
    apply_log(s);
    s->misconfigured =
        !cure_check_descriptors(err, errlen) ||
        !directory_check_data(s->config->database.path, s->args->config, err, errlen);
    if (s->misconfigured || !open_all(s, loaded, err, errlen))
        return false;
    size_t records = store_choice_count(&s->choice);
    apply_room(s, s->config);
    const char *journal = s->config->log.journal;
    if (*journal &&
        (s->journal = journal_file_open(&s->log, journal, err, errlen)) == NULL)
        return false;
    start_session(s, loaded);
    certificates_tell(s, 0);
    await_reservation(s);
    struct recorder *recorder;
    if (!apply_open_trace(s, s->config, &recorder, err, errlen))
        return false;
    apply_use_trace(s, recorder);
    if (!loop_listen(s->loop, s->srv, err, errlen))
        return false;
    const char *pid_file = s->args->pid_file;
    if (pid_file && !pid_file_write(pid_file, err, errlen))
        return false;
    s->has_pid_file = pid_file != NULL;
    process_facts_count(&s->process, loop_sockets(s->loop));
    about_tell(s);
    log_start(s, records);
    needs_tell_started(s->args, loaded, log_warning, s);
    config_plaintext(s->config, log_warning, s);
    if (s->args->detach && *s->config->log.file == '\0')
        LOG_EVENT(
            &s->log, log_nowhere,
            .note = "log.file is empty, so the server logs nothing in the background");
    return true;
}

/* The pid file is removed before the store is unlocked, so that the file of the next
 * server is never removed. False if a change could not be saved. */
static bool
stop_server(struct serve *s)
{
    if (s->has_pid_file)
        pid_file_remove(s->args->pid_file);
    recorder_close(s->recorder);
    if (s->srv)
        session_end(s->srv);
    else
        config_free(s->config);
    LIST_EACH_SAFE(&s->asked, node, next)
        free_asked(LIST_ENTRY(node, struct asked, link));
    journal_file_close(s->journal);
    process_facts_close(&s->process);
    bool saved = store_choice_close(&s->choice);
    loop_free(s->loop);
    return saved;
}

/* Executes the program again. Returns the exit code if that failed. */
static int
start_anew(struct serve *s)
{
    char err[ERR_TEXT];
    s->restart.detached = s->args->detach;
    restart_run(&s->restart, err, sizeof err);
    report_failure(s, EVENT_restart_failed, err);
    logfile_free(s->logfile);
    return 2;
}

int
serve_run(const struct args *args, struct config_file *loaded)
{
    struct serve s = {.args = args,
                      .config = loaded->config,
                      .notify = {.fd = -1},
                      .process = {.memory = -1}};
    char err[ERR_TEXT] = "";
    list_init(&s.asked);
    restart_begin(&s.restart, args->argv);
    bool detach = args->detach && !s.restart.detached;
    int parent = detach ? detach_begin() : -1;
    bool ok = !detach || parent >= 0;
    if (!ok)
        str_format(err, sizeof err, "cannot detach: %s", strerror(errno));
    ok = ok && start_server(&s, loaded, err, sizeof err);
    loaded->config = NULL; /* start_server and stop_server own it */
    config_file_clear(loaded);
    if (!ok)
        report_start(&s, err);
    if (ok) {
        report_log(&s);
        if (parent >= 0)
            detach_ready(parent);
        /* As process 1 of a container the server inherits processes that end. */
        signal(SIGCHLD, SIG_IGN);
        manager_ready(&s, true);
        loop_run(s.loop);
    }
    if (s.again)
        restart_hold();
    bool saved = stop_server(&s);
    notify_close(&s.notify);
    if (s.again)
        return start_anew(&s);
    if (ok)
        report_end(&s, saved);
    logfile_free(s.logfile);
    if (s.misconfigured)
        return 1;
    return saved && ok ? 0 : 2;
}
