/* Applies the options of a configuration that concern the process itself, at the start
 * and at REHASH. A new configuration is read and checked as a whole before any of it is
 * applied: a failure must change nothing. */
#include "apply.h"

#include "about.h"
#include "args.h"
#include "base/event.h"
#include "base/str.h"
#include "certificates.h"
#include "config/config.h"
#include "config_file.h"
#include "manager.h"
#include "net/logfile.h"
#include "net/loop.h"
#include "net/tls.h"
#include "replay/recorder.h"
#include "session/session.h"

#include <errno.h>
#include <string.h>

/* The parser has checked the values. */
void
apply_log(struct serve *s)
{
    log_level_parse(s->config->log.level, &s->log.level);
    bool json = strcmp(s->config->log.format, "json") == 0;
    s->log.format = json ? LOG_FORMAT_JSON : LOG_FORMAT_TEXT;
    redact_parse(s->config->log.redact, &s->log.redact.mode);
}

void
apply_room(struct serve *s, struct config *config)
{
    s->clients = config->limits.clients;
    if (s->clients == 0)
        config->limits.clients = loop_room(s->loop);
}

void
apply_warn_of_room(struct serve *s)
{
    int room = loop_room(s->loop);
    if (room >= s->clients)
        return;
    LOG_EVENT(&s->log, descriptor_limit, .limits_clients = (uint64_t)s->clients,
              .fits = (uint64_t)room,
              .note = "raise the descriptor limit (ulimit -n) or lower limits.clients");
}

void
apply_collect_fault(void *ctx, const char *text)
{
    struct str *faults = ctx;
    str_add(faults, faults->len ? "\n" : "");
    str_add(faults, text);
}

bool
apply_open_trace(struct serve *s, const struct config *config, struct recorder **out,
                 char *err, size_t errlen)
{
    const char *path = config->log.trace;
    *out = s->recorder;
    if (strcmp(path, recorder_path(s->recorder)) == 0)
        return true;
    *out = *path ? recorder_open(s->srv, path, err, errlen) : NULL;
    return *path == '\0' || *out != NULL;
}

void
apply_use_trace(struct serve *s, struct recorder *recorder)
{
    if (recorder == s->recorder)
        return;
    recorder_close(s->recorder);
    s->recorder = recorder;
    if (recorder)
        recorder_begin(recorder);
}

/* Adds what the server has given up to an error if it may be why access was denied.
 * Returns false. */
static bool
explain_denial(const struct serve *s, char *err, size_t errlen)
{
    bool denied = strstr(err, strerror(EACCES)) || strstr(err, strerror(EPERM));
    bool is_port =
        strstr(err, "cannot listen on ") && !strstr(err, "cannot listen on unix:");
    size_t n = strlen(err);
    if (denied && is_port)
        str_format(err + n, errlen - n,
                   " (a port below 1024 needs ircd.socket, or a start as root or with "
                   "CAP_NET_BIND_SERVICE; without them a restart fails)");
    else if (denied && s->hides_files)
        str_format(
            err + n, errlen - n,
            " (the sandbox allows only to write and read in directories that the "
            "configuration named at the start; a restart allows new ones. If "
            "the user of the server has no right to it, `ircd -c FILE -t` "
            "tells what to do)");
    return false;
}

/* asked: the number of the REHASH that it answers; 0: a signal. */
static bool
reread_config(struct serve *s, uint64_t asked, char *err, size_t errlen)
{
    struct config_file loaded;
    struct str faults;
    str_init(&faults, err, errlen);
    if (!config_file_load(s->args->config, apply_collect_fault, &faults, &loaded))
        return explain_denial(s, err, errlen);
    struct recorder *recorder = s->recorder;
    struct tls *tls = certificates_load(s, loaded.config, apply_collect_fault, &faults);
    bool lenient = s->args->config == NULL;
    if (tls == NULL || !loop_relisten(s->loop, loaded.config, lenient, err, errlen)) {
        tls_free(tls);
        config_file_clear(&loaded);
        return explain_denial(s, err, errlen);
    }
    if (!apply_open_trace(s, loaded.config, &recorder, err, errlen) ||
        !logfile_open(s->logfile, loaded.config->log.file, err, errlen)) {
        loop_relisten_end(s->loop, false);
        if (recorder != s->recorder)
            recorder_close(recorder);
        tls_free(tls);
        config_file_clear(&loaded);
        return explain_denial(s, err, errlen);
    }
    s->config = loaded.config;
    certificates_use(s, tls);
    loop_configure(s->loop, loaded.config);
    apply_log(s);
    loop_relisten_end(s->loop, true);
    apply_use_trace(s, recorder);
    int before = s->clients;
    apply_room(s, loaded.config);
    session_configure(s->srv, asked, loaded.config, loaded.text, loaded.motd);
    certificates_tell(s, 0);
    loaded.config = NULL; /* the session owns it now */
    config_file_clear(&loaded);
    about_tell(s);
    if (s->clients != before)
        apply_warn_of_room(s);
    return true;
}

void
apply_again(struct serve *s, uint64_t asked)
{
    char err[ERR_TEXT];
    manager_reloading(s);
    if (config_file_is_standard(s->args->config)) {
        apply_certificates(s, 0);
        session_configure_failed(s->srv, asked,
                                 "the configuration came from standard input, which "
                                 "cannot be read again: it "
                                 "stays as it is (the certificates were read); a "
                                 "restart applies another one");
        manager_ready(s, false);
        return;
    }
    bool applied = reread_config(s, asked, err, sizeof err);
    if (!applied)
        session_configure_failed(s->srv, asked, err);
    manager_ready(s, applied);
}

void
apply_certificates(struct serve *s, uint64_t asked)
{
    char err[ERR_TEXT];
    struct str faults;
    str_init(&faults, err, sizeof err);
    struct tls *tls = certificates_load(s, s->config, apply_collect_fault, &faults);
    if (tls == NULL) {
        explain_denial(s, err, sizeof err);
        session_configure_failed(s->srv, asked, err);
        return;
    }
    certificates_use(s, tls);
    certificates_tell(s, asked);
}
