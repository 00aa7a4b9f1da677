"""nginx and haproxy, as Debian ships them, in front of the web listeners of a server: each ends TLS or passes plain
HTTP on, with X-Forwarded-For or with a PROXY header. They connect from 127.0.0.1.
"""
import os

import irc
import programs
import web

CONFIG = """
limits {{ per_network = 1000 }}
proxy "front" {{ match = {{ "127.0.0.1" }}  accepts = {{ "forwarded", "proxy-protocol" }} }}
listen "127.0.0.1:{behind}" {{ {serves} }}
listen "127.0.0.1:{headed}" {{ {serves}  proxy = true }}
listen "127.0.0.1:{sealed}" {{ {serves}  proxy = true  tls = true }}
listen "127.0.0.1:{tls}" {{ {serves}  tls = true }}
tls "irc.test.example" {{ certificate = "cert.pem"  key = "key.pem" }}
"""

NGINX = """
daemon off;
pid nginx.pid;
error_log stderr;
worker_processes 1;
{user}
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    map $http_upgrade $connection_upgrade {{
        default upgrade;
        "" "";
    }}
    server {{
        listen 127.0.0.1:{nginx};
        listen 127.0.0.1:{nginx_tls} ssl;
        ssl_certificate cert.pem;
        ssl_certificate_key key.pem;
        location / {{
            proxy_pass http://127.0.0.1:{behind};
            proxy_http_version 1.1;
            proxy_set_header Host $http_host;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_upgrade;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_set_header X-Forwarded-Proto $scheme;
            proxy_read_timeout 1h;
        }}
    }}
}}
"""

HAPROXY = """
defaults
    timeout connect 5s
    timeout client 60s
    timeout server 60s
    timeout tunnel 1h
frontend web
    mode http
    option forwardfor
    bind 127.0.0.1:{haproxy}
    bind 127.0.0.1:{haproxy_tls} ssl crt {pem}
    http-request set-header X-Forwarded-Proto http
    http-request set-header X-Forwarded-Proto https if {{ ssl_fc }}
    default_backend behind
backend behind
    mode http
    server ircd 127.0.0.1:{behind}
frontend headed
    mode tcp
    bind 127.0.0.1:{headed_front}
    bind 127.0.0.1:{headed_front_tls} ssl crt {pem}
    default_backend headed
backend headed
    mode tcp
    server ircd 127.0.0.1:{headed} send-proxy-v2 proxy-v2-options ssl
frontend sealed
    mode tcp
    bind 127.0.0.1:{sealed_front}
    default_backend sealed
backend sealed
    mode tcp
    server ircd 127.0.0.1:{sealed} send-proxy
"""
FRONT_PORTS = "nginx", "nginx_tls", "haproxy", "haproxy_tls", "headed_front", "headed_front_tls", "sealed_front"
PORTS = "behind", "headed", "sealed", "tls", *FRONT_PORTS
# (name, port, TLS to the client)
WAYS = [("directly", "behind", False), ("directly over TLS", "tls", True), ("nginx", "nginx", False),
        ("nginx with TLS", "nginx_tls", True), ("haproxy", "haproxy", False), ("haproxy with TLS", "haproxy_tls", True),
        ("a PROXY header", "headed_front", False), ("a PROXY header that tells of TLS", "headed_front_tls", True),
        ("TLS behind a PROXY header", "sealed_front", True)]


class Fronts:
    """Both programs before a server that is not running yet: its configuration gets their listeners, and it is started.
    ports: by their names in PORTS."""

    def __init__(self, server):
        self.server, self.programs = server, []
        self.ports = {name: irc.free_port() for name in PORTS}
        pem = server.path("both.pem")
        irc.make_certificate(server.dir)
        with open(pem, "w") as f:
            f.write(server.read("cert.pem") + server.read("key.pem"))
        words = dict(self.ports, serves=web.serves("chat", "websocket", "health"), pem=pem,
                     user="user root;" if os.geteuid() == 0 else "")
        with open(server.config, "a") as f:
            f.write(CONFIG.format(**words))
        try:
            server.start()
            for name, text, start in ("nginx", NGINX, programs.nginx), ("haproxy", HAPROXY, programs.haproxy):
                path = server.path(name + ".conf")
                with open(path, "w") as f:
                    f.write(text.format(**words))
                ports = [self.ports[each] for each in FRONT_PORTS if each.startswith("nginx") == (name == "nginx")]
                self.programs.append(start(server.dir, path, ports))
        except BaseException:
            self.close()
            raise

    def connect(self, way, nick=None, source=None, **wishes):
        """A client of IRC over a WebSocket, on a way of WAYS."""
        _, port, tls = way
        client = web.WebClient(self.ports[port], source, tls, **wishes)
        return client.register(nick) if nick else client

    def close(self):
        for program in self.programs:
            program.close()
        self.programs = []
        self.server.close()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()
