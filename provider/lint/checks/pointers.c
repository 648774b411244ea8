/*
 * Where relying parties fetch CRLs, OCSP responses and issuer certificates: SBR 7.1.2.3 (b), (c);
 * RFC 5280 sections 4.2.1.13, 4.2.1.15, 4.2.2.1 and 4.2.2.2.
 */
#include "lint/checks/extensions.h"
#include "lint/checks/general_name.h"
#include "lint/uri.h"

/* A URI of a certificate, taken apart. */
struct pointer {
    struct der_slice text;
    const struct uri *uri; /* until the next one is taken apart */
    enum uri_fault fault;
    bool http;
};

static struct pointer pointer_parse(struct lint_context *context, struct der_slice text)
{
    struct pointer pointer = {.text = text};

    pointer.fault = uri_recall(&context->last_uri, text, &pointer.uri);
    pointer.http = uri_scheme_is(pointer.uri, "http");
    return pointer;
}

static bool scheme_is_any(const struct pointer *pointer, const char *const *schemes, size_t num)
{
    for (size_t i = 0; i < num; i++) {
        if (uri_scheme_is(pointer->uri, schemes[i]))
            return true;
    }
    return false;
}

static const char *quote(struct lint_context *context, const struct pointer *pointer)
{
    return lint_quote(context, DER_IA5_STRING, pointer->text);
}

/* An http URI that cannot be fetched: no URI at all, or no host. */
static void check_syntax(struct lint_context *context, enum lint_rule_number rule,
                         const struct asn1_path *path, struct der_slice at,
                         const struct pointer *pointer)
{
    if (pointer->fault != URI_OK && (pointer->http || pointer->uri->scheme.len == 0))
        lint_found(context, rule, path, at, "%s: %s", quote(context, pointer),
                   uri_fault_text(pointer->fault));
    else if (pointer->http && (pointer->uri->host_kind == URI_HOST_ABSENT ||
                               pointer->uri->host_kind == URI_HOST_EMPTY))
        lint_found(context, rule, path, at, "%s: no host", quote(context, pointer));
}

/* The URIs of cRLDistributionPoints as a whole. */
struct point_counts {
    size_t uris;
    size_t http;
};

static bool issuer_points_there(const struct lint_issuer *issuer, struct der_slice uri)
{
    const struct asn1_decoded_extensions *decoded = &issuer->view.decoded;
    const struct asn1_points *points = &decoded->crl_distribution_points.points;

    if (decoded->crl_distribution_points.x == NULL || !decoded->crl_distribution_points.x->decoded)
        return false;
    for (size_t i = 0; i < points->num_names; i++) {
        if (points->names[i].name.number == ASN1_URI && der_equal(points->names[i].name.value, uri))
            return true;
    }
    return false;
}

static void check_point_uri(struct lint_context *context, const struct asn1_path *path,
                            const struct asn1_general_name *name, struct point_counts *counts)
{
    static const char *const usual[] = {"http", "ldap", "ldaps", "ftp"};
    struct pointer pointer = pointer_parse(context, name->value);

    counts->uris++;
    if (pointer.http)
        counts->http++;
    else
        lint_found(context, RULE_SMIME_CRLDP_NON_HTTP_URI, path, name->tlv, "%s",
                   quote(context, &pointer));
    if (!scheme_is_any(&pointer, usual, sizeof(usual) / sizeof(usual[0])))
        lint_found(context, RULE_SMIME_CRLDP_UNLISTED_SCHEME_LEGACY, path, name->tlv, "%s",
                   quote(context, &pointer));
    check_syntax(context, RULE_SMIME_CRLDP_URI_SYNTAX, path, name->tlv, &pointer);
    if (context->issuer != NULL && !context->issuer->self_signed &&
        issuer_points_there(context->issuer, name->value))
        lint_found(context, RULE_SMIME_CRLDP_SAME_AS_ISSUER_CDP, path, name->tlv,
                   "%s is where the issuing CA certificate points to", quote(context, &pointer));
}

/* RFC 5280 section 4.2.1.13: if a point has URIs, one of them should be LDAP or HTTP. */
static void check_point_schemes(struct lint_context *context, const struct asn1_path *path,
                                const struct asn1_points *points, const struct asn1_point *point)
{
    static const char *const usual[] = {"http", "https", "ldap", "ldaps"};
    const struct asn1_general_name *other = NULL;

    for (size_t i = point->first_name; i < (size_t)point->first_name + point->num_names; i++) {
        const struct asn1_general_name *name = &points->names[i].name;
        struct pointer pointer;

        if (name->number != ASN1_URI)
            continue;
        pointer = pointer_parse(context, name->value);
        if (scheme_is_any(&pointer, usual, sizeof(usual) / sizeof(usual[0])))
            return;
        if (other == NULL)
            other = name;
    }
    if (other != NULL)
        lint_found(context, RULE_RFC5280_CRLDP_NO_LDAP_OR_HTTP, path, other->tlv,
                   "no LDAP or HTTP URI, but %s",
                   lint_quote(context, DER_IA5_STRING, other->value));
}

/* cRLIssuer names the issuer of the certificate itself: it must then be left out. */
static bool crl_issuer_is_issuer(const struct lint_context *context, const struct asn1_point *point)
{
    struct der_reader reader = der_reader(point->crl_issuer);
    struct der_element name;

    while (der_read(&reader, &name) == DER_OK) {
        if (name.tag == DER_CONTEXT_CONSTRUCTED(ASN1_DIRECTORY_NAME) &&
            der_equal(name.contents, context->certificate.issuer.tlv))
            return true;
    }
    return false;
}

static void check_point(struct lint_context *context, const struct asn1_path *path,
                        const struct asn1_points *points, size_t index, struct point_counts *counts)
{
    const struct asn1_point *point = &points->points[index];

    if (!point->name_present && !point->crl_issuer_present)
        lint_found(context, RULE_RFC5280_CRLDP_INCOMPLETE, path, point->tlv,
                   "neither distributionPoint nor cRLIssuer");
    if (point->relative_name)
        lint_found(context, RULE_SMIME_CRLDP_RELATIVE_NAME, path, point->tlv,
                   "nameRelativeToCRLIssuer is present");
    if (point->reasons_present)
        lint_found(context, RULE_SMIME_CRLDP_REASONS, path, point->tlv, "reasons are present");
    if (point->crl_issuer_present && crl_issuer_is_issuer(context, point))
        lint_found(context, RULE_SMIME_CRLDP_CRL_ISSUER, path, point->tlv,
                   "cRLIssuer holds the name of the issuer");
    for (size_t i = 0; i < point->num_names; i++) {
        const struct asn1_general_name *name = &points->names[point->first_name + i].name;
        struct asn1_path name_path = asn1_path_index(path, "fullName", (int)i);

        check_general_name(context, &name_path, name);
        if (name->number == ASN1_URI)
            check_point_uri(context, &name_path, name, counts);
        else
            lint_found(context, RULE_SMIME_CRLDP_GENERAL_NAME_TYPE, &name_path, name->tlv,
                       "a %s cannot be fetched", general_name_word(name->number));
    }
    check_point_schemes(context, path, points, point);
}

static void check_distribution_points(struct lint_context *context)
{
    const struct asn1_decoded_extensions *decoded = &context->certificate.decoded;
    const struct asn1_extension *x = decoded->crl_distribution_points.x;
    const struct asn1_points *points = &decoded->crl_distribution_points.points;
    struct point_counts counts = {0, 0};
    struct asn1_path extension;
    bool all_reasons = false;

    if (x == NULL) {
        extension_missing(context, RULE_SMIME_CRLDP_MISSING, "cRLDistributionPoints");
        return;
    }
    extension_not_critical(context, RULE_SMIME_CRLDP_CRITICAL, x);
    if (!x->decoded)
        return;
    extension = extension_path(x);
    for (size_t i = 0; i < points->num; i++) {
        struct asn1_path path = asn1_path_index(&extension, "", (int)i);

        check_point(context, &path, points, i, &counts);
        all_reasons = all_reasons || !points->points[i].reasons_present;
    }
    if (points->num > 0 && !all_reasons)
        extension_found(context, RULE_RFC5280_CRLDP_ALL_REASONS_MISSING, x,
                        "every distribution point is limited to some reasons");
    if (counts.uris == 0)
        extension_found(context, RULE_SMIME_CRLDP_NO_FULL_NAME_URI, x,
                        "no fullName with a uniformResourceIdentifier");
    else if (counts.http == 0)
        extension_found(context, RULE_SMIME_CRLDP_NO_HTTP_URI, x, "no URI with the scheme http");
}

static void check_freshest_crl(struct lint_context *context)
{
    const struct asn1_decoded_extensions *decoded = &context->certificate.decoded;
    const struct asn1_extension *x = decoded->freshest_crl.x;
    const struct asn1_points *points = &decoded->freshest_crl.points;
    struct asn1_path extension;

    if (x == NULL)
        return;
    extension_not_critical(context, RULE_RFC5280_FRESHEST_CRL_CRITICAL, x);
    extension_must_decode(context, RULE_RFC5280_FRESHEST_CRL_CONTENT, x);
    if (!x->decoded)
        return;
    extension = extension_path(x);
    for (size_t i = 0; i < points->num; i++) {
        const struct asn1_point *point = &points->points[i];
        struct asn1_path path = asn1_path_index(&extension, "", (int)i);

        if (!point->name_present && !point->crl_issuer_present)
            lint_found(context, RULE_RFC5280_FRESHEST_CRL_CONTENT, &path, point->tlv,
                       "neither distributionPoint nor cRLIssuer");
        for (size_t j = 0; j < point->num_names; j++) {
            struct asn1_path name_path = asn1_path_index(&path, "fullName", (int)j);

            check_general_name(context, &name_path, &points->names[point->first_name + j].name);
        }
    }
}

/* The rules of one access method, and what was seen of it. */
struct access_method {
    enum asn1_oid oid;
    enum lint_rule_number non_http; /* Multipurpose and Strict */
    enum lint_rule_number no_http;  /* Legacy */
    const char *no_http_detail;
    bool present;
    bool http;
};

static bool access_came_before(const struct asn1_decoded_extensions *decoded, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (der_equal(decoded->authority_info_access.access[i].tlv,
                      decoded->authority_info_access.access[index].tlv))
            return true;
    }
    return false;
}

static void check_location(struct lint_context *context, const struct asn1_path *path,
                           const struct asn1_access *access, struct access_method *method)
{
    static const char *const usual[] = {"http", "ldap", "ldaps", "ftp"};
    const struct asn1_general_name *location = &access->location;
    struct pointer pointer;

    method->present = true;
    if (location->number != ASN1_URI) {
        lint_found(context, RULE_SMIME_AIA_LOCATION_NOT_URI, path, access->tlv,
                   "the location of %s is a %s", lint_oid(context, access->method),
                   general_name_word(location->number));
        return;
    }
    pointer = pointer_parse(context, location->value);
    if (pointer.http)
        method->http = true;
    else
        lint_found(context, method->non_http, path, location->tlv, "%s", quote(context, &pointer));
    if (!scheme_is_any(&pointer, usual, sizeof(usual) / sizeof(usual[0])))
        lint_found(context, RULE_SMIME_AIA_UNLISTED_SCHEME_LEGACY, path, location->tlv, "%s",
                   quote(context, &pointer));
    check_syntax(context, RULE_SMIME_AIA_URI_SYNTAX, path, location->tlv, &pointer);
    if (pointer.uri->host_kind == URI_HOST_IPV4 || pointer.uri->host_kind == URI_HOST_IPV6)
        lint_found(context, RULE_SMIME_AIA_URI_HOST_IP, path, location->tlv, "%s",
                   quote(context, &pointer));
}

/* SBR 7.1.2.3 (c): the two tables, of id-ad-ocsp and of id-ad-caIssuers. */
static void check_authority_access(struct lint_context *context)
{
    const struct asn1_decoded_extensions *decoded = &context->certificate.decoded;
    const struct asn1_extension *x = decoded->authority_info_access.x;
    struct access_method methods[] = {
        {OID_AD_OCSP, RULE_SMIME_AIA_OCSP_NON_HTTP, RULE_SMIME_AIA_OCSP_NO_HTTP_LEGACY,
         "no OCSP location with the scheme http", false, false},
        {OID_AD_CA_ISSUERS, RULE_SMIME_AIA_CA_ISSUERS_NON_HTTP,
         RULE_SMIME_AIA_CA_ISSUERS_NO_HTTP_LEGACY, "no caIssuers location with the scheme http",
         false, false},
    };
    enum { NUM_METHODS = sizeof(methods) / sizeof(methods[0]) };
    struct asn1_path extension;

    if (x == NULL) {
        extension_missing(context, RULE_SMIME_AIA_MISSING, "authorityInfoAccess");
        return;
    }
    extension_not_critical(context, RULE_SMIME_AIA_CRITICAL, x);
    if (!x->decoded)
        return;
    extension = extension_path(x);
    for (size_t i = 0; i < decoded->authority_info_access.num; i++) {
        const struct asn1_access *access = &decoded->authority_info_access.access[i];
        struct asn1_path path = asn1_path_index(&extension, "", (int)i);
        size_t m = 0;

        if (access_came_before(decoded, i)) {
            lint_found(context, RULE_SMIME_AIA_DUPLICATE, &path, access->tlv,
                       "the same method and location as before");
            continue;
        }
        check_general_name(context, &path, &access->location);
        while (m < NUM_METHODS && methods[m].oid != access->oid)
            m++;
        if (m < NUM_METHODS)
            check_location(context, &path, access, &methods[m]);
        else
            lint_found(context, RULE_SMIME_AIA_UNKNOWN_ACCESS_METHOD, &path, access->tlv,
                       "access method %s", lint_oid(context, access->method));
    }
    for (size_t m = 0; m < NUM_METHODS; m++) {
        if (methods[m].present && !methods[m].http)
            extension_found(context, methods[m].no_http, x, methods[m].no_http_detail);
    }
    if (!methods[1].present)
        extension_found(context, RULE_SMIME_AIA_CA_ISSUERS_MISSING, x, "no caIssuers");
}

static void check_subject_access(struct lint_context *context)
{
    const struct asn1_decoded_extensions *decoded = &context->certificate.decoded;
    const struct asn1_extension *x = decoded->subject_info_access.x;
    struct asn1_path extension;

    if (x == NULL)
        return;
    extension_not_critical(context, RULE_RFC5280_SIA_CRITICAL, x);
    if (!x->decoded)
        return;
    extension = extension_path(x);
    for (size_t i = 0; i < decoded->subject_info_access.num; i++) {
        struct asn1_path path = asn1_path_index(&extension, "", (int)i);

        check_general_name(context, &path, &decoded->subject_info_access.access[i].location);
    }
}

void check_pointers(struct lint_context *context)
{
    check_distribution_points(context);
    check_freshest_crl(context);
    check_authority_access(context);
    check_subject_access(context);
}
