/* What a nick, a user name and a channel may be called. */
#ifndef PROTO_NAME_H
#define PROTO_NAME_H

#include <stdbool.h>
#include <stddef.h>

#define NAME_NICK_MAX 30    /* NICKLEN at most; nick_length may be lower */
#define NAME_USER_MAX 10    /* USERLEN */
#define NAME_HOST_MAX 63    /* HOSTLEN */
#define NAME_CHANNEL_MAX 64 /* CHANNELLEN */
#define NAME_REAL_MAX 150   /* NAMELEN */

/* RFC 2812 2.3.1: a letter or special first, then letters, digits, specials and '-';
 * 1..max bytes. */
bool name_is_nick(const char *text, size_t max);

/* '#' and then 1..NAME_CHANNEL_MAX-1 bytes of UTF-8 without space, comma, BEL or other
 * control characters (C0, DEL, C1). */
bool name_is_channel(const char *text);

/* Begins as a channel does, valid or not. */
bool name_has_channel_prefix(const char *text);

/* A user name from what the client sent: bytes that are not letters, digits, '-', '_',
 * '.', '[',
 * ']', '{', '}', '|', '`' or '^' are dropped, cut to NAME_USER_MAX; false when nothing
 * is left. */
bool name_make_user(const char *sent, char out[NAME_USER_MAX + 1]);

#endif
