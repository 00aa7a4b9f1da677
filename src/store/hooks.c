/* The owner's functions, which all parts of the store may call while files are opened.
 * Must never know a file. */
#include "hooks.h"

void
hooks_tell(const struct store_hooks *hooks, enum store_note how, const char *text)
{
    if (hooks->note)
        hooks->note(hooks->ctx, how, text);
}
