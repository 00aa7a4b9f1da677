"""What a listener with TLS offers, as sslscan and testssl see it; see run.sh.

The certificate is signed by an authority of the test, which testssl is told of. An authority that answers no questions
about revoked certificates is all that it may find.
"""
import json
import os
import subprocess
import xml.etree.ElementTree

from cast import ensure, main, step
from tls import server

SUITES = {
    "TLSv1.3": ["TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_256_GCM_SHA384"],
    "TLSv1.2": ["ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305"],
}
# protocols, suites by strength, forward secrecy, preferences, answers and certificate, vulnerabilities
SECTIONS = "-p", "-s", "-f", "-P", "-S", "-U"
# Severities above LOW are findings; WARN is a test that could not be made.
HARMLESS = "DEBUG", "INFO", "OK", "LOW"
ALLOWED = {
    "engine_problem": "openssl has no engine for GOST",
    "cert_revocation": "the authority of the test has no list of revoked certificates",
}


def scan(s):
    said = subprocess.run(["sslscan", "--no-colour", "--show-certificate", "--xml=-", "localhost:%d" % s.server.port],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    seen = xml.etree.ElementTree.fromstring(said.stdout).find("ssltest")
    with step("sslscan: TLS 1.2 and 1.3, no older protocol"):
        on = [p.get("type") + p.get("version") for p in seen.iter("protocol") if p.get("enabled") == "1"]
        ensure(on == ["tls1.2", "tls1.3"], on)
    for version, suites in SUITES.items():
        with step("sslscan: the suites of %s, in order" % version):
            ciphers = [c.get("cipher") for c in seen.iter("cipher") if c.get("sslversion") == version]
            ensure(ciphers == suites, ciphers)
    with step("sslscan: the groups"):
        groups = {(g.get("sslversion"), g.get("name")) for g in seen.iter("group")}
        ensure(groups >= {("TLSv1.2", "secp256r1 (NIST P-256)"), ("TLSv1.3", "secp256r1 (NIST P-256)"), ("TLSv1.3", "x25519")} and
               {name for _, name in groups} == {"secp256r1 (NIST P-256)", "x25519"}, groups)
    with step("sslscan: no renegotiation, no heartbeat"):
        ensure(seen.find("renegotiation").attrib == {"supported": "0", "secure": "0"}, seen.find("renegotiation").attrib)
        ensure([h.get("vulnerable") for h in seen.iter("heartbleed")] == ["0", "0"], "heartbeat")


def judge(s):
    path = os.path.join(s.directory, "testssl.json")
    said = subprocess.run(["testssl", "--quiet", "--color", "0", "--warnings", "off", "--nodns", "none", "--ip", "127.0.0.1",
                           "--add-ca", s.server.path("ca.pem"), "--jsonfile", path, *SECTIONS, "localhost:%d" % s.server.port],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=140, cwd=s.directory)
    with open(path) as f:
        found = json.load(f)
    by_id = {f["id"]: f["finding"] for f in found}
    with step("testssl: no finding above LOW but those of a private authority"):
        bad = [f for f in found if f["severity"] not in HARMLESS and f["id"] not in ALLOWED]
        ensure(not bad, "\n".join(map(str, bad)))
    with step("testssl: it has looked at all of it"):
        want = {"SSLv2": "not offered", "SSLv3": "not offered", "TLS1": "not offered", "TLS1_1": "not offered",
                "TLS1_2": "offered", "TLS1_3": "offered", "cipherlist_NULL": "not offered", "cipherlist_aNULL": "not offered",
                "cipherlist_AVERAGE": "not offered", "cert_trust": "Ok via SAN", "cert_chain_of_trust": "passed",
                "heartbleed": "not vulnerable", "secure_client_renego": "not vulnerable", "CRIME_TLS": "not vulnerable",
                "sessionresumption_ticket": "not supported", "sessionresumption_ID": "no resumption", "LUCKY13": "not vulnerable"}
        bad = ["%s: %r, not %r" % (key, by_id.get(key), text) for key, text in want.items() if text not in by_id.get(key, "")]
        ensure(not bad, "\n".join(bad) + "\n" + said.stdout)


def play(s):
    scan(s)
    judge(s)
    s.check_windows()


if __name__ == "__main__":
    main(play, server=server)
