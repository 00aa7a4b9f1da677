/* A transport over another one (slow.h): each line is a frame with a mark in front, as
 * in a transport that frames messages. */
#ifndef TESTS_FRAMED_H
#define TESTS_FRAMED_H

#include "../../src/net/transport.h"

/* A client's line begins with '>' and the server's with '<'; another mark from the
 * client is an error. */
extern const struct transport framed_transport;

#endif
