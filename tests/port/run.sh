#!/bin/sh
# usage: run.sh IRCD
# Runs tests with a server that was built as for macOS (make port): those of this folder, and programs of
# tests/e2e whose subjects are sockets, listeners and the control socket.
set -eu
cd "$(dirname "$0")/../.."
python3 tests/port/other_test.py "$1"
python3 tests/e2e/socket_test.py "$1"
python3 tests/e2e/ctl_test.py "$1" test_status
python3 tests/e2e/relisten_test.py "$1" test_an_address_becomes_wider_and_narrower
