/* Products of matrices: y[r][c] = start[c] + sum over k of a(r, k) b[k][c], where a(r, k) is
   a[r * a_row + k * a_step], and rows of b and y are whole vectors. A tile of y stays in registers
   while k runs. Every size is a constant where it is called. */

enum { TALLEST = 12 };
#if FEW_REGISTERS
enum { TALL_1 = 8, TALL_2 = 6, TALL_3 = 4 };
#else
enum { TALL_1 = TALLEST, TALL_2 = TALLEST, TALL_3 = 8 };
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
