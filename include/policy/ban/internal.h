/* Functions for the files of src/policy/ban and src/enact only. */
#ifndef POLICY_BAN_INTERNAL_H
#define POLICY_BAN_INTERNAL_H

#include "policy/ban/ban.h"

struct mask;

/* The ban of this kind and canonical mask text, also if it has expired; NULL: none. */
struct ban *ban_find_any(const struct server *srv, enum ban_kind kind,
                         const char *mask);

/* Adds a ban of a mask that no ban has, to the table and the index. All other fields
 * are zero. */
struct ban *ban_add(struct server *srv, enum ban_kind kind, const struct mask *mask);

/* Removes a ban from the table and frees it. Its record stays in the store. */
void ban_unlink(struct server *srv, struct ban *ban);

/* Sets the reasons of a ban (copied). */
void ban_give_reasons(struct server *srv, struct ban *ban, const char *reason,
                      const char *oper_reason);
/* Sets whether strikes set the ban. An automatic one moves to the end of
 * policy.automatic. */
void ban_set_automatic(struct server *srv, struct ban *ban, bool automatic);

/* The bytes of a ban and its texts, a sum of mem_block. */
size_t ban_memory(const struct ban *ban);

/* Queues a ban for the store as it is now. */
store_ticket ban_save(struct server *srv, const struct ban *ban);

/* Counts one hit of a ban: it refused or ended a client now. */
void ban_count_hit(struct server *srv, struct ban *ban);

/* Cleans all texts of a ban (ban_clean_text). */
void ban_clean_texts(struct ban *ban);

#endif
