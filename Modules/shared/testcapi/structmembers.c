/* _testcapi: a struct with a member of every type that a PyMemberDef can describe, twice: with the
 * names of structmember.h and with those that Python.h has since 3.12.
 *
 * Written from the C API reference ("Member flags", "Member types").
 */
#include "wrap.h"
#include "parts.h"
#include "structmember.h"

struct all_members {
    char bool_member;
    char byte_member;
    unsigned char ubyte_member;
    short short_member;
    unsigned short ushort_member;
    int int_member;
    unsigned int uint_member;
    long long_member;
    unsigned long ulong_member;
    Py_ssize_t pyssizet_member;
    float float_member;
    double double_member;
    char inplace_member[6];
    long long longlong_member;
    unsigned long long ulonglong_member;
};

typedef struct {
    PyObject_HEAD
    struct all_members m;
} members_object;

#define MEMBER(name, type, field) {name, type, offsetof(members_object, m.field), 0, NULL}
#define MEMBERS(P) \
    MEMBER("T_BOOL", P##T_BOOL, bool_member), \
    MEMBER("T_BYTE", P##T_BYTE, byte_member), \
    MEMBER("T_UBYTE", P##T_UBYTE, ubyte_member), \
    MEMBER("T_SHORT", P##T_SHORT, short_member), \
    MEMBER("T_USHORT", P##T_USHORT, ushort_member), \
    MEMBER("T_INT", P##T_INT, int_member), \
    MEMBER("T_UINT", P##T_UINT, uint_member), \
    MEMBER("T_LONG", P##T_LONG, long_member), \
    MEMBER("T_ULONG", P##T_ULONG, ulong_member), \
    MEMBER("T_PYSSIZET", P##T_PYSSIZET, pyssizet_member), \
    MEMBER("T_FLOAT", P##T_FLOAT, float_member), \
    MEMBER("T_DOUBLE", P##T_DOUBLE, double_member), \
    MEMBER("T_STRING_INPLACE", P##T_STRING_INPLACE, inplace_member), \
    MEMBER("T_LONGLONG", P##T_LONGLONG, longlong_member), \
    MEMBER("T_ULONGLONG", P##T_ULONGLONG, ulonglong_member), \
    {NULL}

static PyMemberDef old_members[] = {MEMBERS()};
static PyMemberDef new_members[] = {MEMBERS(Py_)};

static PyObject *
members_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {
        "T_BOOL", "T_BYTE", "T_UBYTE", "T_SHORT", "T_USHORT", "T_INT", "T_UINT", "T_LONG",
        "T_ULONG", "T_PYSSIZET", "T_FLOAT", "T_DOUBLE", "T_STRING_INPLACE", "T_LONGLONG",
        "T_ULONGLONG", NULL
    };
    struct all_members m = {0};
    int truth = 0;
    const char *text = "";
    Py_ssize_t size = 0;
    if (!PyArg_ParseTupleAndKeywords(
            args, kwargs, "|pbBhHiIlknfds#LK", KEYWORDS(names), &truth, &m.byte_member,
            &m.ubyte_member, &m.short_member, &m.ushort_member, &m.int_member, &m.uint_member,
            &m.long_member, &m.ulong_member, &m.pyssizet_member, &m.float_member,
            &m.double_member, &text, &size, &m.longlong_member, &m.ulonglong_member)) {
        return NULL;
    }
    if (size >= (Py_ssize_t)sizeof(m.inplace_member)) {
        PyErr_SetString(PyExc_ValueError, "string too long");
        return NULL;
    }
    m.bool_member = (char)truth;
    memcpy(m.inplace_member, text, size);
    members_object *self = (members_object *)type->tp_alloc(type, 0);
    if (self != NULL) {
        self->m = m;
    }
    return (PyObject *)self;
}

static PyType_Slot old_slots[] = {
    {Py_tp_new, members_new},
    {Py_tp_members, old_members},
    {0, NULL}
};

static PyType_Slot new_slots[] = {
    {Py_tp_new, members_new},
    {Py_tp_members, new_members},
    {0, NULL}
};

static PyType_Spec old_spec = {
    .name = "_testcapi._test_structmembersType_OldAPI",
    .basicsize = sizeof(members_object),
    .flags = Py_TPFLAGS_DEFAULT,
    .slots = old_slots,
};

static PyType_Spec new_spec = {
    .name = "_testcapi._test_structmembersType_NewAPI",
    .basicsize = sizeof(members_object),
    .flags = Py_TPFLAGS_DEFAULT,
    .slots = new_slots,
};

int
_TestCapi_AddStructMembers(PyObject *module)
{
    if (_TestCapi_AddType(module, &old_spec, NULL) < 0) {
        return -1;
    }
    return _TestCapi_AddType(module, &new_spec, NULL);
}
