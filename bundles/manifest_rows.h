/* Internal to bundles/: the table of the manifest's members. */
#ifndef BUNDLES_MANIFEST_ROWS_H
#define BUNDLES_MANIFEST_ROWS_H

#include "bundles/loader.h"

#define MANIFEST_ROWS 23

extern const struct member manifest_rows[MANIFEST_ROWS];

#endif
