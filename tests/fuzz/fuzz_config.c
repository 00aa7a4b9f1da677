/* Configuration text: any bytes give a configuration or at least one fault, never both,
 * and every fault names its line in one line.
 */
#include "base/mem.h"
#include "config/config.h"
#include "fuzz.h"
#include "policy/access.h"
#include "policy/privs.h"
#include "proto/http_answer.h"
#include "proto/name.h"

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

/* Each listener has roles of IRC or of HTTP, and what an answer has of web.embed is
 * what its policy takes. */
static void
check_web(const struct config *c)
{
    for (size_t i = 0; i < c->n_listen; i++) {
        const struct config_listen *l = &c->listen[i];
        MUST(l->serves != 0 && config_is_web(l) == (l->serves != SERVES_IRC));
        MUST(!l->redirect || !config_is_web(l));
        MUST(l->pace < CONFIG_PACES && c->paces[l->pace] == l->ping_every);
    }
    MUST(c->embed == NULL || http_answer_embed(c->embed));
}

int
fuzz_config(const uint8_t *bytes, size_t n)
{
    static const struct config_words words = {.privileges = privs_names,
                                              .host_mask = access_host_mask,
                                              .channel = name_is_channel,
                                              .embed = http_answer_embed};
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
        check_web(c);
        config_plaintext(c, ignore, NULL);
        config_web_mistakes(c, ignore, NULL);
    }
    config_free(c);
    free(text);
    return 0;
}
