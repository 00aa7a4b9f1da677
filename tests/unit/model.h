/* What the server should be like, written down a second time in the plainest way:
 * arrays and linear searches, made from the documents and not from the sources. The
 * model test plays the same commands to both and compares. Knows nothing of the
 * server's code. */
#ifndef TESTS_MODEL_H
#define TESTS_MODEL_H

#include <stdbool.h>

enum {
    M_PEOPLE = 50,
    M_CHANNELS = 12,
    M_HOSTS = 12, /* the first half in 10.1.0.0/24, the others in 10.2.0.0/24 */
    M_BANS = 200,
    M_TEXT = 80,
    M_WORD = 24, /* a nick, a name, an address */
    /* The configuration that model_config names. */
    M_PER_HOST = 6,
    M_PER_NETWORK = 24,
    M_JOINED = 8,  /* channels of one client */
    M_LIST = 5,    /* entries of one list */
    M_INVITED = 2, /* invitations of one client */
    M_STRIKES = 5,
    M_DOOR = 3, /* wrong OPER passwords */
};
enum { M_OP = 1, M_HALF = 2, M_VOICE = 4, M_OUTSIDE = -1 };
enum { M_BAN, M_EXCEPT, M_INVEX, M_QUIET, M_LISTS }; /* b e I q */

extern const char model_config[];
extern const char model_flags[]; /* channel modes without a parameter, as listed */

struct m_person {
    bool on;
    char nick[M_WORD];
    int user; /* of "u0" … */
    int host;
    char oper;         /* 'a': all privileges; 'b': kill, kline, unban; 0: none */
    char away[M_TEXT]; /* "": not away */
    int invited[M_INVITED], n_invited; /* channels, oldest first */
    long long struck;                  /* monotonic */
};

struct m_channel {
    bool used;
    char name[M_WORD];
    bool flag[128]; /* by letter */
    char key[24];   /* "": none */
    int limit;      /* 0: none */
    char topic[M_TEXT], topic_by[M_TEXT];
    int status[M_PEOPLE]; /* M_OUTSIDE, or bits */
    char list[M_LISTS][M_LIST][M_TEXT];
    int n_list[M_LISTS];
};

struct m_ban {
    char kind; /* 'K', 'D'; 0: unused */
    char mask[M_TEXT];
    long long until; /* wall; 0: for good */
};

struct m_host {
    int strikes, level;
    long long strike_at, level_at; /* wall */
    long long failed[M_DOOR];      /* monotonic: the last ones; 0: none */
    long long door_opens;          /* monotonic */
};

struct model {
    long long now, wall;
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

void model_init(struct model *m, long long now, long long wall);
void model_sleep(struct model *m, long long ms);
void model_restart(struct model *m);

/* The acts of person i, who is on but for connect. */
void model_connect(struct model *m, int i, const char *nick, int user, int host);
void model_quit(struct model *m, int i);
void model_nick(struct model *m, int i, const char *nick);
void model_away(struct model *m, int i, const char *text);
void model_join(struct model *m, int i, const char *name, const char *key);
void model_part(struct model *m, int i, const char *name);
void model_part_all(struct model *m, int i);
void model_kick(struct model *m, int i, const char *name, const char *nick);
void model_topic(struct model *m, int i, const char *name, const char *text);
void model_invite(struct model *m, int i, const char *nick, const char *name);
void model_mode(struct model *m, int i, const char *name,
                const struct m_change *changes, int n);
void model_oper(struct model *m, int i, char oper, bool right);
void model_deoper(struct model *m, int i);
void model_kill(struct model *m, int i, const char *nick);
/* kind 'K' or 'D'; length 0: for good. */
void model_ban(struct model *m, int i, char kind, const char *mask, long long length,
               bool force);
void model_unban(struct model *m, int i, char kind, const char *mask);

/* Who has this nick, in any case; -1: nobody. */
int model_find(const struct model *m, const char *nick);
/* "10.1.0.1" … */
void model_address(int host, char out[M_WORD]);
/* Does a mask "nick!user@host", "user@host" or "host" mean this person? */
bool model_means(const struct model *m, const char *mask, int i);
bool model_same(const char *a, const char *b); /* but for case */
void model_copy(char *out, const char *text, int size);

#endif
