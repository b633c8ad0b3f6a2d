/* The path configuration: where the standard library is, sys.path, sys.prefix, sys.executable.
 *
 * Order of discovery
 *   1. what the embedder or PYTHONHOME set wins;
 *   2. the executable: argv[0] with a slash, else searched on PATH, made absolute;
 *   3. pyvenv.cfg beside it or one level up: `home` names the directory of the base executable;
 *   4. <executable>._pth: its lines are sys.path, its directory is the prefix, and neither the
 *      environment nor `site` (unless a line says so) has a say;
 *   5. a build tree: <dir of executable>/build/lib/python3.12 exists (assemble_stdlib.py made it);
 *   6. an installation: walk up from the executable to a directory with lib/python3.12/os.py;
 *   7. the prefix of configure.
 * An executable that is not found leaves sys.executable empty; the library is looked for from the
 * file that runs.
 * Written from the documentation of PyConfig's path fields, of sys.prefix, of site (pyvenv.cfg) and
 * of ._pth files ("Finding modules"), and PEP 405. */
#include "Python.h"
#include "pycore_fileutils.h"   // _Py_wrealpath()
#include "pycore_initconfig.h"
#include "pycore_runtime.h"     // path_config

#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wchar.h>

#ifndef LADON_PREFIX
#  define LADON_PREFIX "/usr/local"
#endif
#define PYTHON_VERSION_DIR L"python3.12"

#define TRY(CALL)                                   \
    do {                                            \
        PyStatus _status = (CALL);                  \
        if (_PyStatus_EXCEPTION(_status)) {         \
            return _status;                         \
        }                                           \
    } while (0)

/* ---- wide paths (all results PyMem_RawMalloc'ed, NULL without memory) ---------------- */

static wchar_t *
wdup(const wchar_t *str, size_t len)
{
    wchar_t *copy = PyMem_RawMalloc((len + 1) * sizeof(wchar_t));
    if (copy != NULL) {
        memcpy(copy, str, len * sizeof(wchar_t));
        copy[len] = L'\0';
    }
    return copy;
}

/* "a/b" from "a" and "b"; an absolute second part wins. */
static wchar_t *
wjoin(const wchar_t *dir, const wchar_t *name)
{
    size_t dir_len = name[0] == L'/' ? 0 : wcslen(dir);
    size_t name_len = wcslen(name);
    wchar_t *path = PyMem_RawMalloc((dir_len + name_len + 2) * sizeof(wchar_t));
    if (path == NULL) {
        return NULL;
    }
    memcpy(path, dir, dir_len * sizeof(wchar_t));
    if (dir_len > 0 && path[dir_len - 1] != L'/') {
        path[dir_len++] = L'/';
    }
    memcpy(path + dir_len, name, (name_len + 1) * sizeof(wchar_t));
    return path;
}

static wchar_t *
wdirname(const wchar_t *path)
{
    const wchar_t *slash = wcsrchr(path, L'/');
    if (slash == NULL) {
        return wdup(L"", 0);
    }
    return wdup(path, slash == path ? 1 : (size_t)(slash - path));
}

/* 1 if the path exists with this file type (S_IFREG, S_IFDIR), else 0. */
static int
has_type(const wchar_t *path, mode_t type)
{
    char *bytes = Py_EncodeLocale(path, NULL);
    struct stat st;
    int result = bytes != NULL && stat(bytes, &st) == 0 && (st.st_mode & S_IFMT) == type;
    PyMem_Free(bytes);
    return result;
}

/* 1 if dir/a/b... has the type. */
static int
has_entry(const wchar_t *dir, const wchar_t *name, mode_t type)
{
    wchar_t *path = wjoin(dir, name);
    int result = path != NULL && has_type(path, type);
    PyMem_RawFree(path);
    return result;
}

static int
is_executable(const wchar_t *path)
{
    char *bytes = Py_EncodeLocale(path, NULL);
    struct stat st;
    int result = bytes != NULL && stat(bytes, &st) == 0 && S_ISREG(st.st_mode) &&
                 (st.st_mode & 0111) != 0;
    PyMem_Free(bytes);
    return result;
}

/* Absolute and without "." and ".." parts, but symbolic links stay. */
static wchar_t *
wabspath(const wchar_t *path)
{
    wchar_t *result;
    if (path[0] == L'/') {
        result = wdup(path, wcslen(path));
    }
    else {
        wchar_t cwd[PATH_MAX + 1];
        if (_Py_wgetcwd(cwd, Py_ARRAY_LENGTH(cwd)) == NULL) {
            return wdup(path, wcslen(path));
        }
        result = wjoin(cwd, path);
    }
    return result != NULL ? _Py_normpath(result, -1) : NULL;
}

/* The file behind all symbolic links, or a copy of the path. */
static wchar_t *
wresolve(const wchar_t *path)
{
    wchar_t real[PATH_MAX + 1];
    if (_Py_wrealpath(path, real, Py_ARRAY_LENGTH(real)) != NULL) {
        return wdup(real, wcslen(real));
    }
    return wdup(path, wcslen(path));
}

/* ---- the executable ------------------------------------------------------------------ */

/* Searches PATH.  *result stays NULL if nothing was found. */
static PyStatus
search_path(const wchar_t *program, wchar_t **result)
{
    const char *env = getenv("PATH");
    if (env == NULL || *env == '\0') {
        return _PyStatus_OK();
    }
    wchar_t *path = Py_DecodeLocale(env, NULL);
    if (path == NULL) {
        return _PyStatus_NO_MEMORY();
    }
    PyStatus status = _PyStatus_OK();
    for (wchar_t *dir = path; dir != NULL && *result == NULL;) {
        wchar_t *colon = wcschr(dir, L':');
        if (colon != NULL) {
            *colon = L'\0';
        }
        wchar_t *candidate = wjoin(*dir != L'\0' ? dir : L".", program);
        if (candidate == NULL) {
            status = _PyStatus_NO_MEMORY();
            break;
        }
        if (is_executable(candidate)) {
            *result = candidate;
        }
        else {
            PyMem_RawFree(candidate);
        }
        dir = colon != NULL ? colon + 1 : NULL;
    }
    PyMem_RawFree(path);
    return status;
}

static PyStatus
find_executable(PyConfig *config)
{
    if (config->program_name == NULL || config->program_name[0] == L'\0') {
        TRY(_PyConfig_SetRawString(&config->program_name, L"python3"));
    }
    if (config->executable != NULL) {
        return _PyStatus_OK();
    }
    wchar_t *found = NULL;
    if (wcschr(config->program_name, L'/') != NULL) {
        found = wdup(config->program_name, wcslen(config->program_name));
        if (found == NULL) {
            return _PyStatus_NO_MEMORY();
        }
    }
    else {
        TRY(search_path(config->program_name, &found));
    }
    if (found == NULL) {
        return _PyConfig_SetRawString(&config->executable, L"");
    }
    config->executable = wabspath(found);
    PyMem_RawFree(found);
    return config->executable != NULL ? _PyStatus_OK() : _PyStatus_NO_MEMORY();
}

/* ---- pyvenv.cfg ------------------------------------------------------------------------- */

/* Value of `home` in the file, decoded and stripped; NULL if there is none. */
static wchar_t *
read_venv_home(const wchar_t *path)
{
    char *bytes = Py_EncodeLocale(path, NULL);
    FILE *file = bytes != NULL ? fopen(bytes, "re") : NULL;
    PyMem_Free(bytes);
    if (file == NULL) {
        return NULL;
    }
    wchar_t *home = NULL;
    char line[PATH_MAX + 64];
    while (home == NULL && fgets(line, sizeof(line), file) != NULL) {
        char *p = line + strspn(line, " \t");
        if (strncmp(p, "home", 4) != 0) {
            continue;
        }
        p += 4;
        p += strspn(p, " \t");
        if (*p != '=') {
            continue;
        }
        p++;
        p += strspn(p, " \t");
        p[strcspn(p, "\r\n")] = '\0';
        home = Py_DecodeLocale(p, NULL);
    }
    fclose(file);
    return home;
}

/* In a virtual environment *venv is its directory and *home the base executable's. */
static PyStatus
find_venv(const wchar_t *exe_dir, wchar_t **venv, wchar_t **home)
{
    wchar_t *parent = wdirname(exe_dir);
    if (parent == NULL) {
        return _PyStatus_NO_MEMORY();
    }
    const wchar_t *const dirs[] = {exe_dir, parent};
    for (size_t i = 0; i < 2 && *home == NULL; i++) {
        wchar_t *path = wjoin(dirs[i], L"pyvenv.cfg");
        if (path != NULL) {
            *home = read_venv_home(path);
            PyMem_RawFree(path);
        }
        if (*home != NULL) {
            *venv = wdup(dirs[i], wcslen(dirs[i]));
        }
    }
    PyMem_RawFree(parent);
    return _PyStatus_OK();
}

/* ---- the standard library ------------------------------------------------------------------ */

struct layout {
    wchar_t *prefix;            /* sys.prefix of the base installation */
    wchar_t *stdlib;            /* directory of os.py */
    wchar_t *exe_dir;           /* directory of the base executable */
    int build_tree;
};

static void
layout_clear(struct layout *layout)
{
    PyMem_RawFree(layout->prefix);
    PyMem_RawFree(layout->stdlib);
    PyMem_RawFree(layout->exe_dir);
}

static const wchar_t *
platlibdir(const PyConfig *config)
{
    return config->platlibdir != NULL ? config->platlibdir : L"lib";
}

/* prefix/lib/python3.12 */
static wchar_t *
stdlib_below(const wchar_t *prefix)
{
    wchar_t *lib = wjoin(prefix, L"lib/" PYTHON_VERSION_DIR);
    return lib;
}

static int
has_stdlib(const wchar_t *prefix)
{
    return has_entry(prefix, L"lib/" PYTHON_VERSION_DIR L"/os.py", S_IFREG);
}

static PyStatus
layout_set(struct layout *layout, wchar_t *prefix)
{
    if (prefix == NULL) {
        return _PyStatus_NO_MEMORY();
    }
    layout->prefix = prefix;
    layout->stdlib = stdlib_below(prefix);
    return layout->stdlib != NULL ? _PyStatus_OK() : _PyStatus_NO_MEMORY();
}

static PyStatus
find_stdlib(const PyConfig *config, struct layout *layout)
{
    if (config->home != NULL && config->home[0] != L'\0') {
        const wchar_t *colon = wcschr(config->home, L':');
        size_t len = colon != NULL ? (size_t)(colon - config->home) : wcslen(config->home);
        return layout_set(layout, wdup(config->home, len));
    }
    wchar_t *build = wjoin(layout->exe_dir, L"build");
    if (build == NULL) {
        return _PyStatus_NO_MEMORY();
    }
    if (layout->exe_dir[0] != L'\0' && has_stdlib(build)) {
        layout->build_tree = 1;
        return layout_set(layout, build);
    }
    PyMem_RawFree(build);
    wchar_t *dir = wdup(layout->exe_dir, wcslen(layout->exe_dir));
    while (dir != NULL && dir[0] != L'\0') {
        if (has_stdlib(dir)) {
            return layout_set(layout, dir);
        }
        wchar_t *slash = wcsrchr(dir, L'/');
        if (slash == NULL || slash == dir) {
            break;
        }
        *slash = L'\0';
    }
    PyMem_RawFree(dir);
    return layout_set(layout, Py_DecodeLocale(LADON_PREFIX, NULL));
}

/* ---- ._pth files ----------------------------------------------------------------------------- */

/* Beside the executable; NULL with *status if it cannot be looked for, else if there is none. */
static FILE *
open_pth(const PyConfig *config, PyStatus *status)
{
    size_t len = wcslen(config->executable);
    wchar_t *path = len > 0 ? PyMem_RawMalloc((len + 6) * sizeof(wchar_t)) : NULL;
    if (path == NULL) {
        *status = len > 0 ? _PyStatus_NO_MEMORY() : _PyStatus_OK();
        return NULL;
    }
    wcscpy(path, config->executable);
    wcscpy(path + len, L"._pth");
    char *bytes = Py_EncodeLocale(path, NULL);
    FILE *file = bytes != NULL ? fopen(bytes, "re") : NULL;
    PyMem_Free(bytes);
    PyMem_RawFree(path);
    *status = _PyStatus_OK();
    return file;
}

/* One line without its comment: a directory, relative to `dir`, or "import site". */
static PyStatus
add_pth_line(PyConfig *config, const wchar_t *dir, char *line)
{
    line[strcspn(line, "#")] = '\0';
    line += strspn(line, " \t\r\n\v\f");
    size_t len = strlen(line);
    while (len > 0 && strchr(" \t\r\n\v\f", line[len - 1]) != NULL) {
        line[--len] = '\0';
    }
    if (len == 0) {
        return _PyStatus_OK();
    }
    if (strncmp(line, "import ", 7) == 0) {
        if (strcmp(line, "import site") == 0) {
            config->site_import = 1;
        }
        else {
            fputs("unsupported 'import' line in ._pth file\n", stderr);
        }
        return _PyStatus_OK();
    }
    wchar_t *name = Py_DecodeLocale(line, NULL);
    wchar_t *path = name != NULL ? wjoin(dir, name) : NULL;
    PyMem_RawFree(name);
    if (path == NULL) {
        return _PyStatus_NO_MEMORY();
    }
    PyStatus status = PyWideStringList_Append(&config->module_search_paths,
                                              _Py_normpath(path, -1));
    PyMem_RawFree(path);
    return status;
}

/* If there is such a file, and sys.path is still open: take sys.path from it, set *found. */
static PyStatus
read_pth(PyConfig *config, const wchar_t *dir, int *found)
{
    if (config->module_search_paths_set) {
        return _PyStatus_OK();
    }
    PyStatus status;
    FILE *file = open_pth(config, &status);
    if (file == NULL) {
        return status;
    }
    config->isolated = 1;
    config->use_environment = 0;
    config->site_import = 0;
    config->safe_path = 1;
    _PyWideStringList_Clear(&config->module_search_paths);
    char *line = NULL;
    size_t size = 0;
    while (!_PyStatus_EXCEPTION(status) && getline(&line, &size, file) >= 0) {
        status = add_pth_line(config, dir, line);
    }
    free(line);
    fclose(file);
    TRY(status);
    config->module_search_paths_set = 1;
    *found = 1;
    return _PyConfig_SetRawString(&config->home, NULL);
}

/* ---- results --------------------------------------------------------------------------------- */

static PyStatus
set_if_null(wchar_t **field, const wchar_t *value)
{
    return *field == NULL ? _PyConfig_SetRawString(field, value) : _PyStatus_OK();
}

static PyStatus
append_joined(PyWideStringList *list, const wchar_t *dir, const wchar_t *name)
{
    wchar_t *path = wjoin(dir, name);
    if (path == NULL) {
        return _PyStatus_NO_MEMORY();
    }
    PyStatus status = PyWideStringList_Append(list, path);
    PyMem_RawFree(path);
    return status;
}

/* Appends the parts of a text with colons. */
static PyStatus
append_paths(PyWideStringList *paths, const wchar_t *text)
{
    for (const wchar_t *p = text;;) {
        const wchar_t *colon = wcschr(p, L':');
        wchar_t *item = wdup(p, colon != NULL ? (size_t)(colon - p) : wcslen(p));
        if (item == NULL) {
            return _PyStatus_NO_MEMORY();
        }
        PyStatus status = PyWideStringList_Append(paths, item);
        PyMem_RawFree(item);
        TRY(status);
        if (colon == NULL) {
            return _PyStatus_OK();
        }
        p = colon + 1;
    }
}

/* PYTHONPATH, the zip file, the library, its C modules. */
static PyStatus
set_module_search_paths(PyConfig *config, const struct layout *layout)
{
    PyWideStringList *paths = &config->module_search_paths;
    if (config->module_search_paths_set) {
        return _PyStatus_OK();
    }
    _PyWideStringList_Clear(paths);
    if (config->pythonpath_env != NULL) {
        TRY(append_paths(paths, config->pythonpath_env));
    }
    wchar_t *libdir = wjoin(layout->prefix, platlibdir(config));
    if (libdir == NULL) {
        return _PyStatus_NO_MEMORY();
    }
    PyStatus status = append_joined(paths, libdir, L"python312.zip");
    PyMem_RawFree(libdir);
    TRY(status);
    TRY(PyWideStringList_Append(paths, config->stdlib_dir != NULL ? config->stdlib_dir
                                                                   : layout->stdlib));
    TRY(append_joined(paths, layout->stdlib, L"lib-dynload"));
    config->module_search_paths_set = 1;
    return _PyStatus_OK();
}

static PyStatus
set_results(PyConfig *config, const struct layout *layout, const wchar_t *venv)
{
    TRY(set_if_null(&config->platlibdir, L"lib"));
    TRY(set_if_null(&config->stdlib_dir, layout->stdlib));
    TRY(set_if_null(&config->base_prefix, layout->prefix));
    const wchar_t *exec_prefix = layout->prefix;
    if (config->home != NULL && wcschr(config->home, L':') != NULL) {
        exec_prefix = wcschr(config->home, L':') + 1;
    }
    TRY(set_if_null(&config->base_exec_prefix, exec_prefix));
    /* site sets sys.prefix of a virtual environment itself. */
    (void)venv;
    TRY(set_if_null(&config->prefix, config->base_prefix));
    TRY(set_if_null(&config->exec_prefix, config->base_exec_prefix));
    if (config->base_executable == NULL) {
        if (venv != NULL) {
            const wchar_t *name = wcsrchr(config->executable, L'/');
            wchar_t *base = wjoin(layout->exe_dir, name != NULL ? name + 1 : config->executable);
            if (base == NULL) {
                return _PyStatus_NO_MEMORY();
            }
            config->base_executable = base;
        }
        else {
            TRY(_PyConfig_SetRawString(&config->base_executable, config->executable));
        }
    }
    config->_is_python_build = layout->build_tree;
    return set_module_search_paths(config, layout);
}

static PyStatus
compute_paths(PyConfig *config)
{
    struct layout layout = {NULL, NULL, NULL, 0};
    wchar_t *venv = NULL, *home = NULL, *exe_dir = NULL, *resolved = NULL;
    PyStatus status = _PyStatus_NO_MEMORY();
    int known = config->executable[0] != L'\0', pth = 0;
    exe_dir = wdirname(config->executable);
    if (exe_dir == NULL) {
        goto done;
    }
    status = known ? find_venv(exe_dir, &venv, &home) : _PyStatus_OK();
    if (_PyStatus_EXCEPTION(status)) {
        goto done;
    }
    if (home != NULL) {
        layout.exe_dir = home;
        home = NULL;
        /* `home` may itself be reached by links. */
        wchar_t *name = wjoin(layout.exe_dir, L"python");
        if (name != NULL && !has_stdlib(layout.exe_dir)) {
            resolved = wresolve(name);
        }
        PyMem_RawFree(name);
    }
    else {
        resolved = wresolve(known ? config->executable : L"/proc/self/exe");
        layout.exe_dir = resolved != NULL ? wdirname(resolved) : wdup(L"", 0);
    }
    if (layout.exe_dir == NULL) {
        status = _PyStatus_NO_MEMORY();
        goto done;
    }
    status = read_pth(config, exe_dir, &pth);
    if (!_PyStatus_EXCEPTION(status)) {
        status = pth ? layout_set(&layout, wdup(exe_dir, wcslen(exe_dir)))
                     : find_stdlib(config, &layout);
    }
    if (!_PyStatus_EXCEPTION(status)) {
        status = set_results(config, &layout, venv);
    }
done:
    layout_clear(&layout);
    PyMem_RawFree(venv);
    PyMem_RawFree(home);
    PyMem_RawFree(exe_dir);
    PyMem_RawFree(resolved);
    return status;
}

/* Fills in every path field that is not set. */
PyStatus
_PyConfig_InitPathConfig(PyConfig *config)
{
    const struct _path_config *set = &_PyRuntime.path_config;
    if (config->program_name == NULL && set->program_name != NULL) {
        TRY(_PyConfig_SetRawString(&config->program_name, set->program_name));
    }
    if (config->home == NULL && set->home != NULL) {
        TRY(_PyConfig_SetRawString(&config->home, set->home));
    }
    if (config->executable == NULL && set->program_full_path != NULL) {
        TRY(_PyConfig_SetRawString(&config->executable, set->program_full_path));
    }
    if (!config->module_search_paths_set && set->module_search_path != NULL) {
        TRY(append_paths(&config->module_search_paths, set->module_search_path));
        config->module_search_paths_set = 1;
    }
    TRY(find_executable(config));
    return compute_paths(config);
}
