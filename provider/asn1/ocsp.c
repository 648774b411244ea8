/*
 * ResponseData of a BasicOCSPResponse (RFC 6960 section 4.2.1).
 */
#include <limits.h>

#include "asn1/decode.h"

enum { STATUS_GOOD = 0, STATUS_REVOKED = 1, STATUS_UNKNOWN = 2 };

static void clear_view(struct asn1_ocsp_response *view)
{
    struct der_slice none = {NULL, 0};

    view->data = none;
    view->version_tlv = none;
    view->responder_by_name = false;
    asn1_name_clear(&view->responder_name);
    view->responder_key_hash = none;
    asn1_time_clear(&view->produced_at);
    view->responses = none;
    view->num_responses = 0;
    asn1_extensions_clear(&view->extensions);
    view->complete = false;
    asn1_breaches_clear(&view->breaches);
}

static void clear_response(struct asn1_single_response *response)
{
    struct der_slice none = {NULL, 0};

    response->tlv = none;
    asn1_algorithm_clear(&response->hash);
    response->issuer_name_hash = none;
    response->issuer_key_hash = none;
    response->serial = none;
    response->status = STATUS_UNKNOWN;
    asn1_time_clear(&response->revocation_time);
    response->reason_present = false;
    response->reason = -1;
    asn1_time_clear(&response->this_update);
    asn1_time_clear(&response->next_update);
    response->extensions = none;
}

static void decode_extension(struct asn1_scope *scope, const struct asn1_path *path,
                             struct asn1_extension *extension, void *view)
{
    asn1_check_extension(scope, path, extension, view);
}

/* CertID ::= SEQUENCE { hashAlgorithm, issuerNameHash, issuerKeyHash, serialNumber } */
static bool read_cert_id(struct asn1_cursor *fields, struct asn1_single_response *response)
{
    struct asn1_path path = asn1_path(fields->path, "certID");
    struct asn1_cursor id;
    struct der_element element;

    if (!asn1_take(fields, "certID", DER_SEQUENCE, &element))
        return false;
    id = asn1_enter(fields->scope, &path, &element);
    if (!asn1_take_algorithm(&id, "hashAlgorithm", &response->hash))
        return true;
    if (!asn1_take_primitive(&id, "issuerNameHash", DER_OCTET_STRING, &element))
        return true;
    response->issuer_name_hash = element.contents;
    if (!asn1_take_primitive(&id, "issuerKeyHash", DER_OCTET_STRING, &element))
        return true;
    response->issuer_key_hash = element.contents;
    if (!asn1_take_primitive(&id, "serialNumber", DER_INTEGER, &element))
        return true;
    response->serial = element.contents;
    asn1_finish(&id);
    return true;
}

/* RevokedInfo ::= SEQUENCE { revocationTime, revocationReason [0] EXPLICIT CRLReason OPTIONAL } */
static void read_revoked_info(struct asn1_cursor *info, struct asn1_single_response *response)
{
    struct der_element outer, inner;
    int64_t value;

    if (!asn1_take_generalized_time(info, "revocationTime", &response->revocation_time))
        return;
    if ((asn1_next_tag(info) & ~0x20) == DER_CONTEXT(0)) {
        if (!asn1_take_any(info, "revocationReason", &outer))
            return;
        response->reason_present = true;
        if (!asn1_open_explicit(info->scope, info->path, "revocationReason", &outer, DER_ENUMERATED,
                                &inner))
            return;
        asn1_report_fault(info->scope, info->path, "revocationReason", der_check_primitive(&inner),
                          inner.tlv);
        if (der_small_unsigned(inner.contents, &value) && value <= INT_MAX)
            response->reason = (int)value;
    }
    asn1_finish(info);
}

/* CertStatus ::= CHOICE { good [0] NULL, revoked [1] RevokedInfo, unknown [2] NULL }, IMPLICIT */
static bool read_status(struct asn1_cursor *fields, struct asn1_single_response *response)
{
    struct asn1_path path = asn1_path(fields->path, "certStatus");
    struct asn1_cursor info;
    struct der_element element;

    if (!asn1_take_any(fields, "certStatus", &element))
        return false;
    switch (element.tag) {
    case DER_CONTEXT(STATUS_GOOD):
    case DER_CONTEXT(STATUS_UNKNOWN):
        response->status = element.tag & 0x1f;
        asn1_check_implicit(fields->scope, fields->path, "certStatus", DER_NULL, &element);
        return true;
    case DER_CONTEXT_CONSTRUCTED(STATUS_REVOKED):
        response->status = STATUS_REVOKED;
        info = asn1_enter(fields->scope, &path, &element);
        read_revoked_info(&info, response);
        return true;
    default:
        asn1_report_fault(fields->scope, fields->path, "certStatus", DER_UNEXPECTED_TAG,
                          element.tlv);
        return false;
    }
}

/* nextUpdate [0] EXPLICIT GeneralizedTime OPTIONAL */
static bool read_next_update(struct asn1_cursor *fields, struct asn1_single_response *response)
{
    struct asn1_path path = asn1_path(fields->path, "nextUpdate");
    struct asn1_cursor inside;
    struct der_element outer;

    if ((asn1_next_tag(fields) & ~0x20) != DER_CONTEXT(0))
        return true;
    if (!asn1_take_any(fields, "nextUpdate", &outer))
        return false;
    inside = asn1_enter(fields->scope, &path, &outer);
    if (!(outer.tag & 0x20) || asn1_next_tag(&inside) != DER_GENERALIZEDTIME) {
        asn1_report(fields->scope, &path, NULL, ASN1_BREACH_EXPLICIT_TAGGING, outer.tlv, NULL);
        return true;
    }
    if (asn1_take_generalized_time(&inside, NULL, &response->next_update))
        asn1_finish(&inside);
    return true;
}

/* [1] EXPLICIT Extensions, of the response or of one SingleResponse; the Extensions in *inner */
static bool read_extensions(struct asn1_cursor *fields, const char *label,
                            struct asn1_extensions *extensions, struct der_slice *contents)
{
    struct asn1_path path = asn1_path(fields->path, label);
    struct der_element outer, inner;

    if ((asn1_next_tag(fields) & ~0x20) != DER_CONTEXT(1))
        return true;
    if (!asn1_take_any(fields, label, &outer))
        return false;
    if (!asn1_open_explicit(fields->scope, fields->path, label, &outer, DER_SEQUENCE, &inner))
        return true;
    *contents = inner.contents;
    asn1_read_extensions(fields->scope, &path, inner.tlv, extensions, decode_extension, NULL);
    return true;
}

static bool read_response(struct asn1_cursor *list, struct asn1_single_response *response)
{
    struct asn1_cursor fields;
    struct der_element element;

    clear_response(response);
    if (!asn1_take(list, NULL, DER_SEQUENCE, &element))
        return false;
    response->tlv = element.tlv;
    fields = asn1_enter(list->scope, list->path, &element);
    if (!read_cert_id(&fields, response) || !read_status(&fields, response) ||
        !asn1_take_generalized_time(&fields, "thisUpdate", &response->this_update) ||
        !read_next_update(&fields, response) ||
        !read_extensions(&fields, "singleExtensions", NULL, &response->extensions))
        return false;
    asn1_finish(&fields);
    return true;
}

bool asn1_ocsp_next_response(struct der_slice *rest, struct asn1_single_response *response)
{
    struct asn1_scope scope = {NULL, false, false, false};
    struct asn1_cursor list = asn1_cursor(&scope, NULL, *rest, *rest);
    bool read;

    if (rest->len == 0)
        return false;
    read = read_response(&list, response);
    *rest = asn1_rest(&list);
    return read;
}

/* version [0] EXPLICIT INTEGER DEFAULT v1 */
static bool read_version(struct asn1_cursor *fields, struct asn1_ocsp_response *view)
{
    struct der_element outer, inner;
    int64_t value;

    if ((asn1_next_tag(fields) & ~0x20) != DER_CONTEXT(0))
        return true;
    if (!asn1_take_any(fields, "version", &outer))
        return false;
    view->version_tlv = outer.tlv;
    if (!asn1_open_explicit(fields->scope, NULL, "version", &outer, DER_INTEGER, &inner))
        return true;
    asn1_report_fault(fields->scope, NULL, "version", der_check_primitive(&inner), inner.tlv);
    if (der_small_unsigned(inner.contents, &value) && value == 0)
        asn1_report(fields->scope, NULL, "version", ASN1_BREACH_DEFAULT_VALUE_ENCODED, outer.tlv,
                    "v1");
    return true;
}

/* ResponderID ::= CHOICE { byName [1] Name, byKey [2] KeyHash }, both EXPLICIT */
static bool read_responder(struct asn1_cursor *fields, struct asn1_ocsp_response *view)
{
    struct asn1_path path = asn1_path(NULL, "responderID");
    struct der_element outer, inner;

    if (!asn1_take_any(fields, "responderID", &outer))
        return false;
    switch (outer.tag) {
    case DER_CONTEXT_CONSTRUCTED(1):
        view->responder_by_name = true;
        if (asn1_open_explicit(fields->scope, NULL, "responderID", &outer, DER_SEQUENCE, &inner))
            (void)asn1_read_name(fields->scope, &path, inner.tlv, &view->responder_name);
        return true;
    case DER_CONTEXT_CONSTRUCTED(2):
        if (asn1_open_explicit(fields->scope, NULL, "responderID", &outer, DER_OCTET_STRING,
                               &inner))
            view->responder_key_hash = inner.contents;
        return true;
    default:
        asn1_report_fault(fields->scope, NULL, "responderID", DER_UNEXPECTED_TAG, outer.tlv);
        return false;
    }
}

static bool read_responses(struct asn1_cursor *fields, struct asn1_ocsp_response *view)
{
    struct asn1_path path = asn1_path(NULL, "responses");
    struct asn1_single_response response;
    struct asn1_cursor list;
    struct der_element element;

    if (!asn1_take(fields, "responses", DER_SEQUENCE, &element))
        return false;
    view->responses = element.contents;
    list = asn1_enter(fields->scope, &path, &element);
    if (!asn1_more(&list))
        asn1_report(fields->scope, &path, NULL, ASN1_BREACH_GRAMMAR, element.tlv,
                    "no SingleResponse");
    for (int i = 0; asn1_more(&list); i += i < INT_MAX) {
        struct asn1_path step = asn1_path_index(&path, "", i);

        list.path = &step;
        if (read_response(&list, &response))
            view->num_responses++;
    }
    return true;
}

static bool read_fields(struct asn1_cursor *fields, struct asn1_ocsp_response *view)
{
    struct der_slice contents;

    return read_version(fields, view) && read_responder(fields, view) &&
           asn1_take_generalized_time(fields, "producedAt", &view->produced_at) &&
           read_responses(fields, view) &&
           read_extensions(fields, "extensions", &view->extensions, &contents);
}

void asn1_parse_ocsp_response(struct der_slice object, struct asn1_ocsp_response *view)
{
    struct asn1_scope scope = {&view->breaches, false, false, false};
    struct asn1_cursor fields;

    clear_view(view);
    view->data = object;
    if (!asn1_enter_only(&scope, NULL, object, DER_SEQUENCE, &fields))
        return;
    view->complete = read_fields(&fields, view);
    if (view->complete)
        asn1_finish(&fields);
}
