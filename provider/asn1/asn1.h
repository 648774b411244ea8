/*
 * One view per grammar that a CA key signs: TBSCertificate, TBSCertList, CertificationRequestInfo
 * (RFC 5280, RFC 2986) and OCSP ResponseData (RFC 6960). A view holds slices of the input; its
 * arrays are bounded, so parsing never allocates. Everything that breaks the grammar is listed as
 * a breach with its place; a parser carries on as long as the structure lets it.
 *
 * The views decode what the requirements judge and judge nothing themselves.
 */
#ifndef SMIMEBR_ASN1_ASN1_H
#define SMIMEBR_ASN1_ASN1_H

#include "asn1/oid.h"
#include "asn1/path.h"
#include "der/der.h"

enum {
    ASN1_MAX_ATTRIBUTES = 64,
    ASN1_MAX_EXTENSIONS = 64,
    ASN1_MAX_GENERAL_NAMES = 256,
    ASN1_MAX_POLICIES = 64,
    ASN1_MAX_QUALIFIERS = 64,      /* over all policies of a certificate */
    ASN1_MAX_PURPOSES = 64,
    ASN1_MAX_POINT_NAMES = 128,    /* over all distribution points */
    ASN1_MAX_POINTS = 64,
    ASN1_MAX_ACCESS = 64,
    ASN1_MAX_SUBTREES = 256,
    ASN1_MAX_STATEMENTS = 64,
    ASN1_MAX_MAPPINGS = 64,
    ASN1_MAX_BREACHES = 24
};

/* The grammar that the outer children name; see asn1_classify. */
enum asn1_grammar {
    ASN1_GRAMMAR_UNKNOWN = 0,
    ASN1_GRAMMAR_CERTIFICATE,
    ASN1_GRAMMAR_CRL,
    ASN1_GRAMMAR_REQUEST,
    ASN1_GRAMMAR_OCSP_RESPONSE,
    /* known, and signed by no key of ours */
    ASN1_GRAMMAR_CMS_SIGNED_ATTRIBUTES,
    ASN1_GRAMMAR_TIME_STAMP,
    ASN1_GRAMMAR_CRMF_REQUEST,
    ASN1_GRAMMAR_SPKAC,
    ASN1_GRAMMAR_ATTRIBUTE_CERTIFICATE
};

/*
 * Breaches of the encoding or of the grammar. Each has one row in the catalogue; the grammar row
 * depends on the object (der.tbs.not_a_sequence, crl.tbs.grammar, ...).
 */
enum asn1_breach_kind {
    ASN1_BREACH_GRAMMAR = 0,              /* elements missing, of another type, cut off, extra */
    ASN1_BREACH_TRAILING_DATA,
    ASN1_BREACH_LENGTH_NOT_MINIMAL,
    ASN1_BREACH_INDEFINITE_LENGTH,
    ASN1_BREACH_TAG_NOT_MINIMAL,
    ASN1_BREACH_INTEGER_NOT_MINIMAL,
    ASN1_BREACH_BOOLEAN_ENCODING,
    ASN1_BREACH_DEFAULT_VALUE_ENCODED,
    ASN1_BREACH_SET_OF_ORDER,
    ASN1_BREACH_BITSTRING_UNUSED_BITS,
    ASN1_BREACH_STRING_CONSTRUCTED,
    ASN1_BREACH_OID_ENCODING,
    ASN1_BREACH_NULL_CONTENT,
    ASN1_BREACH_UTF8_INVALID,
    ASN1_BREACH_PRINTABLESTRING_CHARSET,
    ASN1_BREACH_IA5STRING_CHARSET,
    ASN1_BREACH_BMPSTRING,
    ASN1_BREACH_EXPLICIT_TAGGING,
    ASN1_BREACH_EXTENSIONS_EMPTY,
    ASN1_BREACH_EXTENSION_UNDECODABLE,
    ASN1_BREACH_SEQUENCE_OF_EMPTY,
    ASN1_BREACH_EMBEDDED_NUL,
    ASN1_BREACH_VALIDITY_END_MISSING,
    ASN1_BREACH_UTCTIME_SYNTAX,
    ASN1_BREACH_GENERALIZEDTIME_SYNTAX,
    ASN1_BREACH_NAME_NOT_RDNSEQUENCE,
    ASN1_BREACH_SPKI_BITSTRING,
    ASN1_BREACH_TOO_MANY                  /* a bound of this file: what lies beyond is not judged */
};

struct asn1_breach {
    enum asn1_breach_kind kind;
    struct der_slice at;        /* the element, or the octets, that break it */
    const char *note;           /* a constant that says more, such as "serialNumber"; may be NULL */
    char path[ASN1_PATH_MAX];
};

struct asn1_breaches {
    size_t num;                 /* stored, at most ASN1_MAX_BREACHES */
    size_t more;                /* counted beyond that */
    struct asn1_breach list[ASN1_MAX_BREACHES];
};

struct asn1_time {
    struct der_slice tlv;       /* empty if absent */
    uint8_t tag;                /* DER_UTCTIME or DER_GENERALIZEDTIME */
    struct der_slice contents;
    bool valid;                 /* seconds is meaningful */
    int64_t seconds;            /* since 1970-01-01T00:00:00Z */
};

/* AttributeTypeAndValue */
struct asn1_attribute {
    struct der_slice tlv;
    struct der_slice type;      /* OID contents */
    enum asn1_oid oid;
    struct der_slice value_tlv;
    uint8_t value_tag;
    struct der_slice value;     /* contents */
    bool value_valid;           /* the value passed the checks of its string type */
    uint16_t absent;            /* enum der_octet_class that its value lacks; 0: not known */
    uint16_t rdn;               /* index of its RelativeDistinguishedName */
    uint16_t occurrence;        /* how many of the same type came before in this name */
};

struct asn1_name {
    struct der_slice tlv;       /* the whole Name; empty if absent */
    uint16_t num_rdns;
    uint16_t num_attributes;
    struct asn1_attribute attributes[ASN1_MAX_ATTRIBUTES];
};

struct asn1_algorithm {
    struct der_slice tlv;       /* the whole AlgorithmIdentifier */
    struct der_slice type;      /* OID contents */
    enum asn1_oid oid;
    struct der_slice parameters_tlv; /* empty if absent */
};

/* SubjectPublicKeyInfo */
struct asn1_public_key {
    struct der_slice tlv;
    struct asn1_algorithm algorithm;
    enum asn1_oid curve;        /* for id-ecPublicKey with a namedCurve: its number, else unknown */
    struct der_slice bits_tlv;  /* the BIT STRING */
    struct der_slice key;       /* its contents without the unused-bits octet */
    bool key_valid;             /* BIT STRING with zero unused bits and at least one octet */
};

/* GeneralName: number is the context tag 0..8. */
enum asn1_general_name_number {
    ASN1_OTHER_NAME = 0, ASN1_RFC822_NAME, ASN1_DNS_NAME, ASN1_X400_ADDRESS, ASN1_DIRECTORY_NAME,
    ASN1_EDI_PARTY_NAME, ASN1_URI, ASN1_IP_ADDRESS, ASN1_REGISTERED_ID
};

struct asn1_general_name {
    struct der_slice tlv;
    uint8_t number;             /* enum asn1_general_name_number */
    struct der_slice value;     /* contents; directoryName: the Name TLV; otherName: see below */
    struct der_slice other_type;      /* otherName: OID contents of type-id */
    enum asn1_oid other_oid;
    uint8_t other_value_tag;          /* otherName: tag of the typed value inside [0] EXPLICIT */
    struct der_slice other_value_tlv; /* otherName: the typed value, empty if [0] is malformed */
    struct der_slice other_value;     /* otherName: its contents */
    bool other_tagging_valid;         /* [0] EXPLICIT around exactly one element */
};

struct asn1_general_names {
    uint16_t num;
    struct asn1_general_name names[ASN1_MAX_GENERAL_NAMES];
};

struct asn1_extension {
    struct der_slice tlv;
    struct der_slice type;      /* OID contents */
    enum asn1_oid oid;
    bool critical;
    struct der_slice value;     /* contents of extnValue */
    bool decoded;               /* the value passed its grammar and the decoded form is usable */
};

struct asn1_extensions {
    struct der_slice tlv;       /* the Extensions SEQUENCE; empty if absent */
    bool present;
    uint16_t num;
    struct asn1_extension list[ASN1_MAX_EXTENSIONS];
};

struct asn1_policy_qualifier {
    struct der_slice tlv;
    struct der_slice type;      /* OID contents */
    enum asn1_oid oid;
    struct der_slice qualifier_tlv; /* empty if absent */
    uint8_t qualifier_tag;
    struct der_slice qualifier; /* contents; CPS pointer: the URI */
    /* user notice */
    bool notice_ref;
    bool explicit_text;
    uint8_t text_tag;
    struct der_slice text;
};

struct asn1_policy {
    struct der_slice tlv;
    struct der_slice type;      /* OID contents of policyIdentifier */
    enum asn1_oid oid;
    bool qualifiers_present;
    uint16_t first_qualifier;   /* into qualifiers[] */
    uint16_t num_qualifiers;
};

struct asn1_purpose {
    struct der_slice tlv;
    struct der_slice type;
    enum asn1_oid oid;
};

struct asn1_point_name {
    uint16_t point;             /* index of its DistributionPoint */
    struct asn1_general_name name;
};

struct asn1_point {
    struct der_slice tlv;
    bool name_present;          /* distributionPoint [0] */
    bool relative_name;         /* nameRelativeToCRLIssuer */
    bool full_name;             /* fullName */
    uint16_t first_name;        /* into names[] */
    uint16_t num_names;
    bool reasons_present;
    bool crl_issuer_present;
    struct der_slice crl_issuer; /* contents of cRLIssuer: GeneralName elements */
};

struct asn1_points {
    uint16_t num;
    struct asn1_point points[ASN1_MAX_POINTS];
    uint16_t num_names;
    struct asn1_point_name names[ASN1_MAX_POINT_NAMES];
};

struct asn1_access {
    struct der_slice tlv;
    struct der_slice method;    /* OID contents */
    enum asn1_oid oid;
    struct asn1_general_name location;
};

struct asn1_subtree {
    struct der_slice tlv;
    bool excluded;
    struct asn1_general_name base;
    bool minimum_present;
    bool maximum_present;
};

/* QCStatement, SMIMECapability, policy mapping (second identifier in value), SDA Attribute. */
struct asn1_typed {
    struct der_slice tlv;
    struct der_slice type;      /* OID contents */
    enum asn1_oid oid;
    struct der_slice value_tlv; /* empty if absent; Attribute: the SET */
};

struct asn1_typed_list {
    uint16_t num;
    struct asn1_typed list[ASN1_MAX_STATEMENTS];
};

/*
 * The decoded certificate extensions. `x` points into the extensions array of the same view and is
 * NULL when the extension is absent; the first one counts when an extension occurs twice. The rest
 * is meaningful only when x != NULL and x->decoded.
 */
struct asn1_decoded_extensions {
    struct {
        const struct asn1_extension *x;
        bool ca;
        bool path_len_present;
        bool path_len_negative;
        int64_t path_len;       /* INT64_MAX when too large to matter */
    } basic_constraints;
    struct {
        const struct asn1_extension *x;
        uint16_t bits;          /* bit n of the named bit list is (1 << n): digitalSignature = 1 << 0 */
        struct der_slice value; /* BIT STRING contents with the unused-bits octet */
    } key_usage;
    struct {
        const struct asn1_extension *x;
        uint16_t num;
        struct asn1_purpose purposes[ASN1_MAX_PURPOSES];
    } ext_key_usage;
    struct {
        const struct asn1_extension *x;
        uint16_t num;
        struct asn1_policy policies[ASN1_MAX_POLICIES];
        uint16_t num_qualifiers;
        struct asn1_policy_qualifier qualifiers[ASN1_MAX_QUALIFIERS];
    } policies;
    struct {
        const struct asn1_extension *x;
        struct asn1_general_names names;
    } subject_alt_name;
    struct {
        const struct asn1_extension *x;
        struct asn1_general_names names;
    } issuer_alt_name;
    struct {
        const struct asn1_extension *x;
        struct asn1_points points;
    } crl_distribution_points;
    struct {
        const struct asn1_extension *x;
        struct asn1_points points;
    } freshest_crl;
    struct {
        const struct asn1_extension *x;
        uint16_t num;
        struct asn1_access access[ASN1_MAX_ACCESS];
    } authority_info_access;
    struct {
        const struct asn1_extension *x;
        uint16_t num;
        struct asn1_access access[ASN1_MAX_ACCESS];
    } subject_info_access;
    struct {
        const struct asn1_extension *x;
        bool key_identifier_present;
        struct der_slice key_identifier;
        bool issuer_present;
        bool serial_present;
    } authority_key_identifier;
    struct {
        const struct asn1_extension *x;
        struct der_slice key_identifier; /* contents of the inner OCTET STRING */
    } subject_key_identifier;
    struct {
        const struct asn1_extension *x;
        bool permitted_present;
        bool excluded_present;
        uint16_t num;
        struct asn1_subtree subtrees[ASN1_MAX_SUBTREES];
    } name_constraints;
    struct {
        const struct asn1_extension *x;
        uint16_t num;
        struct {
            struct der_slice tlv;
            struct der_slice issuer_domain, subject_domain; /* OID contents */
        } mappings[ASN1_MAX_MAPPINGS];
    } policy_mappings;
    struct {
        const struct asn1_extension *x;
        bool require_explicit_present;
        bool inhibit_mapping_present;
    } policy_constraints;
    struct {
        const struct asn1_extension *x;
        struct der_slice skip_certs; /* INTEGER contents */
    } inhibit_any_policy;
    struct {
        const struct asn1_extension *x;
        struct asn1_typed_list attributes;
    } subject_directory_attributes;
    struct {
        const struct asn1_extension *x;
        struct asn1_typed_list statements;
    } qc_statements;
    struct {
        const struct asn1_extension *x;
        struct asn1_typed_list capabilities;
    } smime_capabilities;
    struct {
        const struct asn1_extension *x;
        uint8_t tag;
        struct der_slice value;
    } lei;
    struct {
        const struct asn1_extension *x;
        uint8_t tag;
        struct der_slice value;
    } lei_role;
    struct {
        const struct asn1_extension *x;
    } ocsp_nocheck;
};

struct asn1_certificate {
    struct der_slice tbs;               /* the whole TBSCertificate */
    struct der_slice version_tlv;       /* the [0] element; empty if absent */
    int version;                        /* 1..3 as in "v3"; 0 if another number is encoded */
    struct der_slice serial_tlv;
    struct der_slice serial;            /* INTEGER contents */
    struct asn1_algorithm signature;
    struct asn1_name issuer;
    struct der_slice validity_tlv;
    struct asn1_time not_before;
    struct asn1_time not_after;
    struct asn1_name subject;
    struct asn1_public_key public_key;
    struct der_slice issuer_unique_id_tlv;
    struct der_slice subject_unique_id_tlv;
    struct asn1_extensions extensions;
    struct asn1_decoded_extensions decoded;
    bool complete;                      /* every field down to the extensions could be read */
    struct asn1_breaches breaches;
};

struct asn1_crl_entry {
    struct der_slice tlv;
    struct der_slice serial;            /* INTEGER contents */
    struct asn1_time revocation_date;
    bool extensions_present;
    bool reason_present;
    bool reason_critical;
    int reason;                         /* -1 if it is no small number */
    struct der_slice reason_tlv;        /* the Extension */
    struct der_slice extensions;        /* contents of the entry's Extensions */
};

struct asn1_crl {
    struct der_slice tbs;
    struct der_slice version_tlv;       /* empty if absent */
    int version;                        /* 2 when encoded as 1; 1 when absent; 0 otherwise */
    struct asn1_algorithm signature;
    struct asn1_name issuer;
    struct asn1_time this_update;
    struct asn1_time next_update;       /* tlv empty if absent */
    bool revoked_present;
    struct der_slice revoked;           /* contents of revokedCertificates, for asn1_crl_next_entry */
    size_t num_revoked;
    struct asn1_extensions extensions;
    struct {
        const struct asn1_extension *x;
        struct der_slice number;        /* INTEGER contents */
    } crl_number;
    struct {
        const struct asn1_extension *x;
        bool key_identifier_present;
        struct der_slice key_identifier;
    } authority_key_identifier;
    struct {
        const struct asn1_extension *x;
        struct der_slice base_number;   /* INTEGER contents */
    } delta_indicator;
    struct {
        const struct asn1_extension *x;
        bool empty;
        bool name_present;
        struct der_slice name;          /* contents of distributionPoint [0] */
        bool only_user_certs, only_ca_certs, only_some_reasons, indirect, only_attribute_certs;
    } issuing_distribution_point;
    const struct asn1_extension *freshest_crl;
    const struct asn1_extension *issuer_alt_name;
    struct {
        const struct asn1_extension *x;
        struct asn1_time time;
    } expired_certs_on_crl;
    bool complete;
    struct asn1_breaches breaches;
};

/* CertificationRequestInfo of PKCS #10 */
struct asn1_request {
    struct der_slice info;
    struct der_slice version_tlv;
    int64_t version;                    /* the encoded number, 0 for v1; -1 if no small number */
    struct asn1_name subject;
    struct asn1_public_key public_key;
    struct der_slice attributes_tlv;    /* the [0] element */
    bool complete;
    struct asn1_breaches breaches;
};

struct asn1_single_response {
    struct der_slice tlv;
    struct asn1_algorithm hash;
    struct der_slice issuer_name_hash, issuer_key_hash;
    struct der_slice serial;
    uint8_t status;                     /* 0 good, 1 revoked, 2 unknown */
    struct asn1_time revocation_time;
    bool reason_present;
    int reason;                         /* -1 if it is no small number */
    struct asn1_time this_update;
    struct asn1_time next_update;       /* tlv empty if absent */
    struct der_slice extensions;        /* contents of singleExtensions' SEQUENCE; empty if absent */
};

/* ResponseData of a BasicOCSPResponse */
struct asn1_ocsp_response {
    struct der_slice data;
    struct der_slice version_tlv;       /* empty if absent */
    bool responder_by_name;
    struct asn1_name responder_name;
    struct der_slice responder_key_hash;
    struct asn1_time produced_at;
    struct der_slice responses;         /* contents of responses, for asn1_ocsp_next_response */
    size_t num_responses;
    struct asn1_extensions extensions;
    bool complete;
    struct asn1_breaches breaches;
};

/*
 * Name the grammar that is meant, from the tags of the outer children alone; the sequences are
 * disjoint, so that no two grammars can claim the same octets. Encoding faults further in do not
 * matter here.
 */
enum asn1_grammar asn1_classify(struct der_slice object);

/* "certificate", "crl", "request", "ocsp", "signed attributes", ...; "unknown". */
const char *asn1_grammar_name(enum asn1_grammar grammar);

/*
 * Parse one to-be-signed object in full. The view is overwritten; it points into object. These
 * return nothing: what is wrong is in view->breaches, and a view with none is strict DER of
 * exactly that grammar.
 */
void asn1_parse_certificate(struct der_slice object, struct asn1_certificate *view);
void asn1_parse_crl(struct der_slice object, struct asn1_crl *view);
void asn1_parse_request(struct der_slice object, struct asn1_request *view);
void asn1_parse_ocsp_response(struct der_slice object, struct asn1_ocsp_response *view);

/*
 * Parse a Name at path (for example a directoryName of the SAN), adding breaches.
 * False if it is no RDNSequence at all.
 */
bool asn1_parse_name(struct der_slice name_tlv, const struct asn1_path *path,
                     struct asn1_name *name, struct asn1_breaches *breaches);

/* Parse one AlgorithmIdentifier that fills tlv exactly; false if it is none. */
bool asn1_parse_algorithm(struct der_slice tlv, struct asn1_algorithm *algorithm);

/* Parse one SubjectPublicKeyInfo that fills tlv exactly; false if it is none. */
bool asn1_parse_public_key(struct der_slice tlv, struct asn1_public_key *key);

/*
 * Step through revokedCertificates or responses; start with *rest = view->revoked (or responses).
 * False at the end or at an element that could not be read (the parser has reported it).
 */
bool asn1_crl_next_entry(struct der_slice *rest, struct asn1_crl_entry *entry);
bool asn1_ocsp_next_response(struct der_slice *rest, struct asn1_single_response *response);

/* Step through the contents of an Extensions SEQUENCE, for entry and single extensions. */
bool asn1_next_extension(struct der_slice *rest, struct asn1_extension *extension);

/*
 * Split a finished object, SEQUENCE { tbs, AlgorithmIdentifier, BIT STRING }, without looking into
 * tbs. False if it is none or octets follow. For a finished OCSP response the BasicOCSPResponse.
 */
bool asn1_split_signed(struct der_slice object, struct der_slice *tbs,
                       struct der_slice *algorithm_tlv, struct der_slice *signature_bits);

/* The first attribute of this type, or NULL. */
const struct asn1_attribute *asn1_find_attribute(const struct asn1_name *name, enum asn1_oid oid);

#endif
