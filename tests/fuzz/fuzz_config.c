/* Configuration text: any bytes give a configuration or at least one fault, never both,
 * and every fault names its line in one line.
 */
#include "base/mem.h"
#include "config/config.h"
#include "fuzz.h"
#include "policy/access.h"
#include "policy/privs.h"

#include <stdlib.h>
#include <string.h>

static void
count(void *ctx, const char *text)
{
    unsigned *faults = ctx;
    MUST(strncmp(text, "fuzz.conf", 9) == 0 && strchr(text, ':') && text[9] == ':');
    MUST(strchr(text, '\n') == NULL);
    ++*faults;
}

static void
ignore(void *ctx, const char *option)
{
    (void)ctx;
    MUST(option[0] != '\0');
}

int
fuzz_config(const uint8_t *bytes, size_t n)
{
    static const struct config_words words = {.privileges = privs_names,
                                              .host_mask = access_host_mask};
    unsigned faults = 0;
    struct fuzz_input in = {bytes, bytes + n};
    char *text = xmalloc(n + 1);
    memcpy(text, in.at, n);
    text[n] = '\0';
    struct config *c = config_parse("fuzz.conf", text, &words, count, &faults);
    MUST((c != NULL) == (faults == 0));
    if (c != NULL) {
        struct config *plain = config_parse("fuzz.conf", "", &words, count, &faults);
        config_fixed_changes(plain, c, ignore, NULL);
        config_keep_fixed(c, plain);
        config_free(plain);
    }
    config_free(c);
    free(text);
    return 0;
}
