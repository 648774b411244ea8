/* Reading the CRLs before. See previous_crl.h. */
#include "guard/previous_crl.h"

#include <string.h>

#include <openssl/crypto.h>

#include "guard/file.h"
#include "keyfile/pem.h"

static bool add_one(struct previous_crls *crls, const char *name, struct der_slice der,
                    struct failure *failure)
{
    const struct lint_crl **grown;
    struct lint_crl *crl;

    if (crls->num == PREVIOUS_CRL_NUM)
        return failure_set(failure, FAILURE_POLICY, "previous-crl: %s holds more than %d CRLs",
                           name, PREVIOUS_CRL_NUM);
    crl = lint_crl_new(der.data, der.len);
    if (crl == NULL)
        return failure_set(failure, FAILURE_POLICY, "previous-crl: %s: item %zu is no CRL in DER",
                           name, crls->num + 1);
    grown = OPENSSL_realloc((void *)crls->list, (crls->num + 1) * sizeof(*grown));
    if (grown == NULL) {
        lint_crl_free(crl);
        return failure_set(failure, FAILURE_MEMORY, "out of memory");
    }
    crls->list = grown;
    grown[crls->num++] = crl;
    return true;
}

static bool add_block(struct previous_crls *crls, const char *name, const struct pem_block *block,
                      struct failure *failure)
{
    uint8_t *der = OPENSSL_malloc(pem_decoded_max(block->body) + 1);
    size_t len = 0;
    bool done;

    if (der == NULL)
        return failure_set(failure, FAILURE_MEMORY, "out of memory");
    if (!pem_decode(block->body, der, &len))
        len = 0;
    done = add_one(crls, name, der_slice(der, len), failure);
    OPENSSL_free(der);
    return done;
}

bool previous_crls_add(struct previous_crls *crls, const char *name, struct der_slice file,
                       struct failure *failure)
{
    size_t before = crls->num;
    struct der_slice rest = file;
    struct pem_block block;

    if (file.len > 0 && file.data[0] == DER_SEQUENCE)
        return add_one(crls, name, file, failure);
    while (pem_next(&rest, &block)) {
        if (block.complete && strcmp(block.label, "X509 CRL") == 0 &&
            !add_block(crls, name, &block, failure))
            return false;
    }
    if (crls->num > before)
        return true;
    return failure_set(failure, FAILURE_POLICY,
                       "previous-crl: %s holds no CRL, neither DER nor PEM: give the last CRL that "
                       "was published, or a copy where the file is emptied before the next one is "
                       "signed; leave previous-crl out for the first one",
                       name);
}

bool previous_crls_read(struct previous_crls *crls, const char *path, struct failure *failure)
{
    uint8_t *data = NULL;
    size_t len = 0;
    bool done;

    if (!file_read_trusted("previous-crl: ", path, PREVIOUS_CRL_MAX, NULL, &data, &len, failure))
        return false;
    done = previous_crls_add(crls, path, der_slice(data, len), failure);
    OPENSSL_free(data);
    return done;
}

void previous_crls_clear(struct previous_crls *crls)
{
    for (size_t i = 0; i < crls->num; i++)
        lint_crl_free((struct lint_crl *)(uintptr_t)crls->list[i]);
    OPENSSL_free((void *)crls->list);
    memset(crls, 0, sizeof(*crls));
}
