/*
 * OCSP responses: SBR 4.9.9, 4.9.10, 7.1.3.2, 7.3; RFC 6960 section 4.2. What is to be signed names
 * no algorithm, so that it is the operation that is judged. The issuer certificate is that of the
 * signer: the CA, or a responder that the CA certified.
 */
#include "lint/algorithms.h"
#include "lint/checks/ca.h"
#include "lint/digest.h"

enum {
    STATUS_REVOKED = 1,
    REASON_UNSPECIFIED = 0,
    REASON_CERTIFICATE_HOLD = 6,
    REASON_UNUSED = 7,
    REASON_LAST = 10,
    NONCE_MAX = 32
};

/* SBR 4.9.10, in seconds */
#define HOUR 3600LL
#define DAY  (24 * HOUR)

/* Clocks differ. */
#define PERMITTED_SKEW 300

static const struct asn1_path produced_at_path = {NULL, "producedAt", {NULL, 0}, -1};
static const struct asn1_path responder_path = {NULL, "responderID", {NULL, 0}, -1};

/* True if the certificate has cA TRUE. */
static bool is_ca(const struct lint_issuer *certificate)
{
    return certificate->view.decoded.basic_constraints.x != NULL &&
           certificate->view.decoded.basic_constraints.ca;
}

/*
 * The CA whose certificates the response is about: the signer itself, or the CA that certified the
 * responder, where the policy names it (responder-issuer) or knows it (known-cas). NULL if it is
 * not known.
 */
static const struct lint_issuer *issuing_ca(const struct lint_context *context)
{
    const struct lint_policy *policy = context->request->policy;
    const struct lint_issuer *signer = context->issuer;

    if (signer == NULL || is_ca(signer))
        return signer;
    if (policy->responder_issuer != NULL &&
        der_equal(policy->responder_issuer->view.subject.tlv, signer->view.issuer.tlv))
        return policy->responder_issuer;
    for (size_t i = 0; i < policy->num_known_cas; i++) {
        if (der_equal(policy->known_cas[i]->view.subject.tlv, signer->view.issuer.tlv) &&
            is_ca(policy->known_cas[i]))
            return policy->known_cas[i];
    }
    return NULL;
}

/* SBR 4.9.10 sets intervals for subscriber certificates: the CA can certify nothing else. */
static bool is_for_subscribers(const struct lint_context *context)
{
    const struct lint_issuer *ca = issuing_ca(context);

    return ca != NULL && !ca->self_signed && ca->view.decoded.basic_constraints.path_len_present &&
           ca->view.decoded.basic_constraints.path_len == 0;
}

static void judge_algorithm(struct lint_context *context, struct der_slice tlv)
{
    const struct signature_encoding *encoding = NULL;
    struct asn1_algorithm algorithm;
    char buffer[LINT_QUOTE_MAX];

    if (!asn1_parse_algorithm(tlv, &algorithm)) {
        lint_found(context, RULE_OCSP_SIGALG_NOT_ALLOWED, NULL, context->ocsp.data,
                   "the operation has no AlgorithmIdentifier that can be read: %s",
                   lint_hex(context, tlv));
        return;
    }
    if (identify_signature(&algorithm, &encoding) != SIGNATURE_FINE)
        lint_found(context, RULE_OCSP_SIGALG_NOT_ALLOWED, NULL, context->ocsp.data, "%s (%s)",
                   signature_name(&algorithm, buffer, sizeof(buffer)), lint_hex(context, tlv));
    if (encoding != NULL && context->signer_key != NULL &&
        !signature_fits_key(encoding, context->signer_key))
        lint_found(context, RULE_OCSP_SIGALG_MISMATCH_SIGNER_KEY, NULL, context->ocsp.data,
                   "%s, and the key of the signer is another kind", encoding->name);
}

static void check_algorithm(struct lint_context *context)
{
    const struct lint_request *request = context->request;

    if (request->mechanism.len > 0)
        judge_algorithm(context, request->mechanism);
    if (request->outer_algorithm.len > 0 &&
        !der_equal(request->outer_algorithm, request->mechanism))
        judge_algorithm(context, request->outer_algorithm);
}

/* SBR 4.9.9, RFC 6960 section 4.2.2.3 */
static void check_signer(struct lint_context *context)
{
    const struct asn1_ocsp_response *ocsp = &context->ocsp;
    const struct asn1_certificate *signer;
    struct der_slice expected;
    uint8_t digest[LINT_SHA1_LEN];
    struct der_slice named;

    if (context->issuer == NULL)
        return;
    signer = &context->issuer->view;
    if (is_ca(context->issuer) && signer->decoded.key_usage.x != NULL &&
        (signer->decoded.key_usage.bits & CA_DIGITAL_SIGNATURE) == 0)
        lint_found(context, RULE_OCSP_RESPONDER_KEY_NO_DIGITAL_SIGNATURE, &responder_path,
                   ocsp->responder_by_name ? ocsp->responder_name.tlv : ocsp->responder_key_hash,
                   "keyUsage of the CA certificate lacks digitalSignature");
    if (ocsp->responder_by_name) {
        named = ocsp->responder_name.tlv;
        expected = signer->subject.tlv;
    } else {
        if (!lint_sha1(signer->public_key.key.data, signer->public_key.key.len, digest)) {
            lint_check_failed(context, RULE_OCSP_RESPONDER_ID_MISMATCH, "SHA-1 failed");
            return;
        }
        named = ocsp->responder_key_hash;
        expected = der_slice(digest, sizeof(digest));
    }
    if (!der_equal(named, expected))
        lint_found(context, RULE_OCSP_RESPONDER_ID_MISMATCH, &responder_path, named,
                   ocsp->responder_by_name ? "not the subject of the signer"
                                           : "not the SHA-1 digest of the key of the signer");
}

/* Digest name with the algorithm of a CertID; 0 if it is none of ours, -1 if it failed. */
static int hash_name(enum asn1_oid algorithm, struct der_slice name, uint8_t digest[64])
{
    bool done;
    int len;

    switch (algorithm) {
    case OID_SHA1:
        len = LINT_SHA1_LEN;
        done = lint_sha1(name.data, name.len, digest);
        break;
    case OID_SHA256:
        len = LINT_DIGEST_LEN;
        done = lint_sha256(name.data, name.len, digest);
        break;
    case OID_SHA384:
        len = LINT_SHA384_LEN;
        done = lint_sha384(name.data, name.len, digest);
        break;
    case OID_SHA512:
        len = LINT_SHA512_LEN;
        done = lint_sha512(name.data, name.len, digest);
        break;
    default:
        return 0;
    }
    return done ? len : -1;
}

/* True if the CertID names this CA; also if that cannot be told. */
static bool is_about(struct lint_context *context, const struct asn1_single_response *response,
                     struct der_slice ca_name)
{
    uint8_t digest[64];
    int len = hash_name(response->hash.oid, ca_name, digest);

    if (len < 0)
        lint_check_failed(context, RULE_OCSP_SIGNER_NOT_AUTHORISED, "a digest failed");
    return len <= 0 || der_equal(response->issuer_name_hash, der_slice(digest, (size_t)len));
}

static void check_authorisation(struct lint_context *context, const struct asn1_path *path,
                                const struct asn1_single_response *response)
{
    const struct asn1_certificate *signer;
    const char *detail = NULL;

    if (context->issuer == NULL)
        return;
    signer = &context->issuer->view;
    if (is_ca(context->issuer)) {
        if (!is_about(context, response, signer->subject.tlv))
            detail = "issuerNameHash is not that of the CA that signs";
    } else if (!is_about(context, response, signer->issuer.tlv)) {
        detail = "issuerNameHash is not that of the CA that certified the responder";
    } else if (!ca_has_purpose(&signer->decoded, OID_KP_OCSP_SIGNING)) {
        detail = "the certificate of the signer lacks OCSPSigning";
    } else if (signer->decoded.ocsp_nocheck.x == NULL) {
        detail = "the certificate of the signer lacks id-pkix-ocsp-nocheck";
    }
    if (detail != NULL)
        lint_found(context, RULE_OCSP_SIGNER_NOT_AUTHORISED, path, response->tlv, "%s", detail);
}

/* SBR 4.9.10 (1) to (4), for subscriber certificates. */
static void check_interval(struct lint_context *context, const struct asn1_path *response_path,
                           const struct asn1_single_response *response)
{
    const struct asn1_time *this_update = &response->this_update;
    const struct asn1_time *next_update = &response->next_update;
    struct asn1_path this_path = asn1_path(response_path, "thisUpdate");
    struct asn1_path next_path = asn1_path(response_path, "nextUpdate");
    int64_t now = context->request->now;
    int64_t interval, last;

    if (next_update->tlv.len == 0) {
        lint_found(context, RULE_OCSP_NEXT_UPDATE_MISSING, response_path, response->tlv,
                   "no nextUpdate");
        return;
    }
    if (!this_update->valid || !next_update->valid || next_update->seconds <= this_update->seconds)
        return;
    interval = next_update->seconds - this_update->seconds + 1;
    if (interval < 8 * HOUR)
        lint_found(context, RULE_OCSP_INTERVAL_TOO_SHORT, &next_path, next_update->tlv,
                   "%lld seconds, less than eight hours", (long long)interval);
    if (interval > 10 * DAY)
        lint_found(context, RULE_OCSP_INTERVAL_TOO_LONG, &next_path, next_update->tlv,
                   "%lld seconds, %lld more than ten days", (long long)interval,
                   (long long)(interval - 10 * DAY));
    if (interval < 16 * HOUR)
        last = next_update->seconds - interval / 2;
    else
        last = next_update->seconds - 8 * HOUR;
    if (this_update->seconds + 4 * DAY < last)
        last = this_update->seconds + 4 * DAY;
    /* A finished response was signed at a time of its own. */
    if (now > last && context->request->outer_algorithm.len == 0)
        lint_found(context, RULE_OCSP_STALE_THIS_UPDATE, &this_path, this_update->tlv,
                   "%s: new information was due by %s", lint_time(context, this_update->seconds),
                   lint_time(context, last));
}

static void check_response_times(struct lint_context *context,
                                 const struct asn1_path *response_path,
                                 const struct asn1_single_response *response)
{
    const struct asn1_time *produced_at = &context->ocsp.produced_at;
    const struct asn1_time *this_update = &response->this_update;
    const struct asn1_time *next_update = &response->next_update;
    struct asn1_path this_path = asn1_path(response_path, "thisUpdate");
    struct asn1_path next_path = asn1_path(response_path, "nextUpdate");

    if (this_update->valid && produced_at->valid && this_update->seconds > produced_at->seconds)
        lint_found(context, RULE_OCSP_PRODUCED_AT_ORDER, &this_path, this_update->tlv,
                   "%s, and producedAt is %s", lint_time(context, this_update->seconds),
                   lint_time(context, produced_at->seconds));
    if (next_update->valid && this_update->valid && next_update->seconds <= this_update->seconds)
        lint_found(context, RULE_OCSP_NEGATIVE_PERIOD, &next_path, next_update->tlv,
                   "not later than thisUpdate");
    if (context->issuer != NULL && issuing_ca(context) == NULL)
        context->no_responder_issuer = true;
    if (is_for_subscribers(context))
        check_interval(context, response_path, response);
}

static bool is_response_extension(enum asn1_oid oid)
{
    switch (oid) {
    case OID_EXT_OCSP_NONCE:
    case OID_EXT_OCSP_CRL:
    case OID_EXT_OCSP_ARCHIVE_CUTOFF:
    case OID_EXT_OCSP_EXTENDED_REVOKE:
    case OID_EXT_OCSP_SERVICE_LOCATOR:
    /* RFC 6960 section 4.4.5 takes over the CRL entry extensions. */
    case OID_EXT_REASON_CODE:
    case OID_EXT_INVALIDITY_DATE:
    case OID_EXT_CERTIFICATE_ISSUER:
    case OID_EXT_HOLD_INSTRUCTION:
        return true;
    default:
        return false;
    }
}

/* The step of an extension below parent. */
static struct asn1_path step_of(const struct asn1_path *parent,
                                const struct asn1_extension *extension)
{
    struct asn1_path path = asn1_path(parent, asn1_oid_name(extension->oid));

    if (path.name == NULL)
        path.oid = extension->type;
    return path;
}

static void check_known(struct lint_context *context, const struct asn1_path *parent,
                        const struct asn1_extension *extension)
{
    struct asn1_path path = step_of(parent, extension);

    if (extension->critical && !is_response_extension(extension->oid))
        lint_found(context, RULE_OCSP_UNKNOWN_CRITICAL_EXTENSION, &path, extension->tlv,
                   "critical is TRUE and the extension is not known");
}

static void check_single_extensions(struct lint_context *context,
                                    const struct asn1_path *response_path,
                                    const struct asn1_single_response *response)
{
    struct asn1_path parent = asn1_path(response_path, "singleExtensions");
    struct der_slice rest = response->extensions;
    struct asn1_extension extension;

    while (asn1_next_extension(&rest, &extension)) {
        struct asn1_path path = step_of(&parent, &extension);

        if (extension.oid == OID_EXT_REASON_CODE)
            lint_found(context, RULE_OCSP_REASON_CODE_IN_SINGLE_EXTENSIONS, &path, extension.tlv,
                       "reasonCode belongs into revocationReason");
        check_known(context, &parent, &extension);
    }
}

/* SBR 4.9.13, 7.2.2, for what the policy says that its responses are about (status-of). */
static void check_declared(struct lint_context *context, const struct asn1_path *path,
                           const struct asn1_single_response *response)
{
    enum lint_status_of status_of = context->request->policy->status_of;
    bool hold = response->reason_present && response->reason == REASON_CERTIFICATE_HOLD;

    if (response->status != STATUS_REVOKED)
        return;
    if (status_of == LINT_STATUS_OF_CAS && !response->reason_present)
        lint_found(context, RULE_OCSP_REASON_MISSING_FOR_CA, path, response->tlv,
                   "no revocationReason, and status-of is cas");
    if (hold && (status_of == LINT_STATUS_OF_CAS || status_of == LINT_STATUS_OF_STRICT))
        lint_found(context, RULE_OCSP_REASON_NOT_PERMITTED, path, response->tlv,
                   "certificateHold (6), and status-of is %s",
                   status_of == LINT_STATUS_OF_CAS ? "cas" : "strict");
}

static void check_response(struct lint_context *context, const struct asn1_path *path,
                           const struct asn1_single_response *response)
{
    struct asn1_path status = asn1_path(path, "certStatus");
    struct asn1_path reason = asn1_path(&status, "revocationReason");

    check_authorisation(context, path, response);
    check_response_times(context, path, response);
    if (response->status == STATUS_REVOKED && response->reason_present &&
        (response->reason == REASON_UNSPECIFIED || response->reason == REASON_UNUSED ||
         response->reason < 0 || response->reason > REASON_LAST) &&
        !(response->reason < 0 && lint_breach_within(context, response->tlv)))
        lint_found(context, RULE_OCSP_REASON_UNSPECIFIED_OR_UNDEFINED, &reason, response->tlv,
                   response->reason == REASON_UNSPECIFIED ? "unspecified (0)"
                                                          : "no defined reason");
    check_declared(context, &status, response);
    check_single_extensions(context, path, response);
}

/* RFC 8954 section 2.1 */
static void check_nonce(struct lint_context *context, const struct asn1_extension *extension)
{
    struct der_reader reader = der_reader(extension->value);
    struct asn1_path path = extension_path(extension);
    struct der_element nonce;

    if (der_read_tag(&reader, DER_OCTET_STRING, &nonce) != DER_OK)
        return;
    if (nonce.contents.len == 0 || nonce.contents.len > NONCE_MAX)
        lint_found(context, RULE_OCSP_NONCE_LENGTH, &path, extension->tlv, "%zu octets",
                   nonce.contents.len);
}

void check_ocsp(struct lint_context *context)
{
    const struct asn1_ocsp_response *ocsp = &context->ocsp;
    struct asn1_path version = asn1_path(NULL, "version");
    struct asn1_single_response response;
    struct der_slice rest = ocsp->responses;

    if (ocsp->version_tlv.len > 0)
        lint_found(context, RULE_OCSP_VERSION, &version, ocsp->version_tlv, "version is encoded");
    check_algorithm(context);
    check_signer(context);
    if (ocsp->produced_at.valid &&
        ocsp->produced_at.seconds - PERMITTED_SKEW > context->request->now)
        lint_found(context, RULE_OCSP_PRODUCED_AT_ORDER, &produced_at_path, ocsp->produced_at.tlv,
                   "%s, and it is %s", lint_time(context, ocsp->produced_at.seconds),
                   lint_time(context, context->request->now));
    for (int i = 0; asn1_ocsp_next_response(&rest, &response); i += i < 9999) {
        struct asn1_path path = asn1_path_index(NULL, "responses", i);

        check_response(context, &path, &response);
    }
    for (size_t i = 0; i < ocsp->extensions.num; i++) {
        check_known(context, &path_extensions, &ocsp->extensions.list[i]);
        if (ocsp->extensions.list[i].oid == OID_EXT_OCSP_NONCE)
            check_nonce(context, &ocsp->extensions.list[i]);
    }
}
