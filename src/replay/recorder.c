/* Watches the core and writes a trace: each client that connects (under another
 * address), each line (without its content), and each client that leaves.
 *
 * Lines are gathered in memory and written about once a second, so that a busy server
 * makes few system calls. A file that cannot be written or has become too large ends
 * the recording, and one log line says so; it must never stop the server. */
#include "replay/recorder.h"

#include "anonymise_addr.h"
#include "anonymise_line.h"
#include "base/duration.h"
#include "base/event.h"
#include "base/hash.h"
#include "base/str.h"
#include "state/client.h"
#include "state/server.h"
#include "state/watch.h"
#include "trace.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <limits.h>
#include <sodium.h>
#include <unistd.h>

#define FILE_MAX ((uint64_t)1 << 30) /* bytes of a recording */
#define GATHERED_MAX (64u << 10)     /* bytes not yet written */
/* bytes, at least, of the filler for a line that was too long */
#define TOO_LONG 600
/* bytes, at most, of that filler: it overruns the largest limits.recvq */
#define FILLER_MAX ((1u << 20) + 1)

/* A connection that is recorded. */
struct recorded {
    UT_hash_handle hh;
    const struct client *client;
    uint64_t id; /* in the trace */
};

struct recorder {
    struct server *srv;
    struct watch watch;
    char *path;          /* log.trace */
    char file[PATH_MAX]; /* name of the file */
    int fd;
    uint64_t written;          /* bytes */
    msec flushed;              /* monotonic: last write */
    struct recorded *recorded; /* uthash by client */
    uint64_t last_id;
    struct anonymise_addrs addrs;
    struct anonymise_names names;
    struct hash_key key; /* of the hash tables; random, never written anywhere */
    size_t len;          /* bytes in gathered */
    char gathered[GATHERED_MAX];
};

/* Ends the recording; the object stays until recorder_close. */
static void
stop_recording(struct recorder *r, const char *why)
{
    r->srv->watch = NULL;
    r->len = 0;
    LOG_EVENT(r->srv->log, trace_ended, .file = r->file, .why = why);
}

/* Writes all bytes or none, so that the file can be read. If it fails or the file is
 * full, the recording ends. */
static void
write_recording(struct recorder *r, const char *bytes, size_t n)
{
    errno = ENOSPC; /* errno of a short write: no room is left */
    if (write(r->fd, bytes, n) != (ssize_t)n) {
        const char *why = strerror(errno);
        bool cut = ftruncate(r->fd, (off_t)r->written) == 0;
        stop_recording(r, cut ? why : "its last line is incomplete");
        return;
    }
    r->written += n;
    if (r->written >= FILE_MAX)
        stop_recording(r, "it has reached 1 GiB");
}

static void
flush_gathered(struct recorder *r)
{
    size_t n = r->len;
    r->flushed = r->srv->now;
    r->len = 0;
    if (n > 0)
        write_recording(r, r->gathered, n);
}

/* Adds bytes that are written later. If they do not fit in the memory, they are written
 * at once, behind the bytes that wait in it. */
static void
gather_bytes(struct recorder *r, const char *bytes, size_t n)
{
    if (n > sizeof r->gathered - r->len)
        flush_gathered(r);
    if (r->srv->watch == NULL)
        return;
    if (n > sizeof r->gathered) {
        write_recording(r, bytes, n);
        return;
    }
    memcpy(r->gathered + r->len, bytes, n);
    r->len += n;
    if (r->srv->now - r->flushed >= MSEC_SECOND)
        flush_gathered(r);
}

/* Begins the object {"time":1.234,"id":"7"}. */
static json_t *
new_object(const struct recorder *r, uint64_t id)
{
    char name[24];
    msec time = r->srv->now - r->srv->started;
    str_format(name, sizeof name, "%llu", (unsigned long long)id);
    json_t *object = json_object();
    json_object_set_new(object, "time", json_real((double)time / MSEC_SECOND));
    json_object_set_new(object, "id", json_string(name));
    return object;
}

/* Adds the line of an object, and frees it. */
static void
put_whole_object(struct recorder *r, json_t *object)
{
    char *text = json_dumps(object, JSON_COMPACT | JSON_REAL_PRECISION(12));
    if (text) {
        size_t n = strlen(text);
        text[n] = '\n'; /* in the place of its NUL */
        gather_bytes(r, text, n + 1);
    }
    free(text);
    json_decref(object);
}

/* Adds the line {"time":1.234,"id":"7",key:value}; takes over the reference to
 * value. */
static void
put_object(struct recorder *r, uint64_t id, const char *key, json_t *value)
{
    json_t *object = new_object(r, id);
    json_object_set_new(object, key, value);
    put_whole_object(r, object);
}

/* Writes another fingerprint, the same for the same one: classes with certfp can be
 * written for it. */
static void
anonymise_certfp(const struct recorder *r, const char *certfp, char out[65])
{
    struct hash_key key = r->key;
    struct str s;
    str_init(&s, out, 65);
    for (int i = 0; i < 4; i++) {
        key.bytes[0]++;
        str_addf(&s, "%016llx",
                 (unsigned long long)hash_wide(&key, certfp, strlen(certfp)));
    }
    sodium_memzero(&key, sizeof key);
}

/* False, and the recording has ended: there are too many addresses. */
static bool
put_connect_object(struct recorder *r, uint64_t id, const struct addr *addr,
                   const struct connection_facts *facts)
{
    char text[ADDR_TEXT], certfp[65];
    struct addr other;
    if (!anonymise_addr(&r->addrs, addr, &other)) {
        stop_recording(r, "too many addresses");
        return false;
    }
    addr_format(&other, text, sizeof text);
    json_t *object = new_object(r, id);
    json_object_set_new(object, "connect", json_string(text));
    if (facts->secure)
        json_object_set_new(object, "tls", json_true());
    if (facts->certfp) {
        anonymise_certfp(r, facts->certfp, certfp);
        json_object_set_new(object, "certfp", json_string(certfp));
    }
    put_whole_object(r, object);
    return true;
}

static unsigned
hash_client(const struct recorder *r, const struct client *const *c)
{
    return hash_bytes(&r->key, c, sizeof *c);
}

static struct recorded *
find_recorded(struct recorder *r, const struct client *c)
{
    struct recorded *t;
    HASH_FIND_BYHASHVALUE(hh, r->recorded, &c, sizeof c, hash_client(r, &c), t);
    return t;
}

static void
record_enter(void *ctx, const struct client *c)
{
    struct recorder *r = ctx;
    uint64_t id = ++r->last_id;
    struct connection_facts facts = client_facts(c);
    if (!put_connect_object(r, id, &c->session->addr, &facts))
        return;
    struct recorded *t = xcalloc(1, sizeof *t);
    t->client = c;
    t->id = id;
    HASH_ADD_BYHASHVALUE(hh, r->recorded, client, sizeof t->client, hash_client(r, &c),
                         t);
}

/* A client that was let in first and is refused later has its connect already. */
static void
record_refused(void *ctx, const struct addr *addr, const struct connection_facts *facts,
               const struct client *c, const char *limit)
{
    struct recorder *r = ctx;
    uint64_t id = c ? 0 : ++r->last_id;
    (void)limit;
    if (c == NULL && put_connect_object(r, id, addr, facts))
        put_object(r, id, "close", json_true());
}

_Static_assert(FILLER_MAX + 256 <= TRACE_LINE_MAX, "what is written can be read");

/* Adds filler in the place of a line that was too long to be kept: as long as the line,
 * between TOO_LONG and FILLER_MAX. */
static void
put_filler(struct recorder *r, uint64_t id, size_t len)
{
    size_t n = len > TOO_LONG ? len : TOO_LONG;
    n = n < FILLER_MAX ? n : FILLER_MAX;
    char *text = xmalloc(n);
    memset(text, 'x', n);
    put_object(r, id, "line", json_stringn(text, n));
    free(text);
}

static void
record_line(void *ctx, const struct client *c, const char *line, size_t len,
            enum watch_verdict verdict)
{
    struct recorder *r = ctx;
    struct recorded *t = find_recorded(r, c);
    (void)verdict;
    if (t == NULL)
        return;
    if (line == NULL) {
        put_filler(r, t->id, len);
        return;
    }
    char *text = xmalloc(ANONYMISE_LINE_ROOM(len));
    if (anonymise_line(&r->names, line, len, text))
        put_object(r, t->id, "line", json_string(text));
    free(text);
}

static void
record_leave(void *ctx, const struct client *c)
{
    struct recorder *r = ctx;
    struct recorded *t = find_recorded(r, c);
    if (t == NULL)
        return;
    put_object(r, t->id, "close", json_true());
    HASH_DEL(r->recorded, t);
    free(t);
}

/* The moment makes the file a new one, so that a recording never overwrites or
 * continues another, which has other times and ids. */
static bool
make_trace_file(struct recorder *r, char *err, size_t errlen)
{
    char moment[MOMENT_TEXT];
    struct str s;
    moment_format_iso(r->srv->wall, moment, sizeof moment);
    str_init(&s, r->file, sizeof r->file);
    str_addf(&s, "%s-", r->path);
    for (const char *at = moment; *at; at++)
        if (*at != '-' && *at != ':')
            str_addc(&s, *at);
    str_add(&s, ".jsonl");
    errno = ENAMETOOLONG;
    if (!s.cut)
        r->fd = open(r->file, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0640);
    if (r->fd < 0)
        str_format(err, errlen, "log.trace: cannot make %s: %s", r->file,
                   strerror(errno));
    return r->fd >= 0;
}

struct recorder *
recorder_open(struct server *srv, const char *path, char *err, size_t errlen)
{
    struct recorder *r = xcalloc(1, sizeof *r);
    r->srv = srv;
    r->path = xstrdup(path);
    r->fd = -1;
    r->flushed = srv->now;
    randombytes_buf(&r->key, sizeof r->key);
    r->addrs.key = r->names.key = r->key;
    r->watch = (struct watch){.ctx = r,
                              .enter = record_enter,
                              .refused = record_refused,
                              .line = record_line,
                              .leave = record_leave};
    if (make_trace_file(r, err, errlen))
        return r;
    recorder_close(r);
    return NULL;
}

void
recorder_begin(struct recorder *r)
{
    r->srv->watch = &r->watch;
    LOG_EVENT(r->srv->log, trace, .file = r->file,
              .note =
                  "connections from now on and the kinds of their lines are recorded");
}

const char *
recorder_path(const struct recorder *r)
{
    return r && r->srv->watch == &r->watch ? r->path : "";
}

void
recorder_close(struct recorder *r)
{
    struct recorded *t, *next;
    if (r == NULL)
        return;
    if (r->srv->watch == &r->watch) {
        flush_gathered(r);
        r->srv->watch = NULL;
    }
    HASH_ITER(hh, r->recorded, t, next) {
        HASH_DEL(r->recorded, t);
        free(t);
    }
    if (r->fd >= 0 && r->written == 0)
        unlink(r->file);
    if (r->fd >= 0)
        close(r->fd);
    anonymise_addrs_clear(&r->addrs);
    anonymise_names_clear(&r->names);
    sodium_memzero(&r->key, sizeof r->key);
    free(r->path);
    free(r);
}
