/* ircd --hash-password: makes the hash of a password for the configuration.
 *
 * The password is never an argument, because every user of the machine can see
 * arguments, and it is never shown. Control characters are refused, because no client
 * can send them. Ctrl-C is one of them, so it ends the program after the terminal's
 * echo is restored. */
#include "password.h"

#include "net/worker.h"

#include <errno.h>
#include <poll.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define PASSWORD_MAX 300 /* bytes; an OPER line must hold it */
#define PASSWORD_ROOM (PASSWORD_MAX + 2)
#define MORE_MS 100 /* ms in which a second line is noticed */

static bool
reject_password(const char *what)
{
    fprintf(stderr, "ircd: %s\n", what);
    return false;
}

/* Reads one line without its LF, byte by byte, so that a second line stays to be
 * read. */
static bool
read_password_line(char line[static PASSWORD_ROOM])
{
    size_t n = 0;
    ssize_t got;
    while (n <= PASSWORD_MAX && (got = read(STDIN_FILENO, line + n, 1)) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return reject_password("cannot read the password");
        if (line[n] == '\n')
            break;
        n++;
    }
    line[n] = '\0';
    if (n > PASSWORD_MAX)
        return reject_password("the password is longer than 300 bytes");
    for (size_t i = 0; i < n; i++) {
        if ((unsigned char)line[i] < ' ' || line[i] == 0x7f)
            return reject_password("a control character is in the password");
    }
    return n > 0 || reject_password("an empty password is refused");
}

static bool
ask_once(const char *prompt, char line[static PASSWORD_ROOM])
{
    struct termios before, silent;
    bool terminal = tcgetattr(STDIN_FILENO, &before) == 0;
    if (!terminal)
        return read_password_line(line);
    silent = before;
    silent.c_lflag &= ~(tcflag_t)(ECHO | ISIG);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
    fputs(prompt, stderr); /* after the echo is off: early keys are not shown either */
    bool ok = read_password_line(line);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    fputc('\n', stderr);
    return ok;
}

/* Refuses a second line: which of the two is the password is not known. An open pipe
 * without further bytes is not waited for. */
static bool
is_only_line(void)
{
    char more;
    struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
    if (poll(&in, 1, MORE_MS) <= 0 || read(STDIN_FILENO, &more, 1) <= 0)
        return true;
    return reject_password("there is a second line: expected one, the password");
}

static bool
ask_twice(char password[static PASSWORD_ROOM])
{
    char again[PASSWORD_ROOM];
    if (!ask_once("Password: ", password))
        return false;
    if (!isatty(STDIN_FILENO))
        return is_only_line();
    bool same = ask_once("Once more: ", again) && strcmp(password, again) == 0;
    sodium_memzero(again, sizeof again);
    return same || reject_password("the passwords differ");
}

int
password_command(void)
{
    char password[PASSWORD_ROOM], hash[WORKER_HASH];
    bool ok = ask_twice(password);
    bool hashed = ok && worker_hash(password, hash);
    sodium_memzero(password, sizeof password);
    if (ok && !hashed)
        reject_password("not enough memory to hash a password");
    if (!hashed)
        return ok ? 2 : 1;
    puts(hash);
    return 0;
}
