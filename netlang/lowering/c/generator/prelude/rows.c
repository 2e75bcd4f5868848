/* Moving numbers between rows that lie close and rows that are padded. */

INLINE void move_rows(int rows, int size, const real *from, int from_row, real *to, int to_row) {
    for (int r = 0; r < rows; r++) memcpy(to + r * to_row, from + r * from_row, size * sizeof(real));
}

INLINE void add_rows(int rows, int size, const real *from, int from_row, real *to, int to_row) {
    for (int r = 0; r < rows; r++)
#pragma omp simd
        for (int i = 0; i < size; i++) to[r * to_row + i] += from[r * from_row + i];
}

static __attribute__((noinline, unused)) void transpose(int rows, int columns, const real *from,
                                                        real *to, int to_row) {
    enum { SIDE = 16 };  /* squares of so many stay in the cache; a whole side becomes vectors */
    for (int r = 0; r < rows; r += SIDE)
        for (int c = 0; c < columns; c += SIDE)
            for (int j = c; j < c + SIDE && j < columns; j++) {
                const real *const column = from + r * columns + j;
                real *const row = to + j * to_row + r;
                if (r + SIDE <= rows)
#pragma GCC unroll 16
                    for (int i = 0; i < SIDE; i++) row[i] = column[i * columns];
                else
                    for (int i = 0; i < rows - r; i++) row[i] = column[i * columns];
            }
}

INLINE void sum_rows_apart(int rows, int size, const real *from, int from_row, real *to, int add) {
    /* to[i] = sum over r of from[r][i], where a row of both has whole vectors */
    for (int i = 0; i < size; i += LANES) {
        vector sum = add ? load(to + i) : (vector){0};
        for (int r = 0; r < rows;) {  /* some at a time, so that a large sum keeps its digits */
            const int end = rows - r > 256 ? r + 256 : rows;
            vector part = {0};
            for (; r < end; r++) part += load(from + r * from_row + i);
            sum += part;
        }
        store(to + i, sum);
    }
}

INLINE void sum_rows(int rows, int size, const real *from, real *to, int add) {
    sum_rows_apart(rows, size, from, PAD(size), to, add);
}
