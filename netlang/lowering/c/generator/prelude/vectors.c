#include <float.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Vectors: as wide as the machine has them. Rows are padded to whole vectors, with PAD(n). What
   stands in the padding is nobody's: it is computed along, and reaches no other number. */

#if defined(FEW_LANES)
#define VECTOR_BYTES 16
#elif defined(__AVX512F__)
#define VECTOR_BYTES 64
#elif defined(__AVX__)
#define VECTOR_BYTES 32
#else
#define VECTOR_BYTES 16
#endif

/* There are 16 registers for vectors, and not 32. */
#if (defined(__x86_64__) || defined(__i386__)) && !defined(__AVX512F__)
#define FEW_REGISTERS 1
#else
#define FEW_REGISTERS 0
#endif

#define LANES ((int)(VECTOR_BYTES / sizeof(real)))
#define PAD(n) (((n) + LANES - 1) / LANES * LANES)
#define IS_PADDED(n) ((n) % LANES == 0)
#define ALIGNED __attribute__((aligned(64)))
#define FUNCTION static __attribute__((noinline)) void

/* A function of many calls and nothing else: to optimise it takes a compiler long, and gains nothing. */
#if defined(__clang__)
#define ONLY_CALLS static __attribute__((noinline, optnone)) void
#else
#define ONLY_CALLS static __attribute__((noinline, optimize("O0"))) void
#endif

#define INLINE static inline __attribute__((always_inline, unused))

typedef real vector __attribute__((vector_size(VECTOR_BYTES)));
typedef real loose_vector __attribute__((vector_size(VECTOR_BYTES), aligned(sizeof(real)), may_alias));

INLINE vector load(const real *from) {
    return *(const loose_vector *)from;
}

INLINE void store(real *to, vector value) {
    *(loose_vector *)to = value;
}
