/* pickle: what the files of the module _pickle share.
 *
 *   opcode      one byte of a pickle that says what to do with the stack (library: pickletools)
 *   frame       a stretch of opcodes that the reader may fetch at once (PEP 3154)
 *   memo        numbers of objects that were written or read: further uses refer to the number
 *   pickling    one Pickler's work, or that of one call of dump() or dumps()
 *   loading     the same of an Unpickler, load() or loads()
 *
 * A `struct pickling` or `struct loading` lies inside a Pickler or Unpickler or, for the functions
 * of the module, on the C stack: `self` is then NULL and nothing can be overridden.
 *
 * Hooks, reducers and files are foreign code, which may call the same Pickler again or even
 * initialise it anew: whatever is called is held by a reference, and nothing that lies in the
 * struct is kept in a local variable across a call.
 */
#ifndef LADON_PICKLE_H
#define LADON_PICKLE_H

#include "Python.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum {
    HIGHEST_PROTOCOL = 5,
    DEFAULT_PROTOCOL = 4,
};

/* Values of opcodes; what they do stands in pickletools. */
enum opcode {
    OP_MARK = '(', OP_STOP = '.', OP_POP = '0', OP_POP_MARK = '1', OP_DUP = '2',
    OP_FLOAT = 'F', OP_INT = 'I', OP_BININT = 'J', OP_BININT1 = 'K', OP_LONG = 'L',
    OP_BININT2 = 'M', OP_NONE = 'N', OP_PERSID = 'P', OP_BINPERSID = 'Q', OP_REDUCE = 'R',
    OP_STRING = 'S', OP_BINSTRING = 'T', OP_SHORT_BINSTRING = 'U', OP_UNICODE = 'V',
    OP_BINUNICODE = 'X', OP_APPEND = 'a', OP_BUILD = 'b', OP_GLOBAL = 'c', OP_DICT = 'd',
    OP_EMPTY_DICT = '}', OP_APPENDS = 'e', OP_GET = 'g', OP_BINGET = 'h', OP_INST = 'i',
    OP_LONG_BINGET = 'j', OP_LIST = 'l', OP_EMPTY_LIST = ']', OP_OBJ = 'o', OP_PUT = 'p',
    OP_BINPUT = 'q', OP_LONG_BINPUT = 'r', OP_SETITEM = 's', OP_TUPLE = 't',
    OP_EMPTY_TUPLE = ')', OP_SETITEMS = 'u', OP_BINFLOAT = 'G',
    /* protocol 2 */
    OP_PROTO = 0x80, OP_NEWOBJ = 0x81, OP_EXT1 = 0x82, OP_EXT2 = 0x83, OP_EXT4 = 0x84,
    OP_TUPLE1 = 0x85, OP_TUPLE2 = 0x86, OP_TUPLE3 = 0x87, OP_NEWTRUE = 0x88,
    OP_NEWFALSE = 0x89, OP_LONG1 = 0x8a, OP_LONG4 = 0x8b,
    /* protocol 3 */
    OP_BINBYTES = 'B', OP_SHORT_BINBYTES = 'C',
    /* protocol 4 */
    OP_SHORT_BINUNICODE = 0x8c, OP_BINUNICODE8 = 0x8d, OP_BINBYTES8 = 0x8e,
    OP_EMPTY_SET = 0x8f, OP_ADDITEMS = 0x90, OP_FROZENSET = 0x91, OP_NEWOBJ_EX = 0x92,
    OP_STACK_GLOBAL = 0x93, OP_MEMOIZE = 0x94, OP_FRAME = 0x95,
    /* protocol 5 */
    OP_BYTEARRAY8 = 0x96, OP_NEXT_BUFFER = 0x97, OP_READONLY_BUFFER = 0x98,
};

enum {
    FRAME_HEADER = 9,           /* bytes: the opcode and 8 of size */
    FRAME_MINIMUM = 4,          /* less is not put into a frame */
    FRAME_TARGET = 64 * 1024,   /* a frame ends when it has as many bytes; so big an object goes
                                   without */
    BATCH = 1000,               /* items that one opcode adds to a container */
};

/* The state of the module; all owned. */
typedef struct {
    PyObject *PickleError, *PicklingError, *UnpicklingError;
    PyTypeObject *Pickler_Type, *Unpickler_Type, *PicklerMemoProxy_Type, *UnpicklerMemoProxy_Type;
    /* copyreg */
    PyObject *dispatch_table, *extension_registry, *inverted_registry, *extension_cache;
    /* _compat_pickle: names of Python 2 to ours, and back */
    PyObject *name_mapping, *import_mapping, *reverse_name_mapping, *reverse_import_mapping;
    PyObject *codecs_encode, *getattr, *partial;
} pickle_state;

extern struct PyModuleDef _PyPickle_Module;

extern pickle_state *_PyPickle_StateOfType(PyTypeObject *type);

/* --- memo.c: the numbers of written objects --------------------------------------------------- */

struct memo_entry {
    PyObject *key;              /* owned; NULL: free */
    Py_ssize_t number;
};

/* Open addressing by the object's address, at most two thirds full. */
struct memo {
    size_t mask;                /* size of the table - 1 */
    Py_ssize_t used;
    size_t shift;               /* of a hash, to get an index */
    struct memo_entry *table;   /* owned */
};

/* An empty one, or NULL with MemoryError; to make one empty: 0, or -1 with MemoryError. */
extern struct memo *_PyPickleMemo_New(void);
extern struct memo *_PyPickleMemo_Copy(const struct memo *memo);
extern void _PyPickleMemo_Free(struct memo *memo);
extern int _PyPickleMemo_Clear(struct memo *memo);
/* Give an object a number, perhaps another one than before: 0, or -1 with MemoryError. */
extern int _PyPickleMemo_Set(struct memo *memo, PyObject *key, Py_ssize_t number);

/* Where an object is or would be. */
static inline struct memo_entry *
memo_slot(const struct memo *memo, PyObject *key)
{
    /* Fibonacci hashing: the upper bits of the product depend on all bits of the address. */
    size_t i = (size_t)((uint64_t)(uintptr_t)key * UINT64_C(0x9E3779B97F4A7C15) >> memo->shift);
    while (memo->table[i].key != NULL && memo->table[i].key != key) {
        i = (i + 1) & memo->mask;
    }
    return &memo->table[i];
}

/* The number of an object, or -1. */
static inline Py_ssize_t
memo_find(const struct memo *memo, PyObject *key)
{
    const struct memo_entry *entry = memo_slot(memo, key);
    return entry->key != NULL ? entry->number : -1;
}

/* --- Pickling --------------------------------------------------------------------------------- */

struct pickling {
    pickle_state *state;        /* borrowed: of the module whose function or type this is */
    PyObject *self;             /* the Pickler (not owned); NULL: dump() or dumps() */
    struct memo *memo;          /* owned */
    PyObject *write;            /* method of the file, owned; NULL: all goes to `output` */
    PyObject *persistent_id;    /* a function, owned; NULL: none */
    PyObject *persistent_self;  /* not owned: its first argument; NULL: it has none */
    PyObject *dispatch_table;   /* owned; NULL: copyreg's */
    PyObject *reducer_override; /* owned; NULL: none; set while dump() runs */
    PyObject *buffer_callback;  /* owned; NULL: none */
    PyObject *output;           /* bytes, owned by us alone; NULL: none yet */
    Py_ssize_t used;            /* bytes of the output that are written */
    Py_ssize_t limit;           /* size of the output, or -1: the next byte begins a frame or the
                                   output */
    Py_ssize_t frame_start;     /* where the frame's header is in the output; -1: no frame */
    PyObject *fast_memo;        /* ids of containers being written in fast mode, owned; or NULL */
    int protocol;
    int bin;                    /* protocol 1 and above; a member of Pickler, may be set */
    int fast;                   /* no memo; a member of Pickler */
    int fast_nesting;           /* containers inside one another, in fast mode */
    bool framing;               /* bytes must lie in frames */
    bool fix_imports;
};

typedef struct {
    PyObject_HEAD
    struct pickling p;
} PicklerObject;

/* --- output.c --------------------------------------------------------------------------------- */

extern char *_PyPickle_MakeRoom(struct pickling *p, Py_ssize_t n);

/* Add n bytes to the output: where to write them at once, or NULL with an exception. */
static inline char *
add_room(struct pickling *p, Py_ssize_t n)
{
    if (p->limit - p->used < n) {
        return _PyPickle_MakeRoom(p, n);
    }
    char *at = PyBytes_AS_STRING(p->output) + p->used;
    p->used += n;
    return at;
}

static inline int
write_opcode(struct pickling *p, enum opcode opcode)
{
    char *at = add_room(p, 1);
    if (at == NULL) {
        return -1;
    }
    *at = (char)opcode;
    return 0;
}

/* An unsigned number, the lowest byte first. */
static inline void
put_little(char *at, size_t value, int bytes)
{
    for (int i = 0; i < bytes; i++) {
        at[i] = (char)(value >> (8 * i));
    }
}

/* Begin with an empty output.  0, or -1 with MemoryError. */
extern int _PyPickle_NewOutput(struct pickling *p);
extern int _PyPickle_Write(struct pickling *p, const char *data, Py_ssize_t n);
/* An opcode with an argument of so many bytes. */
extern int _PyPickle_WriteOpcode(struct pickling *p, enum opcode opcode, size_t argument,
                                 int bytes);
/* A header and the bytes of an object; a big one does not lie in a frame, and is given to the file
 * as it is (`object` holds the bytes, or is NULL). */
extern int _PyPickle_WriteBig(struct pickling *p, const char *header, Py_ssize_t header_size,
                              const char *data, Py_ssize_t size, PyObject *object);
/* End the frame, if there is one. */
extern void _PyPickle_EndFrame(struct pickling *p);
/* End a frame that is big enough, and give it to the file. */
extern int _PyPickle_EndBigFrame(struct pickling *p);
/* Give the output to the file. */
extern int _PyPickle_Flush(struct pickling *p);

/* --- save.c, savecontainers.c ----------------------------------------------------------------- */

/* Write one object: 0, or -1 with an exception. */
extern int _PyPickle_Save(struct pickling *p, PyObject *object);
/* The same with one that was just made (stolen; NULL is an error that happened). */
extern int _PyPickle_SaveNew(struct pickling *p, PyObject *object);
/* Give the object on top of the stack the next number. */
extern int _PyPickle_Memoize(struct pickling *p, PyObject *object);
/* Put an object that has a number on the stack. */
extern int _PyPickle_WriteGet(struct pickling *p, Py_ssize_t number);
extern int _PyPickle_SaveBytes(struct pickling *p, PyObject *bytes);
extern int _PyPickle_SaveByteArray(struct pickling *p, PyObject *array);
extern int _PyPickle_SaveBuffer(struct pickling *p, PyObject *buffer);
extern int _PyPickle_SaveTuple(struct pickling *p, PyObject *tuple);
extern int _PyPickle_SaveList(struct pickling *p, PyObject *list);
extern int _PyPickle_SaveDict(struct pickling *p, PyObject *dict);
extern int _PyPickle_SaveSet(struct pickling *p, PyObject *set);
extern int _PyPickle_SaveFrozenSet(struct pickling *p, PyObject *set);
/* What an iterator yields is added to the list, or as pairs to the dict, on the stack. */
extern int _PyPickle_SaveAppends(struct pickling *p, PyObject *iterator);
extern int _PyPickle_SaveSetItems(struct pickling *p, PyObject *iterator);

/* --- savereduced.c ---------------------------------------------------------------------------- */

/* Write an object by a callable and its arguments; `object` NULL: it gets no number. */
extern int _PyPickle_SaveCall(struct pickling *p, PyObject *callable, PyObject *args,
                              PyObject *object);
/* Write an object of another type than the above: by its reducer or by its name. */
extern int _PyPickle_SaveOther(struct pickling *p, PyObject *object);
extern int _PyPickle_SaveGlobal(struct pickling *p, PyObject *object, PyObject *name);
extern int _PyPickle_SaveType(struct pickling *p, PyObject *type);

/* --- names.c ---------------------------------------------------------------------------------- */

/* An attribute by a name with dots: new reference, or NULL with AttributeError.  *parent gets the
 * object that has it, a new reference (NULL before the call). */
extern PyObject *_PyPickle_GetDotted(PyObject *object, PyObject *name, PyObject **parent);
/* Is a part of the name "<locals>"?  Then 1, with AttributeError; else 0, or -1. */
extern int _PyPickle_CheckNoLocals(PyObject *name, PyObject *owner);
/* The name of the module of a function or class: new reference, or NULL with an exception. */
extern PyObject *_PyPickle_WhichModule(PyObject *object, PyObject *name);
/* What Python 2 calls a global: the names are replaced.  0, or -1 with an exception. */
extern int _PyPickle_NamesForOld(pickle_state *state, PyObject **module, PyObject **name);
extern int _PyPickle_NamesFromOld(pickle_state *state, PyObject **module, PyObject **name);
/* Import a module and get a global of it: new reference, or NULL with an exception. */
extern PyObject *_PyPickle_FindClass(pickle_state *state, PyObject *module, PyObject *name,
                                     int protocol, bool fix_imports);

/* --- pickler.c -------------------------------------------------------------------------------- */

extern PyType_Spec _PyPickler_Spec, _PyPicklerMemoProxy_Spec;

/* Set the options of a new one, which is zero but for `state` and `self`: 0, or -1 with an
 * exception (then, too, it must be ended). */
extern int _PyPickle_Begin(struct pickling *p, PyObject *protocol, bool fix_imports,
                           PyObject *buffer_callback);
extern int _PyPickle_SetFile(struct pickling *p, PyObject *file);
/* Write a whole pickle to the output. */
extern int _PyPickle_Dump(struct pickling *p, PyObject *object);
/* Release everything. */
extern void _PyPickle_End(struct pickling *p);

/* If a method was found that belongs to `self`, replace it by its function: an object that holds
 * a method of its own would be a cycle.  Returns `self` then, else NULL. */
extern PyObject *_PyPickle_Unbind(PyObject *self, PyObject **method);
/* Call a hook (held while it runs) with the argument: new reference, or NULL. */
extern PyObject *_PyPickle_CallHook(PyObject *function, PyObject *self, PyObject *argument);
/* Such a hook as an attribute of that name: what reading it gives (a new reference), and setting
   it, 0 or -1.  Setting drops `self`, which is not owned. */
extern PyObject *_PyPickle_GetHook(PyObject *function, PyObject *self, const char *name);
extern int _PyPickle_SetHook(PyObject **function, PyObject **self, PyObject *value,
                             const char *name);
/* TypeError and -1 if an attribute is deleted (value is NULL), else 0. */
extern int _PyPickle_NoDeletion(PyObject *value);

/* --- Loading ---------------------------------------------------------------------------------- */

/* What is read: a memory buffer that the caller of loads() gave, or pieces of a file.  A piece that
 * was peeked at is still in the file. */
struct input {
    Py_buffer view;             /* the piece; owned while view.obj is not NULL */
    Py_ssize_t next;            /* index of what is read next */
    Py_ssize_t peeked;          /* where what we only peeked at begins; == view.len: nowhere */
    PyObject *read, *readline;  /* methods of the file, owned; NULL: there is no file */
    PyObject *peek, *readinto;  /* the same; NULL: the file has them not */
};

/* The objects that wait to be used, and the heights of the stack at the marks.  Nothing is taken
 * from below the last mark, the fence. */
struct stack {
    PyObject **items;           /* owned */
    Py_ssize_t used, allocated;
    Py_ssize_t fence;           /* == the last mark, or 0 */
    unsigned long thread;       /* where this load() runs */
};

/* The objects that have numbers.  Numbers are small, one after the other; others, which only a
 * hostile pickle has, are in a dict. */
struct load_memo {
    PyObject **table;           /* owned; NULL: not there */
    Py_ssize_t size;            /* of the table */
    Py_ssize_t used;            /* objects in table and dict */
    PyObject *others;           /* dict from int to object, owned; or NULL */
};

struct loading {
    pickle_state *state;        /* borrowed */
    PyObject *self;             /* the Unpickler (not owned), or NULL */
    struct input in;
    struct stack *stack;        /* owned; NULL outside load() */
    Py_ssize_t *marks;          /* heights of the stack, owned */
    Py_ssize_t mark_count, marks_allocated;
    struct load_memo memo;
    PyObject *persistent_load;  /* a function, owned; NULL: none */
    PyObject *persistent_self;  /* not owned: its first argument; NULL: it has none */
    PyObject *buffers;          /* iterator, owned; NULL: none */
    char *encoding, *errors;    /* of str from Python 2; owned */
    int protocol;               /* of the pickle */
    bool fix_imports;
};

typedef struct {
    PyObject_HEAD
    struct loading u;
} UnpicklerObject;

/* --- input.c ---------------------------------------------------------------------------------- */

extern const char *_PyPickle_FetchSlow(struct loading *u, Py_ssize_t n);

/* The next n bytes, valid until more is read; NULL with an exception. */
static inline const char *
fetch(struct loading *u, Py_ssize_t n)
{
    struct input *in = &u->in;
    if (n <= in->view.len - in->next) {
        const char *at = (const char *)in->view.buf + in->next;
        in->next += n;
        return at;
    }
    return _PyPickle_FetchSlow(u, n);
}

/* n bytes into the memory of `owner`, a bytes or bytearray: 0, or -1 with an exception. */
extern int _PyPickle_FetchInto(struct loading *u, PyObject *owner, char *to, Py_ssize_t n);
/* A line: *line is valid until more is read; its length with the newline, or -1 with an
 * exception. */
extern Py_ssize_t _PyPickle_FetchLine(struct loading *u, const char **line);
/* There is a frame of n bytes: get it at once. */
extern int _PyPickle_FetchFrame(struct loading *u, Py_ssize_t n);
/* Take from the file what was peeked at and read, and forget the piece. */
extern int _PyPickle_EndInput(struct loading *u);
extern void _PyPickle_ForgetInput(struct input *in);
/* The pickle is too short.  Returns -1 with UnpicklingError. */
extern int _PyPickle_Truncated(struct loading *u);

/* --- loadstack.c ------------------------------------------------------------------------------ */

extern int _PyPickle_GrowStack(struct stack *stack);

static inline int
push(struct loading *u, PyObject *object)   /* steals; NULL is an error that happened */
{
    struct stack *stack = u->stack;
    if (object == NULL) {
        return -1;
    }
    if (stack->used == stack->allocated && _PyPickle_GrowStack(stack) < 0) {
        Py_DECREF(object);
        return -1;
    }
    stack->items[stack->used++] = object;
    return 0;
}

/* There are too few objects above the fence.  Returns -1 with UnpicklingError. */
extern int _PyPickle_Underflow(struct loading *u);

/* The last object, owned by the caller; NULL with an exception. */
static inline PyObject *
pop(struct loading *u)
{
    struct stack *stack = u->stack;
    if (stack->used <= stack->fence) {
        _PyPickle_Underflow(u);
        return NULL;
    }
    return stack->items[--stack->used];
}

/* Drop the objects from a height on. */
extern void _PyPickle_CutStack(struct stack *stack, Py_ssize_t height);
extern int _PyPickle_PushMark(struct loading *u);
/* Take the last mark away: its height, or -1 with an exception. */
extern Py_ssize_t _PyPickle_PopMark(struct loading *u);
/* The objects from a height on, taken from the stack, as a list or tuple. */
extern PyObject *_PyPickle_PopList(struct loading *u, Py_ssize_t height);
extern PyObject *_PyPickle_PopTuple(struct loading *u, Py_ssize_t height);

/* The object with a number: borrowed; NULL, with an exception only if something failed. */
extern PyObject *_PyPickle_MemoGet(struct load_memo *memo, size_t number);
extern int _PyPickle_MemoPut(struct load_memo *memo, size_t number, PyObject *object);
extern int _PyPickle_MemoBegin(struct load_memo *memo, Py_ssize_t size);
extern void _PyPickle_MemoClear(struct load_memo *memo);

/* --- load.c, loadatoms.c, loadobjects.c ------------------------------------------------------- */

/* Read one pickle: new reference, or NULL with an exception. */
extern PyObject *_PyPickle_Load(struct loading *u);

/* An unsigned number, the lowest byte first. */
static inline size_t
get_little(const char *at, int bytes)
{
    size_t value = 0;
    for (int i = bytes; i-- > 0; ) {
        value = value << 8 | (unsigned char)at[i];
    }
    return value;
}

/* The number in a GET or, if for_top, in a PUT, which needs an object on the stack.  It may be
 * negative.  0, or -1 with an exception. */
extern int _PyPickle_FetchIndex(struct loading *u, Py_ssize_t *index, bool for_top);
/* Numbers, strings and bytes are put on the stack: 0, or -1 with an exception. */
extern int _PyPickle_LoadInt(struct loading *u);
extern int _PyPickle_LoadLong(struct loading *u);
extern int _PyPickle_LoadCountedLong(struct loading *u, int bytes);
extern int _PyPickle_LoadFloat(struct loading *u);
extern int _PyPickle_LoadBinFloat(struct loading *u);
extern int _PyPickle_LoadString(struct loading *u);
extern int _PyPickle_LoadCountedString(struct loading *u, int bytes);
extern int _PyPickle_LoadUnicode(struct loading *u);
extern int _PyPickle_LoadCountedUnicode(struct loading *u, int bytes);
extern int _PyPickle_LoadCountedBytes(struct loading *u, int bytes);
extern int _PyPickle_LoadByteArray(struct loading *u);
extern int _PyPickle_LoadNextBuffer(struct loading *u);
extern int _PyPickle_LoadReadOnlyBuffer(struct loading *u);

/* Globals and objects. */
extern int _PyPickle_LoadGlobal(struct loading *u);
extern int _PyPickle_LoadStackGlobal(struct loading *u);
extern int _PyPickle_LoadExtension(struct loading *u, int bytes);
extern int _PyPickle_LoadPersistentId(struct loading *u);
extern int _PyPickle_LoadBinPersistentId(struct loading *u);
extern int _PyPickle_LoadReduce(struct loading *u);
extern int _PyPickle_LoadNewObject(struct loading *u, bool with_kwargs);
extern int _PyPickle_LoadObject(struct loading *u);
extern int _PyPickle_LoadInstance(struct loading *u);
extern int _PyPickle_LoadBuild(struct loading *u);

/* --- unpickler.c ------------------------------------------------------------------------------ */

extern PyType_Spec _PyUnpickler_Spec, _PyUnpicklerMemoProxy_Spec;

/* As for pickling. */
extern int _PyPickle_BeginLoad(struct loading *u, bool fix_imports, const char *encoding,
                               const char *errors, PyObject *buffers);
extern int _PyPickle_SetInputFile(struct loading *u, PyObject *file);
extern void _PyPickle_EndLoad(struct loading *u);

#endif
