/* The configuration: one struct made of config.def, filled from the text of one file.
 * The file consists of blocks, NAME { } or NAME TITLE { }, with options NAME = VALUE
 * and NAME = { VALUE, ... }. A comment begins with # or //, or is between a slash with
 * a star and a star with a slash. Nothing comes from the environment; source.h joins the
 * files that a configuration names. */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include "base/addr.h"
#include "base/duration.h"
#include "base/log.h"
#include "base/msec.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The words of `from` in an exempt block. */
enum config_exempt {
    EXEMPT_CONNECTIONS = 1 << 0, /* per_host, per_network, unregistered_per_host */
    EXEMPT_THROTTLE = 1 << 1,    /* connect_rate */
    EXEMPT_FLOOD = 1 << 2,
    EXEMPT_STRIKES = 1 << 3,
    EXEMPT_BANS = 1 << 4,
    /* Not a word: the address of a proxy block. Such an address is also exempt
     * from connections, throttle and strikes. */
    EXEMPT_GATEWAY = 1 << 5,
};

enum config_strikes { STRIKES_BAN, STRIKES_DISCONNECT };

/* The places of the lines of a text that was joined from files, by lines (source.h). */
struct config_source {
    struct config_piece {
        int from;   /* the first line of the piece in the text */
        int line;   /* the line of the file that it is */
        int by;     /* the line of the text that includes the file; 0: the first file */
        char *file; /* as messages name it */
    } * pieces;
    size_t n;
};

/* Each block without a title in config.def becomes a member, with its options as
 * members of it: config->limits.per_host. */
#define BLOCK(block, help) struct {
#define END(block)                                                                     \
    }                                                                                  \
    block;
#define TEXT(block, field, ...) char *field;
#define BOOL(block, field, def, reload, help) bool field;
#define COUNT(block, field, def, min, max, reload, help) int field;
#define SPAN(block, field, def, min, max, reload, help) msec field;
#define RATE(block, field, def, reload, help) struct rate field;
#define SPANS(block, field, def, reload, help)                                         \
    msec *field;                                                                       \
    size_t n_##field;
#define WORDS(block, field, ...)                                                       \
    char **field;                                                                      \
    size_t n_##field;

/* Bits of the networks that limits.per_network counts. */
#define NETWORK_V4 24
#define NETWORK_V6 56

/* The words of `serves` in a listen block. A listener with any but SERVES_IRC speaks
 * HTTP: config_is_web. */
enum config_serves {
    SERVES_IRC = 1 << 0,
    SERVES_CHAT = 1 << 1,
    SERVES_WEBSOCKET = 1 << 2,
    SERVES_METRICS = 1 << 3,
    SERVES_HEALTH = 1 << 4,
    SERVES_API = 1 << 5,
    SERVES_ADMIN = 1 << 6,
};
/* The roles of HTTP. */
#define SERVES_ALL_WEB                                                                 \
    (SERVES_CHAT | SERVES_WEBSOCKET | SERVES_METRICS | SERVES_HEALTH | SERVES_API |    \
     SERVES_ADMIN)
/* Room for all words (config_serves_text). */
#define CONFIG_SERVES_TEXT 64

/* Different times after which clients get a PING. */
#define CONFIG_PACES 4

struct config_listen {
    char *text; /* the title: "0.0.0.0:6667" */
    /* of a title "unix:PATH"; NULL: the listener has an address. The clients of a unix
     * socket have the address ::1, unless a PROXY header names another. */
    char *path;
    struct addr addr;
    uint16_t port; /* 0: a unix socket */
    bool v6only;
    bool tls;        /* its clients speak TLS */
    bool redirect;   /* its clients are told to use TLS, and cannot register */
    bool proxy;      /* each connection begins with a PROXY header */
    int mode;        /* access mode of the unix socket */
    char *mode_set;  /* the mode as written; NULL: it was left out */
    char *class;     /* its clients are of this class; NULL: by their address */
    unsigned serves; /* SERVES_*: SERVES_IRC alone, or any of the others */
    /* silence after which one of its clients gets a PING; 0: limits.ping_every */
    msec ping_every;
    unsigned pace;  /* the element of config.paces with that time */
    int line;       /* of the block; 0: built in */
    int class_line; /* line of the option class */
};

/* A certificate with its key, for clients that ask for this server name. */
struct config_tls {
    char *name;              /* a host name in lower case, or "*." and one */
    int line;                /* of the block */
    char *certificate, *key; /* paths */
    int certificate_line, key_line;
    msec sts;     /* how long clients use TLS alone for this name; -1: not written */
    bool preload; /* lists of such names may have this one */
};

/* The words of `accepts` in a proxy block. */
enum config_accepts {
    ACCEPTS_PROXY_PROTOCOL = 1 << 0,
    ACCEPTS_WEBIRC = 1 << 1,
    ACCEPTS_FORWARDED = 1 << 2, /* X-Forwarded-For and X-Forwarded-Proto */
};

/* The words of `trusts` in a proxy block. */
enum config_trusts {
    TRUSTS_CERTFP = 1 << 0,
};

/* A proxy or gateway that may tell the address of a client. */
struct config_proxy {
    char *name;
    struct prefix *match; /* its own addresses; n_match */
    size_t n_match;
    unsigned accepts; /* ACCEPTS_* bits */
    /* SHA-256 of the token that a gateway sends with WEBIRC, in hex, with its prefix
     * "sha256:"; NULL: none */
    char *token;
    char **certfp; /* SHA-256 of its certificates, in lower-case hex; n_certfp */
    size_t n_certfp;
    bool has_secret; /* token or certfp is written, perhaps with a fault */
    unsigned trusts; /* TRUSTS_* bits */
    int connections; /* the most connections at a time; 0: no limit */
    int line;        /* of the block */
};

struct config_exemption {
    struct prefix prefix;
    unsigned from; /* EXEMPT_* bits */
};

/* Limits for the clients that match; they replace those of the blocks limits and flood.
 * -1: the value of that block. The first class that matches applies. */
struct config_class {
    char *name;
    struct prefix *match; /* their addresses; n_match; none: any address */
    size_t n_match;
    char **certfp; /* as in struct config_oper; none: any certificate, or none */
    size_t n_certfp;
    bool tls;        /* secure clients only */
    int connections; /* the most clients of this class at a time; 0: no limit */
    int per_host, per_network, unregistered_per_host;
    int burst, hold, unregistered;
    int host_prefix_v6;       /* of the addresses in match; 0: the value of limits */
    msec interval;            /* 0: the value of flood */
    struct rate connect_rate; /* count 0: the value of limits */
    /* count 0: the value of flood */
    struct rate nick, away, invite, knock, join, targets, ctcp;
    enum config_strikes strikes;
};

/* A named set of privileges that oper blocks share. */
struct config_operclass {
    char *name;
    char *extends; /* NULL: none; looked up when all blocks are read */
    int extends_line;
    uint64_t privileges; /* the inherited ones included */
};

#define CONFIG_NAME 51   /* room for the name of a class or an oper */
#define CONFIG_HASH 128  /* room for any argon2id string */
#define CONFIG_CERTFP 65 /* room for a fingerprint */

struct config_oper {
    char *name;
    int line;            /* line of the block */
    char *class;         /* operclass; NULL: none */
    int class_line;      /* line of the option class */
    char *password;      /* argon2id string; NULL: certfp suffices, or token_only */
    char *password_file; /* NULL: config_join has put its text into password */
    /* SHA-256 of the certificates from which OPER works, each 64 lower-case hex digits;
     * none: it works without one */
    char **certfp;
    size_t n_certfp;
    /* As in struct config_proxy: of a token that a program sends with its requests to
     * /api (serves = "api"). No other block has the same. */
    char *token;
    /* It has neither password nor certfp: OPER works with no password. */
    bool token_only;
    char **hosts; /* user@host masks, as written; checked by config_words.host_mask */
    size_t n_hosts;
    uint64_t privileges; /* those of its class included; bits in the order of
                            config_words, all ones for "all" */
};

struct config {
#include "config/config.def"
    struct config_listen *listen;
    size_t n_listen;
    /* From 1 on the different ping_every of the listeners in their order; 0:
     * limits.ping_every. */
    msec paces[CONFIG_PACES];
    struct config_tls *tls; /* the first one is for clients that name no known server */
    size_t n_tls;
    struct config_proxy *proxy;
    size_t n_proxy;
    struct config_exemption *exempt;
    size_t n_exempt;
    struct config_class *class;
    size_t n_class;
    struct config_operclass *operclass;
    size_t n_operclass;
    struct config_oper *oper;
    size_t n_oper;
    /* the lines of motd and password in the block server; 0: not written */
    int motd_line, password_line;
    char *embed; /* the texts of web.embed with blanks between; NULL: there are none */
    struct config_source source; /* the places of all lines */
};

/* Facts of the layers above that the parser checks against. */
struct config_words {
    /* NULL-terminated; bit i of config_oper.privileges is privileges[i]. */
    const char *const *privileges;
    /* True if text is a valid entry of `hosts` of an oper block; else err has the
     * reason. NULL: any text is valid. */
    bool (*host_mask)(const char *text, char *err, size_t errlen);
    /* True if text can be in web.channels or web.embed. NULL: any text can. */
    bool (*channel)(const char *text);
    bool (*embed)(const char *text);
    /* A configuration with faults is returned as well, as far as it was understood. No
     * server may run with it. */
    bool keep_faulty;
};

/* Called once for each fault: "file:line: what is wrong". Text is borrowed. */
typedef void config_fault(void *ctx, const char *text);

/* Parses `text` (NUL-terminated; `file` is its name in messages). An empty text gives
 * the built-in configuration, and a text without listen block has the built-in
 * listeners (line 0): two, two for TLS unless there could be no certificate, and one for
 * HTTP. Returns a configuration that config_free frees, or NULL after
 * at least one call of fault. It reports every fault that one pass can find, in the
 * order of lines: at most 100, and then how many more there are. No fault shows a
 * password. */
struct config *config_parse(const char *file, const char *text,
                            const struct config_words *words, config_fault *fault,
                            void *ctx);
void config_free(struct config *c);

/* Calls fn with the name of each option that differs between the two and that REHASH
 * cannot apply: "limits.nick_length". */
void config_fixed_changes(const struct config *before, const struct config *after,
                          void (*fn)(void *ctx, const char *option), void *ctx);

/* Exchanges the values of all options that only a restart applies, so that `after`
 * keeps the old values. The caller must still free `before`. */
void config_keep_fixed(struct config *after, struct config *before);

/* Whether clients of other machines connect to the listener itself: it is no unix socket,
 * and not behind a proxy. */
bool config_is_public(const struct config_listen *l);

/* Whether the listener speaks HTTP, and not IRC. */
static inline bool
config_is_web(const struct config_listen *l)
{
    return (l->serves & SERVES_ALL_WEB) != 0;
}

/* Writes the words of SERVES_* bits, with commas between: "chat,websocket". Returns
 * out. */
const char *config_serves_text(unsigned serves, char out[CONFIG_SERVES_TEXT]);

/* Whether a listener serves any of these (SERVES_* bits). */
bool config_has_role(const struct config *c, unsigned serves);

/* The listener with this title; NULL: there is none. */
const struct config_listen *config_listener(const struct config *c, const char *text);

/* The first listener with TLS, of IRC or HTTP; NULL: there is none. */
const struct config_listen *config_tls_listener(const struct config *c);

/* The port of the first public listener of IRC with TLS; 0: there is none. */
uint16_t config_public_tls_port(const struct config *c);
/* The same for other machines. For clients on this machine (`local`), if there is none,
 * the port of the first listener with TLS. 0: there is none. For the advice to use it. */
uint16_t config_tls_port(const struct config *c, bool local);

/* The name of element i of a list. */
typedef const char *config_name_at(const void *list, size_t i);

/* The element of a list of n server names that fits the name that a client asked for, in
 * any case: the exact one, else "*.example.org" for one label before it. n: there is
 * none. */
size_t config_name_find(config_name_at *name_at, const void *list, size_t n,
                        const char *asked);

/* The block for a server name that a client asked for (config_name_find). NULL: there is
 * none. */
const struct config_tls *config_tls_find(const struct config *c, const char *name);

/* Calls fn with a sentence for each limit that can never be reached, because another
 * one is lower, and for each option of a class that has no effect: their names, their
 * values and the remedy. A pair of default values is never reported. */
void config_contradictions(const struct config *c, config_fault *fn, void *ctx);

/* Calls fn with a sentence for each listener on which other machines connect without
 * TLS, for each one that redirects clients to a port that they do not reach, for each
 * class that needs TLS that no listener and no proxy has, and if OPER needs such TLS. */
void config_plaintext(const struct config *c, config_fault *fn, void *ctx);

/* Calls fn with a sentence for each mistake about HTTP: roles that other machines reach
 * without TLS, a listener on a loopback address whose proxy asks for names that web.hosts
 * lacks, a chat page without its WebSocket, an API without a token, a proxy or a token that
 * has no listener. */
void config_web_mistakes(const struct config *c, config_fault *fn, void *ctx);

/* The sample configuration: every block and option, one on each line, with comment,
 * default and unit. It ends with LF. The caller frees it. */
char *config_sample(const struct config_words *words);

/* What a minimal configuration takes from its server. Each text is a valid value without
 * quotes, backslashes and dollars. */
struct config_minimal {
    const char *name, *network, *oper, *email;
    const char *data, *log; /* paths; log NULL: standard error */
    const char *user;       /* "": no change */
    bool certificate;       /* certbot-deploy.sh has made the files */
};

/* The configuration of a public server in twelve lines: TLS, an operator with its hash in
 * OPER.hash, the message of the day in motd.txt. The caller frees it. */
char *config_minimal(const struct config_minimal *v);

/* The manual page ircd.conf(5) in mdoc, without its date: every block and option with
 * its type, range, default and meaning. The caller frees it. */
char *config_reference(const struct config_words *words);

#endif
