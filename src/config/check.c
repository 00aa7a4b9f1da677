/* Checks on single texts: names that go out to every client, words of a fixed choice,
 * passwords. A text that could break a client must be refused here, because no later
 * code checks it again. This file must never put the text of a password anywhere. */
#include "check.h"

#include "base/log.h"
#include "base/str.h"

#include <string.h>

#define SERVER_MAX 63       /* HOSTLEN: no client expects more */
#define NETWORK_MAX 50      /* it shares a line of 005 with twelve other tokens */
#define DESCRIPTION_MAX 150 /* the length of a real name */
#define TAG_LIST_MAX 200    /* its line of 005 has room for more */
#define ARGON2ID_MAX 127    /* crypto_pwhash_STRBYTES without the NUL */
#define TLS_NAME_MAX 253    /* bytes of a name in DNS */
#define HEX "0123456789abcdefABCDEF"
#define SHA1_DIGITS 40
#define NAME_MAX_BYTES 50 /* of the title of a class or an oper */
#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

/* RFC 1123 2.1: labels of letters, digits and inner '-', with dots between. */
static bool
is_labels(const char *text)
{
    for (const char *at = text;; at++) {
        size_t n = strspn(at, LETTERS "-");
        if (n == 0 || at[0] == '-' || at[n - 1] == '-')
            return false;
        at += n;
        if (*at != '.')
            return *at == '\0';
    }
}

const char *
check_server_name(const char *text)
{
    bool fits = strlen(text) <= SERVER_MAX && strchr(text, '.') != NULL;
    if (fits && is_labels(text))
        return NULL;
    return "a server name: letters, digits and \"-\", with a dot, at "
           "most 63 bytes, as in \"irc.example.org\"";
}

const char *
check_network(const char *text)
{
    if (*text != '\0' && strlen(text) <= NETWORK_MAX && strpbrk(text, " =\\,:") == NULL)
        return NULL;
    return "one word without \"=\", \":\", \",\" and \"\\\", at most 50 bytes";
}

const char *
check_description(const char *text)
{
    return strlen(text) <= DESCRIPTION_MAX ? NULL : "at most 150 bytes long";
}

/* Keys of client-only tags in a list, in the form of 005 CLIENTTAGDENY. */
const char *
check_tag_list(const char *text)
{
    if (strlen(text) <= TAG_LIST_MAX && text[strspn(text, LETTERS "-./*,")] == '\0')
        return NULL;
    return "tag names without \"+\", commas between, at most 200 bytes, as in "
           "\"*,-typing\"";
}

const char *
check_level(const char *text)
{
    enum log_level parsed;
    return log_level_parse(text, &parsed) ? NULL : "error, warn, info, debug or trace";
}

const char *
check_format(const char *text)
{
    bool known = strcmp(text, "text") == 0 || strcmp(text, "json") == 0;
    return known ? NULL : "text or json";
}

const char *
check_redaction(const char *text)
{
    enum redact_mode parsed;
    return redact_parse(text, &parsed) ? NULL : "none, hash or full";
}

const char *
check_password(const char *text)
{
    bool argon2id = strncmp(text, "$argon2id$", 10) == 0;
    if (argon2id && strlen(text) <= ARGON2ID_MAX && strchr(text, ' ') == NULL)
        return NULL;
    return "an argon2id string; a password is never written here as plain text, `ircd "
           "--hash-password` makes the string";
}

const char *
check_optional_password(const char *text)
{
    return *text == '\0' ? NULL : check_password(text);
}

const char *
check_plaintext(const char *text)
{
    bool known = strcmp(text, "loopback") == 0 || strcmp(text, "allow") == 0 ||
                 strcmp(text, "never") == 0;
    return known ? NULL : "loopback, allow or never";
}

bool
check_certfp(const char *text, char out[CONFIG_CERTFP], char *err, size_t errlen)
{
    size_t n = 0;
    const char *at = text;
    for (; strspn(at, HEX) > 0; at++) {
        if (n < CONFIG_CERTFP - 1)
            out[n] = (char)(*at >= 'A' && *at <= 'F' ? *at | 0x20 : *at);
        n++;
        if (n % 2 == 0 && at[1] == ':' && strspn(at + 2, HEX) > 0)
            at++;
    }
    if (*at == '\0' && n == CONFIG_CERTFP - 1) {
        out[n] = '\0';
        return true;
    }
    str_format(err, errlen,
               "not a SHA-256 fingerprint: 64 hex digits, with or without colons%s",
               *at == '\0' && n == SHA1_DIGITS ? "; this one is SHA-1" : "");
    return false;
}

const char *
check_class_name(const char *text)
{
    return *text != '\0' ? NULL : "the name of an operclass block";
}

const char *
check_path(const char *text)
{
    return *text != '\0' ? NULL : "the path of a file";
}

const char *
check_optional_secret_path(const char *text)
{
    return *text == '\0' ? NULL
                         : "readable here: this text was not joined with its files";
}

const char *
check_secret_path(const char *text)
{
    return *text == '\0' ? check_path(text) : check_optional_secret_path(text);
}

const char *
check_tls_version(const char *text)
{
    bool known = strcmp(text, "1.2") == 0 || strcmp(text, "1.3") == 0;
    return known ? NULL : "1.2 or 1.3";
}

bool
check_host_name(const char *text)
{
    return strlen(text) <= TLS_NAME_MAX && is_labels(text);
}

/* 64 lower-case hexadecimal digits and nothing behind them. */
static bool
is_sha256_hex(const char *text)
{
    return strspn(text, "0123456789abcdef") == 64 && text[64] == '\0';
}

bool
check_token(const char *text)
{
    return strncmp(text, "sha256:", 7) == 0 && is_sha256_hex(text + 7);
}

bool
check_tls_name(const char *text, char *err, size_t errlen)
{
    const char *name = strncmp(text, "*.", 2) == 0 ? text + 2 : text;
    if (strlen(name) <= TLS_NAME_MAX && is_labels(name))
        return true;
    str_format(err, errlen,
               "not the name of a server, as in \"irc.example.org\" or "
               "\"*.example.org\"");
    return false;
}

bool
check_prefix(const char *text, struct prefix *out, char *err, size_t errlen)
{
    char whole[PREFIX_TEXT], single[ADDR_TEXT];
    struct addr written;
    if (!prefix_parse(text, out, err, errlen))
        return false;
    str_format(single, sizeof single, "%.*s", (int)strcspn(text, "/"), text);
    if (!addr_parse(single, &written) || addr_equal(&written, &out->addr))
        return true;
    prefix_format(out, whole, sizeof whole);
    str_format(err, errlen,
               "\"%s\" is one address of a network; write \"%s\" for the network or "
               "\"%s\" for the address",
               text, whole, single);
    return false;
}

static const char *
explain_endpoint(const char *text)
{
    struct addr addr;
    bool is_address = addr_parse(text, &addr);
    if (text[0] == '*')
        return "not ADDRESS:PORT: \"*\" is no address; \"0.0.0.0:6667\" is all of "
               "IPv4, "
               "\"[::]:6667\" all of IPv6";
    if (is_address && strchr(text, ':') != NULL)
        return "not ADDRESS:PORT: an IPv6 address stands in brackets before its port, "
               "as in \"[2001:db8::1]:6667\"";
    if (is_address)
        return "not ADDRESS:PORT: the port is missing, as in \"192.0.2.1:6667\"";
    if (text[strspn(text, "0123456789")] == '\0')
        return "not ADDRESS:PORT: the address is missing; \"127.0.0.1:6667\" is this "
               "machine alone, \"0.0.0.0:6667\" all of IPv4, \"[::]:6667\" all of IPv6";
    if ((text[0] | 0x20) >= 'a' && (text[0] | 0x20) <= 'z' && strchr(text, ':') != NULL)
        return "not ADDRESS:PORT: names are not looked up, so write the address; "
               "\"127.0.0.1:6667\" and \"[::1]:6667\" are this machine alone";
    return "not ADDRESS:PORT with a port from 1 to 65535, as in \"192.0.2.1:6667\" or "
           "\"[2001:db8::1]:6667\"";
}

/* Parses "192.0.2.1:6667" or "[2001:db8::1]:6667". */
static bool
parse_endpoint(const char *text, struct addr *addr, uint16_t *port)
{
    char host[ADDR_TEXT];
    const char *colon = strrchr(text, ':');
    if (colon == NULL || colon == text)
        return false;
    bool brackets = text[0] == '[' && colon[-1] == ']';
    const char *from = brackets ? text + 1 : text;
    const char *to = brackets ? colon - 1 : colon;
    if (to <= from || (size_t)(to - from) >= sizeof host)
        return false;
    str_format(host, sizeof host, "%.*s", (int)(to - from), from);
    bool v6_text = strchr(host, ':') != NULL;
    uint64_t n;
    if (v6_text != brackets || !addr_parse(host, addr))
        return false;
    if (!str_to_uint(colon + 1, 1, UINT16_MAX, &n))
        return false;
    *port = (uint16_t)n;
    return true;
}

bool
check_endpoint(const char *text, struct addr *addr, uint16_t *port, char *err,
               size_t errlen)
{
    bool fine = parse_endpoint(text, addr, port);
    if (!fine)
        str_format(err, errlen, "%s", explain_endpoint(text));
    return fine;
}

bool
check_name(const char *text, char *err, size_t errlen)
{
    size_t n = strlen(text);
    if (n > 0 && n <= NAME_MAX_BYTES && text[0] != ':' && strchr(text, ' ') == NULL)
        return true;
    str_format(err, errlen, "not a name: one word of 1 to %d bytes", NAME_MAX_BYTES);
    return false;
}
