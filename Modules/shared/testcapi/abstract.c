/* _testcapi: the abstract layer: objects, mappings and sequences of any type.
 *
 * Written from the C API reference ("Object Protocol", "Mapping Protocol", "Sequence Protocol").
 */
#include "wrap.h"
#include "parts.h"

#define ABSTRACT_CALLS(X) \
    X(1, object_str, object, PyObject_Str, O) \
    X(1, object_repr, object, PyObject_Repr, O) \
    X(1, object_ascii, object, PyObject_ASCII, O) \
    X(1, object_bytes, object, PyObject_Bytes, O) \
    X(2, object_getattr, object, PyObject_GetAttr, O, O) \
    X(2, object_getattrstring, object, PyObject_GetAttrString, O, s) \
    X(2, object_hasattr, int, PyObject_HasAttr, O, O) \
    X(2, object_hasattrstring, int, PyObject_HasAttrString, O, s) \
    X(3, object_setattr, int, PyObject_SetAttr, O, O, O) \
    X(3, object_setattrstring, int, PyObject_SetAttrString, O, s, O) \
    X(2, object_delattr, int, PyObject_DelAttr, O, O) \
    X(2, object_delattrstring, int, PyObject_DelAttrString, O, s) \
    X(2, object_getitem, object, PyObject_GetItem, O, O) \
    X(3, object_setitem, int, PyObject_SetItem, O, O, O) \
    X(2, object_delitem, int, PyObject_DelItem, O, O) \
    X(1, mapping_check, int, PyMapping_Check, O) \
    X(1, mapping_size, size, PyMapping_Size, O) \
    X(1, mapping_length, size, PyMapping_Length, O) \
    X(2, mapping_getitemstring, object, PyMapping_GetItemString, O, s) \
    X(2, mapping_haskey, int, PyMapping_HasKey, O, O) \
    X(2, mapping_haskeystring, int, PyMapping_HasKeyString, O, s) \
    X(3, mapping_setitemstring, int, PyMapping_SetItemString, O, s, O) \
    X(2, mapping_delitem, int, PyMapping_DelItem, O, O) \
    X(2, mapping_delitemstring, int, PyMapping_DelItemString, O, s) \
    X(1, mapping_keys, object, PyMapping_Keys, O) \
    X(1, mapping_values, object, PyMapping_Values, O) \
    X(1, mapping_items, object, PyMapping_Items, O) \
    X(1, sequence_check, int, PySequence_Check, P) \
    X(1, sequence_size, size, PySequence_Size, O) \
    X(1, sequence_length, size, PySequence_Length, O) \
    X(2, sequence_getitem, object, PySequence_GetItem, O, n) \
    X(2, sequence_concat, object, PySequence_Concat, O, O) \
    X(2, sequence_repeat, object, PySequence_Repeat, O, n) \
    X(2, sequence_inplaceconcat, object, PySequence_InPlaceConcat, O, O) \
    X(2, sequence_inplacerepeat, object, PySequence_InPlaceRepeat, O, n) \
    X(3, sequence_setitem, int, PySequence_SetItem, O, n, O) \
    X(2, sequence_delitem, int, PySequence_DelItem, O, n) \
    X(4, sequence_setslice, int, PySequence_SetSlice, O, n, n, O) \
    X(3, sequence_delslice, int, PySequence_DelSlice, O, n, n) \
    X(2, sequence_count, size, PySequence_Count, O, O) \
    X(2, sequence_contains, int, PySequence_Contains, O, O) \
    X(2, sequence_index, size, PySequence_Index, O, O) \
    X(1, sequence_list, object, PySequence_List, O) \
    X(1, sequence_tuple, object, PySequence_Tuple, O)

ABSTRACT_CALLS(WRAP)

static PyMethodDef abstract_methods[] = {
    ABSTRACT_CALLS(WRAP_ROW)
    {NULL}
};

int
_TestCapi_AddAbstract(PyObject *module)
{
    return PyModule_AddFunctions(module, abstract_methods);
}
