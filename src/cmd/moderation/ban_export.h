/* BANS EXPORT: sends the text of ircd --dump-bans to an operator. */
#ifndef SRC_CMD_MODERATION_BAN_EXPORT_H
#define SRC_CMD_MODERATION_BAN_EXPORT_H

struct request;

/* Sends all bans in the form of policy/ban_format/text.h, one NOTICE a line, as fast as
 * the client reads. A line that is too long for one NOTICE ends with a backslash and
 * goes on in the next NOTICE. */
void ban_export_run(struct request *req);

#endif
