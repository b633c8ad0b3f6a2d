/* readline: line editing, history and completion by libreadline, at the prompt and in input().
 *
 * libreadline has one state per process and no lock.  It belongs to the main interpreter, no other
 * may import the module, and all of it runs under that interpreter's GIL: read_line() waits for
 * input without the GIL and hands each character to libreadline with it.  So hooks, which
 * libreadline calls without an argument of ours, find the module as the interpreter's, and other
 * threads may use the module while one waits at the prompt.
 *
 * Invariants: what libreadline holds of ours is C code and `delims`; when the module is gone its
 * hooks find no state and do nothing.
 *
 * Written from the manuals of libreadline and its history library, the documentation of the module
 * and observed behaviour.
 */
#include "Python.h"
#include "pycore_signature.h"   // wrappers

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>             // free(): libreadline's memory
#include <string.h>
#include <unistd.h>             // isatty()
#include <readline/readline.h>
#include <readline/history.h>

typedef struct {
    PyObject *completer, *display_hook;         /* owned, NULL: none */
    PyObject *startup_hook, *pre_input_hook;
    Py_ssize_t begin, end;      /* of the text that was completed last, in characters */
    int history_length;         /* of files; negative: no limit */
    bool auto_history;
    bool line_read;             /* read_line() has its line */
    char *line;                 /* or NULL at the end of the file; memory of libreadline */
    char *delims;               /* the library's word break characters; malloc() */
} readline_state;

static struct PyModuleDef readline_module;      /* for find_state() */

#include "sig/readline.sig.h"

static inline readline_state *
get_state(PyObject *module)
{
    readline_state *state = PyModule_GetState(module);
    assert(state != NULL);
    return state;
}

/* The state of the module, or NULL if it is gone.  No exception. */
static readline_state *
find_state(void)
{
    PyObject *module = PyState_FindModule(&readline_module);
    return module != NULL ? PyModule_GetState(module) : NULL;
}

/* --- Text ------------------------------------------------------------------------------------- */

/* A str as bytes of the locale without NUL: new reference, or NULL with an exception. */
static PyObject *
encode(PyObject *string)
{
    return PyUnicode_EncodeLocale(string, "surrogateescape");
}

static PyObject *
decode(const char *text)
{
    return PyUnicode_DecodeLocale(text, "surrogateescape");
}

/* A str in memory of malloc(), as libreadline wants it; NULL with an exception. */
static char *
encode_for_readline(PyObject *string)
{
    PyObject *bytes = encode(string);
    char *copy = bytes != NULL ? strdup(PyBytes_AS_STRING(bytes)) : NULL;
    if (bytes != NULL && copy == NULL) {
        PyErr_NoMemory();
    }
    Py_XDECREF(bytes);
    return copy;
}

/* How many characters the first n bytes of the line are; bytes if there is no memory. */
static Py_ssize_t
characters(int n)
{
    PyObject *bytes = PyBytes_FromStringAndSize(rl_line_buffer, n);
    PyObject *text = bytes != NULL ? decode(PyBytes_AS_STRING(bytes)) : NULL;
    Py_ssize_t length = text != NULL ? PyUnicode_GET_LENGTH(text) : n;
    if (text == NULL) {
        PyErr_Clear();
    }
    Py_XDECREF(bytes);
    Py_XDECREF(text);
    return length;
}

/* --- Files ------------------------------------------------------------------------------------ */

/* Do something with a file: None, or NULL with an exception.  The file's name may be None, which is
 * NULL for `function`; that returns 0 or an errno. */
static PyObject *
with_file(PyObject *filename, int (*function)(const char *name, int n), int n)
{
    PyObject *name = NULL;
    if (filename != Py_None && !PyUnicode_FSConverter(filename, &name)) {
        return NULL;
    }
    errno = function(name != NULL ? PyBytes_AS_STRING(name) : NULL, n);
    PyObject *result = errno == 0 ? Py_NewRef(Py_None) : PyErr_SetFromErrno(PyExc_OSError);
    Py_XDECREF(name);
    return result;
}

static int
read_init_file(const char *name, int Py_UNUSED(n))
{
    return rl_read_init_file(name);
}

static int
read_file(const char *name, int Py_UNUSED(n))
{
    return read_history(name);
}

/* Cut a file that was written, if the number of lines is limited; that it fails does not matter. */
static int
truncate_file(const char *name, int limit)
{
    if (limit >= 0) {
        history_truncate_file(name, limit);
    }
    return 0;
}

static int
write_file(const char *name, int limit)
{
    int err = write_history(name);
    return err == 0 ? truncate_file(name, limit) : err;
}

/*sig readline.read_init_file(module, filename=None, /)

Execute a readline initialization file.

The default filename is the last filename used.
*/
static PyObject *
readline_read_init_file_impl(PyObject *Py_UNUSED(module), PyObject *filename)
{
    return with_file(filename, read_init_file, 0);
}

/*sig readline.read_history_file(module, filename=None, /)

Load a readline history file.

The default filename is ~/.history.
*/
static PyObject *
readline_read_history_file_impl(PyObject *Py_UNUSED(module), PyObject *filename)
{
    return with_file(filename, read_file, 0);
}

/*sig readline.write_history_file(module, filename=None, /)

Save a readline history file.

The default filename is ~/.history.
*/
static PyObject *
readline_write_history_file_impl(PyObject *module, PyObject *filename)
{
    return with_file(filename, write_file, get_state(module)->history_length);
}

static int
append_file(const char *name, int nelements)
{
    return append_history(nelements, name);
}

/*sig readline.append_history_file(module, nelements: int, filename=None, /)

Append the last nelements items of the history list to file.

The default filename is ~/.history.
*/
static PyObject *
readline_append_history_file_impl(PyObject *module, int nelements, PyObject *filename)
{
    PyObject *result = with_file(filename, append_file, Py_MAX(nelements, 0));
    if (result != NULL) {
        Py_SETREF(result, with_file(filename, truncate_file, get_state(module)->history_length));
    }
    return result;
}

/*sig readline.set_history_length(module, length: int, /) -> None

Set the maximal number of lines which will be written to the history file.

A negative length is used to inhibit history truncation.
*/
static int
readline_set_history_length_impl(PyObject *module, int length)
{
    get_state(module)->history_length = length;
    return 0;
}

/*sig readline.get_history_length(module) -> int

Return the maximum number of lines that will be written to the history file.
*/
static int
readline_get_history_length_impl(PyObject *module)
{
    return get_state(module)->history_length;
}

/* --- History ---------------------------------------------------------------------------------- */

/* Free an entry that libreadline has given away. */
static void
free_entry(HIST_ENTRY *entry)
{
    free(free_history_entry(entry));
}

/* Whether an entry that was removed or replaced was there: 0, or -1 with ValueError. */
static int
check_entry(HIST_ENTRY *entry, int pos)
{
    if (entry == NULL) {
        PyErr_Format(PyExc_ValueError, "No history item at position %d", pos);
        return -1;
    }
    free_entry(entry);
    return 0;
}

static int
check_position(int pos)
{
    if (pos < 0) {
        PyErr_SetString(PyExc_ValueError, "History index cannot be negative");
        return -1;
    }
    return 0;
}

/*sig readline.remove_history_item(module, pos: int, /) -> None

Remove history item given by its zero-based position.
*/
static int
readline_remove_history_item_impl(PyObject *Py_UNUSED(module), int pos)
{
    return check_position(pos) < 0 ? -1 : check_entry(remove_history(pos), pos);
}

/*sig readline.replace_history_item(module, pos: int, line: unicode, /) -> None

Replaces history item given by its position with contents of line.

pos is zero-based.
*/
static int
readline_replace_history_item_impl(PyObject *Py_UNUSED(module), int pos, PyObject *line)
{
    if (check_position(pos) < 0) {
        return -1;
    }
    PyObject *bytes = encode(line);
    if (bytes == NULL) {
        return -1;
    }
    HIST_ENTRY *old = replace_history_entry(pos, PyBytes_AS_STRING(bytes), NULL);
    Py_DECREF(bytes);
    return check_entry(old, pos);
}

/*sig readline.add_history(module, string, /) -> None

Add an item to the history buffer.
*/
static int
readline_add_history_impl(PyObject *Py_UNUSED(module), PyObject *string)
{
    PyObject *bytes = encode(string);
    if (bytes == NULL) {
        return -1;
    }
    add_history(PyBytes_AS_STRING(bytes));
    Py_DECREF(bytes);
    return 0;
}

/*sig readline.set_auto_history(module, enabled: bool, /) -> None

Enables or disables automatic history.
*/
static int
readline_set_auto_history_impl(PyObject *module, int enabled)
{
    get_state(module)->auto_history = enabled != 0;
    return 0;
}

/*sig readline.get_history_item(module, index: int, /)

Return the current contents of history item at one-based index.
*/
static PyObject *
readline_get_history_item_impl(PyObject *Py_UNUSED(module), int index)
{
    const HIST_ENTRY *entry = history_get(index);
    return entry != NULL ? decode(entry->line) : Py_NewRef(Py_None);
}

/*sig readline.get_current_history_length(module) -> int

Return the current (not the maximum) length of history.
*/
static int
readline_get_current_history_length_impl(PyObject *Py_UNUSED(module))
{
    return history_length;
}

/*sig readline.clear_history(module) -> None

Clear the current readline history.
*/
static int
readline_clear_history_impl(PyObject *Py_UNUSED(module))
{
    clear_history();
    return 0;
}

/* --- Hooks ------------------------------------------------------------------------------------ */

/* Set a hook of the state: 0, or -1 with TypeError. */
static int
set_hook(const char *name, PyObject **place, PyObject *function)
{
    if (function != Py_None && !PyCallable_Check(function)) {
        PyErr_Format(PyExc_TypeError, "set_%s(func): argument not callable", name);
        return -1;
    }
    Py_XSETREF(*place, function != Py_None ? Py_NewRef(function) : NULL);
    return 0;
}

/* Call a hook (NULL: none): what it returns as an int, or 0.  Exceptions are lost. */
static int
call_hook(PyObject *hook)
{
    int number = 0;
    if (hook != NULL) {
        Py_INCREF(hook);
        PyObject *result = PyObject_CallNoArgs(hook);
        if (result != NULL && result != Py_None) {
            number = _PyLong_AsInt(result);
        }
        if (PyErr_Occurred()) {
            PyErr_Clear();
            number = 0;
        }
        Py_XDECREF(result);
        Py_DECREF(hook);
    }
    return number;
}

static int
on_startup(void)
{
    const readline_state *state = find_state();
    return state != NULL ? call_hook(state->startup_hook) : 0;
}

static int
on_pre_input(void)
{
    const readline_state *state = find_state();
    return state != NULL ? call_hook(state->pre_input_hook) : 0;
}

/* Matches 1..n of a completion as a list; match 0 is what they have in common. */
static PyObject *
list_matches(char **matches, int n)
{
    PyObject *list = PyList_New(n);
    for (int i = 0; list != NULL && i < n; i++) {
        PyObject *match = decode(matches[i + 1]);
        if (match != NULL) {
            PyList_SET_ITEM(list, i, match);
        }
        else {
            Py_CLEAR(list);
        }
    }
    return list;
}

static void
on_display_matches(char **matches, int n, int longest)
{
    const readline_state *state = find_state();
    if (state == NULL || state->display_hook == NULL) {
        return;
    }
    PyObject *hook = Py_NewRef(state->display_hook), *result = NULL;
    PyObject *common = decode(matches[0]);
    PyObject *list = common != NULL ? list_matches(matches, n) : NULL;
    if (list != NULL) {
        result = PyObject_CallFunction(hook, "OOi", common, list, longest);
    }
    if (result == NULL) {
        PyErr_Clear();
    }
    Py_XDECREF(result);
    Py_XDECREF(list);
    Py_XDECREF(common);
    Py_DECREF(hook);
}

/* What the completer says for the text and a number: a string in memory of malloc(), or NULL. */
static char *
next_completion(const char *text, int number)
{
    const readline_state *state = find_state();
    if (state == NULL || state->completer == NULL) {
        return NULL;
    }
    char *match = NULL;
    PyObject *completer = Py_NewRef(state->completer);
    PyObject *string = decode(text);
    PyObject *result = string != NULL
                       ? PyObject_CallFunction(completer, "Oi", string, number) : NULL;
    if (result != NULL && result != Py_None) {
        match = encode_for_readline(result);
    }
    if (PyErr_Occurred()) {
        PyErr_Clear();
    }
    Py_XDECREF(result);
    Py_XDECREF(string);
    Py_DECREF(completer);
    return match;
}

static char **
on_completion(const char *text, int begin, int end)
{
    readline_state *state = find_state();
    rl_attempted_completion_over = 1;       /* no names of files */
    rl_completion_append_character = '\0';
    rl_completion_suppress_append = 0;
    if (state != NULL) {
        state->begin = characters(begin);
        state->end = characters(end);
    }
    return rl_completion_matches(text, next_completion);
}

/*sig readline.set_startup_hook(module, function=None, /) -> None

Set or remove the function invoked by the rl_startup_hook callback.

The function is called with no arguments just
before readline prints the first prompt.
*/
static int
readline_set_startup_hook_impl(PyObject *module, PyObject *function)
{
    return set_hook("startup_hook", &get_state(module)->startup_hook, function);
}

/*sig readline.set_pre_input_hook(module, function=None, /) -> None

Set or remove the function invoked by the rl_pre_input_hook callback.

The function is called with no arguments after the first prompt
has been printed and just before readline starts reading input
characters.
*/
static int
readline_set_pre_input_hook_impl(PyObject *module, PyObject *function)
{
    return set_hook("pre_input_hook", &get_state(module)->pre_input_hook, function);
}

/*sig readline.set_completion_display_matches_hook(module, function=None, /) -> None

Set or remove the completion display function.

The function is called as
  function(substitution, [matches], longest_match_length)
once each time matches need to be displayed.
*/
static int
readline_set_completion_display_matches_hook_impl(PyObject *module, PyObject *function)
{
    readline_state *state = get_state(module);
    if (set_hook("completion_display_matches_hook", &state->display_hook, function) < 0) {
        return -1;
    }
    rl_completion_display_matches_hook = state->display_hook != NULL ? on_display_matches : NULL;
    return 0;
}

/*sig readline.set_completer(module, function=None, /) -> None

Set or remove the completer function.

The function is called as function(text, state),
for state in 0, 1, 2, ..., until it returns a non-string.
It should return the next possible completion starting with 'text'.
*/
static int
readline_set_completer_impl(PyObject *module, PyObject *function)
{
    return set_hook("completer", &get_state(module)->completer, function);
}

/*sig readline.get_completer(module)

Get the current completer function.
*/
static PyObject *
readline_get_completer_impl(PyObject *module)
{
    PyObject *completer = get_state(module)->completer;
    return Py_NewRef(completer != NULL ? completer : Py_None);
}

/*sig readline.get_completion_type(module) -> int

Get the type of completion being attempted.
*/
static int
readline_get_completion_type_impl(PyObject *Py_UNUSED(module))
{
    return rl_completion_type;
}

/*sig readline.get_begidx(module) -> ssize

Get the beginning index of the completion scope.
*/
static Py_ssize_t
readline_get_begidx_impl(PyObject *module)
{
    return get_state(module)->begin;
}

/*sig readline.get_endidx(module) -> ssize

Get the ending index of the completion scope.
*/
static Py_ssize_t
readline_get_endidx_impl(PyObject *module)
{
    return get_state(module)->end;
}

/* Make a string, in memory of malloc(), the word delimiters of libreadline. */
static void
use_delims(readline_state *state, char *delims)
{
    rl_completer_word_break_characters = delims;
    free(state->delims);
    state->delims = delims;
}

/*sig readline.set_completer_delims(module, string, /) -> None

Set the word delimiters for completion.
*/
static int
readline_set_completer_delims_impl(PyObject *module, PyObject *string)
{
    char *delims = encode_for_readline(string);
    if (delims == NULL) {
        return -1;
    }
    use_delims(get_state(module), delims);
    return 0;
}

/*sig readline.get_completer_delims(module)

Get the word delimiters for completion.
*/
static PyObject *
readline_get_completer_delims_impl(PyObject *module)
{
    return decode(get_state(module)->delims);
}

/* --- The line --------------------------------------------------------------------------------- */

/*sig readline.get_line_buffer(module)

Return the current contents of the line buffer.
*/
static PyObject *
readline_get_line_buffer_impl(PyObject *Py_UNUSED(module))
{
    return decode(rl_line_buffer != NULL ? rl_line_buffer : "");
}

/*sig readline.insert_text(module, string, /) -> None

Insert text into the line buffer at the cursor position.
*/
static int
readline_insert_text_impl(PyObject *Py_UNUSED(module), PyObject *string)
{
    PyObject *bytes = encode(string);
    if (bytes == NULL) {
        return -1;
    }
    rl_insert_text(PyBytes_AS_STRING(bytes));
    Py_DECREF(bytes);
    return 0;
}

/*sig readline.redisplay(module) -> None

Change what's displayed on the screen to reflect contents of the line buffer.
*/
static int
readline_redisplay_impl(PyObject *Py_UNUSED(module))
{
    rl_redisplay();
    return 0;
}

/*sig readline.parse_and_bind(module, string, /) -> None

Execute the init line provided in the string argument.
*/
static int
readline_parse_and_bind_impl(PyObject *Py_UNUSED(module), PyObject *string)
{
    char *line = encode_for_readline(string);     /* it is changed */
    if (line == NULL) {
        return -1;
    }
    rl_parse_and_bind(line);
    free(line);
    return 0;
}

#define HOOK_INTERVAL 100       /* ms between calls of PyOS_InputHook */
#define SIGNAL_INTERVAL 500     /* ms; see below */

/* Wait for a character, without the GIL: 0, or -1 with the exception of a signal's handler.
 *
 * A signal ends poll(), unless it comes just before or to another thread: that one is handled at
 * the end of the interval. */
static int
wait_for_input(FILE *in)
{
    for (;;) {
        if (PyErr_CheckSignals() < 0) {
            return -1;
        }
        struct pollfd wanted = {.fd = fileno(in), .events = POLLIN};
        int (*hook)(void) = PyOS_InputHook;
        int ready, err;
        Py_BEGIN_ALLOW_THREADS
        ready = poll(&wanted, 1, hook != NULL ? HOOK_INTERVAL : SIGNAL_INTERVAL);
        err = errno;
        if (hook != NULL) {
            hook();
        }
        Py_END_ALLOW_THREADS
        if (ready > 0 || (ready < 0 && err != EINTR)) {
            return 0;           /* reading finds out about an error */
        }
    }
}

/* libreadline has a line, or NULL at the end of the file. */
static void
on_line(char *line)
{
    readline_state *state = find_state();
    rl_callback_handler_remove();
    if (state != NULL) {
        state->line = line;
        state->line_read = true;
    }
    else {
        free(line);
    }
}

/* Let the user edit a line, which is state->line then: 0, or -1 with an exception. */
static int
edit_line(readline_state *state, FILE *in, FILE *out, const char *prompt)
{
    rl_instream = in;
    rl_outstream = out;
    state->line = NULL;
    state->line_read = false;
    rl_callback_handler_install(prompt, on_line);
    while (!state->line_read) {
        if (wait_for_input(in) < 0) {
            rl_free_line_state();
            rl_callback_sigcleanup();
            rl_cleanup_after_signal();
            rl_callback_handler_remove();
            return -1;
        }
        rl_callback_read_char();
    }
    return 0;
}

/* Add a line to the history unless it is empty or like the last one. */
static void
remember(const char *line)
{
    const HIST_ENTRY *last = history_get(history_base + history_length - 1);
    if (line[0] != '\0' && (last == NULL || strcmp(last->line, line) != 0)) {
        add_history(line);
    }
}

/* The line with its end in memory of PyMem_RawMalloc, empty at the end of the file; NULL with
 * MemoryError.  The library's line is freed. */
static char *
take_line(readline_state *state)
{
    char *line = state->line;
    size_t n = line != NULL ? strlen(line) : 0;
    char *copy = PyMem_RawMalloc(n + 2);
    if (copy == NULL) {
        PyErr_NoMemory();
    }
    else if (line == NULL) {
        copy[0] = '\0';
    }
    else {
        memcpy(copy, line, n);
        memcpy(copy + n, "\n", 2);
        if (state->auto_history) {
            remember(line);
        }
    }
    free(line);
    state->line = NULL;
    return copy;
}

/* What PyOS_Readline() calls without the GIL: a line, or NULL with an exception. */
static char *
read_line(FILE *in, FILE *out, const char *prompt)
{
    PyEval_RestoreThread(_PyOS_ReadlineTState);
    char *line = NULL;
    PyObject *module = Py_XNewRef(PyState_FindModule(&readline_module));
    if (module == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "the module readline is gone");
    }
    else if (edit_line(get_state(module), in, out, prompt) == 0) {
        line = take_line(get_state(module));
    }
    Py_XDECREF(module);
    PyEval_SaveThread();
    return line;
}

/* --- The module ------------------------------------------------------------------------------- */

static PyMethodDef readline_functions[] = {
    READLINE_PARSE_AND_BIND_METHODDEF
    READLINE_GET_LINE_BUFFER_METHODDEF
    READLINE_INSERT_TEXT_METHODDEF
    READLINE_REDISPLAY_METHODDEF
    READLINE_READ_INIT_FILE_METHODDEF
    READLINE_READ_HISTORY_FILE_METHODDEF
    READLINE_WRITE_HISTORY_FILE_METHODDEF
    READLINE_APPEND_HISTORY_FILE_METHODDEF
    READLINE_GET_HISTORY_ITEM_METHODDEF
    READLINE_GET_CURRENT_HISTORY_LENGTH_METHODDEF
    READLINE_SET_HISTORY_LENGTH_METHODDEF
    READLINE_GET_HISTORY_LENGTH_METHODDEF
    READLINE_SET_COMPLETER_METHODDEF
    READLINE_GET_COMPLETER_METHODDEF
    READLINE_GET_COMPLETION_TYPE_METHODDEF
    READLINE_GET_BEGIDX_METHODDEF
    READLINE_GET_ENDIDX_METHODDEF
    READLINE_SET_COMPLETER_DELIMS_METHODDEF
    READLINE_SET_AUTO_HISTORY_METHODDEF
    READLINE_ADD_HISTORY_METHODDEF
    READLINE_REMOVE_HISTORY_ITEM_METHODDEF
    READLINE_REPLACE_HISTORY_ITEM_METHODDEF
    READLINE_GET_COMPLETER_DELIMS_METHODDEF
    READLINE_SET_COMPLETION_DISPLAY_MATCHES_HOOK_METHODDEF
    READLINE_SET_STARTUP_HOOK_METHODDEF
    READLINE_SET_PRE_INPUT_HOOK_METHODDEF
    READLINE_CLEAR_HISTORY_METHODDEF
    {NULL}
};

/* Make libreadline ours. */
static void
set_up_library(void)
{
    rl_readline_name = "python";
    using_history();
    rl_bind_key('\t', rl_insert);
    rl_bind_key_in_map('\t', rl_complete, emacs_meta_keymap);
    rl_bind_key_in_map('\033', rl_complete, emacs_meta_keymap);
    rl_startup_hook = on_startup;
    rl_pre_input_hook = on_pre_input;
    rl_attempted_completion_function = on_completion;
    rl_completion_append_character = '\0';
    rl_catch_signals = 0;       /* they are Python's */
    rl_variable_bind("enable-bracketed-paste", "off");
    if (!isatty(STDOUT_FILENO)) {
        /* Else terminals are asked for a meta key, where nobody wants to see it. */
        rl_variable_bind("enable-meta-key", "off");
    }
    rl_initialize();            /* reads the user's init file, which may change all of it */
}

static int
readline_traverse(PyObject *module, visitproc visit, void *arg)
{
    readline_state *state = get_state(module);
    Py_VISIT(state->completer);
    Py_VISIT(state->display_hook);
    Py_VISIT(state->startup_hook);
    Py_VISIT(state->pre_input_hook);
    return 0;
}

static int
readline_clear(PyObject *module)
{
    readline_state *state = get_state(module);
    Py_CLEAR(state->completer);
    Py_CLEAR(state->display_hook);
    Py_CLEAR(state->startup_hook);
    Py_CLEAR(state->pre_input_hook);
    return 0;
}

static void
readline_free(void *module)
{
    readline_state *state = get_state(module);
    readline_clear(module);
    if (rl_completer_word_break_characters == state->delims) {
        rl_completer_word_break_characters = NULL;
    }
    free(state->delims);
}

PyDoc_STRVAR(readline_doc,
"Importing this module enables command line editing using GNU readline.");

/* Single-phase: an isolated interpreter cannot import it, and find_state() can find it. */
static struct PyModuleDef readline_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "readline",
    .m_doc = readline_doc,
    .m_size = sizeof(readline_state),
    .m_methods = readline_functions,
    .m_traverse = readline_traverse,
    .m_clear = readline_clear,
    .m_free = readline_free,
};

/* Fill a new module: 0, or -1 with an exception. */
static int
readline_fill(PyObject *module)
{
    readline_state *state = get_state(module);
    char *delims = strdup(" \t\n`~!@#$%^&*()-=+[{]}\\|;:'\",<>/?");
    if (delims == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    state->history_length = -1;
    state->auto_history = true;
    use_delims(state, delims);
    return PyModule_AddIntConstant(module, "_READLINE_VERSION", RL_READLINE_VERSION) < 0
           || PyModule_AddIntConstant(module, "_READLINE_RUNTIME_VERSION", rl_readline_version) < 0
           || PyModule_AddStringConstant(module, "_READLINE_LIBRARY_VERSION",
                                         rl_library_version) < 0 ? -1 : 0;
}

PyMODINIT_FUNC
PyInit_readline(void)
{
    if (PyInterpreterState_Get() != PyInterpreterState_Main()) {
        PyErr_SetString(PyExc_ImportError,
                        "module readline does not support loading in subinterpreters");
        return NULL;
    }
    PyObject *module = PyModule_Create(&readline_module);
    if (module == NULL) {
        return NULL;
    }
    if (readline_fill(module) < 0) {
        Py_DECREF(module);
        return NULL;
    }
    set_up_library();
    PyOS_ReadlineFunctionPointer = read_line;
    return module;
}
