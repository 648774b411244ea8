/* smimebr key reference and show. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>

#include "key_commands.h"
#include "keys.h"

static void print_hex(const uint8_t *data, size_t len)
{
    for (size_t i = 0; i < len; i++)
        printf("%02x", data[i]);
}

static void print_floor(const char *floor)
{
    if (floor[0] == '\0') {
        printf("floor: none\n");
        return;
    }
    printf("floor:\n");
    while (*floor != '\0') {
        size_t len = strcspn(floor, "\n");

        printf("  %.*s\n", (int)len, floor);
        floor += len;
        if (*floor == '\n')
            floor++;
    }
}

bool print_sealed(const char *file, const uint8_t *der, size_t der_len, struct failure *failure)
{
    struct keyfile_header header;

    if (!keyfile_header_read(der, der_len, &header, failure))
        return false;
    printf("file:  ");
    print_safely(file);
    printf("\nkind:  sealed key, version %d\nkey:   ", header.version);
    print_hex(header.key_id, sizeof(header.key_id));
    printf(" (SHA-256 of the SubjectPublicKeyInfo)\n");
    printf("cost:  scrypt N=%" PRIu64 " r=%" PRIu64 " p=%" PRIu64 " (%" PRIu64 " MiB)\n",
           header.cost, header.block_size, header.parallelism,
           header.cost * header.block_size / 8192);
    print_floor(header.floor);
    keyfile_header_clear(&header);
    return true;
}

static bool print_reference(const char *file, const uint8_t *der, size_t der_len,
                            struct failure *failure)
{
    bool placeholder;
    char *uri;

    if (!keyfile_reference_decode(der, der_len, &uri, &placeholder, failure))
        return false;
    printf("file:  ");
    print_safely(file);
    printf("\nkind:  key reference\nto:    ");
    print_safely(uri);
    printf("%s\n", placeholder ? "\nwith:  a placeholder for the private half" : "");
    OPENSSL_free(uri);
    return true;
}

static bool show_data(const char *file, const uint8_t *data, size_t len, struct failure *failure)
{
    enum keyfile_kind kind = keyfile_kind(data, len);
    uint8_t *der;
    size_t der_len;
    bool result;

    if (kind == KEYFILE_OTHER)
        return failure_set(failure, FAILURE_INPUT,
                           "is neither a sealed key nor a key reference (smimebr key seal seals "
                           "an ordinary private key)");
    if (!keyfile_der(data, len, &kind, &der, &der_len, failure))
        return false;
    result = kind == KEYFILE_SEALED ? print_sealed(file, der, der_len, failure)
                                    : print_reference(file, der, der_len, failure);
    OPENSSL_free(der);
    return result;
}

static int show(const char *file)
{
    struct failure failure = {FAILURE_NONE, ""};
    uint8_t *data = NULL;
    size_t len = 0;
    bool result = files_read(file, KEYFILE_MAX_FILE, &data, &len, &failure) &&
                  show_data(file, data, len, &failure);

    OPENSSL_clear_free(data, len);
    return result ? EXIT_GOOD : trouble(file, &failure);
}

static int run_show(const struct command *command, int argc, char **argv)
{
    static const struct option options[] = {{NULL, false, 0}};
    struct option_scan scan = option_scan(command, options, argc, argv);
    const char *file = NULL;
    int id;

    while ((id = option_next(&scan)) != OPTION_END) {
        if (id != OPTION_OPERAND)
            return option_exit(id);
        if (file != NULL)
            return wrong_usage(command, "takes one file");
        file = scan.value;
    }
    if (file == NULL)
        return wrong_usage(command, "no file is named");
    return show(file);
}

const struct command command_key_show = {
    "key show", "what a key file says",
    "Usage: smimebr key show FILE\n"
    "\n"
    "Print what a sealed key or a key reference says without its passphrase: the kind, the key\n"
    "identifier (SHA-256 of the SubjectPublicKeyInfo), the cost of opening it and the floor, or\n"
    "where it leads to. Nothing of it is secret. It is authenticated only when the key is opened.\n"
    "\n"
    "Exit code: 0, or 2 if FILE is no such key.\n",
    run_show};

static int reference(const char *uri, bool placeholder, const char *out,
                     enum files_overwrite overwrite)
{
    struct failure failure = {FAILURE_NONE, ""};
    uint8_t *der = NULL;
    size_t der_len;
    char *pem = NULL;
    bool result = keyfile_reference_encode(uri, placeholder, &der, &der_len, &failure) &&
                  keyfile_to_pem(KEYFILE_REFERENCE, der, der_len, &pem, &failure);

    if (!result) {
        trouble(NULL, &failure);
    } else if (!files_write(out, pem, strlen(pem), 0600, overwrite, &failure)) {
        complain("%s %s%s", out, failure.text,
                 overwrite == FILES_OVERWRITE ? "" : " (--force overwrites)");
        result = false;
    } else {
        result = print_reference(out, der, der_len, &failure);
    }
    OPENSSL_free(pem);
    OPENSSL_free(der);
    return result ? EXIT_GOOD : EXIT_TROUBLE;
}

static int run_reference(const struct command *command, int argc, char **argv)
{
    enum { REFERENCE_TO = 1, REFERENCE_OUT, REFERENCE_PLACEHOLDER, REFERENCE_FORCE };
    static const struct option options[] = {{"to", true, REFERENCE_TO},
                                            {"out", true, REFERENCE_OUT},
                                            {"placeholder", false, REFERENCE_PLACEHOLDER},
                                            {"force", false, REFERENCE_FORCE},
                                            {NULL, false, 0}};
    struct option_scan scan = option_scan(command, options, argc, argv);
    const char *to = NULL, *out = NULL;
    bool placeholder = false;
    enum files_overwrite overwrite = FILES_NEW_ONLY;
    int id;

    while ((id = option_next(&scan)) != OPTION_END) {
        if (id == OPTION_WRONG || id == OPTION_HELP)
            return option_exit(id);
        if (id == OPTION_OPERAND)
            return wrong_usage(command, "takes no argument such as %.100s: --to names the key",
                               scan.value);
        if (id == REFERENCE_TO)
            to = scan.value;
        else if (id == REFERENCE_OUT)
            out = scan.value;
        else if (id == REFERENCE_PLACEHOLDER)
            placeholder = true;
        else
            overwrite = FILES_OVERWRITE;
    }
    if (to == NULL || out == NULL)
        return wrong_usage(command, "--to and --out are both needed");
    return reference(to, placeholder, out, overwrite);
}

const struct command command_key_reference = {
    "key reference", "a file that leads to a key",
    "Usage: smimebr key reference --to URI --out FILE [OPTION]...\n"
    "\n"
    "Write a file that stands where software expects a private key and leads smimebr to one.\n"
    "\n"
    "  --to URI     an absolute path, or a URI such as pkcs11:token=CA;object=issuing; without\n"
    "               smimebr: before it, and without a PIN (pin-source may name the file with one)\n"
    "  --out FILE   the reference, created with mode 0600\n"
    "  --placeholder  show software that looks at the private half before it signs (Ruby does) a\n"
    "               placeholder. It is no key: what tries to sign with it itself fails\n"
    "  --force      overwrite FILE if it exists\n"
    "\n"
    "Exit code: 0, or 2 if it could not be done.\n",
    run_reference};
