/* A model of the server, written a second time in the plainest way: arrays and linear
 * searches, made from the documents and not from the sources. The model test plays the
 * same commands to both and compares. The model uses no code of the server. */
#ifndef TESTS_MODEL_H
#define TESTS_MODEL_H

#include <stdbool.h>

enum {
    M_PEOPLE = 50,
    M_CHANNELS = 16, /* as many as names: 12 to join, and 4 that only RENAME gives */
    M_JOINABLE = 12,
    M_HOSTS = 12, /* the first half is in 10.1.0.0/24, the others are in 10.2.0.0/24 */
    M_BANS = 200,
    M_KINDS = 4,    /* K-lines, D-lines, RESVs (Q), X-lines */
    M_WATCHED = 64, /* as many nicks as there are, far below the limit of MONITOR */
    M_TEXT = 80,
    M_WORD = 24, /* a nick, a name, an address */
    /* The configuration that model_config names. */
    M_PER_HOST = 6,
    M_PER_NETWORK = 24,
    M_PER_CLASS = 20, /* of the second half */
    M_JOINED = 5,     /* channels of one client */
    M_LIST = 5,       /* entries of one list */
    M_INVITED = 2,    /* invitations of one client */
    M_STRIKES = 5,
    M_LOCKOUT = 3, /* wrong OPER passwords */
    M_TARGETS = 6, /* new targets at once, then one each M_TARGET_EACH ms */
    M_TARGET_EACH = 2000,
    M_WROTE = 16,  /* the last clients to which a client wrote */
    M_LEFT = 32,   /* the last channels on which a client was */
    M_HEARD = 512, /* the last clients that wrote to a client */
    M_RENAME_EACH = 60000,
    /* Hosts that the configuration names: free of bans, of strikes. All of 10.1.0.0/24
     * is free of flood control, all of 10.2.0.0/24 is a gateway. */
    M_NO_BANS = 4,
    M_NO_STRIKES = 5,
};
enum { M_OP = 1, M_HALF = 2, M_VOICE = 4, M_OUTSIDE = -1 };
enum { M_BAN, M_EXCEPT, M_INVEX, M_QUIET, M_LISTS }; /* b e I q */

extern const char model_config[];
extern const char model_flags[];      /* channel modes without a parameter, as listed */
extern const char model_user_flags[]; /* user modes that every client may set */

/* The clients with which a client talks, by the number of their connection; the latest
 * first. */
struct m_talks {
    long wrote[M_WROTE], heard[M_HEARD];
};

/* A channel by its name at that time. */
struct m_left {
    char name[M_WORD]; /* "": none */
    long long at;      /* monotonic, in seconds */
};

struct m_person {
    bool on;
    char nick[M_WORD];
    int user; /* of "u0" … */
    int host;
    char real[M_WORD];
    char oper;         /* 'a', 'b', 'c': see model_may; 0: no operator */
    char away[M_TEXT]; /* "": not away */
    bool mode[128];    /* by letter, of model_user_flags */
    int invited[M_INVITED], n_invited; /* channels, oldest first */
    bool accepts[M_PEOPLE];
    char watched[M_WATCHED][M_WORD]; /* MONITOR, as first written */
    int n_watched;
    int came, went;        /* nicks of which MONITOR told it in this step */
    long number;           /* of its connection */
    long long target_owed; /* monotonic time at which all targets are free again */
    long long struck;      /* monotonic; 0: never */
    struct m_talks talks;
    struct m_left left[M_LEFT];
    int next_left;
};

struct m_channel {
    bool used;
    char name[M_WORD];
    bool flag[128];            /* by letter */
    char key[24];              /* "": none */
    int limit;                 /* 0: none */
    int slow;                  /* seconds between messages; 0: none */
    int joins, joins_per;      /* so many in so many seconds; 0: no limit */
    long long join_owed;       /* monotonic time at which all joins are free again */
    long long renamed;         /* monotonic; 0: never */
    char forward[M_WORD];      /* "": none */
    long long spoke[M_PEOPLE]; /* monotonic; 0: none since it joined */
    char topic[M_TEXT], topic_by[M_TEXT];
    int status[M_PEOPLE]; /* M_OUTSIDE, or bits */
    char list[M_LISTS][M_LIST][M_TEXT];
    long long until[M_LISTS][M_LIST]; /* wall; 0: for good */
    int n_list[M_LISTS];
};

struct m_ban {
    char kind; /* 'K', 'D', 'Q' (RESV), 'X'; 0: unused */
    char mask[M_TEXT];
    long long until; /* wall; 0: for good */
    bool automatic;
};

struct m_host {
    int strikes, level;
    long long strike_at, level_at; /* wall */
    long long failed[M_LOCKOUT];   /* monotonic times of the last ones; 0: none */
    long long lockout_ends;        /* monotonic */
};

struct model {
    long long now, wall;
    long connections; /* so far */
    struct m_person person[M_PEOPLE];
    struct m_channel channel[M_CHANNELS];
    struct m_ban ban[M_BANS];
    struct m_host host[M_HOSTS];
};

struct m_change {
    bool adding;
    char letter;
    char param[M_TEXT]; /* "": none */
};

/* The result of a registration. */
enum m_welcome { M_TURNED_AWAY, M_WAITS_FOR_A_NICK, M_CLOSED, M_IS_ON };

void model_init(struct model *m, long long now, long long wall);
void model_sleep(struct model *m, long long ms);
void model_restart(struct model *m);

/* The acts of client i, which is on except in connect. */
enum m_welcome model_connect(struct model *m, int i, int user, int host,
                             const char *real);
/* A client that was accepted goes on with another nick, which is free and was not
 * reserved when it was chosen. */
enum m_welcome model_register(struct model *m, int i, const char *nick);
void model_quit(struct model *m, int i);
void model_nick(struct model *m, int i, const char *nick);
void model_setname(struct model *m, int i, const char *real);
void model_away(struct model *m, int i, const char *text);
void model_user_mode(struct model *m, int i, bool adding, char letter);
void model_join(struct model *m, int i, const char *name, const char *key);
void model_sajoin(struct model *m, int i, const char *nick, const char *name);
void model_part(struct model *m, int i, const char *name);
void model_part_all(struct model *m, int i);
void model_kick(struct model *m, int i, const char *name, const char *nick);
void model_topic(struct model *m, int i, const char *name, const char *text);
void model_rename(struct model *m, int i, const char *name, const char *to);
void model_mode(struct model *m, int i, const char *name,
                const struct m_change *changes, int n);
void model_oper(struct model *m, int i, char oper, bool right);
void model_deoper(struct model *m, int i);
void model_kill(struct model *m, int i, const char *nick);
/* kind: of struct m_ban; mask: a mask, or (K, D) the nick of a client that is on;
 * length 0: for good. */
void model_ban(struct model *m, int i, char kind, const char *what, long long length,
               bool force);
void model_unban(struct model *m, int i, char kind, const char *what);
/* Strikes by an operator, and PARDON, of a nick that is on or an address. */
void model_strike(struct model *m, int i, const char *who, int n);
void model_pardon(struct model *m, int i, const char *who);
void model_accept(struct model *m, int i, bool adding, const char *nick);
void model_watch(struct model *m, int i, bool adding, const char *nick);
void model_unwatch_all(struct model *m, int i);

/* Talk sets which clients receive it; its target is "#c1", "@#c1" or a nick, its text
 * may be a CTCP or have colours. */
void model_talk(struct model *m, int i, const char *target, const char *text,
                bool heard[M_PEOPLE]);
void model_invite(struct model *m, int i, const char *nick, const char *name,
                  bool heard[M_PEOPLE]);
void model_knock(struct model *m, int i, const char *name, bool heard[M_PEOPLE]);
void model_wallops(struct model *m, int i, bool heard[M_PEOPLE]);

/* The client with this nick, in any case; -1: none. */
int model_find(const struct model *m, const char *nick);
bool model_may(const struct model *m, int i, const char *privilege);
/* "10.1.0.1" … */
void model_address(int host, char out[M_WORD]);
bool model_same(const char *a, const char *b); /* but for case */
void model_copy(char *out, const char *text, int size);
bool model_glob(const char *mask, const char *text);

/* --- between the model's own files --- */

/* True if a mask "nick!user@host", "user@host" or "host" means this client. */
bool model_means(const struct model *m, const char *mask, int i);
/* The same under this nick. */
bool model_means_as(const struct m_person *p, const char *mask, const char *nick);
/* The same for an entry of a channel's list, without ~mute: ones. */
bool model_listed(const struct model *m, const struct m_channel *c, int list, int i);
/* True if the client is muted there, by +q or ~mute:. */
bool model_muted(const struct model *m, const struct m_channel *c, int i);
struct m_ban *model_find_ban(struct model *m, char kind, const char *mask);
/* True if a K-line or D-line covers i, which is on. */
bool model_is_banned(const struct model *m, int i);
void model_set_ban(struct model *m, char kind, const char *mask, long long length,
                   bool automatic);
/* A ban of the kind that keeps i from this name. */
bool model_reserved(const struct model *m, int i, char kind, const char *name);
struct m_channel *model_channel(struct model *m, const char *name);
/* The channel, if i may see it. */
struct m_channel *model_seen(struct model *m, int i, const char *name);
bool model_is_on(const struct m_channel *c, int i);
bool model_is_op(const struct model *m, const struct m_channel *c, int i);
bool model_is_half(const struct model *m, const struct m_channel *c, int i);
int model_members(const struct m_channel *c);
bool model_invited(const struct m_person *p, int channel);
void model_uninvite(struct m_person *p, int channel);
/* Ends the channel if it has no member. */
void model_end_if_empty(struct model *m, struct m_channel *c);
void model_leave(struct model *m, struct m_channel *c, int i);
bool model_may_join(const struct model *m, const struct m_channel *c, int i,
                    const char *key);
/* True if the channel has had its number of joins (+j). */
bool model_is_crowded(const struct model *m, const struct m_channel *c);
/* True if i may write to that client. If not, and the try is loud, it is an offence. */
bool model_may_write(struct model *m, int i, int to, bool loud);
void model_wrote(struct model *m, int i, int to);
/* True if i may send this text as a topic to a channel on which it is, apart from +t;
 * then it counts as a message. */
bool model_may_set_topic(struct model *m, struct m_channel *c, int i, const char *text);
/* Strikes for the host of i. */
void model_struck(struct model *m, int i, int weight);
/* The news of MONITOR about a nick. */
void model_news(struct model *m, const char *nick, bool came);
/* Removes the entries that have ended. */
void model_expire_entries(struct model *m);

#endif
