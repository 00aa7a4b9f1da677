/* The branches of src/net/os.c for macOS, under other names, so that a test runs them. */
#include "../port/macos.h"

#define os_accept macos_accept
#define os_bind_unix macos_bind_unix
#define os_condition_init macos_condition_init
#define os_find_program macos_find_program
#define os_first_free_port macos_first_free_port
#define os_is_connection_error macos_is_connection_error
#define os_limit_unsent macos_limit_unsent
#define os_open_memory macos_open_memory
#define os_peer_user macos_peer_user
#define os_read_resident macos_read_resident
#define os_set_groups macos_set_groups
#define os_stream_socket macos_stream_socket
#include "../../src/net/os.c"
#include "os_macos.h"

const clockid_t macos_wait_clock = OS_WAIT_CLOCK;
const int macos_send_flags = OS_NO_SIGNAL | OS_MORE;
