/*
 * Setting and getting the parameters of a signature, by allow-list. RFC 4055 3.1 for RSA-PSS keys
 * whose own parameters restrict them.
 */
#include "module/parameters.h"

#include <string.h>

#include <openssl/core_names.h>
#include <openssl/params.h>
#include <openssl/rsa.h>

#include "module/error.h"

enum { PARAMETER_NAME_MAX = 80 };

static const OSSL_PARAM rsa_settable[] = {
    OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_DIGEST, NULL, 0),
    OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PROPERTIES, NULL, 0),
    OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PAD_MODE, NULL, 0),
    OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PSS_SALTLEN, NULL, 0),
    OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_MGF1_DIGEST, NULL, 0),
    OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_MGF1_PROPERTIES, NULL, 0),
    OSSL_PARAM_END,
};

static const OSSL_PARAM ecdsa_settable[] = {
    OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_DIGEST, NULL, 0),
    OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PROPERTIES, NULL, 0),
    OSSL_PARAM_END,
};

static const OSSL_PARAM nothing_settable[] = {OSSL_PARAM_END};

static const OSSL_PARAM gettable[] = {
    OSSL_PARAM_octet_string(OSSL_SIGNATURE_PARAM_ALGORITHM_ID, NULL, 0),
    OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_DIGEST, NULL, 0),
    OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PAD_MODE, NULL, 0),
    OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PSS_SALTLEN, NULL, 0),
    OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_MGF1_DIGEST, NULL, 0),
    OSSL_PARAM_END,
};

static const struct {
    const char *name;
    int value;
} pad_modes[] = {
    {OSSL_PKEY_RSA_PAD_MODE_PKCSV15, RSA_PKCS1_PADDING},
    {OSSL_PKEY_RSA_PAD_MODE_PSS, RSA_PKCS1_PSS_PADDING},
};

static const struct {
    const char *name;
    int value;
} salts[] = {
    {"digest", SALT_DIGEST},
    {"auto", SALT_AUTO},
    {"max", SALT_MAX},
    {"auto-digestmax", SALT_AUTO_DIGEST_MAX},
};

static bool is_rsa(const struct module_key *key)
{
    return key->type->scheme == SCHEME_RSA_PKCS1 || key->type->scheme == SCHEME_RSA_PSS;
}

const OSSL_PARAM *parameters_settable(const struct module_key *key)
{
    if (key == NULL || mechanism_is_pure(key->type->scheme))
        return nothing_settable;
    return is_rsa(key) ? rsa_settable : ecdsa_settable;
}

const OSSL_PARAM *parameters_gettable(void)
{
    return gettable;
}

static bool is_listed(const OSSL_PARAM *list, const char *name)
{
    return OSSL_PARAM_locate_const(list, name) != NULL;
}

static bool get_text(const OSSL_PARAM *param, char *text, size_t size)
{
    return OSSL_PARAM_get_utf8_string(param, &text, size) == 1;
}

/* One of the three digests that the SBR knows, or an error that says what to do. */
static enum mechanism_digest allowed_digest(const struct module_key *key, const char *name)
{
    enum mechanism_digest digest = mechanism_digest_by_name(name);

    if (digest == DIGEST_NONE) {
        RAISE(key->module, REASON_DIGEST,
              "SBR 7.1.3.2: digest \"%.80s\" is not allowed; use sha256, sha384 or sha512 (-md, "
              "default_md)",
              name == NULL ? "" : name);
    }
    return digest;
}

bool parameters_set_digest(const struct module_key *key, struct mechanism *mechanism,
                           const char *name)
{
    enum mechanism_digest digest;

    if (mechanism_is_pure(key->type->scheme)) {
        if (name == NULL || name[0] == '\0')
            return true;
        RAISE(key->module, REASON_DIGEST,
              "an %s key signs without a digest of the caller's choice, not with \"%.80s\"; leave "
              "the digest out",
              key->type->name, name);
        return false;
    }
    digest = allowed_digest(key, name);
    if (digest == DIGEST_NONE)
        return false;
    if (key->restricted && digest != key->defaults.digest) {
        RAISE(key->module, REASON_DIGEST, "the RSA-PSS key is restricted to %s; use that digest",
              mechanism_digest_name(key->defaults.digest));
        return false;
    }
    mechanism->digest = digest;
    return true;
}

static bool set_digest(const struct module_key *key, struct mechanism *mechanism,
                       const OSSL_PARAM *param)
{
    char name[PARAMETER_NAME_MAX];

    if (!get_text(param, name, sizeof(name))) {
        RAISE(key->module, REASON_DIGEST, "the name of the digest cannot be read");
        return false;
    }
    return parameters_set_digest(key, mechanism, name);
}

static bool set_pad_mode(const struct module_key *key, struct mechanism *mechanism,
                         const OSSL_PARAM *param)
{
    char name[PARAMETER_NAME_MAX] = "";
    int value = 0;

    if (param->data_type == OSSL_PARAM_UTF8_STRING && get_text(param, name, sizeof(name))) {
        for (size_t i = 0; i < sizeof(pad_modes) / sizeof(pad_modes[0]); i++)
            if (strcmp(name, pad_modes[i].name) == 0)
                value = pad_modes[i].value;
    } else if (OSSL_PARAM_get_int(param, &value) != 1) {
        value = 0;
    }
    if (value == RSA_PKCS1_PSS_PADDING) {
        mechanism->scheme = SCHEME_RSA_PSS;
        return true;
    }
    if (value == RSA_PKCS1_PADDING && key->type->scheme == SCHEME_RSA_PKCS1) {
        mechanism->scheme = SCHEME_RSA_PKCS1;
        return true;
    }
    RAISE(key->module, REASON_PADDING,
          "this padding would sign what cannot be judged, or the key is of type RSA-PSS; use "
          "rsa_padding_mode:%s",
          key->type->scheme == SCHEME_RSA_PSS ? "pss" : "pkcs1 or pss");
    return false;
}

static bool read_salt(const OSSL_PARAM *param, int *salt)
{
    char text[PARAMETER_NAME_MAX];
    int number = 0;

    if (param->data_type != OSSL_PARAM_UTF8_STRING)
        return OSSL_PARAM_get_int(param, salt) == 1;
    if (!get_text(param, text, sizeof(text)) || text[0] == '\0')
        return false;
    for (size_t i = 0; i < sizeof(salts) / sizeof(salts[0]); i++) {
        if (strcmp(text, salts[i].name) == 0) {
            *salt = salts[i].value;
            return true;
        }
    }
    for (const char *c = text; *c != '\0'; c++) {
        if (*c < '0' || *c > '9' || number > 10000)
            return false;
        number = number * 10 + (*c - '0');
    }
    *salt = number;
    return true;
}

static bool set_salt(const struct module_key *key, struct mechanism *mechanism,
                     const OSSL_PARAM *param)
{
    int salt = 0;

    if (mechanism->scheme != SCHEME_RSA_PSS || !read_salt(param, &salt) ||
        salt < SALT_AUTO_DIGEST_MAX || salt > key->bits / 8) {
        RAISE(key->module, REASON_SALT,
              "this PSS salt length cannot be used; set rsa_padding_mode:pss first, then "
              "rsa_pss_saltlen:digest");
        return false;
    }
    mechanism->salt = salt;
    return true;
}

static bool set_mgf1(const struct module_key *key, struct mechanism *mechanism,
                     const OSSL_PARAM *param)
{
    char name[PARAMETER_NAME_MAX];
    enum mechanism_digest digest;

    if (mechanism->scheme != SCHEME_RSA_PSS || !get_text(param, name, sizeof(name))) {
        RAISE(key->module, REASON_PADDING,
              "a digest for MGF1 belongs to PSS; set rsa_padding_mode:pss first");
        return false;
    }
    digest = allowed_digest(key, name);
    if (digest == DIGEST_NONE)
        return false;
    if (key->restricted && digest != key->defaults.mgf1) {
        RAISE(key->module, REASON_DIGEST, "the RSA-PSS key is restricted to MGF1 with %s",
              mechanism_digest_name(key->defaults.mgf1));
        return false;
    }
    mechanism->mgf1 = digest;
    return true;
}

/* The properties are ignored: digests come from the private context alone. */
static bool ignore(const struct module_key *key, struct mechanism *mechanism,
                   const OSSL_PARAM *param)
{
    (void)key;
    (void)mechanism;
    (void)param;
    return true;
}

/* In the order in which they depend on one another, whatever the order of the caller. */
static const struct {
    const char *name;
    bool (*set)(const struct module_key *, struct mechanism *, const OSSL_PARAM *);
} setters[] = {
    {OSSL_SIGNATURE_PARAM_PAD_MODE, set_pad_mode}, {OSSL_SIGNATURE_PARAM_DIGEST, set_digest},
    {OSSL_SIGNATURE_PARAM_MGF1_DIGEST, set_mgf1},  {OSSL_SIGNATURE_PARAM_PSS_SALTLEN, set_salt},
    {OSSL_SIGNATURE_PARAM_PROPERTIES, ignore},     {OSSL_SIGNATURE_PARAM_MGF1_PROPERTIES, ignore},
};

bool parameters_set(const struct module_key *key, struct mechanism *mechanism,
                    const OSSL_PARAM *params)
{
    const OSSL_PARAM *allowed = parameters_settable(key);
    struct mechanism changed = *mechanism;

    if (params == NULL)
        return true;
    for (const OSSL_PARAM *param = params; param->key != NULL; param++) {
        if (!is_listed(allowed, param->key)) {
            RAISE(key->module, REASON_PARAMETER,
                  "parameter \"%.80s\" cannot be set: the signature would mean something else than "
                  "what was judged",
                  param->key);
            return false;
        }
    }
    for (size_t i = 0; i < sizeof(setters) / sizeof(setters[0]); i++) {
        /* A name that stands there twice is set twice; the last one counts, as for libcrypto. */
        for (const OSSL_PARAM *param = params; param->key != NULL; param++)
            if (strcmp(param->key, setters[i].name) == 0 && !setters[i].set(key, &changed, param))
                return false;
    }
    *mechanism = changed;
    return true;
}

static bool get_pad_mode(const struct mechanism *mechanism, OSSL_PARAM *param)
{
    bool pss = mechanism->scheme == SCHEME_RSA_PSS;

    if (param->data_type == OSSL_PARAM_UTF8_STRING)
        return OSSL_PARAM_set_utf8_string(param, pad_modes[pss ? 1 : 0].name) == 1;
    return OSSL_PARAM_set_int(param, pad_modes[pss ? 1 : 0].value) == 1;
}

static bool get_salt(const struct module_key *key, const struct mechanism *mechanism,
                     OSSL_PARAM *param)
{
    int salt = mechanism_salt(mechanism, key->bits);
    char text[16];
    size_t at = sizeof(text) - 1;

    if (salt < 0)
        return false;
    if (param->data_type != OSSL_PARAM_UTF8_STRING)
        return OSSL_PARAM_set_int(param, salt) == 1;
    text[at] = '\0';
    do {
        text[--at] = (char)('0' + salt % 10);
        salt /= 10;
    } while (salt > 0 && at > 0);
    return OSSL_PARAM_set_utf8_string(param, text + at) == 1;
}

static bool get_algorithm(const struct module_key *key, const struct mechanism *mechanism,
                          OSSL_PARAM *param)
{
    uint8_t identifier[MECHANISM_MAX];
    size_t len = mechanism_identifier(mechanism, key->bits, identifier);

    if (len == 0) {
        RAISE(key->module, REASON_SALT,
              "these parameters make no signature algorithm for a key of %d bits", key->bits);
        return false;
    }
    return OSSL_PARAM_set_octet_string(param, identifier, len) == 1;
}

static bool get_rsa(const struct module_key *key, const struct mechanism *mechanism,
                    OSSL_PARAM *params)
{
    OSSL_PARAM *param = OSSL_PARAM_locate(params, OSSL_SIGNATURE_PARAM_PAD_MODE);

    if (param != NULL && !get_pad_mode(mechanism, param))
        return false;
    if (mechanism->scheme != SCHEME_RSA_PSS)
        return true;
    param = OSSL_PARAM_locate(params, OSSL_SIGNATURE_PARAM_MGF1_DIGEST);
    if (param != NULL &&
        OSSL_PARAM_set_utf8_string(param, mechanism_digest_name(mechanism_mgf1(mechanism))) != 1)
        return false;
    param = OSSL_PARAM_locate(params, OSSL_SIGNATURE_PARAM_PSS_SALTLEN);
    return param == NULL || get_salt(key, mechanism, param);
}

bool parameters_get(const struct module_key *key, const struct mechanism *mechanism,
                    OSSL_PARAM *params)
{
    OSSL_PARAM *param = OSSL_PARAM_locate(params, OSSL_SIGNATURE_PARAM_ALGORITHM_ID);

    if (param != NULL && !get_algorithm(key, mechanism, param))
        return false;
    param = OSSL_PARAM_locate(params, OSSL_SIGNATURE_PARAM_DIGEST);
    if (param != NULL &&
        OSSL_PARAM_set_utf8_string(param, mechanism_digest_name(mechanism->digest)) != 1)
        return false;
    return !is_rsa(key) || get_rsa(key, mechanism, params);
}
