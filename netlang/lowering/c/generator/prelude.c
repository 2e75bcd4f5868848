#include <float.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(_WIN32)
#define MOST_THREADS 1
#else
#include <pthread.h>
#include <sched.h>
#define MOST_THREADS 64
#endif

/* Vectors: as wide as the machine has them. Rows are padded to whole vectors, with PAD(n). What
   stands in the padding is nobody's: it is computed along, and reaches no other number. */

#if defined(__AVX512F__)
#define VECTOR_BYTES 64
#elif defined(__AVX__)
#define VECTOR_BYTES 32
#else
#define VECTOR_BYTES 16
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

/* Functions. In float they are branch-free, so that loops over them become vectors: e^x is
   2^n (1 + p), with p = e^r - 1 a polynomial in r = x - n log 2, which is at most (log 2)/2. */

#ifdef REAL_IS_DOUBLE
#define EXP exp
#define EXPM1 expm1
#define TANH tanh
#define ERF erf
#define LOG log
#define LOG1P log1p
#define SQRT sqrt
#define REAL_MIN DBL_MIN
#define REAL_MAX DBL_MAX
#else
#define SQRT sqrtf
#define LOG logf
#define REAL_MIN FLT_MIN
#define REAL_MAX FLT_MAX

/* The power of two, 0 or infinity at the ends; p of what is left. */
INLINE float power_of_two(float x, float *p) {
    x = x > 88.5f ? 88.5f : x;
    x = x < -88.0f ? -88.0f : x;
    const float shifted = x * 1.44269504f + 12582912.0f;  /* its last bits are n, rounded */
    const float n = shifted - 12582912.0f;
    const float r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
    float sum = 1.9841270e-4f;
    sum = sum * r + 1.3888889e-3f;
    sum = sum * r + 8.3333333e-3f;
    sum = sum * r + 4.1666667e-2f;
    sum = sum * r + 1.6666667e-1f;
    sum = sum * r + 0.5f;
    *p = sum * r * r + r;
    uint32_t bits;
    memcpy(&bits, &shifted, sizeof bits);
    bits = (bits - 0x4B400000u + 127u) << 23;
    float power;
    memcpy(&power, &bits, sizeof power);
    return power;
}

INLINE float EXP(float x) {
    float p;
    const float power = power_of_two(x, &p);
    return (1.0f + p) * power;
}

INLINE float EXPM1(float x) {  /* of x up to 88 */
    float p;
    const float power = power_of_two(x, &p);
    return p * power + (power - 1.0f);
}

INLINE float TANH(float x) {
    const float t = EXPM1(-2.0f * fabsf(x));
    return copysignf(t / (t + 2.0f), x);
}

INLINE float ERF(float x) {  /* a polynomial near 0, and 1 minus e to one elsewhere */
    const float t = fabsf(x) > 4.0f ? 4.0f : fabsf(x), s = t * t;
    float near = -6.1112919e-4f;
    near = near * s + 5.0162283e-3f;
    near = near * s - 2.6781957e-2f;
    near = near * s + 1.1282230e-1f;
    near = near * s - 3.7612532e-1f;
    near = near * s + 1.1283792f;
    float far = 2.0828619e-5f;
    far = far * t - 4.3139357e-4f;
    far = far * t + 4.1562549e-3f;
    far = far * t - 2.5080617e-2f;
    far = far * t + 1.0822038e-1f;
    far = far * t + 6.3340085e-1f;
    far = far * t + 1.1294884f;
    far = far * t - 1.6920513e-4f;
    return t < 0.9f ? near * x : copysignf(1.0f - EXP(-far), x);
}

INLINE float LOG1P(float x) {  /* of x from 0 to 1: 2 artanh(s), where s is at most 1/3 */
    const float s = x / (x + 2.0f), q = s * s;
    float sum = 0.28191538f;
    sum = sum * q + 0.27957668f;
    sum = sum * q + 0.40025114f;
    sum = sum * q + 0.66666310f;
    return (sum * q + 2.0f) * s;
}
#endif

INLINE real SIGMOID(real x) {
    return 1 / (1 + EXP(-x));
}

/* Random draws: the integer hash triple32 (Chris Wellons, 2018). */

INLINE uint32_t hash(uint32_t x) {
    x ^= x >> 17;
    x *= 0xed5ad4bbu;
    x ^= x >> 11;
    x *= 0xac4c1b51u;
    x ^= x >> 15;
    x *= 0x31848babu;
    x ^= x >> 14;
    return x;
}

INLINE uint32_t drawn(uint32_t sample, uint32_t key, uint32_t unit) {
    return hash(hash(sample ^ key) ^ unit) >> 1;
}

/* Products of matrices: y[r][c] = start[c] + sum over k of a(r, k) b[k][c], where a(r, k) is
   a[r * a_row + k * a_step], and rows of b and y are whole vectors. A tile of y stays in registers
   while k runs. Every size is a constant where it is called. */

enum { TALLEST = 12 };
#if (defined(__x86_64__) || defined(__i386__)) && !defined(__AVX512F__)
enum { TALL_1 = 8, TALL_2 = 6, TALL_3 = 4 };  /* of 16 registers */
#else
enum { TALL_1 = TALLEST, TALL_2 = TALLEST, TALL_3 = 8 };  /* of 32 registers */
#endif

INLINE void tile(int rows, int vectors, int depth, const real *a, int a_row, int a_step,
                 const real *b, int b_row, real *y, int y_row, const real *start, int add) {
    vector sum[TALLEST][3];
#pragma GCC unroll 12
    for (int r = 0; r < rows; r++)
#pragma GCC unroll 3
        for (int v = 0; v < vectors; v++)
            sum[r][v] = add ? load(y + r * y_row + v * LANES)
                            : start ? load(start + v * LANES) : (vector){0};
#pragma GCC unroll 1
    for (int k = 0; k < depth; k++) {
        vector row[3];
#pragma GCC unroll 3
        for (int v = 0; v < vectors; v++) row[v] = load(b + k * b_row + v * LANES);
#pragma GCC unroll 12
        for (int r = 0; r < rows; r++) {
            const real factor = a[r * a_row + k * a_step];
#pragma GCC unroll 3
            for (int v = 0; v < vectors; v++) sum[r][v] += factor * row[v];
        }
    }
#pragma GCC unroll 12
    for (int r = 0; r < rows; r++)
#pragma GCC unroll 3
        for (int v = 0; v < vectors; v++) store(y + r * y_row + v * LANES, sum[r][v]);
}

INLINE void panel(int tall, int rows, int vectors, int depth, const real *a, int a_row, int a_step,
                  const real *b, int b_row, real *y, int y_row, const real *start, int add) {
    int r = 0;
    for (; r + tall <= rows; r += tall)
        tile(tall, vectors, depth, a + r * a_row, a_row, a_step, b, b_row, y + r * y_row, y_row,
             start, add);
#define REST(n)                                                                                  \
    case n:                                                                                      \
        tile(n, vectors, depth, a + r * a_row, a_row, a_step, b, b_row, y + r * y_row, y_row,    \
             start, add);                                                                        \
        break;
    switch (rows % tall) {
        REST(1) REST(2) REST(3) REST(4) REST(5) REST(6) REST(7) REST(8) REST(9) REST(10) REST(11)
    }
#undef REST
}

INLINE void product(int rows, int columns, int depth, const real *a, int a_row, int a_step,
                    const real *b, int b_row, real *y, int y_row, const real *start, int add) {
    /* Panels of three vectors, and of two where that leaves no single one. */
    const int vectors = PAD(columns) / LANES;
    const int pairs = vectors % 3 == 0 ? 0 : vectors % 3 == 2 ? 1 : vectors >= 4 ? 2 : 0;
    const int triples = (vectors - 2 * pairs) / 3;
    int v = 0;
    for (int i = 0; i < triples; i++, v += 3)
        panel(TALL_3, rows, 3, depth, a, a_row, a_step, b + v * LANES, b_row, y + v * LANES, y_row,
              start ? start + v * LANES : NULL, add);
    for (int i = 0; i < pairs; i++, v += 2)
        panel(TALL_2, rows, 2, depth, a, a_row, a_step, b + v * LANES, b_row, y + v * LANES, y_row,
              start ? start + v * LANES : NULL, add);
    if (vectors == 1)
        panel(TALL_1, rows, 1, depth, a, a_row, a_step, b, b_row, y, y_row, start, add);
}

typedef real vector_32 __attribute__((vector_size(32), may_alias));
typedef real vector_16 __attribute__((vector_size(16), may_alias));

INLINE real total(vector sum) {
    /* Halves are added to halves: a sum of one number after the other would have to wait for each. */
#if VECTOR_BYTES == 64
    const vector_32 half = ((vector_32 *)&sum)[0] + ((vector_32 *)&sum)[1];
    const vector_16 quarter = ((vector_16 *)&half)[0] + ((vector_16 *)&half)[1];
#elif VECTOR_BYTES == 32
    const vector_16 quarter = ((vector_16 *)&sum)[0] + ((vector_16 *)&sum)[1];
#else
    const vector_16 quarter = sum;
#endif
#ifdef REAL_IS_DOUBLE
    return quarter[0] + quarter[1];
#else
    return (quarter[0] + quarter[2]) + (quarter[1] + quarter[3]);
#endif
}

INLINE void dots(int rows, int columns, int depth, const real *a, const real *b, const real *start,
                 real *y) {
    /* y[r][c] = start[c] + sum over k of a[r][k] b[c][k], where rows are padded, those of b by
       zeros: for rows so few that to lay b out anew would take longer. */
    const int whole = depth / LANES * LANES;
    for (int r = 0; r < rows; r++) {
        const real *const row = a + r * PAD(depth);
        vector rest = {0};  /* what lies behind the row's end may be anything */
        memcpy(&rest, row + whole, (depth - whole) * sizeof(real));
        for (int c = 0; c < columns; c++) {
            const real *const other = b + c * PAD(depth);
            vector sum = {0};
            for (int k = 0; k < whole; k += LANES) sum += load(row + k) * load(other + k);
            if (whole < depth) sum += rest * load(other + whole);
            y[r * PAD(columns) + c] = start ? start[c] + total(sum) : total(sum);
        }
    }
}

#define IS_FEW(rows) ((rows) < 4)

/* The BLAS is for matrices of weights that are larger than the caches. */

typedef void gemm_function(const char *, const char *, const int *, const int *, const int *,
                           const real *, const real *, const int *, const real *, const int *,
                           const real *, real *, const int *);

INLINE void gemm(gemm_function *blas, const char *a_form, const char *b_form, int m, int n, int k,
                 const real *a, int a_column, const real *b, int b_column, int add, real *y,
                 int y_column) {
    const real one = 1, old = add;
    blas(a_form, b_form, &m, &n, &k, &one, a, &a_column, b, &b_column, &old, y, &y_column);
}

/* Moving numbers between rows that lie close and rows that are padded. */

INLINE void move_rows(int rows, int size, const real *from, int from_row, real *to, int to_row) {
    for (int r = 0; r < rows; r++) memcpy(to + r * to_row, from + r * from_row, size * sizeof(real));
}

INLINE void add_rows(int rows, int size, const real *from, int from_row, real *to, int to_row) {
    for (int r = 0; r < rows; r++)
#pragma omp simd
        for (int i = 0; i < size; i++) to[r * to_row + i] += from[r * from_row + i];
}

INLINE void transpose(int rows, int columns, const real *from, real *to, int to_row) {
    enum { SIDE = 16 };  /* squares of so many stay in the cache */
    for (int r = 0; r < rows; r += SIDE)
        for (int c = 0; c < columns; c += SIDE)
            for (int j = c; j < c + SIDE && j < columns; j++)
                for (int i = r; i < r + SIDE && i < rows; i++)
                    to[j * to_row + i] = from[i * columns + j];
}

INLINE void sum_rows(int rows, int size, const real *from, real *to, int add) {
    /* to[i] = sum over r of from[r][i], both padded */
    for (int i = 0; i < size; i += LANES) {
        vector sum = add ? load(to + i) : (vector){0};
        for (int r = 0; r < rows; r++) sum += load(from + r * PAD(size) + i);
        store(to + i, sum);
    }
}

static __attribute__((noinline, unused)) void hash_units(int rows, int size, uint64_t key,
                                                         uint32_t *units) {
    /* a unit's part of what is drawn; a sample makes its own number of it */
    for (int r = 0; r < rows; r++)
        for (int i = 0; i < size; i++)
            units[r * PAD(size) + i] = hash((uint32_t)(r * size + i) ^ (uint32_t)(key >> 32));
}

/* Threads: ``work`` is done by several at once, each with its number; the caller is number 0. */

typedef void work_function(void *given, int id, int threads);

#if MOST_THREADS == 1
INLINE void give_way(void) {}

INLINE void together(work_function *work, void *given, int threads) {
    (void)threads;
    work(given, 0, 1);
}
#else
struct helper {
    work_function *work;
    void *given;
    int id;
    int *threads;  /* how many there are, once that is known */
};

INLINE void give_way(void) {
    sched_yield();
}

static void *help(void *given) {
    const struct helper *const helper = given;
    int threads;
    while (!(threads = __atomic_load_n(helper->threads, __ATOMIC_ACQUIRE))) give_way();
    helper->work(helper->given, helper->id, threads);
    return NULL;
}

INLINE void together(work_function *work, void *given, int threads) {
    pthread_t others[MOST_THREADS];
    struct helper helpers[MOST_THREADS];
    int known = 0, count = 1;
    while (count < threads && count < MOST_THREADS) {
        helpers[count] = (struct helper){work, given, count, &known};
        if (pthread_create(&others[count], NULL, help, &helpers[count])) break;
        count++;
    }
    __atomic_store_n(&known, count, __ATOMIC_RELEASE);
    work(given, 0, count);
    for (int id = 1; id < count; id++) pthread_join(others[id], NULL);
}
#endif
