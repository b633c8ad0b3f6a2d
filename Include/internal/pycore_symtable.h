/* Symbol tables: which scope each name of each block belongs to.

   A block is a module, class, function, lambda, comprehension, or one of the lazily evaluated
   scopes of PEP 695.  Each block has one entry (PySTEntryObject); `_symtable` shows entries to
   Python. The compiler finds the entry of a block by the address of the AST node that opens it.

   Invariant: after _PySymtable_Build every value in ste_symbols is
   (flags | scope << SCOPE_OFFSET). */
#ifndef Py_INTERNAL_SYMTABLE_H
#define Py_INTERNAL_SYMTABLE_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

struct _mod;

typedef enum _block_type {
    FunctionBlock,
    ClassBlock,
    ModuleBlock,
    AnnotationBlock,        /* annotation kept as text (PEP 563): not analysed */
    TypeVarBoundBlock,
    TypeAliasBlock,
    TypeParamBlock,         /* PEP 695: the scope that holds the type parameters */
} _Py_block_ty;

typedef enum _comprehension_type {
    NoComprehension,
    ListComprehension,
    DictComprehension,
    SetComprehension,
    GeneratorExpression,
} _Py_comprehension_ty;

typedef struct _symtable_entry {
    PyObject_HEAD
    PyObject *ste_id;           /* int: address of the AST node, key in st_blocks */
    PyObject *ste_symbols;      /* dict: name -> int flags */
    PyObject *ste_name;         /* str: name of the block */
    PyObject *ste_varnames;     /* list of parameter names */
    PyObject *ste_children;     /* list of child entries, in source order */
    PyObject *ste_directives;   /* global and nonlocal: list of (name, line, col, end line,
                                   end col); or NULL */
    _Py_block_ty ste_type;
    int ste_nested;             /* inside a function, however deep */
    unsigned ste_free : 1;          /* has free variables */
    unsigned ste_child_free : 1;    /* a descendant has free variables */
    unsigned ste_generator : 1;
    unsigned ste_coroutine : 1;
    _Py_comprehension_ty ste_comprehension;
    unsigned ste_varargs : 1;
    unsigned ste_varkeywords : 1;
    unsigned ste_returns_value : 1;
    unsigned ste_needs_class_closure : 1;   /* class: some method uses __class__ */
    unsigned ste_needs_classdict : 1;       /* class: some type scope reads the class namespace */
    unsigned ste_comp_inlined : 1;          /* PEP 709: runs in its parent's frame */
    unsigned ste_comp_iter_target : 1;      /* transient: visiting a comprehension target */
    unsigned ste_can_see_class_scope : 1;   /* type scope directly inside a class */
    int ste_comp_iter_expr;     /* transient: > 0 while visiting an iterable of a comprehension */
    int ste_lineno, ste_col_offset, ste_end_lineno, ste_end_col_offset;
    struct symtable *ste_table; /* valid only while the table lives */
} PySTEntryObject;

struct symtable {
    PyObject *st_filename;      /* borrowed from the caller for the table's life */
    PySTEntryObject *st_cur;    /* current block (borrowed from st_stack or st_blocks) */
    PySTEntryObject *st_top;    /* module block (borrowed from st_blocks) */
    PyObject *st_blocks;        /* dict: ste_id -> entry */
    PyObject *st_stack;         /* list of the open blocks */
    PyObject *st_private;       /* borrowed: name of the innermost class, for mangling; or NULL */
    PyFutureFeatures *st_future;
    int st_failed;              /* an exception is set: visitors do nothing any more */
};

extern PyTypeObject PySTEntry_Type;
#define PySTEntry_Check(op) Py_IS_TYPE((op), &PySTEntry_Type)

extern struct symtable *_PySymtable_Build(struct _mod *mod, PyObject *filename,
                                          PyFutureFeatures *future);
extern void _PySymtable_Free(struct symtable *);
PyAPI_FUNC(PySTEntryObject *) PySymtable_Lookup(struct symtable *, void *);
extern long _PyST_GetSymbol(PySTEntryObject *, PyObject *);
extern int _PyST_GetScope(PySTEntryObject *, PyObject *);
extern int _PyST_IsFunctionLike(PySTEntryObject *);
extern PyObject *_Py_Mangle(PyObject *privateobj, PyObject *ident);

/* Flags of a symbol */
#define DEF_GLOBAL 1            /* `global` statement */
#define DEF_LOCAL 2             /* assigned in the block */
#define DEF_PARAM 4
#define DEF_NONLOCAL 8          /* `nonlocal` statement */
#define USE 0x10                /* read */
#define DEF_FREE 0x20
#define DEF_FREE_CLASS 0x40     /* free variable that a class block also binds */
#define DEF_IMPORT 0x80         /* bound by an import */
#define DEF_ANNOT 0x100         /* annotated */
#define DEF_COMP_ITER 0x200     /* target of a comprehension */
#define DEF_TYPE_PARAM 0x400
#define DEF_COMP_CELL 0x800     /* cell of an inlined comprehension */
#define DEF_BOUND (DEF_LOCAL | DEF_PARAM | DEF_IMPORT | DEF_TYPE_PARAM)

/* Scope of a symbol, in the bits above the flags */
#define SCOPE_OFFSET 12
#define SCOPE_MASK (DEF_GLOBAL | DEF_LOCAL | DEF_PARAM | DEF_NONLOCAL)
#define LOCAL 1
#define GLOBAL_EXPLICIT 2
#define GLOBAL_IMPLICIT 3
#define FREE 4
#define CELL 5

#endif
