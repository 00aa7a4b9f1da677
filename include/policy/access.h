/* Permissions: may a client do this? Each function is one question. It returns a
 * verdict and changes nothing but caches. */
#ifndef POLICY_ACCESS_H
#define POLICY_ACCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct addr;
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

/* May c, which is not on chan, join it with this key (NULL: none)? An invitation
 * overrides every mode. An entry of the list +I overrides +i, and one of +e overrides
 * +b. */
enum access_join access_join(struct server *srv, struct channel *chan,
                             const struct client *c, const char *key);

/* The verdict on a message to a channel. */
enum access_speak {
    SPEAK_OK,
    SPEAK_REFUSED, /* the client gets 404 with the reason */
    SPEAK_TO_OPS,  /* +z: operators and half-operators get it, others do not */
    SPEAK_SLOW     /* +S: too soon after its last one; the reason says so */
};

/* Does c need the privilege override to join chan? Operators are told of such a JOIN.
 */
bool access_overrides_join(struct server *srv, struct channel *chan,
                           const struct client *c, const char *key);
/* Has c the privilege override, and is it no operator of chan? */
bool access_overrides(const struct channel *chan, const struct client *c);
/* May c act on chan? It may if it sees chan or has the privilege override. */
bool access_finds_channel(const struct channel *chan, const struct client *c);

#define ACCESS_WHY 160  /* room for the reason of access_speak */
#define ACCESS_UNTIL 80 /* room for the text of access_until */

/* May c send this text (NULL: a TAGMSG, which has none) to chan? Unless the verdict is
 * OK, why (ACCESS_WHY bytes; NULL: not wanted) holds the reason in words. The reason
 * names the end of a ban, a mute or a wait if there is one. */
enum access_speak access_speak(struct server *srv, struct channel *chan,
                               const struct client *c, const char *text, char *why);

/* May c show this text to the members of chan in something other than a message: a
 * topic, or the reason of a PART, KICK or RENAME? The rules are those of access_speak,
 * and so is why. An operator with the privilege override is bound by +c and +C alone.
 */
bool access_may_remark(struct server *srv, struct channel *chan, const struct client *c,
                       const char *text, char *why);

/* True: the work that one turn may spend on verdicts for all channels of a client is
 * used up (VERDICTS_TURN). After a change of many ban lists, many clients can ask for
 * such verdicts at once. */
bool access_verdicts_are_spent(const struct server *srv);

/* Sets joined.withheld of each membership of c: true if its channel may not read this
 * text. c sends the text to all channels at once (a QUIT reason, an away text, a real
 * name; "": no text). All are withheld once access_verdicts_are_spent. */
void access_withhold_text(struct server *srv, struct client *c, const char *text);

/* Writes " until 2026-11-22 14:03:05 UTC (10m)" to out (ACCESS_UNTIL bytes) if every
 * entry that causes the verdict on c (bits of VERDICT_*) has an end; else "". */
void access_until(struct server *srv, const struct channel *chan,
                  const struct client *c, unsigned verdict, char *out);

/* Writes "+b: you are banned" or "+q: you are muted", and the text of access_until, for
 * a verdict of channel_verdict that is not 0. why has ACCESS_WHY bytes. */
void access_verdict_words(struct server *srv, const struct channel *chan,
                          const struct client *c, unsigned verdict, char *why);

/* Does `to` accept messages of `from`? User mode +g refuses all clients that are not on
 * the ACCEPT list of `to`, operators too. */
bool access_accepts(const struct client *to, const struct client *from);

/* May clients send the client-only tag "+name" (server.client_tag_deny)? */
bool access_allows_tag(const struct server *srv, const char *name, size_t len);

/* True for CTCP other than ACTION. */
bool access_is_ctcp(const char *text);

/* The first channel of c that forbids it to change its nick, because c is banned or
 * muted there without a status; NULL: none. until then holds the text of access_until.
 */
const struct channel *access_nick_forbidden(struct server *srv, const struct client *c,
                                            char until[ACCESS_UNTIL]);

/* Is c operator of chan, or has it the privilege override? */
bool access_is_op(const struct channel *chan, const struct client *c);

/* The same, or half-operator: for kicks, lists, topic, voice and invitations. */
bool access_is_halfop(const struct channel *chan, const struct client *c);

/* May c, which is at least half-operator, kick target? A half-operator may not kick
 * operators and other half-operators. Each client may kick itself. */
bool access_may_kick(const struct channel *chan, const struct client *c,
                     const struct client *target);

/* May c see chan and its members? A channel with +s or +p is seen by members and by
 * operators with see_address. */
bool access_sees_channel(const struct channel *chan, const struct client *c);

/* May c see `other`? A client with +i is seen by clients that share a channel with it,
 * and by operators with see_address. A client of the control socket is seen by none. */
bool access_sees_client(const struct client *c, const struct client *other);

/* May c see the real address of `other`? It is its own, or c has see_address. */
bool access_sees_address(const struct client *c, const struct client *other);

/* The address of `other` for c: the real one, or "255.255.255.255". room has
 * CLIENT_HOST_TEXT bytes. */
const char *access_shown_address(const struct client *c, const struct client *other,
                                 char *room);

/* May c learn that `member` is on chan (WHOIS, CHECK)? */
bool access_sees_member(const struct channel *chan, const struct client *c,
                        const struct client *member);

/* Does the mask match `other`, by what c may know of it? Without see_address only shown
 * hosts are compared and a prefix matches no client, so that c learns no address by
 * trying masks. */
bool access_mask_means(const struct client *c, const struct mask *mask,
                       const struct client *other);

/* Has the operator this privilege (PRIV_* of privs.h)? */
bool access_has(const struct client *c, uint64_t priv);

/* The oper block of this name for OPER, so not one that has a token alone; NULL: there
 * is none. */
const struct config_oper *access_oper(const struct server *srv, const char *name);

/* Do the hosts of the block admit c's user and address? */
bool access_oper_admits(const struct config_oper *oper, const struct client *c);

/* Has c a certificate of the block, or does the block name none? */
bool access_oper_certified(const struct config_oper *oper, const struct client *c);

/* May c send OPER without TLS, or is it secure? */
bool access_oper_encrypted(const struct server *srv, const struct client *c);

/* The user name of the client of a call with a bearer token. */
#define ACCESS_TOKEN_USER "api"

/* The oper block with this token (SHA-256 of it, in 64 lower-case hex digits); NULL:
 * there is none. The time does not depend on which block it is, or how much of a token
 * is right. */
const struct config_oper *access_token(const struct server *srv, const char *token);

/* The oper block of this name, if it has a token; else NULL. */
const struct config_oper *access_token_block(const struct server *srv,
                                             const char *name);

/* Do the hosts of the block admit calls with its token from this address? */
bool access_token_admits(const struct config_oper *oper, const struct addr *addr);

/* Is there an oper block with a token that admits this address? */
bool access_token_host(const struct server *srv, const struct addr *addr);

/* Is there an oper block that admits c's user and address? */
bool access_oper_host(const struct server *srv, const struct client *c);

/* For the configuration: is this an oper host mask, "user@host", "user@address" or
 * "user@cidr"? */
bool access_host_mask(const char *text, char *err, size_t errlen);

#endif
