/*
 * Sealed keys: a PKCS#8 PrivateKeyInfo under AES-256-GCM with a key that scrypt (RFC 7914) makes
 * of a passphrase. The additional authenticated data are a fixed text, a zero octet and the octets
 * of the header, so that every bit of the file is either checked by the reader, an input of
 * scrypt, or authenticated by the cipher.
 *
 * PBES2 is no alternative: it knows no authenticated cipher, and most changes of such a file still
 * load as some key. The kdf and cipher identifiers are those of RFC 7914 section 7 and RFC 5084.
 */
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/rand.h>
#include <openssl/x509.h>

#include "der/der.h"
#include "keyfile/der_writer.h"
#include "keyfile/keyfile.h"

enum {
    VERSION = 1,
    SALT_LEN = 32,
    NONCE_LEN = 12,
    TAG_LEN = 16,
    CIPHER_KEY_LEN = 32,
    BLOCK_SIZE = 8,  /* r as written */
    PARALLELISM = 1, /* p as written */
    MAX_HEADER = KEYFILE_MAX_FLOOR + 512,
    MAX_PKCS8 = KEYFILE_MAX_FILE / 2
};

/* The bounds within which a file may make us work, checked before anything is derived. */
#define MIN_COST        ((uint64_t)1 << 14)
#define MAX_COST        ((uint64_t)1 << 20)
#define MAX_PARALLELISM 16
#define MAX_MEMORY      ((uint64_t)256 << 20)

/* The text with its terminating zero octet begins the additional authenticated data. */
static const char aad_text[] = "smimebr sealed key 1";

static const uint8_t oid_scrypt[] = {0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x04, 0x0b};
static const uint8_t oid_aes256_gcm[] = {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2e};

/* A sealed key taken apart: slices of the input. */
struct sealed_key {
    struct der_slice header;     /* contents of the OCTET STRING: authenticated */
    struct der_slice ciphertext; /* with the tag behind */
    uint64_t cost, block_size, parallelism;
    struct der_slice salt, nonce, key_id, floor;
};

static bool damaged(struct failure *failure, const char *what)
{
    return failure_set(failure, FAILURE_INPUT, "sealed key: damaged, %s", what);
}

/* Reading */

static bool read_element(struct der_reader *reader, uint8_t tag, struct der_slice *contents)
{
    struct der_element element;

    if (der_read_tag(reader, tag, &element) != DER_OK || der_check_primitive(&element) != DER_OK)
        return false;
    *contents = element.contents;
    return true;
}

static bool read_last(struct der_reader *reader, uint8_t tag, struct der_slice *contents)
{
    return read_element(reader, tag, contents) && der_at_end(reader);
}

static bool read_unsigned(struct der_reader *reader, uint64_t *value)
{
    struct der_slice contents;
    int64_t number;

    if (!read_element(reader, DER_INTEGER, &contents) || !der_small_unsigned(contents, &number))
        return false;
    *value = (uint64_t)number;
    return true;
}

/* AlgorithmIdentifier with this identifier; *parameters are the contents of its SEQUENCE. */
static bool read_algorithm(struct der_reader *reader, struct der_slice oid,
                           struct der_reader *parameters)
{
    struct der_slice algorithm, type, contents;
    struct der_reader inside;

    if (!read_element(reader, DER_SEQUENCE, &algorithm))
        return false;
    inside = der_reader(algorithm);
    if (!read_element(&inside, DER_OID, &type) || !der_equal(type, oid) ||
        !read_last(&inside, DER_SEQUENCE, &contents))
        return false;
    *parameters = der_reader(contents);
    return true;
}

static bool read_kdf(struct der_reader *reader, struct sealed_key *key)
{
    struct der_reader parameters;
    uint64_t key_length;

    return read_algorithm(reader, der_slice(oid_scrypt, sizeof(oid_scrypt)), &parameters) &&
           read_element(&parameters, DER_OCTET_STRING, &key->salt) && key->salt.len == SALT_LEN &&
           read_unsigned(&parameters, &key->cost) && read_unsigned(&parameters, &key->block_size) &&
           read_unsigned(&parameters, &key->parallelism) &&
           read_unsigned(&parameters, &key_length) && key_length == CIPHER_KEY_LEN &&
           der_at_end(&parameters);
}

static bool read_cipher(struct der_reader *reader, struct sealed_key *key)
{
    struct der_reader parameters;
    uint64_t tag_length;

    return read_algorithm(reader, der_slice(oid_aes256_gcm, sizeof(oid_aes256_gcm)), &parameters) &&
           read_element(&parameters, DER_OCTET_STRING, &key->nonce) &&
           key->nonce.len == NONCE_LEN && read_unsigned(&parameters, &tag_length) &&
           tag_length == TAG_LEN && der_at_end(&parameters);
}

static bool check_cost(const struct sealed_key *key, struct failure *failure)
{
    if (key->cost < MIN_COST || key->cost > MAX_COST || (key->cost & (key->cost - 1)) != 0)
        return failure_set(failure, FAILURE_INPUT,
                           "sealed key: scrypt cost N = %llu is no power of two from 2^14 to 2^20",
                           (unsigned long long)key->cost);
    if (key->block_size < BLOCK_SIZE || key->block_size > MAX_MEMORY / 128 / key->cost)
        return failure_set(failure, FAILURE_INPUT,
                           "sealed key: scrypt block size r = %llu is below 8 or needs more than "
                           "256 MiB",
                           (unsigned long long)key->block_size);
    if (key->parallelism < 1 || key->parallelism > MAX_PARALLELISM)
        return failure_set(failure, FAILURE_INPUT,
                           "sealed key: scrypt parallelism p = %llu is not 1 to %d",
                           (unsigned long long)key->parallelism, MAX_PARALLELISM);
    return true;
}

/* The name of a line `name = value`: up to the first space. */
static struct der_slice line_name(struct der_slice line)
{
    const uint8_t *space = line.len > 0 ? memchr(line.data, ' ', line.len) : NULL;

    return space == NULL ? line : der_slice(line.data, (size_t)(space - line.data));
}

static struct der_slice cut_line(struct der_slice *rest)
{
    const uint8_t *end = memchr(rest->data, '\n', rest->len);
    size_t len = end == NULL ? rest->len : (size_t)(end - rest->data);
    size_t used = end == NULL ? len : len + 1;
    struct der_slice line = der_slice(rest->data, len);

    *rest = der_slice(rest->data + used, rest->len - used);
    return line;
}

static bool is_before(struct der_slice a, struct der_slice b)
{
    int order = memcmp(a.data, b.data, a.len < b.len ? a.len : b.len);

    return order != 0 ? order < 0 : a.len < b.len;
}

/* `name = value` lines in printable ASCII, sorted by name, no name twice. */
static bool floor_is_valid(struct der_slice floor)
{
    struct der_slice previous = {NULL, 0};
    size_t i;

    if (floor.len > KEYFILE_MAX_FLOOR)
        return false;
    for (i = 0; i < floor.len; i++) {
        if (floor.data[i] != '\n' && (floor.data[i] < 0x20 || floor.data[i] > 0x7e))
            return false;
    }
    while (floor.len > 0) {
        struct der_slice line = cut_line(&floor), name = line_name(line);

        if (name.len == 0 || line.len < name.len + sizeof(" = x") - 1 ||
            memcmp(name.data + name.len, " = ", 3) != 0)
            return false;
        if (previous.len > 0 && !is_before(previous, name))
            return false;
        previous = name;
    }
    return true;
}

static bool read_header(struct sealed_key *key, struct failure *failure)
{
    struct der_reader reader = der_reader(key->header);
    struct der_slice contents;
    uint64_t version;

    if (!read_last(&reader, DER_SEQUENCE, &contents))
        return damaged(failure, "its header is no DER SEQUENCE");
    reader = der_reader(contents);
    if (!read_unsigned(&reader, &version))
        return damaged(failure, "its header has no version");
    if (version != VERSION)
        return failure_set(failure, FAILURE_UNSUPPORTED,
                           "sealed key: version %llu is not known to this version of smimebr",
                           (unsigned long long)version);
    if (!read_kdf(&reader, key))
        return damaged(failure, "its key derivation is not scrypt as smimebr writes it");
    if (!read_cipher(&reader, key))
        return damaged(failure, "its cipher is not AES-256-GCM as smimebr writes it");
    if (!read_element(&reader, DER_OCTET_STRING, &key->key_id) ||
        key->key_id.len != KEYFILE_KEY_ID_LEN)
        return damaged(failure, "its key identifier is not 32 octets");
    if (!read_last(&reader, DER_UTF8_STRING, &key->floor) || !floor_is_valid(key->floor))
        return damaged(failure, "its floor is not sorted `name = value` lines, or octets follow");
    return check_cost(key, failure);
}

static bool read_sealed_key(const uint8_t *der, size_t der_len, struct sealed_key *key,
                            struct failure *failure)
{
    struct der_reader reader = der_reader(der_slice(der, der_len));
    struct der_slice contents;

    memset(key, 0, sizeof(*key));
    if (der_len > KEYFILE_MAX_FILE)
        return damaged(failure, "it is too long");
    if (!read_last(&reader, DER_SEQUENCE, &contents))
        return damaged(failure, "it is not one DER SEQUENCE");
    reader = der_reader(contents);
    if (!read_element(&reader, DER_OCTET_STRING, &key->header) ||
        !read_last(&reader, DER_OCTET_STRING, &key->ciphertext))
        return damaged(failure, "it does not consist of a header and a ciphertext");
    if (key->ciphertext.len <= TAG_LEN)
        return damaged(failure, "its ciphertext is cut off");
    return read_header(key, failure);
}

static char *text_of(struct der_slice value)
{
    char *text = OPENSSL_zalloc(value.len + 1);

    if (text != NULL && value.len > 0)
        memcpy(text, value.data, value.len);
    return text;
}

bool keyfile_header_read(const uint8_t *der, size_t der_len, struct keyfile_header *header,
                         struct failure *failure)
{
    struct sealed_key key;

    memset(header, 0, sizeof(*header));
    if (!read_sealed_key(der, der_len, &key, failure))
        return false;
    header->floor = text_of(key.floor);
    if (header->floor == NULL)
        return failure_set(failure, FAILURE_MEMORY, "sealed key: out of memory");
    header->version = VERSION;
    header->cost = key.cost;
    header->block_size = key.block_size;
    header->parallelism = key.parallelism;
    memcpy(header->key_id, key.key_id.data, KEYFILE_KEY_ID_LEN);
    return true;
}

void keyfile_header_clear(struct keyfile_header *header)
{
    OPENSSL_free(header->floor);
    memset(header, 0, sizeof(*header));
}

/* The key inside */

static EVP_PKEY *decode_pkcs8(OSSL_LIB_CTX *libctx, const uint8_t *pkcs8, size_t len)
{
    const unsigned char *next = pkcs8;
    PKCS8_PRIV_KEY_INFO *info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &next, (long)len);
    EVP_PKEY *key = NULL;

    if (info != NULL && next == pkcs8 + len)
        key = EVP_PKCS82PKEY_ex(info, libctx, NULL);
    PKCS8_PRIV_KEY_INFO_free(info);
    return key;
}

/* A public key of its own, so that nothing of the private key takes part in the comparison. */
static EVP_PKEY *decode_public(OSSL_LIB_CTX *libctx, const uint8_t *spki, size_t len)
{
    const unsigned char *next = spki;

    return d2i_PUBKEY_ex(NULL, &next, (long)len, libctx, NULL);
}

static bool signs(OSSL_LIB_CTX *libctx, EVP_PKEY *key, EVP_PKEY *public_key)
{
    static const uint8_t message[] = "smimebr: does the public part belong to the private one?";
    EVP_MD_CTX *signer = EVP_MD_CTX_new(), *verifier = EVP_MD_CTX_new();
    uint8_t *signature = NULL;
    size_t room = 0, len;
    bool result = false;

    if (signer == NULL || verifier == NULL)
        goto done;
    if (EVP_DigestSignInit_ex(signer, NULL, NULL, libctx, NULL, key, NULL) != 1 ||
        EVP_DigestSign(signer, NULL, &room, message, sizeof(message)) != 1 ||
        (signature = OPENSSL_malloc(room)) == NULL)
        goto done;
    len = room;
    /* short of memory libcrypto 3.0 may tell of success and of more octets than there is room */
    if (EVP_DigestSign(signer, signature, &len, message, sizeof(message)) != 1 || len > room)
        goto done;
    result = EVP_DigestVerifyInit_ex(verifier, NULL, NULL, libctx, NULL, public_key, NULL) == 1 &&
             EVP_DigestVerify(verifier, signature, len, message, sizeof(message)) == 1;
done:
    OPENSSL_free(signature);
    EVP_MD_CTX_free(signer);
    EVP_MD_CTX_free(verifier);
    return result;
}

/*
 * SHA-256 of the SubjectPublicKeyInfo of a private key. Some private key formats carry the public
 * part along; that the two belong together is seen from a signature.
 */
static bool compute_key_id(OSSL_LIB_CTX *libctx, const uint8_t *pkcs8, size_t len,
                           uint8_t key_id[KEYFILE_KEY_ID_LEN], struct failure *failure)
{
    EVP_PKEY *key = decode_pkcs8(libctx, pkcs8, len), *public_key = NULL;
    EVP_MD *sha256 = NULL;
    uint8_t *spki = NULL;
    unsigned digest_len = 0;
    int spki_len;
    bool result = false;

    if (key == NULL) {
        failure_set(failure, FAILURE_INPUT, "no private key of a kind that libcrypto can read");
        goto done;
    }
    failure_set(failure, FAILURE_LIBCRYPTO, "libcrypto could not handle the private key");
    spki_len = i2d_PUBKEY(key, &spki);
    if (spki_len <= 0)
        goto done;
    public_key = decode_public(libctx, spki, (size_t)spki_len);
    sha256 = EVP_MD_fetch(libctx, "SHA256", NULL);
    if (public_key == NULL || sha256 == NULL)
        goto done;
    if (!signs(libctx, key, public_key)) {
        failure_set(failure, FAILURE_INPUT,
                    "the private key cannot sign, or its public part belongs to another key");
        goto done;
    }
    result = EVP_Digest(spki, (size_t)spki_len, key_id, &digest_len, sha256, NULL) == 1 &&
             digest_len == KEYFILE_KEY_ID_LEN;
done:
    OPENSSL_free(spki);
    EVP_MD_free(sha256);
    EVP_PKEY_free(public_key);
    EVP_PKEY_free(key);
    return result;
}

/* Derivation and cipher */

static bool derive(OSSL_LIB_CTX *libctx, const struct sealed_key *key, const char *passphrase,
                   size_t passphrase_len, uint8_t cipher_key[CIPHER_KEY_LEN],
                   struct failure *failure)
{
    /* libcrypto counts the blocks of all p lanes and some working memory as well */
    uint64_t memory = MAX_MEMORY + 128 * key->block_size * (key->parallelism + 4);

    if (EVP_PBE_scrypt_ex(passphrase, passphrase_len, key->salt.data, key->salt.len, key->cost,
                          key->block_size, key->parallelism, memory, cipher_key, CIPHER_KEY_LEN,
                          libctx, NULL) == 1)
        return true;
    return failure_set(failure, FAILURE_LIBCRYPTO,
                       "sealed key: scrypt could not run (%llu MiB of memory are needed)",
                       (unsigned long long)(key->cost * key->block_size / (8 * 1024)));
}

/* Encrypt or decrypt len octets; tag is written or checked. */
static bool run_cipher(OSSL_LIB_CTX *libctx, bool encrypt, const struct sealed_key *key,
                       const uint8_t *cipher_key, const uint8_t *in, size_t len, uint8_t *out,
                       uint8_t *tag)
{
    EVP_CIPHER *cipher = EVP_CIPHER_fetch(libctx, "AES-256-GCM", NULL);
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int written = 0;
    bool result = false;

    if (cipher == NULL || ctx == NULL)
        goto done;
    if (EVP_CipherInit_ex2(ctx, cipher, cipher_key, key->nonce.data, encrypt ? 1 : 0, NULL) != 1 ||
        EVP_CipherUpdate(ctx, NULL, &written, (const uint8_t *)aad_text, sizeof(aad_text)) != 1 ||
        EVP_CipherUpdate(ctx, NULL, &written, key->header.data, (int)key->header.len) != 1 ||
        EVP_CipherUpdate(ctx, out, &written, in, (int)len) != 1 || (size_t)written != len)
        goto done;
    if (!encrypt && EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, TAG_LEN, tag) != 1)
        goto done;
    if (EVP_CipherFinal_ex(ctx, out + len, &written) != 1)
        goto done;
    result = !encrypt || EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, TAG_LEN, tag) == 1;
done:
    EVP_CIPHER_CTX_free(ctx);
    EVP_CIPHER_free(cipher);
    return result;
}

/* Writing */

static void write_header(struct der_writer *writer, const struct sealed_key *key)
{
    size_t parameters, algorithm;

    der_write(writer, DER_UTF8_STRING, key->floor.data, key->floor.len);
    der_write(writer, DER_OCTET_STRING, key->key_id.data, key->key_id.len);

    algorithm = parameters = der_written(writer);
    der_write_unsigned(writer, TAG_LEN);
    der_write(writer, DER_OCTET_STRING, key->nonce.data, key->nonce.len);
    der_write_header(writer, DER_SEQUENCE, der_written(writer) - parameters);
    der_write(writer, DER_OID, oid_aes256_gcm, sizeof(oid_aes256_gcm));
    der_write_header(writer, DER_SEQUENCE, der_written(writer) - algorithm);

    algorithm = parameters = der_written(writer);
    der_write_unsigned(writer, CIPHER_KEY_LEN);
    der_write_unsigned(writer, key->parallelism);
    der_write_unsigned(writer, key->block_size);
    der_write_unsigned(writer, key->cost);
    der_write(writer, DER_OCTET_STRING, key->salt.data, key->salt.len);
    der_write_header(writer, DER_SEQUENCE, der_written(writer) - parameters);
    der_write(writer, DER_OID, oid_scrypt, sizeof(oid_scrypt));
    der_write_header(writer, DER_SEQUENCE, der_written(writer) - algorithm);

    der_write_unsigned(writer, VERSION);
    der_write_header(writer, DER_SEQUENCE, der_written(writer));
}

/* SEQUENCE { OCTET STRING header, OCTET STRING ciphertext } in allocated memory */
static bool write_sealed_key(const struct sealed_key *key, uint8_t **der, size_t *der_len,
                             struct failure *failure)
{
    size_t size = key->header.len + key->ciphertext.len + 32;
    uint8_t *buffer = OPENSSL_malloc(size);
    struct der_writer writer = der_writer(buffer, size);
    struct der_slice result;

    if (buffer == NULL)
        return failure_set(failure, FAILURE_MEMORY, "sealed key: out of memory");
    der_write(&writer, DER_OCTET_STRING, key->ciphertext.data, key->ciphertext.len);
    der_write(&writer, DER_OCTET_STRING, key->header.data, key->header.len);
    der_write_header(&writer, DER_SEQUENCE, der_written(&writer));
    result = der_writer_result(&writer);
    *der = result.len == 0 || result.len > KEYFILE_MAX_FILE
               ? NULL
               : OPENSSL_memdup(result.data, result.len);
    OPENSSL_free(buffer);
    if (*der == NULL)
        return failure_set(failure, FAILURE_MEMORY, "sealed key: too long, or out of memory");
    *der_len = result.len;
    return true;
}

static bool check_seal_arguments(size_t pkcs8_len, struct der_slice floor, size_t passphrase_len,
                                 unsigned log2_cost, struct failure *failure)
{
    if (pkcs8_len > MAX_PKCS8)
        return failure_set(failure, FAILURE_INPUT, "the private key is too long to be sealed");
    if (!floor_is_valid(floor))
        return failure_set(failure, FAILURE_INPUT,
                           "the floor is not at most %d octets of `name = value` lines sorted by "
                           "name",
                           KEYFILE_MAX_FLOOR);
    if (passphrase_len == 0)
        return failure_set(failure, FAILURE_PASSPHRASE,
                           "a sealed key needs a passphrase that is not empty");
    if (log2_cost < 14 || log2_cost > 18)
        return failure_set(failure, FAILURE_INPUT, "scrypt cost 2^%u is not between 2^14 and 2^20",
                           log2_cost);
    return true;
}

static bool seal(OSSL_LIB_CTX *libctx, const uint8_t *pkcs8, size_t pkcs8_len, const char *floor,
                 const char *passphrase, size_t passphrase_len, unsigned log2_cost, uint8_t **der,
                 size_t *der_len, struct failure *failure)
{
    uint8_t header[MAX_HEADER], key_id[KEYFILE_KEY_ID_LEN], cipher_key[CIPHER_KEY_LEN];
    uint8_t salt[SALT_LEN], nonce[NONCE_LEN];
    struct der_slice floor_text = der_slice((const uint8_t *)floor, strlen(floor));
    struct der_writer writer = der_writer(header, sizeof(header));
    struct sealed_key key;
    uint8_t *ciphertext = NULL;
    bool result = false;

    if (!check_seal_arguments(pkcs8_len, floor_text, passphrase_len, log2_cost, failure) ||
        !compute_key_id(libctx, pkcs8, pkcs8_len, key_id, failure))
        return false;
    if (RAND_bytes_ex(libctx, salt, sizeof(salt), 0) != 1 ||
        RAND_bytes_ex(libctx, nonce, sizeof(nonce), 0) != 1)
        return failure_set(failure, FAILURE_LIBCRYPTO, "libcrypto's random generator failed");
    memset(&key, 0, sizeof(key));
    key.cost = (uint64_t)1 << log2_cost;
    key.block_size = BLOCK_SIZE;
    key.parallelism = PARALLELISM;
    key.salt = der_slice(salt, sizeof(salt));
    key.nonce = der_slice(nonce, sizeof(nonce));
    key.key_id = der_slice(key_id, sizeof(key_id));
    key.floor = floor_text;
    if (!check_cost(&key, failure))
        return false;
    write_header(&writer, &key);
    key.header = der_writer_result(&writer);
    ciphertext = OPENSSL_malloc(pkcs8_len + TAG_LEN);
    if (key.header.len == 0 || ciphertext == NULL) {
        failure_set(failure, FAILURE_MEMORY, "sealed key: out of memory");
        goto done;
    }
    if (!derive(libctx, &key, passphrase, passphrase_len, cipher_key, failure))
        goto done;
    if (!run_cipher(libctx, true, &key, cipher_key, pkcs8, pkcs8_len, ciphertext,
                    ciphertext + pkcs8_len)) {
        failure_set(failure, FAILURE_LIBCRYPTO, "sealed key: AES-256-GCM could not run");
        goto done;
    }
    key.ciphertext = der_slice(ciphertext, pkcs8_len + TAG_LEN);
    result = write_sealed_key(&key, der, der_len, failure);
done:
    OPENSSL_cleanse(cipher_key, sizeof(cipher_key));
    OPENSSL_free(ciphertext);
    return result;
}

/* Our own texts say what failed: libcrypto's entries would only stand in front of them. */
bool keyfile_seal(OSSL_LIB_CTX *libctx, const uint8_t *pkcs8, size_t pkcs8_len, const char *floor,
                  const char *passphrase, size_t passphrase_len, unsigned log2_cost, uint8_t **der,
                  size_t *der_len, struct failure *failure)
{
    bool result;

    *der = NULL;
    *der_len = 0;
    ERR_set_mark();
    result = seal(libctx, pkcs8, pkcs8_len, floor, passphrase, passphrase_len, log2_cost, der,
                  der_len, failure);
    ERR_pop_to_mark();
    return result;
}

/* Decrypt into *plaintext (len octets). */
static bool open_ciphertext(OSSL_LIB_CTX *libctx, const struct sealed_key *key,
                            const char *passphrase, size_t passphrase_len, uint8_t *plaintext,
                            size_t len, struct failure *failure)
{
    uint8_t cipher_key[CIPHER_KEY_LEN], tag[TAG_LEN];
    bool result = derive(libctx, key, passphrase, passphrase_len, cipher_key, failure);

    memcpy(tag, key->ciphertext.data + len, sizeof(tag));
    if (result &&
        !run_cipher(libctx, false, key, cipher_key, key->ciphertext.data, len, plaintext, tag))
        result = failure_set(failure, FAILURE_PASSPHRASE,
                             "sealed key: cannot be opened: the passphrase is wrong, or the file "
                             "was changed");
    OPENSSL_cleanse(cipher_key, sizeof(cipher_key));
    return result;
}

static bool check_key_id(OSSL_LIB_CTX *libctx, const struct sealed_key *key, const uint8_t *pkcs8,
                         size_t len, struct failure *failure)
{
    uint8_t key_id[KEYFILE_KEY_ID_LEN];

    if (!compute_key_id(libctx, pkcs8, len, key_id, failure))
        return false;
    if (memcmp(key_id, key->key_id.data, sizeof(key_id)) == 0)
        return true;
    return failure_set(failure, FAILURE_INPUT,
                       "sealed key: the private key inside is not the one that its key identifier "
                       "names");
}

static bool unseal(OSSL_LIB_CTX *libctx, const uint8_t *der, size_t der_len, const char *passphrase,
                   size_t passphrase_len, uint8_t **pkcs8, size_t *pkcs8_len, char **floor,
                   struct failure *failure)
{
    struct sealed_key key;
    uint8_t *plaintext;
    size_t len;

    if (!read_sealed_key(der, der_len, &key, failure))
        return false;
    if (passphrase_len == 0)
        return failure_set(failure, FAILURE_PASSPHRASE, "sealed key: no passphrase was given");
    len = key.ciphertext.len - TAG_LEN;
    /* libcrypto may write up to a block behind; GCM does not, but the room costs nothing */
    plaintext = OPENSSL_malloc(len + TAG_LEN);
    if (plaintext == NULL)
        return failure_set(failure, FAILURE_MEMORY, "sealed key: out of memory");
    if (!open_ciphertext(libctx, &key, passphrase, passphrase_len, plaintext, len, failure) ||
        !check_key_id(libctx, &key, plaintext, len, failure))
        goto failed;
    if (floor != NULL && (*floor = text_of(key.floor)) == NULL) {
        failure_set(failure, FAILURE_MEMORY, "sealed key: out of memory");
        goto failed;
    }
    *pkcs8 = plaintext;
    *pkcs8_len = len;
    return true;
failed:
    OPENSSL_clear_free(plaintext, len + TAG_LEN);
    return false;
}

bool keyfile_unseal(OSSL_LIB_CTX *libctx, const uint8_t *der, size_t der_len,
                    const char *passphrase, size_t passphrase_len, uint8_t **pkcs8,
                    size_t *pkcs8_len, char **floor, struct failure *failure)
{
    bool result;

    *pkcs8 = NULL;
    *pkcs8_len = 0;
    if (floor != NULL)
        *floor = NULL;
    ERR_set_mark();
    result =
        unseal(libctx, der, der_len, passphrase, passphrase_len, pkcs8, pkcs8_len, floor, failure);
    ERR_pop_to_mark();
    return result;
}
