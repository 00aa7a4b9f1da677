/* The configuration: one struct made of config.def, filled from the text of one file.
 * NAME = VALUE and NAME = { VALUE, ... } stand in blocks, NAME { } or NAME TITLE { };
 * comments begin with #, // or stand in slashes with stars. Nothing comes from other
 * files or the environment. */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include "base/addr.h"
#include "base/duration.h"
#include "base/log.h"
#include "base/msec.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What an `exempt` block may name in `from`. */
enum config_exempt {
    EXEMPT_CONNECTIONS = 1 << 0, /* per_host, per_network, unregistered_per_host */
    EXEMPT_THROTTLE = 1 << 1,    /* connect_rate */
    EXEMPT_FLOOD = 1 << 2,
    EXEMPT_STRIKES = 1 << 3,
    EXEMPT_BANS = 1 << 4,
};

enum config_strikes { STRIKES_BAN, STRIKES_DISCONNECT };

/* The options of the single blocks, from config.def: config->limits.per_host and so on.
 */
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

struct config_listen {
    char *text; /* as written: "0.0.0.0:6667" */
    struct addr addr;
    uint16_t port;
    bool v6only;
    int line;
};

struct config_exemption {
    struct prefix prefix;
    unsigned from; /* EXEMPT_* bits */
};

/* Overrides for who matches; -1 = as in limits/flood. The first class that matches
 * counts. */
struct config_class {
    char *name;
    struct prefix *match;
    size_t n_match;
    int per_host, per_network, unregistered_per_host;
    int burst, hold, unregistered;
    msec interval;            /* 0 = as in flood */
    struct rate connect_rate; /* count 0 = as in limits */
    struct rate nick, away, invite, knock, join, targets,
        ctcp; /* count 0 = as in flood */
    enum config_strikes strikes;
};

/* A set of privileges with a name, shared by oper blocks. */
struct config_operclass {
    char *name;
    char *extends; /* NULL: none; checked when all blocks are read */
    int extends_line;
    uint64_t privileges; /* the inherited ones included */
};

#define CONFIG_HASH 128 /* room for any argon2id string */

struct config_oper {
    char *name;
    int line;       /* of the block */
    char *class;    /* operclass; NULL: none */
    int class_line; /* where the option stands */
    char *password; /* argon2id string */
    char **hosts;   /* user@host masks, as written; checked by config_words.host_mask */
    size_t n_hosts;
    uint64_t privileges; /* those of its class included; bits in the order of
                            config_words, all ones for "all" */
};

struct config {
#include "config/config.def"
    struct config_listen *listen;
    size_t n_listen;
    struct config_exemption *exempt;
    size_t n_exempt;
    struct config_class *class;
    size_t n_class;
    struct config_operclass *operclass;
    size_t n_operclass;
    struct config_oper *oper;
    size_t n_oper;
    int motd_line, password_line; /* of these options of server; 0: they do not stand */
};

/* What layers above know and the parser must check against. */
struct config_words {
    /* NULL-terminated; bit i of config_oper.privileges is privileges[i]. */
    const char *const *privileges;
    /* Whether text may stand in an oper's hosts; else err says why. NULL: all may. */
    bool (*host_mask)(const char *text, char *err, size_t errlen);
};

/* Called once for each fault: "file:line: what is wrong". Text is borrowed. */
typedef void config_fault(void *ctx, const char *text);

/* Parses `text` (NUL-terminated; `file` is only its name in messages). Empty text gives
 * the built-in configuration; without a listen block the two built-in listeners are
 * there (line 0). Returns what config_free frees, or NULL after at least one call of
 * fault. Every fault that can be found in one pass is told, in the order of lines, 100
 * at most and then how many more. No fault shows a password. */
struct config *config_parse(const char *file, const char *text,
                            const struct config_words *words, config_fault *fault,
                            void *ctx);
void config_free(struct config *c);

/* Names the options that differ between the two but that REHASH cannot apply, through
 * fn: "limits.nick_length", or "listen" when the listeners differ. */
void config_fixed_changes(const struct config *before, const struct config *after,
                          void (*fn)(void *ctx, const char *option), void *ctx);

/* Gives `after` the values of `before` in everything that only a restart applies
 * (`before` gets the others and is still to be freed). */
void config_keep_fixed(struct config *after, struct config *before);

/* The complete commented sample: every block and option, one a line, with comment,
 * default and unit. Ends with LF. The caller frees it. */
char *config_sample(const struct config_words *words);

/* The manual page ircd.conf(5) in mdoc, without its date: every block and option with
 * type, range, default and meaning. The caller frees it. */
char *config_reference(const struct config_words *words);

#endif
