/* Writing to-be-signed octets as finished objects. See audit_export.h. */
#include "audit/audit_export.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "command.h"
#include "keyfile/der_writer.h"
#include "keyfile/pem.h"

enum { MAX_MECHANISM = 256, ROOM = 64 };

bool audit_export_folder(const char *folder)
{
    if (mkdir(folder, 0777) == 0 || errno == EEXIST)
        return true;
    complain("%s: cannot be made: %s", folder, strerror(errno));
    return false;
}

/* NULL without memory. */
static char *to_pem(const char *label, struct der_slice der)
{
    size_t size = der.len == 0 ? 0 : pem_encoded_max(label, der.len);
    char *text = size == 0 ? NULL : OPENSSL_malloc(size);

    if (text != NULL)
        pem_encode(label, der.data, der.len, text);
    return text;
}

/* SEQUENCE { tbs, mechanism, BIT STRING without bits }; NULL without memory. */
static char *wrap(const struct audit_line *line)
{
    static const uint8_t no_bits[] = {0};
    const char *mechanism = audit_text(line->json, "mechanism");
    const char *label =
        audit_text_is(line->json, "object", "csr") ? "CERTIFICATE REQUEST" : "CERTIFICATE";
    size_t size = line->tbs.len + MAX_MECHANISM + ROOM, len;
    uint8_t algorithm[MAX_MECHANISM], *der = OPENSSL_malloc(size);
    struct der_writer writer;
    char *text;

    if (der == NULL)
        return NULL;
    if (!audit_unhex(mechanism, strlen(mechanism), algorithm, sizeof(algorithm), &len))
        len = 0;
    writer = der_writer(der, size);
    der_write(&writer, DER_BIT_STRING, no_bits, sizeof(no_bits));
    der_write_raw(&writer, algorithm, len);
    der_write_raw(&writer, line->tbs.data, line->tbs.len);
    der_write_header(&writer, DER_SEQUENCE, der_written(&writer));
    text = to_pem(label, der_writer_result(&writer));
    OPENSSL_free(der);
    return text;
}

static bool write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
    bool done = file != NULL && fputs(text, file) >= 0;

    if (file == NULL && fd >= 0)
        close(fd);
    if (file != NULL && fclose(file) != 0)
        done = false;
    if (!done)
        complain("%s: cannot be written: %s", path, strerror(errno));
    return done;
}

/* Write the text as FOLDER/name; NULL: there was no memory for it. */
static bool export_text(const char *folder, const char *name, char *text)
{
    size_t size = strlen(folder) + strlen(name) + 2;
    char *path = OPENSSL_malloc(size);
    bool done = false;

    if (path == NULL || text == NULL) {
        complain("out of memory");
    } else {
        snprintf(path, size, "%s/%s", folder, name);
        done = write_file(path, text);
    }
    OPENSSL_free(path);
    OPENSSL_free(text);
    return done;
}

bool audit_export(const char *folder, const struct audit_line *line)
{
    char name[32];

    snprintf(name, sizeof(name), "%" PRIu64 ".pem", line->end.sequence);
    return export_text(folder, name, wrap(line));
}

bool audit_export_key(const char *folder, const struct audit_line *line)
{
    char name[CHAIN_HEX + sizeof(".pub")];

    snprintf(name, sizeof(name), "%.64s.pub", audit_text(line->json, "key"));
    return export_text(folder, name, to_pem("PUBLIC KEY", line->spki));
}
