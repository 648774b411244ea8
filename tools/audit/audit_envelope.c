/* Opening encrypted to-be-signed octets. See audit_envelope.h. */
#include "audit/audit_envelope.h"

#include <inttypes.h>

#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include "command.h"
#include "files.h"
#include "guard/record.h"
#include "keys.h"

enum { MAX_KEY_FILE = 1024 * 1024 };

EVP_PKEY *audit_envelope_key(const char *path)
{
    struct failure failure = {FAILURE_NONE, ""};
    uint8_t *data = NULL, *pkcs8 = NULL;
    size_t len = 0, pkcs8_len = 0;
    EVP_PKEY *key = NULL;

    if (!files_read(path, MAX_KEY_FILE, &data, &len, &failure)) {
        trouble(path, &failure);
        return NULL;
    }
    if (!key_read_private(NULL, path, data, len, NULL, &pkcs8, &pkcs8_len, &failure)) {
        trouble(path, &failure);
    } else {
        key = key_from_pkcs8(NULL, pkcs8, pkcs8_len);
        if (key == NULL)
            complain("%s: holds no private key", path);
    }
    OPENSSL_clear_free(pkcs8, pkcs8_len);
    OPENSSL_clear_free(data, len);
    return key;
}

/* The contents of a CMS AuthEnvelopedData; NULL if the key does not open it or they were changed.
 */
static BIO *decrypt(EVP_PKEY *key, struct der_slice envelope)
{
    BIO *input = BIO_new_mem_buf(envelope.data, (int)envelope.len);
    BIO *output = BIO_new(BIO_s_mem());
    CMS_ContentInfo *cms = input == NULL ? NULL : d2i_CMS_bio(input, NULL);

    if (output != NULL && cms != NULL && CMS_decrypt(cms, key, NULL, NULL, output, 0) != 1) {
        BIO_free(output);
        output = NULL;
    }
    if (cms == NULL) {
        BIO_free(output);
        output = NULL;
    }
    CMS_ContentInfo_free(cms);
    BIO_free(input);
    ERR_clear_error();
    return output;
}

bool audit_envelope_open(EVP_PKEY *key, struct audit_line *line, uint8_t **octets)
{
    BIO *output = decrypt(key, line->envelope);
    uint8_t digest[LINT_DIGEST_LEN];
    char hex[CHAIN_HEX + 1], *data = NULL;
    long len = output == NULL ? 0 : BIO_get_mem_data(output, &data);
    bool good = false;

    if (len <= 0) {
        complain("%s: record %" PRIu64 ": its tbs cannot be decrypted with this key", line->file,
                 line->end.sequence);
    } else if (!lint_sha256(data, (size_t)len, digest)) {
        complain("SHA-256 failed");
    } else {
        chain_hex(digest, sizeof(digest), hex);
        good = audit_text_is(line->json, "tbs_sha256", hex);
        if (!good)
            complain("%s: record %" PRIu64 ": tbs_sha256 is not the digest of its decrypted tbs",
                     line->file, line->end.sequence);
    }
    *octets = good ? OPENSSL_memdup(data, (size_t)len) : NULL;
    if (*octets != NULL)
        line->tbs = der_slice(*octets, (size_t)len);
    BIO_free(output);
    return *octets != NULL;
}
