/* Annotations for race detectors. They expand to nothing.
   Written from the ABI tables and the C API reference of 3.12. */

#ifndef Py_DYNAMIC_ANNOTATIONS_H
#define Py_DYNAMIC_ANNOTATIONS_H

#include "pyport.h"

#ifdef __cplusplus
extern "C" {
#endif

#ifndef __DYNAMIC_ANNOTATIONS_H__
#  define __DYNAMIC_ANNOTATIONS_H__
#endif
#ifndef DYNAMIC_ANNOTATIONS_ENABLED
#  define DYNAMIC_ANNOTATIONS_ENABLED 0
#endif

#define _Py_ANNOTATE_BARRIER_DESTROY(a)
#define _Py_ANNOTATE_BARRIER_INIT(a, b, c)
#define _Py_ANNOTATE_BARRIER_WAIT_AFTER(a)
#define _Py_ANNOTATE_BARRIER_WAIT_BEFORE(a)
#define _Py_ANNOTATE_BENIGN_RACE(a, b)
#define _Py_ANNOTATE_BENIGN_RACE_SIZED(a, b, c)
#define _Py_ANNOTATE_BENIGN_RACE_STATIC(a, b)
#define _Py_ANNOTATE_CONDVAR_LOCK_WAIT(a, b)
#define _Py_ANNOTATE_CONDVAR_SIGNAL(a)
#define _Py_ANNOTATE_CONDVAR_SIGNAL_ALL(a)
#define _Py_ANNOTATE_CONDVAR_WAIT(a)
#define _Py_ANNOTATE_ENABLE_RACE_DETECTION(a)
#define _Py_ANNOTATE_EXPECT_RACE(a, b)
#define _Py_ANNOTATE_FLUSH_STATE()
#define _Py_ANNOTATE_HAPPENS_AFTER(a)
#define _Py_ANNOTATE_HAPPENS_BEFORE(a)
#define _Py_ANNOTATE_IGNORE_READS_AND_WRITES_BEGIN()
#define _Py_ANNOTATE_IGNORE_READS_AND_WRITES_END()
#define _Py_ANNOTATE_IGNORE_READS_BEGIN()
#define _Py_ANNOTATE_IGNORE_READS_END()
#define _Py_ANNOTATE_IGNORE_SYNC_BEGIN()
#define _Py_ANNOTATE_IGNORE_SYNC_END()
#define _Py_ANNOTATE_IGNORE_WRITES_BEGIN()
#define _Py_ANNOTATE_IGNORE_WRITES_END()
#define _Py_ANNOTATE_MUTEX_IS_USED_AS_CONDVAR(a)
#define _Py_ANNOTATE_NEW_MEMORY(a, b)
#define _Py_ANNOTATE_NO_OP(a)
#define _Py_ANNOTATE_PCQ_CREATE(a)
#define _Py_ANNOTATE_PCQ_DESTROY(a)
#define _Py_ANNOTATE_PCQ_GET(a)
#define _Py_ANNOTATE_PCQ_PUT(a)
#define _Py_ANNOTATE_PUBLISH_MEMORY_RANGE(a, b)
#define _Py_ANNOTATE_PURE_HAPPENS_BEFORE_MUTEX(a)
#define _Py_ANNOTATE_RWLOCK_ACQUIRED(a, b)
#define _Py_ANNOTATE_RWLOCK_CREATE(a)
#define _Py_ANNOTATE_RWLOCK_DESTROY(a)
#define _Py_ANNOTATE_RWLOCK_RELEASED(a, b)
#define _Py_ANNOTATE_SWAP_MEMORY_RANGE(a, b)
#define _Py_ANNOTATE_THREAD_NAME(a)
#define _Py_ANNOTATE_TRACE_MEMORY(a)
#define _Py_ANNOTATE_UNPROTECTED_READ(a) (a)
#define _Py_ANNOTATE_UNPUBLISH_MEMORY_RANGE(a, b)

/* What an annotating build would call. No such function is in the core. */
#ifndef Py_LIMITED_API
PyAPI_FUNC(void) AnnotateBarrierDestroy(const char *, int, const volatile void *);

PyAPI_FUNC(void) AnnotateBarrierInit(const char *, int, const volatile void *, long, long);

PyAPI_FUNC(void) AnnotateBarrierWaitAfter(const char *, int, const volatile void *);

PyAPI_FUNC(void) AnnotateBarrierWaitBefore(const char *, int, const volatile void *);

PyAPI_FUNC(void) AnnotateBenignRace(const char *, int, const volatile void *, const char *);

PyAPI_FUNC(void) AnnotateBenignRaceSized(const char *, int, const volatile void *, long,
    const char *);

PyAPI_FUNC(void) AnnotateCondVarSignal(const char *, int, const volatile void *);

PyAPI_FUNC(void) AnnotateCondVarSignalAll(const char *, int, const volatile void *);

PyAPI_FUNC(void) AnnotateCondVarWait(const char *, int, const volatile void *,
    const volatile void *);

PyAPI_FUNC(void) AnnotateEnableRaceDetection(const char *, int, int);

PyAPI_FUNC(void) AnnotateExpectRace(const char *, int, const volatile void *, const char *);

PyAPI_FUNC(void) AnnotateFlushState(const char *, int);

PyAPI_FUNC(void) AnnotateIgnoreReadsBegin(const char *, int);

PyAPI_FUNC(void) AnnotateIgnoreReadsEnd(const char *, int);

PyAPI_FUNC(void) AnnotateIgnoreWritesBegin(const char *, int);

PyAPI_FUNC(void) AnnotateIgnoreWritesEnd(const char *, int);

PyAPI_FUNC(void) AnnotateMutexIsUsedAsCondVar(const char *, int, const volatile void *);

PyAPI_FUNC(void) AnnotateNewMemory(const char *, int, const volatile void *, long);

PyAPI_FUNC(void) AnnotateNoOp(const char *, int, const volatile void *);

PyAPI_FUNC(void) AnnotatePCQCreate(const char *, int, const volatile void *);

PyAPI_FUNC(void) AnnotatePCQDestroy(const char *, int, const volatile void *);

PyAPI_FUNC(void) AnnotatePCQGet(const char *, int, const volatile void *);

PyAPI_FUNC(void) AnnotatePCQPut(const char *, int, const volatile void *);

PyAPI_FUNC(void) AnnotatePublishMemoryRange(const char *, int, const volatile void *, long);

PyAPI_FUNC(void) AnnotateRWLockAcquired(const char *, int, const volatile void *, long);

PyAPI_FUNC(void) AnnotateRWLockCreate(const char *, int, const volatile void *);

PyAPI_FUNC(void) AnnotateRWLockDestroy(const char *, int, const volatile void *);

PyAPI_FUNC(void) AnnotateRWLockReleased(const char *, int, const volatile void *, long);

PyAPI_FUNC(void) AnnotateThreadName(const char *, int, const char *);

PyAPI_FUNC(void) AnnotateTraceMemory(const char *, int, const volatile void *);

PyAPI_FUNC(void) AnnotateUnpublishMemoryRange(const char *, int, const volatile void *, long);

PyAPI_FUNC(int) RunningOnValgrind(void);
#endif

#ifdef __cplusplus
}
#endif

#endif  /* !Py_DYNAMIC_ANNOTATIONS_H */
