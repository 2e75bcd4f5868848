
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

#define NOT_PADDED(n) (n)

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
