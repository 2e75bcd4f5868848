
/* Two layouts: rows, one sample behind the other, and blocks of LANES samples side by side, where
   the numbers of all of them at one place are a vector. */

INLINE void into_blocks(int samples, int rows, int row, const real *from, real *to, int copies,
                        int add) {
    /* Lanes behind the last sample get copies of the first, or 0. */
    const int size = rows * row;
    for (int s = 0; s < PAD(samples); s++) {
        const real *const sample = from + (s < samples ? s : 0) * rows * PAD(row);
        real *const lane = to + s / LANES * size * LANES + s % LANES;
        for (int r = 0; r < rows; r++)
            for (int i = 0; i < row; i++) {
                const real number = s < samples || copies ? sample[r * PAD(row) + i] : 0;
                real *const there = lane + (r * row + i) * LANES;
                *there = add ? *there + number : number;
            }
    }
}

INLINE void into_rows(int samples, int rows, int row, const real *from, real *to, int copies,
                      int add) {
    const int size = rows * row;
    (void)copies;
    for (int s = 0; s < samples; s++) {
        const real *const lane = from + s / LANES * size * LANES + s % LANES;
        for (int r = 0; r < rows; r++)
            for (int i = 0; i < row; i++) {
                const real number = lane[(r * row + i) * LANES];
                real *const there = to + (s * rows + r) * PAD(row) + i;
                *there = add ? *there + number : number;
            }
    }
}

/* A lone sample lies flat, which is a block of one lane and has no padding. */

#define NOT_PADDED(n) (n)
#define EITHER(holds, value, other) ((holds) ? (value) : (other))

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

INLINE vector sum_of_squares(int count, const vector *x, real centre) {
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

INLINE vector lanes_below(int count) {
    vector found;
    for (int lane = 0; lane < LANES; lane++) found[lane] = lane < count;
    return found;
}
