/* The syntax of GeneralName values: RFC 5280 section 4.2.1.6 (rfc5280.gn.*). */
#include "lint/checks/general_name.h"

#include "lint/checks/mailbox_faults.h"
#include "lint/mailbox.h"
#include "lint/uri.h"

const char *general_name_word(uint8_t number)
{
    static const char *const words[] = {"otherName",
                                        "rfc822Name",
                                        "dNSName",
                                        "x400Address",
                                        "directoryName",
                                        "ediPartyName",
                                        "uniformResourceIdentifier",
                                        "iPAddress",
                                        "registeredID"};

    return number < sizeof(words) / sizeof(*words) ? words[number] : "generalName";
}

/* RFC 4516 section 2: ldap://host/dn?attributes?scope?filter. NULL if nothing is missing. */
static const char *ldap_shortcoming(const struct uri *uri)
{
    struct der_slice scope = uri->query;
    size_t at = 0;

    if (uri->host_kind == URI_HOST_ABSENT || uri->host_kind == URI_HOST_EMPTY)
        return "it names no host";
    if (uri->path.len < 2)
        return "it names no entry";
    while (at < scope.len && scope.data[at] != '?')
        at++;
    if (at == scope.len)
        return NULL;
    scope = der_slice(scope.data + at + 1, scope.len - at - 1);
    for (at = 0; at < scope.len && scope.data[at] != '?';)
        at++;
    scope.len = at;
    if (at == 0 || host_equal(scope, der_slice((const uint8_t *)"base", 4)) ||
        host_equal(scope, der_slice((const uint8_t *)"one", 3)) ||
        host_equal(scope, der_slice((const uint8_t *)"sub", 3))) {
        return NULL;
    }
    return "its scope is none of base, one and sub";
}

static void check_ldap(struct lint_context *context, const struct asn1_path *path,
                       struct der_slice at, struct der_slice text, const struct uri *uri)
{
    const char *shortcoming = ldap_shortcoming(uri);

    if (shortcoming == NULL)
        return;
    lint_found(context, RULE_RFC5280_GN_URI_LDAP_UNCHECKED, path, at, "LDAP URI %s: %s",
               lint_quote(context, DER_IA5_STRING, text), shortcoming);
}

static bool host_is_required(const struct uri *uri)
{
    if (uri_scheme_is(uri, "http") || uri_scheme_is(uri, "https"))
        return true;
    return uri->host_kind != URI_HOST_ABSENT && uri->host_kind != URI_HOST_EMPTY;
}

bool check_uri_general_name(struct lint_context *context, const struct asn1_path *path,
                            struct der_slice at, struct der_slice text)
{
    const struct uri *uri;
    enum uri_fault fault = uri_recall(&context->last_uri, text, &uri);

    if (fault != URI_OK) {
        lint_found(context, RULE_RFC5280_GN_URI_SYNTAX, path, at, "URI %s: %s",
                   lint_quote(context, DER_IA5_STRING, text), uri_fault_text(fault));
        return false;
    }
    if (uri_scheme_is(uri, "ldap") || uri_scheme_is(uri, "ldaps"))
        check_ldap(context, path, at, text, uri);
    if (!host_is_required(uri))
        return true;
    if (!uri_host_is_valid(uri)) {
        lint_found(context, RULE_RFC5280_GN_URI_HOST, path, at,
                   "URI %s: its host is no fully qualified domain name or IP address",
                   lint_quote(context, DER_IA5_STRING, text));
        return false;
    }
    if (!uri_host_is_public(uri)) {
        lint_found(context, RULE_RFC5280_GN_INTERNAL_NAME, path, at,
                   "URI %s: its host cannot be reached over the public Internet",
                   lint_quote(context, DER_IA5_STRING, text));
    }
    return true;
}

static void check_dns_name(struct lint_context *context, const struct asn1_path *path,
                           const struct asn1_general_name *name)
{
    struct der_slice host = name->value;
    enum host_fault fault;

    if (host.len > 2 && host.data[0] == '*' && host.data[1] == '.')
        host = der_slice(host.data + 2, host.len - 2);
    fault = host_name_check(host, NULL);
    if (fault == HOST_OK && name->value.len > 253)
        fault = HOST_TOO_LONG;
    if (fault == HOST_OK)
        return;
    lint_found(context, RULE_RFC5280_GN_DNSNAME_SYNTAX, path, name->tlv, "dNSName %s: %s",
               lint_quote(context, DER_IA5_STRING, name->value), host_fault_text(fault));
}

static void check_mailbox(struct lint_context *context, const struct asn1_path *path,
                          const struct asn1_general_name *name)
{
    struct mailbox mailbox;

    if ((mailbox_parse(MAILBOX_ASCII, name->value, &mailbox) & MAILBOX_GRAMMAR) == 0)
        return;
    lint_found(context, RULE_RFC5280_GN_RFC822_SYNTAX_ELSEWHERE, path, name->tlv,
               "rfc822Name %s is no bare mailbox",
               lint_quote(context, DER_IA5_STRING, name->value));
}

void check_general_name(struct lint_context *context, const struct asn1_path *path,
                        const struct asn1_general_name *name)
{
    switch (name->number) {
    case ASN1_OTHER_NAME:
        if (name->other_oid == OID_ON_SMTP_UTF8_MAILBOX && name->other_tagging_valid)
            check_smtp_utf8_mailbox(context, path, name);
        break;
    case ASN1_RFC822_NAME:
        check_mailbox(context, path, name);
        break;
    case ASN1_DNS_NAME:
        check_dns_name(context, path, name);
        break;
    case ASN1_URI:
        (void)check_uri_general_name(context, path, name->tlv, name->value);
        break;
    case ASN1_IP_ADDRESS:
        if (name->value.len != 4 && name->value.len != 16) {
            lint_found(context, RULE_RFC5280_GN_IP_LENGTH, path, name->tlv,
                       "iPAddress of %zu octets", name->value.len);
        }
        break;
    default:
        break;
    }
}
