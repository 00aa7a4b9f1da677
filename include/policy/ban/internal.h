/* What the files of bans share among themselves and with policy.c, which loads them. */
#ifndef POLICY_BAN_INTERNAL_H
#define POLICY_BAN_INTERNAL_H

#include "policy/ban/ban.h"

struct mask;

/* The ban of this kind and canonical mask text, expired or not; NULL: none. */
struct ban *ban_find_any(const struct server *srv, enum ban_kind kind,
                         const char *mask);

/* A new ban of a mask that none has: found and matched at once, all else zeroed. */
struct ban *ban_add(struct server *srv, enum ban_kind kind, const struct mask *mask);

/* Takes it out of the table and frees it; the store keeps its record. */
void ban_unlink(struct server *srv, struct ban *ban);

/* Gives it these reasons (copied). */
void ban_give_reasons(struct server *srv, struct ban *ban, const char *reason,
                      const char *oper_reason);
/* It is by strikes from now on, or it is not; the youngest of these if it is. */
void ban_mark(struct server *srv, struct ban *ban, bool automatic);

/* Memory of it and its texts, a sum of mem_block. */
size_t ban_memory(const struct ban *ban);

/* Queues it for the store as it is now. */
store_ticket ban_save(struct server *srv, const struct ban *ban);

/* It has refused or ended a client, now. */
void ban_hit(struct server *srv, struct ban *ban);

/* ban_clean_text of all its texts. */
void ban_clean_texts(struct ban *ban);

#endif
