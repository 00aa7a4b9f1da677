/* BANS EXPORT: what ircd --dump-bans writes, to an operator. */
#ifndef SRC_CMD_MODERATION_BAN_EXPORT_H
#define SRC_CMD_MODERATION_BAN_EXPORT_H

struct request;

/* BANS EXPORT: says all bans in the form of policy/ban_format/text.h, one NOTICE a
 * line, as fast as c reads; a line too long for IRC goes on in the next NOTICE behind a
 * backslash. */
void ban_export_run(struct request *req);

#endif
