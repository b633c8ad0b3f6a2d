/* The tables about instructions, made from bytecodes.c by Tools/cases_generator.
 * Constant data only; prototypes and meaning are in pycore_opcode.h. */

#include "Python.h"
#include "pycore_opcode.h"      // prototypes of the tables

#include "opcode_tables.c.h"
