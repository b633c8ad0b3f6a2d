/* The free lists of one heap (see pycore_freelist.h). */
#ifndef Py_INTERNAL_FREELIST_STATE_H
#define Py_INTERNAL_FREELIST_STATE_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#define _Py_TUPLE_MAXSAVESIZE 20        /* tuples of 1..20 items are kept */

/* The limits bound the memory that is kept, not the speed. */
#define _Py_FREELIST_LIMIT_floats           100
#define _Py_FREELIST_LIMIT_ints             100
#define _Py_FREELIST_LIMIT_tuples           200     /* for each size */
#define _Py_FREELIST_LIMIT_lists            80
#define _Py_FREELIST_LIMIT_list_iters       10
#define _Py_FREELIST_LIMIT_tuple_iters      10
#define _Py_FREELIST_LIMIT_dicts            80
#define _Py_FREELIST_LIMIT_dictkeys         80
#define _Py_FREELIST_LIMIT_slices           2
#define _Py_FREELIST_LIMIT_ranges           6
#define _Py_FREELIST_LIMIT_range_iters      6
#define _Py_FREELIST_LIMIT_methods          20
#define _Py_FREELIST_LIMIT_frames           40
#define _Py_FREELIST_LIMIT_contexts         100
#define _Py_FREELIST_LIMIT_asyncgen_values  80
#define _Py_FREELIST_LIMIT_asyncgen_asends  80

struct _Py_freelist {
    void *head;                 /* newest entry, or NULL */
    int count;                  /* entries */
};

struct _Py_freelists {
    struct _Py_freelist floats;         /* PyFloatObject */
    struct _Py_freelist ints;           /* PyLongObject of one digit */
    struct _Py_freelist tuples[_Py_TUPLE_MAXSAVESIZE];  /* by size - 1; GC */
    struct _Py_freelist lists;          /* GC, without items */
    struct _Py_freelist list_iters;     /* GC */
    struct _Py_freelist tuple_iters;    /* GC */
    struct _Py_freelist dicts;          /* GC, without keys */
    struct _Py_freelist dictkeys;       /* raw blocks: unicode-only keys of the smallest size */
    struct _Py_freelist slices;         /* GC */
    struct _Py_freelist ranges;         /* rangeobject */
    struct _Py_freelist range_iters;    /* iterators over C longs */
    struct _Py_freelist methods;        /* GC, bound methods */
    struct _Py_freelist frames;         /* GC, frame objects without room for locals */
    struct _Py_freelist contexts;       /* GC */
    struct _Py_freelist asyncgen_values;    /* GC */
    struct _Py_freelist asyncgen_asends;    /* GC */
};

#endif /* !Py_INTERNAL_FREELIST_STATE_H */
