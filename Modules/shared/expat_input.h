/* What pyexpat and _elementtree share: how libexpat gets its input, memory and encodings. */
#ifndef LADON_EXPAT_INPUT_H
#define LADON_EXPAT_INPUT_H

#include "Python.h"

#include <expat.h>
#include <stdbool.h>

#define EXPAT_PARSE_MAX (1 << 20)   /* what libexpat gets at a time: it counts in int */
#define EXPAT_DEFER_ABOVE 4096      /* see expat_allow_deferral() */

/* Newer versions of libexpat, and security updates of older ones, have it. */
#pragma weak XML_SetReparseDeferralEnabled

/* One parser's input.  libexpat is not reentrant: what it calls back may not give it input. */
struct expat_input {
    XML_Index fed;                  /* bytes that libexpat got */
    bool parsing;                   /* libexpat is at work */
};

/* A new parser with Python's memory and hash secret, or NULL with MemoryError. */
static inline XML_Parser
expat_create(const char *encoding, const char *separator)
{
    static const XML_Memory_Handling_Suite memory = {PyMem_Malloc, PyMem_Realloc, PyMem_Free};
    XML_Parser parser = XML_ParserCreate_MM(encoding, &memory, separator);
    if (parser == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    XML_SetHashSalt(parser, (unsigned long)_Py_HashSecret.expat.hashsalt);
    return parser;
}

/* A token that comes in small parts is looked at again from its start with each part.  libexpat can
   put that off until there is much more of it, but handlers would be called late, by the end at
   worst.  Here a part has its effect at once as long as the unfinished token is short, which keeps
   the work linear, and long ones are put off. */
static inline void
expat_allow_deferral(XML_Parser parser, const struct expat_input *input)
{
    if (XML_SetReparseDeferralEnabled != NULL) {
        XML_Index begin = XML_GetCurrentByteIndex(parser);
        bool defer = input->fed - Py_MAX(begin, 0) > EXPAT_DEFER_ABOVE;
        XML_SetReparseDeferralEnabled(parser, defer ? XML_TRUE : XML_FALSE);
    }
}

/* Give libexpat bytes of any number.  XML_STATUS_OK or XML_STATUS_ERROR, in both cases with an
   exception if a callback, or the check of `parsing`, raised one. */
static inline enum XML_Status
expat_parse(XML_Parser parser, struct expat_input *input, const char *data, Py_ssize_t size,
            bool final)
{
    assert(size >= 0);
    if (input->parsing) {
        PyErr_SetString(PyExc_RuntimeError, "the parser is at work: it called a handler");
        return XML_STATUS_ERROR;
    }
    enum XML_Status status;
    input->parsing = true;
    do {
        int part = (int)Py_MIN(size, EXPAT_PARSE_MAX);
        expat_allow_deferral(parser, input);
        status = XML_Parse(parser, data, part, final && part == size);
        data += part;
        size -= part;
        input->fed += part;
    } while (status != XML_STATUS_ERROR && !PyErr_Occurred() && size > 0);
    input->parsing = false;
    return status;
}

/* Encodings that libexpat does not know: those of Python in which each byte is a character. */
static inline int
expat_unknown_encoding(void *Py_UNUSED(data), const XML_Char *encoding, XML_Encoding *info)
{
    unsigned char all[256];
    if (PyErr_Occurred()) {
        return XML_STATUS_ERROR;
    }
    for (int i = 0; i < 256; i++) {
        all[i] = (unsigned char)i;
    }
    PyObject *str = PyUnicode_Decode((const char *)all, 256, encoding, "replace");
    if (str == NULL) {
        return XML_STATUS_ERROR;
    }
    if (PyUnicode_GET_LENGTH(str) != 256) {
        Py_DECREF(str);
        PyErr_SetString(PyExc_ValueError, "multi-byte encodings are not supported");
        return XML_STATUS_ERROR;
    }
    for (int i = 0; i < 256; i++) {
        Py_UCS4 c = PyUnicode_READ_CHAR(str, i);
        info->map[i] = c != Py_UNICODE_REPLACEMENT_CHARACTER ? (int)c : -1;
    }
    info->data = NULL;
    info->convert = NULL;
    info->release = NULL;
    Py_DECREF(str);
    return XML_STATUS_OK;
}

/* "problem: line 1, column 2": new reference, or NULL with an exception. */
static inline PyObject *
expat_message(const char *problem, XML_Size line, XML_Size column)
{
    return PyUnicode_FromFormat("%s: line %zu, column %zu", problem, (size_t)line,
                                (size_t)column);
}

#endif
