/* The configuration of a public server in twelve lines, for `--print-config --minimal` and
 * for --setup. */
#include "base/mem.h"
#include "base/str.h"
#include "config/config.h"

#include <stdlib.h>

char *
config_minimal(const struct config_minimal *v)
{
    char text[8192];
    struct str s;
    str_init(&s, text, sizeof text);
    str_addf(&s, "server   { name = \"%s\"  network = \"%s\"  motd = \"motd.txt\" }\n",
             v->name, v->network);
    str_addf(&s, "admin    { email = \"%s\" }   # banned users read it\n", v->email);
    str_add(&s, "listen   \"0.0.0.0:6667\" { }   # all IPv4 addresses of this machine; "
                "without a listen block: loopback only\n");
    str_add(&s, "listen   \"[::]:6667\"    { }   # all IPv6 addresses\n");
    str_add(&s, "listen   \"0.0.0.0:6697\" { tls = true }   # the same with TLS\n");
    str_add(&s, "listen   \"[::]:6697\"    { tls = true }\n");
    str_addf(&s,
             "%stls      \"%s\" { certificate = \"tls/%s/fullchain.pem\"  key = "
             "\"tls/%s/privkey.pem\" }   # made by certbot-deploy.sh; without this "
             "line: by the server\n",
             v->certificate ? "" : "#", v->name, v->name, v->name);
    str_addf(&s, "database { path = \"%s\" }\n", v->data);
    if (v->log != NULL)
        str_addf(&s, "log      { file = \"%s\" }\n", v->log);
    else
        str_add(&s, "log      { }   # to standard error\n");
    str_addf(&s, "process  { user = \"%s\" }   # root becomes this user\n", v->user);
    str_addf(
        &s,
        "oper     \"%s\" { password_file = \"%s.hash\"  hosts = { \"*@*\" }  "
        "privileges = { \"all\" } }   # hosts: the addresses from which OPER works\n",
        v->oper, v->oper);
    str_add(&s, "include  \"conf.d/*.conf\"\n");
    return xstrdup(text);
}
