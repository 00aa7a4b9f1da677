/* Configuration text: any bytes give a configuration or at least one fault, never both.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "policy/access.h"
#include "policy/privs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
count(void *ctx, const char *text)
{
    unsigned *faults = ctx;
    assert(strchr(text, ':'));
    ++*faults;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct config_words words = {privs_names, access_host_mask};
    unsigned faults = 0;
    char *text = malloc(size + 1);
    memcpy(text, data, size);
    text[size] = '\0';
    struct config *c = config_parse("fuzz.conf", text, &words, count, &faults);
    assert((c != NULL) == (faults == 0));
    config_free(c);
    free(text);
    return 0;
}
