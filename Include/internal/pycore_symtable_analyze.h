/* Second pass of the symbol table, see Python/symtable_analyze.c. */
#ifndef Py_INTERNAL_SYMTABLE_ANALYZE_H
#define Py_INTERNAL_SYMTABLE_ANALYZE_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

struct symtable;

/* Decide the scope of every symbol.  0, or -1 with SyntaxError or MemoryError. */
extern int _PySymtable_Analyze(struct symtable *st);

#endif
