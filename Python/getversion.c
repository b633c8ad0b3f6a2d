/* What this program is: version, platform, compiler, copyright, build.
 * Nothing of the machine or the time of the build leaks in: the build can be repeated. */
#include "Python.h"
#include "pycore_private_api.h"
#include "pycore_sysmodule.h"

#define STR2(X) #X
#define STR(X) STR2(X)
#define COMPILER "[GCC " STR(__GNUC__) "." STR(__GNUC_MINOR__) "." STR(__GNUC_PATCHLEVEL__) "]"

const char *
Py_GetVersion(void)
{
    return PY_VERSION " (main, Ladon) " COMPILER;
}

const char *
Py_GetBuildInfo(void)
{
    return "main, Ladon";
}

const char *
Py_GetCompiler(void)
{
    return COMPILER;
}

const char *
Py_GetPlatform(void)
{
    return "linux";
}

const char *
Py_GetCopyright(void)
{
    return "Copyright (c) 2026 the Ladon authors.\nAll Rights Reserved.";
}

const char *
_Py_gitversion(void)
{
    return "";
}

const char *
_Py_gitidentifier(void)
{
    return "main";
}

/* The version as data of the stable ABI. */
const unsigned long Py_Version = PY_VERSION_HEX;
