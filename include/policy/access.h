/* May they? One function a question, each a verdict and nothing else. */
#ifndef POLICY_ACCESS_H
#define POLICY_ACCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct channel;
struct client;
struct config_oper;
struct mask;
struct server;

enum access_join {
    JOIN_OK,
    JOIN_INVITE_ONLY,
    JOIN_BANNED,
    JOIN_BAD_KEY,
    JOIN_FULL,
    JOIN_THROTTLED
};

/* May c (not on it) join chan with this key (NULL: none)? An invitation opens
 * everything, an entry of +I lets in under +i, one of +e under +b. */
enum access_join access_join(struct server *srv, struct channel *chan,
                             const struct client *c, const char *key);

/* What becomes of a message to a channel. */
enum access_speak {
    SPEAK_OK,
    SPEAK_REFUSED, /* 404 with the reason */
    SPEAK_TO_OPS,  /* +z: to operators and half-operators alone */
    SPEAK_SLOW     /* +S: too soon after the last; reason says so */
};

/* Is it only the privilege override that lets c join? Such an act is reported. */
bool access_overrides_join(struct server *srv, struct channel *chan,
                           const struct client *c, const char *key);
/* Is c no operator of chan, but has the privilege override? */
bool access_overrides(const struct channel *chan, const struct client *c);
/* May c act on chan: it sees it, or may override. */
bool access_finds_channel(const struct channel *chan, const struct client *c);

#define ACCESS_WHY 160  /* room for the reason of access_speak */
#define ACCESS_UNTIL 80 /* room for the words of access_until */

/* May c say this text (NULL: it has none, TAGMSG) on chan? Unless OK, why (ACCESS_WHY
 * bytes; NULL: not wanted) holds the reason in words, with the end of a mute or of the
 * wait that has one. */
enum access_speak access_speak(struct server *srv, struct channel *chan,
                               const struct client *c, const char *text, char *why);

/* May the members of chan read this text of c beside a message: a topic, the reason of
 * a PART, KICK or RENAME? As access_speak says, why included; the privilege override is
 * bound by +c and +C alone. */
bool access_may_remark(struct server *srv, struct channel *chan, const struct client *c,
                       const char *text, char *why);

/* True: this turn has no work left for verdicts on all channels of a client, which many
 * clients can ask for at once after a change of many lists (VERDICTS_TURN). */
bool access_is_spent(const struct server *srv);

/* Notes for each membership of c whether its channel may not read this text, which c
 * says to all its peers at once (QUIT reason, away text, real name; "": none):
 * joined.withheld. None of them may once access_is_spent. */
void access_withhold_text(struct server *srv, struct client *c, const char *text);

/* " until 2026-11-22 14:03:05 UTC (10m)" into out (ACCESS_UNTIL bytes) when all of the
 * verdict on c (bits of VERDICT_*) has an end; else "". */
void access_until(struct server *srv, const struct channel *chan,
                  const struct client *c, unsigned verdict, char *out);

/* The same with what it is in front: "+b: you are banned", "+q: you are muted", for a
 * verdict of channel_verdict that is not 0. why has ACCESS_WHY bytes. */
void access_verdict_words(struct server *srv, const struct channel *chan,
                          const struct client *c, unsigned verdict, char *why);

/* Does `to` listen to messages of `from` (user mode +g and its ACCEPT list)? Operators
 * are no exception. */
bool access_accepts(const struct client *to, const struct client *from);

/* May clients send the client-only tag "+name" (server.client_tag_deny)? */
bool access_allows_tag(const struct server *srv, const char *name, size_t len);

/* True for CTCP other than ACTION. */
bool access_is_ctcp(const char *text);

/* May c's nick change while on all its channels? NULL, or the channel that forbids it
 * (banned or muted without status), with access_until of that. */
const struct channel *access_nick_forbidden(struct server *srv, const struct client *c,
                                            char until[ACCESS_UNTIL]);

/* Is c channel operator, or has it the override privilege? */
bool access_is_op(const struct channel *chan, const struct client *c);

/* The same, or half-operator: kicks, lists, topic, voice, invitations. */
bool access_is_halfop(const struct channel *chan, const struct client *c);

/* May c, who is at least half-operator, kick this member? Half-operators not those who
 * are as high or higher; nobody is too high for himself. */
bool access_may_kick(const struct channel *chan, const struct client *c,
                     const struct client *target);

/* May c see that chan exists and who is on it (+s, +p: members and see_address only)?
 */
bool access_sees_channel(const struct channel *chan, const struct client *c);

/* May c see `other` (+i: who shares a channel, and see_address)? */
bool access_sees_client(const struct client *c, const struct client *other);

/* May c be told that who is on chan (WHOIS, CHECK)? */
bool access_sees_member(const struct channel *chan, const struct client *c,
                        const struct client *who);

/* Does the mask mean `other`, as far as c may know? Who may not see addresses learns
 * none by trying masks: shown hosts alone are compared, and a prefix means nobody. */
bool access_mask_means(const struct client *c, const struct mask *mask,
                       const struct client *other);

/* Has the operator this privilege (PRIV_* of privs.h)? */
bool access_has(const struct client *c, uint64_t priv);

/* The oper block of this name that admits c's user and address; *known says whether the
 * name exists at all. */
const struct config_oper *access_oper(const struct server *srv, const struct client *c,
                                      const char *name, bool *known);

/* Is there an oper block that admits c's user and address? */
bool access_oper_host(const struct server *srv, const struct client *c);

/* For the configuration: is this an oper host mask, "user@host", "user@address" or
 * "user@cidr"? */
bool access_host_mask(const char *text, char *err, size_t errlen);

#endif
