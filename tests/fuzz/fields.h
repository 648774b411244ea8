/*
 * The fields of an object as libcrypto reads them and as our view has them. Each function takes
 * what libcrypto made of a to-be-signed object without a breach and returns NULL if the two agree,
 * else the name of a field in which they do not.
 */
#ifndef SMIMEBR_FUZZ_FIELDS_H
#define SMIMEBR_FUZZ_FIELDS_H

#include <openssl/ocsp.h>
#include <openssl/x509.h>

#include "asn1/asn1.h"

const char *fuzz_certificate_differs(const X509 *theirs, struct der_slice tbs);
const char *fuzz_crl_differs(X509_CRL *theirs, struct der_slice tbs);
const char *fuzz_request_differs(X509_REQ *theirs, struct der_slice info);
const char *fuzz_ocsp_differs(OCSP_BASICRESP *theirs, struct der_slice data);

#endif
