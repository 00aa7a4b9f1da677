/* What some texts must be beyond being text. */
#ifndef CONFIG_CHECK_H
#define CONFIG_CHECK_H

#include "option.h"

#include <stdbool.h>

/* What was expected of this option's text, if it is something else; NULL if it is fine.
 */
const char *check_text(const struct option *o, const char *text);

/* The text may never be shown: it is a password. */
bool check_secret(const struct option *o);

/* The same for an argon2id string, wherever it stands. */
const char *check_password(const char *text);

#endif
