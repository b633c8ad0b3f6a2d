/* Where the _ast classes of an interpreter live. */

#include "Python.h"
#include "pycore_ast_tables.h"      // _PyAST_StateStorage
#include "pycore_interp.h"          // PyInterpreterState.ast
#include "pycore_pystate.h"         // _PyInterpreterState_GET()

struct ast_state *
_PyAST_StateStorage(void)
{
    return &_PyInterpreterState_GET()->ast;
}

void
_PyAST_Fini(PyInterpreterState *interp)
{
    _PyAST_ClearState(&interp->ast);
}
