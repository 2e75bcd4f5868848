/* Where samples lie innermost, a vector is one number of each of its samples. What is asked of them
   has a mask for its answer, whose bits are all 1 in the lanes where it holds, and all 0 elsewhere. */

#ifdef REAL_IS_DOUBLE
typedef int64_t mask __attribute__((vector_size(VECTOR_BYTES)));
#else
typedef int32_t mask __attribute__((vector_size(VECTOR_BYTES)));
#endif

INLINE vector all(real value) {
    return value - (vector){0};
}

INLINE vector where(mask holds, vector value, vector other) {
    return (vector)((holds & (mask)value) | (~holds & (mask)other));
}

INLINE vector larger(vector a, vector b) {
    return where(a > b, a, b);
}

#define OF_EACH_LANE(name, function)                                                             \
    INLINE vector name(vector x) {                                                               \
        _Pragma("omp simd")                                                                      \
        for (int lane = 0; lane < LANES; lane++) x[lane] = function(x[lane]);                    \
        return x;                                                                                \
    }
OF_EACH_LANE(EXP_EACH, EXP)
OF_EACH_LANE(LOG_EACH, LOG)
OF_EACH_LANE(SQRT_EACH, SQRT)
OF_EACH_LANE(SIGMOID_EACH, SIGMOID)
#undef OF_EACH_LANE
