
/* Two layouts: rows, one sample behind the other, and blocks of LANES samples side by side, where
   the numbers of all of them at one place are a vector. */

/* They meet in squares of LANES samples and as many numbers of a row, which stay in the first cache:
   numbers of samples that are a power of two apart push each other out of it. */

INLINE void into_blocks(int samples, int rows, int row, const real *from, real *to, int copies,
                        int add) {
    /* Lanes behind the last sample get copies of the first, or 0. */
    const int size = rows * row;
    for (int first = 0; first < samples; first += LANES, to += size * LANES)
        for (int r = 0; r < rows; r++)
            for (int i = 0; i < row; i += LANES) {
                real ALIGNED square[LANES][LANES];
                for (int lane = 0; lane < LANES; lane++) {
                    const int s = first + lane, is_there = s < samples;
                    const real *const sample = from + (is_there ? s : 0) * rows * PAD(row);
                    const vector numbers = load(sample + r * PAD(row) + i);
                    store(square[lane], is_there || copies ? numbers : (vector){0});
                }
                real *const there = to + (r * row + i) * LANES;
                const int count = row - i < LANES ? row - i : LANES;
                for (int k = 0; k < count; k++)
                    for (int lane = 0; lane < LANES; lane++) {
                        real *const one = there + k * LANES + lane;
                        *one = add ? *one + square[lane][k] : square[lane][k];
                    }
            }
}

INLINE void into_rows(int samples, int rows, int row, const real *from, real *to, int copies,
                      int add) {
    const int size = rows * row;
    (void)copies;
    for (int first = 0; first < samples; first += LANES, from += size * LANES)
        for (int r = 0; r < rows; r++)
            for (int i = 0; i < row; i += LANES) {
                real ALIGNED square[LANES][LANES];
                const real *const there = from + (r * row + i) * LANES;
                const int count = row - i < LANES ? row - i : LANES;
                for (int k = 0; k < count; k++)
                    for (int lane = 0; lane < LANES; lane++)
                        square[lane][k] = there[k * LANES + lane];
                for (int lane = 0; lane < LANES && first + lane < samples; lane++) {
                    real *const sample = to + (first + lane) * rows * PAD(row) + r * PAD(row) + i;
                    for (int k = 0; k < count; k++)
                        sample[k] = add ? sample[k] + square[lane][k] : square[lane][k];
                }
            }
}

/* A lone sample lies flat, which is a block of one lane and has no padding. */

#define NOT_PADDED(n) (n)

INLINE real either(int holds, real value, real other) {
    return holds ? value : other;
}

/* A loop over vectors, or one that sums some up, is there one over numbers, of which a compiler makes
   vectors. */

#define PRAGMA(text) _Pragma(#text)
#define EACH_VECTOR
#define EACH_NUMBER PRAGMA(omp simd)
#define SUMS_OF_VECTORS(...)
#define SUMS_OF_NUMBERS(...) PRAGMA(omp simd reduction(+ : __VA_ARGS__))

INLINE void move_vectors(int rows, int size, const vector *from, int from_row, vector *to,
                         int to_row) {
    for (int r = 0; r < rows; r++)
        memcpy(to + r * to_row, from + r * from_row, size * sizeof(vector));
}

INLINE void add_vectors(int rows, int size, const vector *from, int from_row, vector *to,
                        int to_row) {
    for (int r = 0; r < rows; r++)
        for (int i = 0; i < size; i++) to[r * to_row + i] += from[r * from_row + i];
}

/* Sums over many vectors, in four parts, as each addition waits for the one before it; and some at a
   time, as the roundings of a sum grow with how many it has. */

#define SUM(count, each)                                                                         \
    vector sum = {0};                                                                            \
    for (int i = 0; i < (count);) {                                                              \
        const int end = (count)-i > 1024 ? i + 1024 : (count);                                   \
        vector sums[4] = {{0}, {0}, {0}, {0}};                                                   \
        for (; i + 4 <= end; i += 4)                                                             \
            _Pragma("GCC unroll 4") for (int part = 0; part < 4; part++)                         \
                sums[part] += each(i + part);                                                    \
        for (; i < end; i++) sums[0] += each(i);                                                 \
        sum += (sums[0] + sums[1]) + (sums[2] + sums[3]);                                        \
    }                                                                                            \
    return sum

INLINE vector sum_of(int count, const vector *x) {
#define EACH_OF(i) x[i]
    SUM(count, EACH_OF);
#undef EACH_OF
}

INLINE vector sum_of_squares(int count, const vector *x, vector centre) {
#define EACH_OF(i) ((x[i] - centre) * (x[i] - centre))
    SUM(count, EACH_OF);
#undef EACH_OF
}

INLINE vector sum_of_products(int count, const vector *x, const vector *other, real centre) {
#define EACH_OF(i) (x[i] * (other[i] - centre))
    SUM(count, EACH_OF);
#undef EACH_OF
}
#undef SUM

/* Of each lane, the mean of so many numbers and the squares around it: of some at a time, which stay
   in the first cache meanwhile, and are put together then (Chan, Golub and LeVeque 1979). */

INLINE void measure_lanes(int count, const vector *x, vector *mean, vector *squares) {
    enum { SOME = 128 };
    *mean = *squares = all(0);
    for (int before = 0; before < count; before += SOME) {
        const int more = least(SOME, count - before);
        const real share = (real)more / (before + more);
        const vector own = sum_of(more, x + before) / (real)more, apart = own - *mean;
        *squares += sum_of_squares(more, x + before, own) + apart * apart * (before * share);
        *mean += apart * share;
    }
}

INLINE vector lanes_below(int count) {
    vector found;
    for (int lane = 0; lane < LANES; lane++) found[lane] = lane < count;
    return found;
}
