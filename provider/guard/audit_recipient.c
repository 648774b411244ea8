/*
 * Encryption to the auditor. See audit_recipient.h. It runs in a library context of its own that
 * reads no configuration: the application's may have other providers, this one among them.
 */
#include "guard/audit_recipient.h"

#include <limits.h>

#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/provider.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

struct audit_recipient {
    OSSL_LIB_CTX *library;
    OSSL_PROVIDER *provider;
    EVP_CIPHER *cipher;
    X509 *certificate;
};

void audit_recipient_free(struct audit_recipient *recipient)
{
    if (recipient == NULL)
        return;
    X509_free(recipient->certificate);
    EVP_CIPHER_free(recipient->cipher);
    if (recipient->provider != NULL)
        OSSL_PROVIDER_unload(recipient->provider);
    OSSL_LIB_CTX_free(recipient->library);
    OPENSSL_free(recipient);
}

/* RSA keys transport with OAEP and SHA-256 (RFC 3560). */
static bool set_padding(CMS_RecipientInfo *info)
{
    EVP_PKEY_CTX *context = CMS_RecipientInfo_get0_pkey_ctx(info);
    EVP_PKEY *key = context != NULL ? EVP_PKEY_CTX_get0_pkey(context) : NULL;

    if (CMS_RecipientInfo_type(info) != CMS_RECIPINFO_TRANS || key == NULL)
        return true;
    if (!EVP_PKEY_is_a(key, "RSA"))
        return false;
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) > 0 &&
           EVP_PKEY_CTX_set_rsa_oaep_md_name(context, "SHA256", NULL) > 0;
}

static CMS_ContentInfo *encrypt(const struct audit_recipient *recipient, BIO *data)
{
    const unsigned flags = CMS_BINARY | CMS_PARTIAL;
    CMS_ContentInfo *cms =
        CMS_encrypt_ex(NULL, data, recipient->cipher, flags, recipient->library, NULL);
    CMS_RecipientInfo *info = NULL;

    if (cms != NULL)
        info = CMS_add1_recipient_cert(cms, recipient->certificate, CMS_KEY_PARAM);
    if (info != NULL && set_padding(info) && CMS_final(cms, data, NULL, flags) == 1)
        return cms;
    CMS_ContentInfo_free(cms);
    return NULL;
}

/* Nothing is left in the caller's error queue. */
static bool encrypt_der(const struct audit_recipient *recipient, const uint8_t *data, size_t len,
                        uint8_t **out, size_t *out_len)
{
    BIO *source = len <= INT_MAX ? BIO_new_mem_buf(data, (int)len) : NULL;
    CMS_ContentInfo *cms = NULL;
    unsigned char *der = NULL;
    int der_len = -1;

    ERR_set_mark();
    if (source != NULL)
        cms = encrypt(recipient, source);
    if (cms != NULL)
        der_len = i2d_CMS_ContentInfo(cms, &der);
    CMS_ContentInfo_free(cms);
    BIO_free(source);
    ERR_pop_to_mark();
    if (der_len <= 0)
        return false;
    *out = der;
    *out_len = (size_t)der_len;
    return true;
}

static bool open_library(struct audit_recipient *recipient)
{
    recipient->library = OSSL_LIB_CTX_new();
    if (recipient->library == NULL)
        return false;
    recipient->provider = OSSL_PROVIDER_load(recipient->library, "default");
    if (recipient->provider == NULL)
        return false;
    recipient->cipher = EVP_CIPHER_fetch(recipient->library, "AES-256-GCM", NULL);
    return recipient->cipher != NULL;
}

static bool read_certificate(struct audit_recipient *recipient, const uint8_t *der, size_t len)
{
    const unsigned char *next = der;

    recipient->certificate = X509_new_ex(recipient->library, NULL);
    if (recipient->certificate == NULL || len > LONG_MAX)
        return false;
    return d2i_X509(&recipient->certificate, &next, (long)len) != NULL && next == der + len;
}

struct audit_recipient *audit_recipient_new(const uint8_t *der, size_t len,
                                            const char **what_is_wrong)
{
    struct audit_recipient *recipient = OPENSSL_zalloc(sizeof(*recipient));
    uint8_t *trial = NULL;
    size_t trial_len = 0;
    bool good = false;

    *what_is_wrong = NULL;
    if (recipient == NULL)
        return NULL;
    ERR_set_mark();
    if (!open_library(recipient))
        goto end;
    *what_is_wrong = "is no certificate";
    if (!read_certificate(recipient, der, len))
        goto end;
    *what_is_wrong = "has a key that nothing can be encrypted to: name a certificate with an RSA "
                     "or elliptic curve key";
    good = encrypt_der(recipient, der, len, &trial, &trial_len);

end:
    ERR_pop_to_mark();
    OPENSSL_free(trial);
    if (good)
        return recipient;
    audit_recipient_free(recipient);
    return NULL;
}

bool audit_recipient_encrypt(const struct audit_recipient *recipient, const uint8_t *data,
                             size_t len, uint8_t **out, size_t *out_len, struct failure *failure)
{
    if (encrypt_der(recipient, data, len, out, out_len))
        return true;
    return failure_set(failure, FAILURE_LIBCRYPTO,
                       "the record cannot be encrypted to the holder of audit-recipient");
}
