/*
 * The frame: breaches of DER and of the grammar, each as the catalogue row that names it, and what
 * the policy lets this key sign at all. Whatever else a check may overlook, nothing passes here
 * that was not both named and read to its last octet.
 */
#include <string.h>

#include "lint/judgement.h"

enum { ROW_BY_GRAMMAR = LINT_NUM_RULES };

/* ROW_BY_GRAMMAR: the row depends on what the object is. */
static const uint16_t breach_rows[] = {
    [ASN1_BREACH_GRAMMAR] = ROW_BY_GRAMMAR,
    [ASN1_BREACH_TRAILING_DATA] = RULE_DER_TRAILING_DATA,
    [ASN1_BREACH_LENGTH_NOT_MINIMAL] = RULE_DER_LENGTH_NOT_MINIMAL,
    [ASN1_BREACH_INDEFINITE_LENGTH] = RULE_DER_INDEFINITE_LENGTH,
    [ASN1_BREACH_TAG_NOT_MINIMAL] = RULE_DER_TAG_NOT_MINIMAL,
    [ASN1_BREACH_INTEGER_NOT_MINIMAL] = RULE_DER_INTEGER_NOT_MINIMAL,
    [ASN1_BREACH_BOOLEAN_ENCODING] = RULE_DER_BOOLEAN_ENCODING,
    [ASN1_BREACH_DEFAULT_VALUE_ENCODED] = RULE_DER_DEFAULT_VALUE_ENCODED,
    [ASN1_BREACH_SET_OF_ORDER] = RULE_DER_SET_OF_ORDER,
    [ASN1_BREACH_BITSTRING_UNUSED_BITS] = RULE_DER_BITSTRING_UNUSED_BITS,
    [ASN1_BREACH_STRING_CONSTRUCTED] = RULE_DER_BITSTRING_CONSTRUCTED,
    [ASN1_BREACH_OID_ENCODING] = RULE_DER_OID_ENCODING,
    [ASN1_BREACH_NULL_CONTENT] = RULE_DER_NULL_CONTENT,
    [ASN1_BREACH_UTF8_INVALID] = RULE_DER_UTF8_INVALID,
    [ASN1_BREACH_PRINTABLESTRING_CHARSET] = RULE_DER_PRINTABLESTRING_CHARSET,
    [ASN1_BREACH_IA5STRING_CHARSET] = RULE_DER_IA5STRING_CHARSET,
    [ASN1_BREACH_BMPSTRING] = RULE_DER_BMPSTRING_EVEN_LENGTH,
    [ASN1_BREACH_EXPLICIT_TAGGING] = RULE_DER_EXPLICIT_TAGGING,
    [ASN1_BREACH_EXTENSIONS_EMPTY] = RULE_DER_EXTENSIONS_EMPTY_SEQUENCE,
    [ASN1_BREACH_EXTENSION_UNDECODABLE] = RULE_DER_EXTENSION_VALUE_UNDECODABLE,
    [ASN1_BREACH_SEQUENCE_OF_EMPTY] = RULE_DER_SEQUENCE_OF_MIN_SIZE,
    [ASN1_BREACH_EMBEDDED_NUL] = RULE_DER_EMBEDDED_NUL,
    [ASN1_BREACH_VALIDITY_END_MISSING] = RULE_RFC5280_VALIDITY_END_MISSING,
    [ASN1_BREACH_UTCTIME_SYNTAX] = RULE_RFC5280_VALIDITY_UTCTIME_SYNTAX,
    [ASN1_BREACH_GENERALIZEDTIME_SYNTAX] = RULE_RFC5280_VALIDITY_GENERALIZEDTIME_SYNTAX,
    [ASN1_BREACH_NAME_NOT_RDNSEQUENCE] = RULE_RFC5280_SUBJECT_NOT_RDNSEQUENCE,
    [ASN1_BREACH_SPKI_BITSTRING] = RULE_SMIME_SPKI_BITSTRING,
    [ASN1_BREACH_TOO_MANY] = RULE_ENGINE_RULE_NOT_EVALUATED,
};

static enum lint_rule_number grammar_row(enum asn1_grammar grammar)
{
    switch (grammar) {
    case ASN1_GRAMMAR_CRL:
        return RULE_CRL_TBS_GRAMMAR;
    case ASN1_GRAMMAR_REQUEST:
        return RULE_CSR_GRAMMAR;
    case ASN1_GRAMMAR_OCSP_RESPONSE:
        return RULE_OCSP_RESPONSE_DATA_GRAMMAR;
    default:
        return RULE_DER_TBS_NOT_A_SEQUENCE;
    }
}

/* The row of certificates has a counterpart for the times of CRLs and OCSP responses. */
static enum lint_rule_number row_elsewhere(enum asn1_grammar grammar, enum asn1_breach_kind kind)
{
    if (kind != ASN1_BREACH_UTCTIME_SYNTAX && kind != ASN1_BREACH_GENERALIZEDTIME_SYNTAX)
        return grammar_row(grammar);
    if (grammar == ASN1_GRAMMAR_CRL)
        return RULE_CRL_TIME_ENCODING;
    return grammar == ASN1_GRAMMAR_OCSP_RESPONSE ? RULE_OCSP_TIMES_FRACTIONAL
                                                 : grammar_row(grammar);
}

static bool refuses(const struct lint_context *context, enum lint_rule_number rule)
{
    return lint_rules[rule].severity == LINT_ERROR && lint_binds(context, rule);
}

/*
 * The most telling row that refuses this object. Not every row binds every object (issuer is not
 * subject, a CRL has no validity), and a breach must never go without a finding for that reason.
 */
static enum lint_rule_number breach_row(const struct lint_context *context,
                                        const struct asn1_breach *breach)
{
    enum asn1_grammar grammar = context->report->grammar;
    uint16_t row = breach_rows[breach->kind];
    enum lint_rule_number rule =
        row == ROW_BY_GRAMMAR ? grammar_row(grammar) : (enum lint_rule_number)row;

    if (rule == RULE_RFC5280_SUBJECT_NOT_RDNSEQUENCE && strcmp(breach->path, "subject") != 0)
        rule = grammar_row(grammar);
    if (refuses(context, rule))
        return rule;
    rule = row_elsewhere(grammar, breach->kind);
    if (refuses(context, rule))
        return rule;
    rule = grammar_row(grammar);
    return refuses(context, rule) ? rule : RULE_ENGINE_OBJECT_UNKNOWN;
}

/* The offending octets: as text where they are meant to be text, else in hexadecimal. */
static const char *show(struct lint_context *context, const struct asn1_breach *breach)
{
    struct der_reader reader = der_reader(breach->at);
    struct der_element element;

    switch (breach->kind) {
    case ASN1_BREACH_UTF8_INVALID:
    case ASN1_BREACH_PRINTABLESTRING_CHARSET:
    case ASN1_BREACH_IA5STRING_CHARSET:
    case ASN1_BREACH_EMBEDDED_NUL:
    case ASN1_BREACH_UTCTIME_SYNTAX:
    case ASN1_BREACH_GENERALIZEDTIME_SYNTAX:
        if (der_read(&reader, &element) != DER_OK)
            break;
        return lint_quote(context,
                          der_is_character_string(element.tag) ? element.tag : DER_IA5_STRING,
                          element.contents);
    default:
        break;
    }
    return lint_hex(context, breach->at);
}

static void report_breach(struct lint_context *context, const struct asn1_breach *breach)
{
    struct asn1_path path = asn1_path(NULL, breach->path);
    const char *note = breach->note != NULL ? breach->note : "";
    const char *separator = breach->note != NULL ? ": " : "";

    if (breach->kind == ASN1_BREACH_TOO_MANY) {
        lint_found(context, RULE_ENGINE_RULE_NOT_EVALUATED, &path, breach->at,
                   "too many %s: what lies beyond could not be judged",
                   breach->note != NULL ? breach->note : "elements");
        return;
    }
    lint_found(context, breach_row(context, breach), &path, breach->at, "%s%s%s", note, separator,
               show(context, breach));
}

static void report_breaches(struct lint_context *context)
{
    const struct asn1_breaches *breaches = lint_breaches(context);

    for (size_t i = 0; i < breaches->num; i++)
        report_breach(context, &breaches->list[i]);
}

/* Kinds in the words of an operator. */
static const char *describe(enum lint_kind kind)
{
    switch (kind) {
    case LINT_KIND_SUBSCRIBER:
        return "an S/MIME subscriber certificate";
    case LINT_KIND_SUBORDINATE_CA:
        return "a subordinate CA certificate (basicConstraints cA TRUE)";
    case LINT_KIND_CROSS:
        return "a cross certificate for a known CA";
    case LINT_KIND_ROOT:
        return "a root CA certificate (self-signed, basicConstraints cA TRUE)";
    case LINT_KIND_ROLLOVER:
        return "a self-issued CA certificate for another key";
    case LINT_KIND_OCSP_RESPONDER:
        return "an OCSP responder certificate (extKeyUsage OCSPSigning)";
    case LINT_KIND_CRL:
        return "a CRL";
    case LINT_KIND_OCSP_RESPONSE:
        return "an OCSP response";
    case LINT_KIND_REQUEST:
        return "a certification request";
    default:
        return "no S/MIME certificate (neither a reserved policy identifier nor emailProtection), "
               "which no policy permits";
    }
}

static bool has_purpose(const struct lint_context *context, enum asn1_oid oid)
{
    const struct asn1_decoded_extensions *decoded = &context->certificate.decoded;

    if (decoded->ext_key_usage.x == NULL || !decoded->ext_key_usage.x->decoded)
        return false;
    for (uint16_t i = 0; i < decoded->ext_key_usage.num; i++) {
        if (decoded->ext_key_usage.purposes[i].oid == oid)
            return true;
    }
    return false;
}

/* What the policy lets this key sign: the kind, then the profile. */
static void check_kind(struct lint_context *context)
{
    const struct lint_policy *policy = context->request->policy;
    struct der_slice at = der_slice(NULL, 0);

    if (context->kind == LINT_KIND_UNKNOWN || (policy->objects & LINT_SCOPE(context->kind)) != 0)
        return;
    if (context->kind == LINT_KIND_OTHER && has_purpose(context, OID_KP_SERVER_AUTH))
        lint_found(
            context, RULE_ENGINE_OBJECT_NOT_PERMITTED, NULL, at,
            "this is a TLS server certificate (extKeyUsage serverAuth), which no policy permits");
    else
        lint_found(context, RULE_ENGINE_OBJECT_NOT_PERMITTED, NULL, at, "this is %s",
                   describe(context->kind));
}

/* Index of the policy identifier that names this profile; num if there is none. */
static uint16_t find_policy(const struct asn1_decoded_extensions *decoded,
                            struct lint_profile profile)
{
    enum asn1_oid oid = lint_profile_policy(profile);
    uint16_t i = 0;

    while (i < decoded->policies.num && decoded->policies.policies[i].oid != oid)
        i++;
    return i;
}

static void check_profile(struct lint_context *context)
{
    const struct asn1_decoded_extensions *decoded = &context->certificate.decoded;
    const struct asn1_path extensions = asn1_path(NULL, "extensions");
    struct asn1_path policy = asn1_path_index(&extensions, "certificatePolicies", 0);
    uint16_t bit = lint_profile_bit(context->profile);
    uint16_t i;

    if (context->kind != LINT_KIND_SUBSCRIBER || bit == 0 ||
        (context->request->policy->profiles & bit) != 0)
        return;
    if (decoded->policies.x == NULL || !decoded->policies.x->decoded ||
        (i = find_policy(decoded, context->profile)) == decoded->policies.num) {
        lint_found(context, RULE_ENGINE_PROFILE_NOT_PERMITTED, NULL, der_slice(NULL, 0), "%s",
                   lint_profile_name(context->profile));
        return;
    }
    policy.index = i;
    lint_found(context, RULE_ENGINE_PROFILE_NOT_PERMITTED, &policy,
               decoded->policies.policies[i].tlv, "%s", lint_profile_name(context->profile));
}

/* Structures that other keys sign, in the words of an operator. */
static const char *describe_foreign(enum asn1_grammar grammar)
{
    switch (grammar) {
    case ASN1_GRAMMAR_CMS_SIGNED_ATTRIBUTES:
        return "the signed attributes of a CMS message";
    case ASN1_GRAMMAR_TIME_STAMP:
        return "a time-stamp (TSTInfo)";
    case ASN1_GRAMMAR_CRMF_REQUEST:
        return "a CRMF certificate request";
    case ASN1_GRAMMAR_SPKAC:
        return "a public key and challenge (SPKAC)";
    case ASN1_GRAMMAR_ATTRIBUTE_CERTIFICATE:
        return "an attribute certificate";
    default:
        return asn1_grammar_name(grammar);
    }
}

/* RFC 8446 section 4.4.3: what a TLS server or client signs begins with 64 spaces. */
static bool is_handshake(struct der_slice object)
{
    static const char tls[] = "TLS 1.3, ";
    enum { NUM_SPACES = 64 };

    if (object.len < NUM_SPACES + sizeof(tls) - 1)
        return false;
    for (size_t i = 0; i < NUM_SPACES; i++) {
        if (object.data[i] != ' ')
            return false;
    }
    return memcmp(object.data + NUM_SPACES, tls, sizeof(tls) - 1) == 0;
}

/* Name what the object looks like, if it is something that other keys sign. */
static void report_unknown(struct lint_context *context)
{
    struct der_slice object = context->request->object;

    if (object.len == 0)
        lint_found(context, RULE_ENGINE_OBJECT_UNKNOWN, NULL, object, "there are no octets");
    else if (is_handshake(object))
        lint_found(context, RULE_ENGINE_OBJECT_UNKNOWN, NULL, object,
                   "this looks like the handshake of a TLS server or client");
    else if (context->report->grammar == ASN1_GRAMMAR_UNKNOWN)
        lint_found(context, RULE_ENGINE_OBJECT_UNKNOWN, NULL, object,
                   "%zu octet%s of no known structure: %s", object.len, object.len == 1 ? "" : "s",
                   lint_hex(context, object));
    else
        lint_found(context, RULE_ENGINE_OBJECT_UNKNOWN, NULL, object, "this looks like %s",
                   describe_foreign(context->report->grammar));
}

/* Sizes that all clients are known to take. A CRL may be large: it has its own limits. */
static void check_size(struct lint_context *context)
{
    enum { MOST_OCTETS = 64 * 1024, MOST_NAMES = 100, MOST_RDNS = 50 };
    const struct asn1_certificate *certificate = &context->certificate;
    const struct asn1_decoded_extensions *decoded = &certificate->decoded;
    size_t len = context->request->object.len;
    struct asn1_path extensions = asn1_path(NULL, "extensions");
    struct asn1_path san = asn1_path(&extensions, "subjectAltName");
    struct asn1_path subject = asn1_path(NULL, "subject");

    if (context->report->grammar == ASN1_GRAMMAR_CRL)
        return;
    if (len > MOST_OCTETS)
        lint_found(context, RULE_DER_SIZE_LIMITS, NULL, context->request->object,
                   "%zu octets, more than %d", len, MOST_OCTETS);
    if (context->report->grammar != ASN1_GRAMMAR_CERTIFICATE)
        return;
    if (decoded->subject_alt_name.x != NULL && decoded->subject_alt_name.x->decoded &&
        decoded->subject_alt_name.names.num > MOST_NAMES)
        lint_found(context, RULE_DER_SIZE_LIMITS, &san, decoded->subject_alt_name.x->tlv,
                   "%u names, more than %d", (unsigned)decoded->subject_alt_name.names.num,
                   MOST_NAMES);
    if (certificate->subject.num_rdns > MOST_RDNS)
        lint_found(context, RULE_DER_SIZE_LIMITS, &subject, certificate->subject.tlv,
                   "%u RDNs, more than %d", (unsigned)certificate->subject.num_rdns, MOST_RDNS);
}

void check_envelope(struct lint_context *context)
{
    enum asn1_grammar grammar = context->report->grammar;

    if (lint_breaches(context) == NULL) {
        report_unknown(context);
        return;
    }
    report_breaches(context);
    if (!lint_is_complete(context) && lint_breaches(context)->num == 0)
        lint_found(context, RULE_ENGINE_OBJECT_UNKNOWN, NULL, context->request->object,
                   "the %s could not be read to its end", asn1_grammar_name(grammar));
    check_kind(context);
    check_profile(context);
    if (lint_is_complete(context))
        check_size(context);
}
