/* The socket of OpenSSL: a BIO that calls the row below, which makes one system call. */
#include "tls_bio.h"

#include "transport.h"

#include <errno.h>
#include <string.h>
#include <sys/uio.h>

static int
take_bytes(BIO *bio, char *out, int size)
{
    struct tls_socket *s = BIO_get_data(bio);
    size_t n = 0, most = (size_t)size < s->left ? (size_t)size : s->left;
    BIO_clear_retry_flags(bio);
    enum transport_state state =
        most ? transport_plain.read(s->fd, NULL, out, most, &n) : TRANSPORT_WAITS_READ;
    s->error = state == TRANSPORT_FAILED ? errno : 0;
    /* A socket that gave less than asked has no more: another call would only say so. */
    s->left = n < most ? 0 : s->left - (uint32_t)n;
    if (state == TRANSPORT_WAITS_READ)
        BIO_set_retry_read(bio);
    if (state == TRANSPORT_END)
        return 0;
    return state == TRANSPORT_DONE ? (int)n : -1;
}

static int
give_bytes(BIO *bio, const char *bytes, int size)
{
    struct tls_socket *s = BIO_get_data(bio);
    struct iovec iov = {.iov_len = (size_t)size};
    size_t n = 0;
    memcpy(&iov.iov_base, &bytes, sizeof bytes); /* iov_base is not const */
    BIO_clear_retry_flags(bio);
    enum transport_state state =
        transport_plain.write(s->fd, NULL, &iov, 1, s->last, &n);
    s->error = state == TRANSPORT_FAILED ? errno : 0;
    if (n > 0)
        return (int)n;
    if (state == TRANSPORT_WAITS_WRITE)
        BIO_set_retry_write(bio);
    return -1;
}

static long
control_socket(BIO *bio, int command, long number, void *pointer)
{
    (void)bio, (void)number, (void)pointer;
    return command == BIO_CTRL_FLUSH;
}

/* The method is made once and never freed. The loop is one thread. */
static const BIO_METHOD *
socket_method(void)
{
    static BIO_METHOD *method;
    if (method == NULL)
        method = BIO_meth_new(BIO_TYPE_SOURCE_SINK | BIO_get_new_index(), "connection");
    if (method) {
        BIO_meth_set_read(method, take_bytes);
        BIO_meth_set_write(method, give_bytes);
        BIO_meth_set_ctrl(method, control_socket);
    }
    return method;
}

BIO *
tls_bio_new(struct tls_socket *s)
{
    const BIO_METHOD *method = socket_method();
    BIO *bio = method ? BIO_new(method) : NULL;
    if (bio) {
        BIO_set_data(bio, s);
        BIO_set_init(bio, 1);
    }
    return bio;
}
