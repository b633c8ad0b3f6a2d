/* Tables that describe the node classes; defined in the generated ast_nodes.c. */

#ifndef Py_INTERNAL_AST_TABLES_H
#define Py_INTERNAL_AST_TABLES_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

#include "pycore_ast_state.h"       // enum ast_class, struct ast_state

#include <stdint.h>

/* Types of fields beyond the node classes. */
enum {
    AST_VALUE_identifier = AST_CLASS_COUNT,
    AST_VALUE_string,
    AST_VALUE_constant,
    AST_VALUE_int,
};

enum ast_mark { AST_ONE, AST_OPTIONAL, AST_SEQUENCE };

enum ast_form {
    AST_FAMILY,                     // abstract class of node classes, a struct with a union
    AST_RECORD,                     // a class that is its own family
    AST_ENUM,                       // abstract class of classes without fields, a C enum
    AST_NODE,                       // a member of a family or enum
};

/* Which of lineno, col_offset, end_lineno, end_col_offset a node has. */
enum ast_position {
    AST_NO_POSITION,
    AST_PLACE,                      // all; the end may be missing in an object
    AST_SPAN,                       // all, required
};

struct ast_field_info {
    uint8_t name;                   // enum ast_name
    uint8_t type;                   // an ast_class (family, record, enum) or AST_VALUE_*
    uint8_t mark;                   // enum ast_mark
    uint16_t offset;                // in the family's struct
};

struct ast_class_info {
    const char *name;
    const char *doc;
    uint8_t form;                   // enum ast_form
    uint8_t position;               // enum ast_position
    uint8_t kind;                   // value of the struct's kind or of the C enum; 0 abstract
    uint8_t members;                // of a family or enum: its classes follow in the table
    uint8_t family;                 // ast_class of the family; itself if it is one
    uint16_t first_field;           // in _PyAST_fields
    uint16_t nfields;
    uint16_t size;                  // of the struct
    uint16_t place;                 // offset of lineno, the first of four ints
};

extern const struct ast_field_info _PyAST_fields[];
extern const struct ast_class_info _PyAST_classes[AST_CLASS_COUNT];
extern const char * const _PyAST_names[AST_NAME_COUNT];

/* The state of the current interpreter with all classes made; NULL with an exception. */
struct ast_state *_PyAST_State(void);

/* The storage of that state, perhaps not filled yet. */
struct ast_state *_PyAST_StateStorage(void);

/* Releases what a state owns. */
void _PyAST_ClearState(struct ast_state *state);

#endif  /* !Py_INTERNAL_AST_TABLES_H */
