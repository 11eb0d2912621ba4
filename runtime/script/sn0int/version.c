/* The releases of the libraries that are linked. They are asked, not their headers. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <expat.h>
#include <nettle/version.h>
#include <pcre2.h>
#include <sodium/version.h>
#include <stdio.h>

#include "runtime/script/sn0int/sandbox.h"

void sandbox_libraries(char *text, size_t size)
{
    char pcre2[64];
    const char *expat = XML_ExpatVersion(); /* "expat_2.5.0" */

    pcre2_config(PCRE2_CONFIG_VERSION, pcre2);
    snprintf(text, size, "PCRE2 %s\nexpat %s\ngumbo\nnettle %d.%d\nlibsodium %s\n", pcre2,
             expat + sizeof "expat_" - 1, nettle_version_major(), nettle_version_minor(),
             sodium_version_string());
}
