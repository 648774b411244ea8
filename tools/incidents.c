/*
 * Why requirements exist, by what went wrong without them: misissuance reported in the public
 * tracker of Mozilla's CA programme.
 */
#include <stdbool.h>
#include <string.h>

#include "incidents.h"

#define ORGID_BUGS   "1853663, 1875205, 1898986, 1900492, 1927506, 1944815"
#define POLICY_BUGS  "1861783, 1853783, 1853463, 1860697, 1856591"
#define POLICY_WHAT  "the policy identifier was absent, wrong, or did not match the content"
#define MAILBOX_BUGS "1906467, 1906470, 1879845, 1914020"
#define MAILBOX_WHAT "a mailbox missing from the SAN, wrongly encoded there, or different in case"

static const struct incident table[] = {
    {"smime.orgid.", ORGID_BUGS,
     "organizationIdentifier with a wrong scheme, a malformed reference or a missing subdivision"},
    {"smime.orgid.country_mismatch", "1917571, 1914999, 2061178",
     "the country of organizationIdentifier was not that of countryName"},
    {"smime.orgid.country_mismatch", "1872374",
     "the same in an EV certificate with a VATEL reference"},
    {"smime.orgid.lei.", "1876775", "an LEI that was not active or not corroborated"},
    {"smime.lei.", "1876775", "an LEI that was not active or not corroborated"},
    {"smime.cn.", "1848854, 1866806, 1943596",
     "commonName taken from a source that the Type does not allow"},
    {"smime.dn.null_literal", "1853987", "\"(null)\" printed into personal names"},
    {"smime.dn.placeholder_value", "1853987", "\"(null)\" printed into personal names"},
    {"smime.dn.metadata_only_value", "1902042", "names of meaningless characters"},
    {"smime.name.equals_organization_name", "1871113", "an organisation in givenName or surname"},
    {"smime.dn.control_characters", "1910195, 1936906", "invalid characters in names"},
    {"smime.dn.replacement_character", "1910195, 1936906", "invalid characters in names"},
    {"smime.dn.mojibake", "1910195, 1936906", "invalid characters in names"},
    {"smime.ou.", "1914065", "organizationalUnitName that was not verified"},
    {"smime.san.mailbox_missing", MAILBOX_BUGS, MAILBOX_WHAT},
    {"smime.san.missing", MAILBOX_BUGS, MAILBOX_WHAT},
    {"smime.cn.mailbox_not_in_san", MAILBOX_BUGS, MAILBOX_WHAT},
    {"smime.email_attr.case_difference_only", MAILBOX_BUGS, MAILBOX_WHAT},
    {"smime.email_attr.not_in_san", MAILBOX_BUGS, MAILBOX_WHAT},
    {"smime.san.rfc822_non_ascii", MAILBOX_BUGS, MAILBOX_WHAT},
    {"smime.ku.", "1851164, 1914023, 1929189", "a wrong keyUsage, once in 30,967 certificates"},
    {"smime.policies.missing", POLICY_BUGS, POLICY_WHAT},
    {"smime.policies.reserved_missing", POLICY_BUGS, POLICY_WHAT},
    {"smime.policies.reserved_multiple", POLICY_BUGS, POLICY_WHAT},
    {"smime.policies.reserved_not_expected", POLICY_BUGS, POLICY_WHAT},
    {"smime.profile.", POLICY_BUGS, POLICY_WHAT},
    {"smime.profile.iv.", "1959721",
     "an Individual-validated certificate with attributes of an organisation"},
    {"smime.profile.mv.", "2033000",
     "a Mailbox-validated certificate with attributes that its profile bars"},
    {"smime.profile.sv.", "2012101",
     "a Sponsor-validated Multipurpose certificate with a subject of another profile"},
    {"smime.person_id.", "1861782", "a serialNumber with an identity scheme that is not allowed"},
    {"smime.aia.", "1965459", "the caIssuers address of the authorityInfoAccess"},
    {"smime.subca.policies.", "1921597, 1921598",
     "issuing CA certificates without the reserved identifiers"},
    {"smime.path.issuer_policies", "1918427, 2000277",
     "issuance after 2024-09-15 from a CA whose certificate did not conform"},
    {"smime.path.issuer_no_email_protection", "1918427, 2000277",
     "issuance after 2024-09-15 from a CA whose certificate did not conform"},
    {"smime.path.issuer_forbidden_eku", "1918427, 2000277",
     "issuance after 2024-09-15 from a CA whose certificate did not conform"},
    {"smime.process.validation_age", "1920659, 2021685",
     "validation that was older than the requirements allow"},
    {"smime.process.linting_required", "2037000", "no lint before signing where it is mandatory"},
    {"smime.mailbox.not_authorised", "1850171, 1860299, 1881364, 1917405, 1942130, 1949755",
     "faults of validation that the certificate does not show"},
    {"crl.not_reissued_in_time", "1986911", "CRLs that were not renewed"},
    {"crl.reason.missing_for_subscriber", "1931886", "revocation entries without a reason"},
    {"smime.cross_field.precertificate_like_dummy", "1876871",
     "test certificates from a production CA"},
};

static bool belongs(const struct incident *incident, const char *id)
{
    size_t len = strlen(incident->ids);

    return incident->ids[len - 1] == '.' ? strncmp(incident->ids, id, len) == 0
                                         : strcmp(incident->ids, id) == 0;
}

const struct incident *incident_next(const char *id, const struct incident *last)
{
    const struct incident *end = table + sizeof(table) / sizeof(table[0]);

    for (const struct incident *next = last == NULL ? table : last + 1; next < end; next++) {
        if (belongs(next, id))
            return next;
    }
    return NULL;
}
