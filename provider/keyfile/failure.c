/* One place that formats why something could not be done. */
#include <stdarg.h>
#include <stdio.h>

#include "keyfile/failure.h"

/* Texts quote what others wrote and end on terminals: control characters are shown as \xHH. */
static void show_controls(const char *from, char to[FAILURE_TEXT_MAX])
{
    static const char digits[] = "0123456789abcdef";
    size_t len = 0;

    for (; *from != '\0' && len + 4 < FAILURE_TEXT_MAX; from++) {
        unsigned char c = (unsigned char)*from;

        if (c >= 0x20 && c != 0x7f) {
            to[len++] = *from;
            continue;
        }
        to[len++] = '\\';
        to[len++] = 'x';
        to[len++] = digits[c >> 4];
        to[len++] = digits[c & 0x0f];
    }
    to[len] = '\0';
}

bool(failure_set)(struct failure *failure, enum failure_code code, const char *format, ...)
{
    char text[FAILURE_TEXT_MAX];
    va_list arguments;

    if (failure == NULL)
        return false;
    failure->code = code;
    va_start(arguments, format);
    if (vsnprintf(text, sizeof(text), format, arguments) < 0)
        text[0] = '\0';
    va_end(arguments);
    show_controls(text, failure->text);
    return false;
}
