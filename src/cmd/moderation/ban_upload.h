/* BANS IMPORT: a file of bans that an operator, as a rule `ircd ctl`, sends. */
#ifndef SRC_CMD_MODERATION_BAN_UPLOAD_H
#define SRC_CMD_MODERATION_BAN_UPLOAD_H

struct request;

/* BANS IMPORT BEGIN :<name of the file>, then BANS IMPORT :<hex of its next bytes> as
 * often as needed, then BANS IMPORT END, which sets all bans of the file, or none of
 * them and names each line that is wrong. */
void ban_upload_run(struct request *req);

#endif
