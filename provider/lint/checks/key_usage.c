/* keyUsage and extKeyUsage: SBR 7.1.2.3 (e), (f); RFC 5280 sections 4.2.1.3 and 4.2.1.12. */
#include "lint/checks/statements.h"

enum {
    DS = 1u << 0, /* digitalSignature */
    NR = 1u << 1, /* nonRepudiation */
    KE = 1u << 2, /* keyEncipherment */
    DE = 1u << 3, /* dataEncipherment */
    KA = 1u << 4, /* keyAgreement */
    CS = 1u << 5, /* keyCertSign */
    RS = 1u << 6, /* cRLSign */
    EO = 1u << 7, /* encipherOnly */
    DO = 1u << 8, /* decipherOnly */
    DEFINED = (1u << 9) - 1
};

enum key_type { KEY_OTHER, KEY_RSA, KEY_EC, KEY_EDDSA, KEY_ML_DSA, KEY_ML_KEM };

enum { STRICT = LINT_STRICT, OTHERS = LINT_LEGACY | LINT_MULTIPURPOSE, ALL = STRICT | OTHERS };

/*
 * The tables of SBR 7.1.2.3 (e). A certificate fits if its bits fit one row of its key type and
 * Generation: all of `set`, and beyond them only bits of `may`. "encipherOnly or decipherOnly" is
 * exclusive and is two rows.
 */
static const struct usage {
    enum key_type key;
    uint8_t generations;
    uint16_t set;
    uint16_t may;
} usages[] = {
    /* rsaEncryption */
    {KEY_RSA, STRICT, DS, NR},
    {KEY_RSA, STRICT, KE, 0},
    {KEY_RSA, STRICT, DS | KE, NR},
    {KEY_RSA, OTHERS, DS, NR},
    {KEY_RSA, OTHERS, KE, DE},
    {KEY_RSA, OTHERS, DS | KE, NR | DE},
    /* id-ecPublicKey */
    {KEY_EC, ALL, DS, NR},
    {KEY_EC, ALL, KA, EO},
    {KEY_EC, ALL, KA, DO},
    {KEY_EC, ALL, DS | KA, NR | EO},
    {KEY_EC, ALL, DS | KA, NR | DO},
    /* id-Ed25519 and id-Ed448 */
    {KEY_EDDSA, ALL, DS, NR},
    /* id-ml-dsa, id-ml-kem */
    {KEY_ML_DSA, ALL, DS, NR},
    {KEY_ML_KEM, ALL, KE, 0},
};

/* The rule that a key type breaks when its bits fit no row. */
static const struct usage_rule {
    enum key_type key;
    uint8_t generations;
    enum lint_rule_number rule;
} usage_rules[] = {
    {KEY_RSA, STRICT, RULE_SMIME_KU_RSA_STRICT},
    {KEY_RSA, OTHERS, RULE_SMIME_KU_RSA_LEGACY_MULTIPURPOSE},
    {KEY_EC, ALL, RULE_SMIME_KU_EC},
    {KEY_EDDSA, ALL, RULE_SMIME_KU_EDDSA},
    {KEY_ML_DSA, ALL, RULE_SMIME_KU_ML_DSA},
    {KEY_ML_KEM, ALL, RULE_SMIME_KU_ML_KEM},
};

static enum key_type key_type(enum asn1_oid algorithm)
{
    switch (algorithm) {
    case OID_RSA_ENCRYPTION:
        return KEY_RSA;
    case OID_EC_PUBLIC_KEY:
        return KEY_EC;
    case OID_ED25519:
    case OID_ED448:
        return KEY_EDDSA;
    case OID_ML_DSA_44:
    case OID_ML_DSA_65:
    case OID_ML_DSA_87:
        return KEY_ML_DSA;
    case OID_ML_KEM_512:
    case OID_ML_KEM_768:
    case OID_ML_KEM_1024:
        return KEY_ML_KEM;
    default:
        return KEY_OTHER;
    }
}

static bool usage_is_allowed(enum key_type key, uint8_t generation, uint16_t bits)
{
    for (size_t i = 0; i < sizeof(usages) / sizeof(usages[0]); i++) {
        const struct usage *usage = &usages[i];

        if (usage->key == key && (usage->generations & generation) != 0 &&
            (bits & usage->set) == usage->set && (bits & ~(usage->set | usage->may)) == 0)
            return true;
    }
    return false;
}

enum { USAGE_TEXT_MAX = 160 };

/* "digitalSignature, keyEncipherment" */
static const char *usage_text(uint16_t bits, char out[USAGE_TEXT_MAX])
{
    static const char *const names[] = {"digitalSignature", "nonRepudiation", "keyEncipherment",
                                        "dataEncipherment", "keyAgreement",   "keyCertSign",
                                        "cRLSign",          "encipherOnly",   "decipherOnly"};
    size_t len = 0;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const char *separator = len > 0 ? ", " : "";

        if ((bits & (1u << i)) == 0)
            continue;
        for (const char *c = separator; *c != '\0' && len + 1 < USAGE_TEXT_MAX; c++)
            out[len++] = *c;
        for (const char *c = names[i]; *c != '\0' && len + 1 < USAGE_TEXT_MAX; c++)
            out[len++] = *c;
    }
    out[len] = '\0';
    return out;
}

static void usage_found(struct lint_context *context, enum lint_rule_number rule, uint16_t bits)
{
    const struct asn1_extension *x = context->certificate.decoded.key_usage.x;
    struct asn1_path path = extension_path(x);
    char text[USAGE_TEXT_MAX];

    lint_found(context, rule, &path, x->tlv, "%s: %s",
               lint_oid(context, context->certificate.public_key.algorithm.type),
               bits != 0 ? usage_text(bits, text) : "no bit set");
}

/* Bits that are wrong whatever the Generation; each has a rule of its own. */
static void check_usage_bits(struct lint_context *context, enum key_type key, uint16_t bits)
{
    bool agreement = (bits & KA) != 0;

    if ((bits & (CS | RS)) != 0)
        usage_found(context, RULE_SMIME_KU_CA_BITS, bits);
    if ((bits & (EO | DO)) == (EO | DO))
        usage_found(context, RULE_SMIME_KU_ENCIPHER_AND_DECIPHER, bits);
    if ((bits & (EO | DO)) != 0 && !agreement)
        usage_found(context, RULE_SMIME_KU_ENCIPHER_DECIPHER_WITHOUT_AGREEMENT, bits);
    if (key == KEY_RSA && (bits & (KA | EO | DO)) != 0)
        usage_found(context, RULE_SMIME_KU_RSA_KEY_AGREEMENT, bits);
    if (key == KEY_RSA && (bits & DE) != 0 && (bits & KE) == 0)
        usage_found(context, RULE_SMIME_KU_RSA_DATA_ENCIPHERMENT_WITHOUT_KEY_ENCIPHERMENT, bits);
    if (key == KEY_EC && (bits & (KE | DE)) != 0)
        usage_found(context, RULE_SMIME_KU_EC_ENCIPHERMENT, bits);
}

/* Neither signing, nor key management, nor dual use. */
static bool has_no_purpose(enum key_type key, uint16_t bits)
{
    switch (key) {
    case KEY_RSA:
        return (bits & (DS | KE)) == 0;
    case KEY_EC:
        return (bits & (DS | KA)) == 0;
    case KEY_EDDSA:
    case KEY_ML_DSA:
        return (bits & DS) == 0;
    case KEY_ML_KEM:
    case KEY_OTHER:
    default:
        return false;
    }
}

static void check_usage_table(struct lint_context *context, enum key_type key, uint16_t bits)
{
    if (has_no_purpose(key, bits))
        usage_found(context, RULE_SMIME_KU_NO_USABLE_PURPOSE, bits);
    for (size_t i = 0; i < sizeof(usage_rules) / sizeof(usage_rules[0]); i++) {
        const struct usage_rule *row = &usage_rules[i];

        /* lint_found() knows which Generation binds: each rule is asked for its own. */
        if (row->key == key && !usage_is_allowed(key, row->generations, bits))
            usage_found(context, row->rule, bits);
    }
}

/* X.690 section 11.2.2 for the named bit list of RFC 5280 section 4.2.1.3. */
static void check_usage_encoding(struct lint_context *context)
{
    const struct asn1_certificate *certificate = &context->certificate;
    const struct asn1_extension *x = certificate->decoded.key_usage.x;
    struct der_slice value = certificate->decoded.key_usage.value;
    struct asn1_path path = extension_path(x);
    size_t octets;
    uint8_t unused, last;

    if (value.len == 0)
        return;
    octets = value.len - 1;
    unused = value.data[0];
    last = value.data[value.len - 1];
    if (certificate->decoded.key_usage.bits == 0 && octets <= 2)
        lint_found(context, RULE_RFC5280_KU_NO_BITS, &path, x->tlv, "no bit is set");
    if (octets > 2 || (octets == 2 && (value.data[2] & 0x7f) != 0))
        lint_found(context, RULE_RFC5280_KU_TOO_LONG, &path, x->tlv,
                   "bits beyond decipherOnly (8): %s", lint_hex(context, value));
    if (octets > 0 && unused < 8 && ((last >> unused) & 1) == 0)
        lint_found(context, RULE_RFC5280_KU_TRAILING_ZERO_BITS, &path, x->tlv,
                   "trailing zero bits: %s", lint_hex(context, value));
}

static void check_usage(struct lint_context *context)
{
    const struct asn1_certificate *certificate = &context->certificate;
    const struct asn1_decoded_extensions *decoded = &certificate->decoded;
    const struct asn1_extension *x = decoded->key_usage.x;
    enum key_type key = key_type(certificate->public_key.algorithm.oid);
    bool ca = decoded->basic_constraints.x != NULL && decoded->basic_constraints.x->decoded &&
              decoded->basic_constraints.ca;
    uint16_t bits = decoded->key_usage.bits;

    if (x == NULL) {
        extension_missing(context, RULE_SMIME_KU_MISSING, "keyUsage");
        return;
    }
    if (!x->critical)
        extension_found(context, RULE_SMIME_KU_NOT_CRITICAL, x, "critical is FALSE");
    if (!x->decoded)
        return;
    check_usage_encoding(context);
    bits &= DEFINED;
    check_usage_bits(context, key, bits);
    check_usage_table(context, key, bits);
    if ((bits & CS) != 0 && !ca)
        extension_found(context, RULE_RFC5280_KU_CERT_SIGN_WITHOUT_CA, x,
                        "keyCertSign without cA TRUE");
    if (bits == NR && find_statement(decoded, OID_QCS_COMPLIANCE) != NULL)
        extension_found(context, RULE_SMIME_KU_STRICT_QUALIFIED_NR_ONLY, x,
                        "nonRepudiation alone, as EN 319 412-2 type A");
}

/* What a single purpose can break. */
static const struct purpose_rule {
    enum asn1_oid oid;
    enum lint_rule_number rule;
} purpose_rules[] = {
    {OID_KP_SERVER_AUTH, RULE_SMIME_EKU_SERVER_AUTH_PRESENT},
    {OID_KP_CODE_SIGNING, RULE_SMIME_EKU_CODE_SIGNING_PRESENT},
    {OID_KP_TIME_STAMPING, RULE_SMIME_EKU_TIME_STAMPING_PRESENT},
    {OID_KP_ANY, RULE_SMIME_EKU_ANY_PRESENT},
    {OID_KP_OCSP_SIGNING, RULE_SMIME_EKU_OCSP_SIGNING_PRESENT},
};

/* Purposes that the issuing CA certificate lists; without the extension there is no limit. */
static bool issuer_permits(const struct lint_issuer *issuer, struct der_slice purpose)
{
    const struct asn1_decoded_extensions *decoded = &issuer->view.decoded;

    if (decoded->ext_key_usage.x == NULL || !decoded->ext_key_usage.x->decoded)
        return true;
    for (size_t i = 0; i < decoded->ext_key_usage.num; i++) {
        const struct asn1_purpose *permitted = &decoded->ext_key_usage.purposes[i];

        if (permitted->oid == OID_KP_ANY || der_equal(permitted->type, purpose))
            return true;
    }
    return false;
}

static bool purpose_came_before(const struct asn1_decoded_extensions *decoded, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (der_equal(decoded->ext_key_usage.purposes[i].type,
                      decoded->ext_key_usage.purposes[index].type))
            return true;
    }
    return false;
}

static void purpose_found(struct lint_context *context, enum lint_rule_number rule, size_t index,
                          const char *what)
{
    const struct asn1_decoded_extensions *decoded = &context->certificate.decoded;
    const struct asn1_purpose *purpose = &decoded->ext_key_usage.purposes[index];
    struct asn1_path parent = extension_path(decoded->ext_key_usage.x);
    struct asn1_path path = asn1_path_index(&parent, "", (int)index);

    lint_found(context, rule, &path, purpose->tlv, "%s%s", lint_oid(context, purpose->type), what);
}

static void check_purpose(struct lint_context *context, size_t index)
{
    const struct asn1_decoded_extensions *decoded = &context->certificate.decoded;
    const struct asn1_purpose *purpose = &decoded->ext_key_usage.purposes[index];

    if (purpose_came_before(decoded, index)) {
        purpose_found(context, RULE_SMIME_EKU_DUPLICATE, index, " is listed twice");
        return;
    }
    for (size_t i = 0; i < sizeof(purpose_rules) / sizeof(purpose_rules[0]); i++) {
        if (purpose_rules[i].oid == purpose->oid)
            purpose_found(context, purpose_rules[i].rule, index, "");
    }
    if (purpose->oid != OID_KP_EMAIL_PROTECTION)
        purpose_found(context, RULE_SMIME_EKU_STRICT_OTHER, index, "");
    if (purpose->oid != OID_KP_EMAIL_PROTECTION && purpose->oid != OID_KP_CLIENT_AUTH)
        purpose_found(context, RULE_SMIME_EKU_ONLY_EMAIL_AND_CLIENT_AUTH, index, "");
    if (purpose->oid == OID_KP_ANY && decoded->ext_key_usage.x->critical)
        purpose_found(context, RULE_RFC5280_EKU_ANY_CRITICAL, index, " in a critical extension");
    if (context->issuer != NULL && !issuer_permits(context->issuer, purpose->type))
        purpose_found(context, RULE_SMIME_EKU_NOT_PERMITTED_BY_ISSUER, index,
                      " is not in the extKeyUsage of the issuing CA certificate");
}

static void check_purposes(struct lint_context *context)
{
    const struct asn1_decoded_extensions *decoded = &context->certificate.decoded;
    const struct asn1_extension *x = decoded->ext_key_usage.x;
    bool email_protection = false;

    if (x == NULL) {
        extension_missing(context, RULE_SMIME_EKU_MISSING, "extKeyUsage");
        return;
    }
    extension_not_critical(context, RULE_SMIME_EKU_CRITICAL, x);
    if (!x->decoded)
        return;
    for (size_t i = 0; i < decoded->ext_key_usage.num; i++) {
        check_purpose(context, i);
        if (decoded->ext_key_usage.purposes[i].oid == OID_KP_EMAIL_PROTECTION)
            email_protection = true;
    }
    if (!email_protection)
        extension_found(context, RULE_SMIME_EKU_EMAIL_PROTECTION_MISSING, x,
                        "emailProtection is not listed");
}

void check_key_usage(struct lint_context *context)
{
    check_usage(context);
    check_purposes(context);
}
