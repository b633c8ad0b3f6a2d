/* sre.h - what the files of the module _sre share: the numbers of re._constants, the objects, the
 * state of a search.
 *
 * A pattern is the list of 32-bit code words that re._compiler makes.  It is validated once, when
 * the pattern object is born (sre_validate.c); the engine (sre_engine.c) then trusts its structure.
 * Positions in a subject are indexes of characters, never pointers; -1 is "none".
 *
 * Written from re/_constants.py and re/_compiler.py (the compiler served) and observation.
 */
#ifndef Py_SRE_H
#define Py_SRE_H

#include "Python.h"
#include "pycore_object.h"      // _Py_SHARED
#include "pycore_signature.h"   // wrappers
#include "structmember.h"       // PyMemberDef

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#define SRE_MAGIC 20221023
#define SRE_MAXREPEAT UINT32_MAX
#define SRE_MAXGROUPS ((Py_ssize_t)INT32_MAX / 2)

typedef uint32_t sre_code;

/* re._constants.OPCODES */
enum {
    SRE_FAILURE, SRE_SUCCESS, SRE_ANY, SRE_ANY_ALL, SRE_ASSERT, SRE_ASSERT_NOT, SRE_AT, SRE_BRANCH,
    SRE_CATEGORY, SRE_CHARSET, SRE_BIGCHARSET, SRE_GROUPREF, SRE_GROUPREF_EXISTS, SRE_IN, SRE_INFO,
    SRE_JUMP, SRE_LITERAL, SRE_MARK, SRE_MAX_UNTIL, SRE_MIN_UNTIL, SRE_NOT_LITERAL, SRE_NEGATE,
    SRE_RANGE, SRE_REPEAT, SRE_REPEAT_ONE, SRE_SUBPATTERN, SRE_MIN_REPEAT_ONE, SRE_ATOMIC_GROUP,
    SRE_POSSESSIVE_REPEAT, SRE_POSSESSIVE_REPEAT_ONE,
    SRE_GROUPREF_IGNORE, SRE_IN_IGNORE, SRE_LITERAL_IGNORE, SRE_NOT_LITERAL_IGNORE,
    SRE_GROUPREF_LOC_IGNORE, SRE_IN_LOC_IGNORE, SRE_LITERAL_LOC_IGNORE, SRE_NOT_LITERAL_LOC_IGNORE,
    SRE_GROUPREF_UNI_IGNORE, SRE_IN_UNI_IGNORE, SRE_LITERAL_UNI_IGNORE, SRE_NOT_LITERAL_UNI_IGNORE,
    SRE_RANGE_UNI_IGNORE,
};

/* re._constants.ATCODES */
enum {
    SRE_AT_BEGINNING, SRE_AT_BEGINNING_LINE, SRE_AT_BEGINNING_STRING, SRE_AT_BOUNDARY,
    SRE_AT_NON_BOUNDARY, SRE_AT_END, SRE_AT_END_LINE, SRE_AT_END_STRING, SRE_AT_LOC_BOUNDARY,
    SRE_AT_LOC_NON_BOUNDARY, SRE_AT_UNI_BOUNDARY, SRE_AT_UNI_NON_BOUNDARY, SRE_AT_COUNT
};

/* re._constants.CHCODES: every odd one is the negation of the one before. */
enum {
    SRE_CATEGORY_DIGIT, SRE_CATEGORY_NOT_DIGIT, SRE_CATEGORY_SPACE, SRE_CATEGORY_NOT_SPACE,
    SRE_CATEGORY_WORD, SRE_CATEGORY_NOT_WORD, SRE_CATEGORY_LINEBREAK, SRE_CATEGORY_NOT_LINEBREAK,
    SRE_CATEGORY_LOC_WORD, SRE_CATEGORY_LOC_NOT_WORD, SRE_CATEGORY_UNI_DIGIT,
    SRE_CATEGORY_UNI_NOT_DIGIT, SRE_CATEGORY_UNI_SPACE, SRE_CATEGORY_UNI_NOT_SPACE,
    SRE_CATEGORY_UNI_WORD, SRE_CATEGORY_UNI_NOT_WORD, SRE_CATEGORY_UNI_LINEBREAK,
    SRE_CATEGORY_UNI_NOT_LINEBREAK, SRE_CATEGORY_COUNT
};

enum {
    SRE_FLAG_TEMPLATE = 1, SRE_FLAG_IGNORECASE = 2, SRE_FLAG_LOCALE = 4, SRE_FLAG_MULTILINE = 8,
    SRE_FLAG_DOTALL = 16, SRE_FLAG_UNICODE = 32, SRE_FLAG_VERBOSE = 64, SRE_FLAG_DEBUG = 128,
    SRE_FLAG_ASCII = 256
};

enum { SRE_INFO_PREFIX = 1, SRE_INFO_LITERAL = 2, SRE_INFO_CHARSET = 4 };

/* Words of a bitmap of 256 characters, and of the block numbers of a BIGCHARSET. */
enum { SRE_BITMAP_WORDS = 8, SRE_BLOCKMAP_WORDS = 64 };

typedef struct {
    PyTypeObject *pattern_type;
    PyTypeObject *match_type;
    PyTypeObject *scanner_type;
    PyTypeObject *template_type;
    PyObject *compile_template;     /* re._compile_template, or NULL: not needed until now */
} sre_module;

typedef enum { SRE_ANY_SUBJECT, SRE_STR, SRE_BYTES } sre_subject;

typedef struct {
    PyObject_VAR_HEAD               /* size: number of code words */
    PyObject *pattern;              /* str, bytes or None */
    PyObject *groupindex;           /* dict: name -> number */
    PyObject *indexgroup;           /* tuple: number -> name or None */
    PyObject *weakreflist;
    Py_ssize_t groups;
    int flags;
    sre_subject subject;            /* what it may be matched against */
    sre_code code[1];
} sre_pattern;

typedef struct {
    PyObject_VAR_HEAD               /* size: 2 * (groups + 1) */
    PyObject *string;
    PyObject *regs;                 /* tuple of pairs, or NULL: not asked for */
    sre_pattern *pattern;
    Py_ssize_t pos, endpos;
    Py_ssize_t lastindex;
    Py_ssize_t groups;              /* with group 0 */
    Py_ssize_t mark[1];             /* start and end of group n at 2n and 2n + 1 */
} sre_match;

typedef struct {
    Py_ssize_t index;
    PyObject *literal;              /* behind the group; NULL: empty */
} sre_template_item;

typedef struct {
    PyObject_VAR_HEAD               /* size: number of items */
    PyObject *literal;              /* in front of the first group */
    Py_ssize_t chunks;              /* number of parts of a complete expansion */
    sre_template_item items[1];
} sre_template;

/* One entry of the engine's stack; see sre_engine.c. */
typedef struct {
    uint32_t kind;
    uint32_t pc;
    Py_ssize_t pos, rep, n, count;
} sre_entry;

/* A subject and the search in it.  Borrows `code`. */
typedef struct {
    PyObject *string;               /* owned */
    Py_buffer view;                 /* held if view.obj != NULL */
    const void *text;
    int kind;                       /* bytes per character: 1, 2, 4 */
    bool is_bytes;
    Py_ssize_t pos, end;            /* the part to look at; `end` may be before `pos` */
    Py_ssize_t start;               /* where to begin; afterwards where the match begins */
    Py_ssize_t stop;                /* end of the match */
    bool must_advance;              /* no empty match at `start` */
    bool match_all;                 /* the match must end at `end` */
    const sre_code *code;
    Py_ssize_t nmarks;
    Py_ssize_t *marks;              /* of group n at 2n - 2 and 2n - 1 */
    Py_ssize_t lastindex;
    sre_entry *stack;
    Py_ssize_t top, capacity;
} sre_state;

typedef struct {
    PyObject_HEAD
    sre_pattern *pattern;
    sre_state state;
    bool exhausted;
    bool executing;
} sre_scanner;

extern PyType_Spec _PySre_PatternSpec, _PySre_MatchSpec, _PySre_ScannerSpec, _PySre_TemplateSpec;

/* None of the types can be subclassed, so the type of an object leads to the module. */
static inline sre_module *
sre_module_of(PyObject *op)
{
    sre_module *state = PyType_GetModuleState(Py_TYPE(op));
    assert(state != NULL);
    return state;
}

/* sre_validate.c: can the engine run the code?  1, 0, or -1 with MemoryError. */
extern int _PySre_Validate(const sre_code *code, Py_ssize_t size, Py_ssize_t groups);

/* sre_engine.c: 1 with start, stop, marks and lastindex set, 0 (no match) or -1 with an exception.
   Match: at `start` only.  Search: at the first place from `start` on. */
extern int _PySre_Match(sre_state *s);
extern int _PySre_Search(sre_state *s);
extern Py_UCS4 _PySre_AsciiLower(Py_UCS4 ch);

/* sre_state.c */
extern const void *_PySre_GetText(PyObject *string, Py_ssize_t *length, bool *is_bytes, int *kind,
                                  Py_buffer *view);
extern int _PySre_StateInit(sre_state *s, sre_pattern *pattern, PyObject *string, Py_ssize_t start,
                            Py_ssize_t end);
extern void _PySre_StateFini(sre_state *s);
extern PyObject *_PySre_Slice(bool is_bytes, const void *text, PyObject *string, Py_ssize_t start,
                              Py_ssize_t end);
extern PyObject *_PySre_StateGroup(sre_state *s, Py_ssize_t index, bool empty);
/* Begins the next search where the match ended. */
extern void _PySre_StateNext(sre_state *s);
extern PyObject *_PySre_Join(PyObject *list, PyObject *string);

/* sre_match.c: a new match object of a successful search. */
extern PyObject *_PySre_NewMatch(sre_module *module, sre_pattern *pattern, sre_state *s);
/* New reference: the text of a group, or `def`; IndexError for other numbers. */
extern PyObject *_PySre_MatchGroup(sre_match *self, Py_ssize_t index, PyObject *def);

/* sre_template.c */
extern PyObject *_PySre_NewTemplate(sre_module *module, PyObject *list);
extern PyObject *_PySre_CompileTemplate(sre_module *module, sre_pattern *pattern, PyObject *source);
extern PyObject *_PySre_Expand(sre_template *self, sre_match *match);

/* sre_pattern.c */
extern PyObject *_PySre_NewPattern(sre_module *module, PyObject *source, int flags, PyObject *code,
                                   Py_ssize_t groups, PyObject *groupindex, PyObject *indexgroup);
/* sre_scanner.c */
extern PyObject *_PySre_NewScanner(sre_module *module, sre_pattern *pattern, PyObject *string,
                                   Py_ssize_t pos, Py_ssize_t endpos);

#endif
