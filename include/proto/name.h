/* The form of nicks, user names and channel names. */
#ifndef PROTO_NAME_H
#define PROTO_NAME_H

#include <stdbool.h>
#include <stddef.h>

#define NAME_NICK_MAX 30    /* the largest NICKLEN; limits.nick_length may be lower */
#define NAME_USER_MAX 10    /* USERLEN */
#define NAME_HOST_MAX 63    /* HOSTLEN */
#define NAME_CHANNEL_MAX 64 /* CHANNELLEN */
#define NAME_REAL_MAX 150   /* NAMELEN */

/* True for a nick of 1 to max bytes (RFC 2812 2.3.1): a letter or special character
 * first, then letters, digits, special characters and '-'. */
bool name_is_nick(const char *text, size_t max);

/* True for '#' and 1 to NAME_CHANNEL_MAX - 1 bytes of UTF-8 without space, comma, BEL
 * or other control characters (C0, DEL, C1). */
bool name_is_channel(const char *text);

/* True if the text begins as a channel name, valid or not. */
bool name_has_channel_prefix(const char *text);

/* Makes a user name of the text that a client sent: bytes that are not letters, digits
 * or one of -_.[]{}|`^ are dropped, and the rest is cut to NAME_USER_MAX. False:
 * nothing is left. */
bool name_make_user(const char *sent, char out[NAME_USER_MAX + 1]);

#endif
