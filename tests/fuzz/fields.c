/* What libcrypto read out of an object, held against our view of it. See fields.h. */
#include "fuzz/fields.h"

#include <openssl/crypto.h>

/* Frees written, which is NULL or len octets of libcrypto's. */
static bool same_written(uint8_t *written, int len, struct der_slice ours)
{
    bool same = written != NULL && len >= 0 && der_equal(der_slice(written, (size_t)len), ours);

    OPENSSL_free(written);
    return same;
}

static bool same_number(const ASN1_INTEGER *theirs, struct der_slice contents)
{
    uint8_t *written = NULL;
    int len = i2d_ASN1_INTEGER(theirs, &written);
    struct der_reader reader = der_reader(der_slice(written, len > 0 ? (size_t)len : 0));
    struct der_element element;
    bool same = len > 0 && der_read_tag(&reader, DER_INTEGER, &element) == DER_OK &&
                der_equal(element.contents, contents);

    OPENSSL_free(written);
    return same;
}

static bool same_algorithm(const X509_ALGOR *theirs, struct der_slice tlv)
{
    uint8_t *written = NULL;
    int len = i2d_X509_ALGOR(theirs, &written);

    return same_written(written, len, tlv);
}

static bool same_key(const X509_PUBKEY *theirs, struct der_slice tlv)
{
    uint8_t *written = NULL;
    int len = i2d_X509_PUBKEY(theirs, &written);

    return same_written(written, len, tlv);
}

static bool same_type(const ASN1_OBJECT *theirs, struct der_slice contents)
{
    return der_equal(der_slice(OBJ_get0_data(theirs), OBJ_length(theirs)), contents);
}

static bool same_text(const ASN1_STRING *theirs, struct der_slice contents)
{
    return der_equal(der_slice(ASN1_STRING_get0_data(theirs), (size_t)ASN1_STRING_length(theirs)),
                     contents);
}

static bool same_time(const ASN1_TIME *theirs, const struct asn1_time *ours)
{
    int days = 0, seconds = 0;
    ASN1_TIME *epoch;
    bool same;

    if (theirs == NULL || ours->tlv.len == 0)
        return theirs == NULL && ours->tlv.len == 0;
    epoch = ASN1_TIME_set(NULL, 0);
    same = epoch != NULL && ours->valid && same_text(theirs, ours->contents) &&
           ASN1_STRING_type(theirs) == ours->tag &&
           ASN1_TIME_diff(&days, &seconds, epoch, theirs) == 1 &&
           ours->seconds == (int64_t)days * 86400 + seconds;
    ASN1_TIME_free(epoch);
    return same;
}

static bool same_attribute(const X509_NAME_ENTRY *theirs, const struct asn1_attribute *ours)
{
    const ASN1_STRING *value = X509_NAME_ENTRY_get_data(theirs);
    int type = ASN1_STRING_type(value);

    if (!same_type(X509_NAME_ENTRY_get_object(theirs), ours->type) ||
        X509_NAME_ENTRY_set(theirs) != ours->rdn)
        return false;
    if (type == V_ASN1_BIT_STRING)
        return ours->value_tag == DER_BIT_STRING; /* libcrypto counts unused bits elsewhere */
    if (type == V_ASN1_SEQUENCE)
        return same_text(value, ours->value_tlv);
    return type == ours->value_tag && same_text(value, ours->value);
}

static bool same_name(const X509_NAME *theirs, const struct asn1_name *ours)
{
    const uint8_t *der = NULL;
    size_t len = 0;

    if (X509_NAME_get0_der(theirs, &der, &len) != 1 || !der_equal(der_slice(der, len), ours->tlv) ||
        X509_NAME_entry_count(theirs) != ours->num_attributes)
        return false;
    for (int i = 0; i < ours->num_attributes; i++)
        if (!same_attribute(X509_NAME_get_entry(theirs, i), &ours->attributes[i]))
            return false;
    return true;
}

static bool same_extension(X509_EXTENSION *theirs, const struct asn1_extension *ours)
{
    uint8_t *written = NULL;
    int len = i2d_X509_EXTENSION(theirs, &written);

    return same_written(written, len, ours->tlv) &&
           same_type(X509_EXTENSION_get_object(theirs), ours->type) &&
           same_text(X509_EXTENSION_get_data(theirs), ours->value) &&
           (X509_EXTENSION_get_critical(theirs) == 1) == ours->critical;
}

static bool same_extensions(const STACK_OF(X509_EXTENSION) * theirs,
                            const struct asn1_extensions *ours)
{
    int num = theirs == NULL ? 0 : sk_X509_EXTENSION_num(theirs);

    if (num != ours->num)
        return false;
    for (int i = 0; i < num; i++)
        if (!same_extension(sk_X509_EXTENSION_value(theirs, i), &ours->list[i]))
            return false;
    return true;
}

/* The extensions of a CRL entry or of a single response, which views step through. */
static bool same_steps(const STACK_OF(X509_EXTENSION) * theirs, struct der_slice contents)
{
    int num = theirs == NULL ? 0 : sk_X509_EXTENSION_num(theirs), i = 0;
    struct asn1_extension extension;

    while (asn1_next_extension(&contents, &extension))
        if (i == num || !same_extension(sk_X509_EXTENSION_value(theirs, i++), &extension))
            return false;
    return i == num;
}

const char *fuzz_certificate_differs(const X509 *theirs, struct der_slice tbs)
{
    static struct asn1_certificate ours;

    asn1_parse_certificate(tbs, &ours);
    if (ours.version != 0 && X509_get_version(theirs) + 1 != ours.version)
        return "version";
    if (!same_number(X509_get0_serialNumber(theirs), ours.serial))
        return "serialNumber";
    if (!same_algorithm(X509_get0_tbs_sigalg(theirs), ours.signature.tlv))
        return "signature";
    if (!same_name(X509_get_issuer_name(theirs), &ours.issuer))
        return "issuer";
    if (!same_time(X509_get0_notBefore(theirs), &ours.not_before) ||
        !same_time(X509_get0_notAfter(theirs), &ours.not_after))
        return "validity";
    if (!same_name(X509_get_subject_name(theirs), &ours.subject))
        return "subject";
    if (!same_key(X509_get_X509_PUBKEY(theirs), ours.public_key.tlv))
        return "subjectPublicKeyInfo";
    if (!same_extensions(X509_get0_extensions(theirs), &ours.extensions))
        return "extensions";
    return NULL;
}

static const char *entries_differ(X509_CRL *theirs, const struct asn1_crl *ours)
{
    STACK_OF(X509_REVOKED) *entries = X509_CRL_get_REVOKED(theirs);
    int num = entries == NULL ? 0 : sk_X509_REVOKED_num(entries), i = 0;
    struct der_slice rest = ours->revoked;
    struct asn1_crl_entry entry;

    while (asn1_crl_next_entry(&rest, &entry)) {
        const X509_REVOKED *revoked = i < num ? sk_X509_REVOKED_value(entries, i++) : NULL;

        if (revoked == NULL || !same_number(X509_REVOKED_get0_serialNumber(revoked), entry.serial))
            return "userCertificate";
        if (!same_time(X509_REVOKED_get0_revocationDate(revoked), &entry.revocation_date))
            return "revocationDate";
        if (!same_steps(X509_REVOKED_get0_extensions(revoked), entry.extensions))
            return "crlEntryExtensions";
    }
    return i == num && (size_t)num == ours->num_revoked ? NULL : "revokedCertificates";
}

const char *fuzz_crl_differs(X509_CRL *theirs, struct der_slice tbs)
{
    static struct asn1_crl ours;

    asn1_parse_crl(tbs, &ours);
    if (ours.version != 0 && X509_CRL_get_version(theirs) + 1 != ours.version)
        return "version";
    if (!same_name(X509_CRL_get_issuer(theirs), &ours.issuer))
        return "issuer";
    if (!same_time(X509_CRL_get0_lastUpdate(theirs), &ours.this_update))
        return "thisUpdate";
    if (!same_time(X509_CRL_get0_nextUpdate(theirs), &ours.next_update))
        return "nextUpdate";
    if (!same_extensions(X509_CRL_get0_extensions(theirs), &ours.extensions))
        return "crlExtensions";
    return entries_differ(theirs, &ours);
}

const char *fuzz_request_differs(X509_REQ *theirs, struct der_slice info)
{
    static struct asn1_request ours;

    asn1_parse_request(info, &ours);
    if (ours.version != -1 && X509_REQ_get_version(theirs) != ours.version)
        return "version";
    if (!same_name(X509_REQ_get_subject_name(theirs), &ours.subject))
        return "subject";
    if (!same_key(X509_REQ_get_X509_PUBKEY(theirs), ours.public_key.tlv))
        return "subjectPKInfo";
    return NULL;
}

static const char *single_differs(OCSP_SINGLERESP *theirs, const struct asn1_single_response *ours)
{
    ASN1_OCTET_STRING *name_hash = NULL, *key_hash = NULL;
    ASN1_GENERALIZEDTIME *revoked = NULL, *this_update = NULL, *next_update = NULL;
    ASN1_OBJECT *hash = NULL;
    ASN1_INTEGER *serial = NULL;
    int reason = -1, status;

    /* libcrypto says pointers to what it does not change */
    if (OCSP_id_get0_info(&name_hash, &hash, &key_hash, &serial,
                          (OCSP_CERTID *)(uintptr_t)OCSP_SINGLERESP_get0_id(theirs)) != 1 ||
        !same_type(hash, ours->hash.type) || !same_text(name_hash, ours->issuer_name_hash) ||
        !same_text(key_hash, ours->issuer_key_hash) || !same_number(serial, ours->serial))
        return "certID";
    status = OCSP_single_get0_status(theirs, &reason, &revoked, &this_update, &next_update);
    /* a reason that is no small number libcrypto cuts off */
    if (status != ours->status || (!ours->reason_present && reason != -1) ||
        (ours->reason_present && ours->reason != -1 && reason != ours->reason) ||
        !same_time(revoked, &ours->revocation_time))
        return "certStatus";
    if (!same_time(this_update, &ours->this_update) || !same_time(next_update, &ours->next_update))
        return "thisUpdate";
    return NULL;
}

const char *fuzz_ocsp_differs(OCSP_BASICRESP *theirs, struct der_slice data)
{
    static struct asn1_ocsp_response ours;
    struct asn1_single_response single;
    const char *field = NULL;
    struct der_slice rest;
    int num = OCSP_resp_count(theirs), i = 0;

    asn1_parse_ocsp_response(data, &ours);
    if (!same_time(OCSP_resp_get0_produced_at(theirs), &ours.produced_at))
        return "producedAt";
    for (rest = ours.responses; field == NULL && asn1_ocsp_next_response(&rest, &single); i++)
        field = i < num ? single_differs(OCSP_resp_get0(theirs, i), &single) : "responses";
    return field == NULL && (i != num || (size_t)num != ours.num_responses) ? "responses" : field;
}
