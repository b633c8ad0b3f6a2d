#ifndef Py_INTERNAL_BREAKER_H
#define Py_INTERNAL_BREAKER_H
/* The eval breaker: one word in each PyThreadState (`tstate->eval_breaker`).

   The low bits say why the running code should call _Py_HandlePending(); the other bits hold
   the version of the instrumentation, which code objects compare with theirs at RESUME.
   Anybody who keeps the state alive may set a bit (by atomic or); only the state's own thread
   clears one. */

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include <stdint.h>

#define _PY_GIL_DROP_REQUEST_BIT    ((uintptr_t)1 << 0)  /* another thread wants the GIL */
#define _PY_SIGNALS_PENDING_BIT     ((uintptr_t)1 << 1)  /* a signal arrived */
#define _PY_CALLS_TO_DO_BIT         ((uintptr_t)1 << 2)  /* pending calls are queued */
#define _PY_ASYNC_EXCEPTION_BIT     ((uintptr_t)1 << 3)  /* tstate->async_exc is set */
#define _PY_GC_SCHEDULED_BIT        ((uintptr_t)1 << 4)  /* the collector is due */
#define _PY_EVAL_EVENTS_BITS        8
#define _PY_EVAL_EVENTS_MASK        (((uintptr_t)1 << _PY_EVAL_EVENTS_BITS) - 1)

#define _Py_set_eval_breaker_bit(tstate, bit) \
    ((void)__atomic_or_fetch(&(tstate)->eval_breaker, (bit), __ATOMIC_SEQ_CST))
#define _Py_unset_eval_breaker_bit(tstate, bit) \
    ((void)__atomic_and_fetch(&(tstate)->eval_breaker, ~(bit), __ATOMIC_SEQ_CST))
#define _Py_eval_breaker_bit_is_set(tstate, bit) \
    ((__atomic_load_n(&(tstate)->eval_breaker, __ATOMIC_RELAXED) & (bit)) != 0)

struct _is;
struct _ts;

/* Set or clear a bit in every thread state of an interpreter (ceval_gil.c). */
extern void _Py_set_eval_breaker_bit_all(struct _is *interp, uintptr_t bit);
extern void _Py_unset_eval_breaker_bit_all(struct _is *interp, uintptr_t bit);
/* Do everything the breaker of `tstate` asks for.  Returns 0, or -1 with an exception set. */
extern int _Py_HandlePending(struct _ts *tstate);
/* Let another thread have the GIL, if one waits for it. */
extern void _PyThreadState_Yield(struct _ts *tstate);
/* After attaching: set the bits for what was announced meanwhile. */
extern void _PyEval_CheckMissedEvents(struct _ts *tstate, int on_main_thread);
extern int _PyEval_AddPendingCallToID(int64_t id, int (*func)(void *), void *arg);
/* At the end of an interpreter: run what is queued, accept no more. */
extern void _Py_FinishPendingCalls(struct _ts *tstate);
/* A collection because the breaker said so (gc.c). */
extern void _Py_RunGC(struct _ts *tstate);

#endif  /* !Py_INTERNAL_BREAKER_H */
