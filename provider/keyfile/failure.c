/* One place that formats why something could not be done. */
#include <stdarg.h>
#include <stdio.h>

#include "keyfile/failure.h"

bool failure_set(struct failure *failure, enum failure_code code, const char *format, ...)
{
    va_list arguments;

    if (failure == NULL)
        return false;
    failure->code = code;
    va_start(arguments, format);
    if (vsnprintf(failure->text, sizeof(failure->text), format, arguments) < 0)
        failure->text[0] = '\0';
    va_end(arguments);
    return false;
}
