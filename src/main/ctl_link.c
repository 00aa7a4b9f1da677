/* The connection of `ircd ctl` to a server that runs: an IRC client on the control
 * socket. It blocks, with a limit on each wait; it must never wait for ever, because
 * scripts call it. */
#include "ctl_link.h"

#include "base/str.h"
#include "net/loop.h"
#include "proto/message.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define WAIT_MOST 30000 /* ms for the next byte of the server */
#define NICKS_TRIED 100 /* other nicks if the first one is taken */

static bool
fail_link(struct ctl_link *l, const char *what, const char *why)
{
    str_format(l->why, sizeof l->why, "%s%s%s", what, *why ? ": " : "", why);
    return false;
}

/* Says why nothing answers at the path, and what to do. */
static bool
explain_connect(struct ctl_link *l, const char *path, int error)
{
    const char *hint = "";
    if (error == ENOENT)
        hint = "; no server runs with this data directory (-c FILE names the "
               "configuration)";
    if (error == ECONNREFUSED)
        hint = "; the server that made it does not run any more";
    if (error == EAGAIN)
        hint = "; the server does not take connections";
    if (error == EACCES)
        hint = "; only the user of the server and root may use it";
    str_format(l->why, sizeof l->why, "cannot connect to %s: %s%s", path,
               strerror(error), hint);
    return false;
}

bool
ctl_link_send(struct ctl_link *l, const char *text)
{
    size_t n = strlen(text);
    while (n > 0) {
        ssize_t sent = write(l->fd, text, n);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0)
            return fail_link(l, "cannot write to the server", strerror(errno));
        text += sent;
        n -= (size_t)sent;
    }
    return true;
}

/* Milliseconds that the next wait may take. */
static msec
left_wait(const struct ctl_link *l)
{
    msec now = loop_monotonic();
    if (l->until == 0)
        return WAIT_MOST;
    return l->until > now ? l->until - now : 0;
}

static bool
read_some(struct ctl_link *l)
{
    struct pollfd wait = {.fd = l->fd, .events = POLLIN};
    int ready = poll(&wait, 1, (int)left_wait(l));
    if (ready == 0)
        return fail_link(l, "the server does not answer", "");
    ssize_t n = ready < 0 ? -1 : read(l->fd, l->bytes, CTL_BYTES);
    if (n < 0 && errno == EINTR)
        return true;
    if (n <= 0) {
        l->ended = true;
        return *l->why ? false
                       : fail_link(l, "the server has closed the connection",
                                   n < 0 ? strerror(errno) : "");
    }
    l->at = l->bytes;
    l->left = (size_t)n;
    return true;
}

/* The reason of an ERROR may have a text of a user. */
static void
keep_last_words(struct ctl_link *l, const char *text)
{
    char shown[sizeof l->why];
    control_answer_show(text, shown, sizeof shown);
    str_format(l->why, sizeof l->why, "the server says: %s", shown);
}

/* Reads until a line of the server is something to the client. False: it has ended, with
 * the reason in l->why. */
static bool
next_line(struct ctl_link *l, struct control_answer *a, enum control_line *kind,
          struct control_text *out)
{
    for (;;) {
        char *line;
        size_t len;
        switch (
            linebuf_next(&l->lines, CONTROL_LINE_MAX, &l->at, &l->left, &line, &len)) {
        case LINEBUF_MORE:
            if (!read_some(l))
                return false;
            continue;
        case LINEBUF_TOO_LONG:
            return fail_link(l, "the server has sent a line that is too long", "");
        case LINEBUF_LINE:
            break;
        }
        *kind = control_answer_take(a, line, len, out);
        if (*kind == CONTROL_BROKEN)
            return fail_link(l, "the server has sent a line that is not IRC", "");
        if (*kind == CONTROL_ENDED)
            keep_last_words(l, out->text);
        else if (*kind != CONTROL_OTHER || a->done)
            return true;
    }
}

static bool
register_client(struct ctl_link *l, const char *user)
{
    char line[160], nick[CONTROL_NICK];
    struct control_answer none;
    struct control_text text;
    enum control_line kind = CONTROL_IN_USE;
    control_answer_begin(&none, "", "");
    str_format(line, sizeof line, CONTROL_CAPS "USER %s 0 * :ircd ctl\r\n", user);
    if (!ctl_link_send(l, line))
        return false;
    for (unsigned long i = 0; i < NICKS_TRIED && kind == CONTROL_IN_USE; i++) {
        control_answer_nick("ctl", (unsigned long)getpid() + i, nick);
        str_format(line, sizeof line, "NICK %s\r\n%s", nick, i ? "" : "CAP END\r\n");
        if (!ctl_link_send(l, line) || !next_line(l, &none, &kind, &text))
            return false;
    }
    return kind == CONTROL_READY ||
           fail_link(l, "the server takes no nick of `ircd ctl`", "");
}

bool
ctl_link_open(struct ctl_link *l, const char *dir, const struct ctl_link_way *way)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    memset(l, 0, sizeof *l);
    l->fd = -1;
    l->at = l->bytes;
    l->until = way->whole ? loop_monotonic() + way->whole : 0;
    int n = snprintf(to.sun_path, sizeof to.sun_path, "%s/" LOOP_CONTROL, dir);
    if (n < 0 || (size_t)n >= sizeof to.sun_path)
        return fail_link(l, "the path of the data directory is too long for a socket",
                         dir);
    signal(SIGPIPE, SIG_IGN);
    l->fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (l->fd < 0)
        return fail_link(l, "cannot make a socket", strerror(errno));
    msec most = left_wait(l);
    const struct timeval limit = {.tv_sec = most / 1000, .tv_usec = most % 1000 * 1000};
    /* It limits connect as well. */
    setsockopt(l->fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    if (connect(l->fd, (const struct sockaddr *)&to, sizeof to) != 0)
        return explain_connect(l, to.sun_path, errno);
    return register_client(l, way->user);
}

void
ctl_link_close(struct ctl_link *l)
{
    if (l->fd >= 0)
        close(l->fd);
    l->fd = -1;
    linebuf_clear(&l->lines);
}

enum ctl_result
ctl_link_run(struct ctl_link *l, const char *command,
             void (*take)(void *ctx, const struct control_text *line), void *ctx)
{
    char label[CONTROL_LABEL], line[MESSAGE_LINE + 64];
    struct control_answer answer;
    str_format(label, sizeof label, "c%lu", ++l->labels);
    str_format(line, sizeof line, "@label=%s %s\r\n", label, command);
    control_answer_begin(&answer, label, command);
    if (!ctl_link_send(l, line))
        return CTL_BROKEN;
    while (!answer.done) {
        enum control_line kind;
        struct control_text text;
        if (!next_line(l, &answer, &kind, &text))
            return CTL_BROKEN;
        if (kind == CONTROL_TEXT)
            take(ctx, &text);
    }
    return answer.refused ? CTL_REFUSED : CTL_DONE;
}
