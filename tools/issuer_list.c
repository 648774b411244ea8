/* Issuer certificates from files of PEM or DER. */
#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>

#include "command.h"
#include "files.h"
#include "issuer_list.h"
#include "lint_input.h"

enum { MAX_ISSUER_FILE = 16 * 1024 * 1024 };

struct collector {
    struct issuer_list *issuers;
    bool failed;
};

static bool add(struct issuer_list *issuers, struct der_slice der)
{
    struct lint_issuer *issuer = lint_issuer_new(der.data, der.len);
    struct lint_issuer **grown =
        OPENSSL_realloc(issuers->list, (issuers->num + 1) * sizeof(struct lint_issuer *));

    if (grown != NULL)
        issuers->list = grown;
    if (grown == NULL || issuer == NULL) {
        lint_issuer_free(issuer);
        return false;
    }
    issuers->list[issuers->num++] = issuer;
    return true;
}

static void collect(void *argument, const struct lint_input_object *object, struct der_slice whole)
{
    struct collector *collector = argument;

    if (object->outer_algorithm.len > 0 && add(collector->issuers, whole))
        return;
    complain("%s: is no strict DER certificate", object->name);
    collector->failed = true;
}

bool issuer_list_read(struct issuer_list *issuers, const char *path)
{
    struct collector collector = {issuers, false};
    struct failure failure = {FAILURE_NONE, ""};
    size_t size = strlen(path) + sizeof("--issuer "), len;
    char *name = OPENSSL_malloc(size); /* so that complaints say which file is meant */
    uint8_t *data = NULL;
    bool result = false;

    if (name == NULL) {
        complain("out of memory");
        return false;
    }
    snprintf(name, size, "--issuer %s", path);
    if (files_read(path, MAX_ISSUER_FILE, &data, &len, &failure))
        result =
            lint_input_each(name, der_slice(data, len), INPUT_CERTIFICATE, collect, &collector);
    else
        complain("%s %s", name, failure.text);
    OPENSSL_free(data);
    OPENSSL_free(name);
    return result && !collector.failed;
}

void issuer_list_free(struct issuer_list *issuers)
{
    for (size_t i = 0; i < issuers->num; i++)
        lint_issuer_free(issuers->list[i]);
    OPENSSL_free(issuers->list);
    issuers->list = NULL;
    issuers->num = 0;
}
