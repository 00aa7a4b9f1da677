#!/bin/sh
# Gives a renewed certificate of certbot to ircd. Install it as a deploy hook:
#
#   install -m 755 certbot-deploy.sh /etc/letsencrypt/renewal-hooks/deploy/ircd
#
# make the first copy by hand:
#
#   RENEWED_LINEAGE=/etc/letsencrypt/live/irc.example.org /etc/letsencrypt/renewal-hooks/deploy/ircd
#
# and name the copies in the configuration:
#
#   tls "irc.example.org" { certificate = "tls/irc.example.org/fullchain.pem"  key = "tls/irc.example.org/privkey.pem" }
#
# certbot sets RENEWED_LINEAGE, such as /etc/letsencrypt/live/irc.example.org. Its own files are root's
# alone, so the server could not read them again; the copies are readable by the group of the server. A
# file takes the place of the old one at once, the key first. Then the server reads both again (SIGHUP);
# if it finds a fault, it keeps the old pair and logs the fault.
#
# IRCD_TLS: the directory of the copies (/etc/ircd/tls). IRCD_GROUP: the group of the server (ircd).
# IRCD_PID: its pid file; without one, the service ircd is reloaded. If no server runs, the exit code is 0: it
# reads the copies when it starts.
set -eu
: "${RENEWED_LINEAGE:?is set by certbot}"
tls=${IRCD_TLS:-/etc/ircd/tls}
group=${IRCD_GROUP:-ircd}
to=$tls/$(basename "$RENEWED_LINEAGE")

install -d -m 750 -g "$group" "$tls" "$to"
for file in privkey.pem fullchain.pem; do
    install -m 640 -g "$group" "$RENEWED_LINEAGE/$file" "$to/$file.new"
done
for file in privkey.pem fullchain.pem; do
    mv -f "$to/$file.new" "$to/$file"
done

if [ -n "${IRCD_PID:-}" ]; then
    if [ -s "$IRCD_PID" ]; then
        kill -HUP "$(cat "$IRCD_PID")"
        exit
    fi
    echo "The new certificate is in $to. There is no pid file $IRCD_PID, so no server was told." >&2
elif systemctl is-active --quiet ircd 2>/dev/null; then
    systemctl reload ircd
    exit
else
    echo "The new certificate is in $to. The service ircd does not run, so no server was told." >&2
fi
echo "A server that runs without systemd reads it after /quote REHASH TLS (or name its pid file, IRCD_PID), each other when it starts." >&2
