/* ircd --make-token: makes the secret of a gateway or of a program of the API.
 *
 * A token is random and long, so its plain SHA-256 cannot be guessed, and a gateway
 * that connects many users a second costs no slow hash. It has only letters and digits,
 * so that it is one parameter of a line. */
#include "token.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TOKEN_BYTES 32

int
token_command(void)
{
    unsigned char bytes[TOKEN_BYTES], sum[crypto_hash_sha256_BYTES];
    char token[2 * sizeof bytes + 1], hash[2 * sizeof sum + 1];
    randombytes_buf(bytes, sizeof bytes);
    sodium_bin2hex(token, sizeof token, bytes, sizeof bytes);
    crypto_hash_sha256(sum, (const unsigned char *)token, strlen(token));
    sodium_bin2hex(hash, sizeof hash, sum, sizeof sum);
    printf("%s\nsha256:%s\n", token, hash);
    fflush(stdout);
    if (isatty(STDOUT_FILENO))
        fputs(
            "The first line is for the gateway (WEBIRC) or the program (Authorization: "
            "Bearer); the\nsecond is the value of token in its proxy or oper block.\n",
            stderr);
    sodium_memzero(bytes, sizeof bytes);
    sodium_memzero(token, sizeof token);
    return 0;
}
