/* Products of matrices: y[r][c] = start[c] + sum over k of a(r, k) b[k][c], where a(r, k) is
   a[r * a_row + k * a_step], and rows of b and y are whole vectors. With ``add``, the sums are added
   to y. Of many numbers, some are summed at a time, so that a large sum keeps its digits. */

struct matrices {
    int rows, depth;
    const real *a;
    ptrdiff_t a_row, a_step;
    const real *b;
    ptrdiff_t b_row;
    real *y;
    ptrdiff_t y_row;
    const real *start;  /* of the sums, the same for each row of y */
    int add;
};

/* A panel is as many columns of y as a few vectors have. Tiles of it, one below the other, stay
   in registers while k runs; the last may begin in the one before, whose rows it computes again. */

enum { TALL_1 = 8, TALL_2 = FEW_REGISTERS ? 6 : 8, TALL_3 = FEW_REGISTERS ? 4 : 8, TALLEST = 8 };

INLINE void panel(int height, int vectors, const struct matrices *m) {
    const ptrdiff_t a_row = m->a_row, a_step = m->a_step, b_row = m->b_row, y_row = m->y_row;
    const int rows = m->rows, depth = m->depth;
    for (int top = 0; top < rows; top += height) {
        const int first = top + height <= rows ? top : rows - height;
        const real *a = m->a + first * a_row, *b = m->b;
        vector sum[TALLEST][3], again[TALLEST * 3];
#pragma GCC unroll 8
        for (int r = 0; r < height; r++)
#pragma GCC unroll 3
            for (int v = 0; v < vectors; v++) sum[r][v] = load(m->start + v * LANES);
#pragma GCC unroll 1
        for (int k = depth; k > 0; k--, a += a_step, b += b_row) {
            vector row[3];
#pragma GCC unroll 3
            for (int v = 0; v < vectors; v++) row[v] = load(b + v * LANES);
#pragma GCC unroll 8
            for (int r = 0; r < height; r++) {
                const real factor = a[r * a_row];
#pragma GCC unroll 3
                for (int v = 0; v < vectors; v++) sum[r][v] += factor * row[v];
            }
        }
        if (m->add) {
            const real *before = m->y + first * y_row;
#pragma GCC unroll 8
            for (int r = 0; r < height; r++, before += y_row)
#pragma GCC unroll 3
                for (int v = 0; v < vectors; v++) sum[r][v] += load(before + v * LANES);
        }
        real *const y = m->y + top * y_row, *to = first == top ? y : (real *)again;
        const ptrdiff_t to_row = first == top ? y_row : vectors * LANES;
#pragma GCC unroll 8
        for (int r = 0; r < height; r++, to += to_row)
#pragma GCC unroll 3
            for (int v = 0; v < vectors; v++) store(to + v * LANES, sum[r][v]);
        if (first < top)
#pragma GCC unroll 1
            for (int r = 0; r < rows - top; r++)  /* those that are not in y yet */
                memcpy(y + r * y_row, again + (r + top - first) * vectors,
                       vectors * sizeof(vector));
    }
}

/* A function for each height and width of tiles: a compiler translates those that are called. */

typedef void panel_function(const struct matrices *);

#define EACH_PANEL(of)                                                                           \
    of(1, 1) of(2, 1) of(3, 1) of(4, 1) of(5, 1) of(6, 1) of(7, 1) of(8, 1)                      \
    of(1, 2) of(2, 2) of(3, 2) of(4, 2) of(5, 2) of(6, 2) of(7, 2) of(8, 2)                      \
    of(1, 3) of(2, 3) of(3, 3) of(4, 3) of(5, 3) of(6, 3) of(7, 3) of(8, 3)

#define PANEL(height, vectors)                                                                   \
    static __attribute__((noinline, unused)) void panel_##height##_by_##vectors(                 \
        const struct matrices *m) {                                                              \
        panel(height, vectors, m);                                                               \
    }
EACH_PANEL(PANEL)

/* The one of this height and width, which are constants: the others are then not even read. */

#define PANEL_OF(tile)                                                                           \
    ((tile) == 0 ? NULL : PANELS_OF(tile, 1) PANELS_OF(tile, 2) PANELS_OF(tile, 3) NULL)
#define PANELS_OF(tile, vectors)                                                                 \
    IS_TILE(tile, 1, vectors) IS_TILE(tile, 2, vectors) IS_TILE(tile, 3, vectors)                \
    IS_TILE(tile, 4, vectors) IS_TILE(tile, 5, vectors) IS_TILE(tile, 6, vectors)                \
    IS_TILE(tile, 7, vectors) IS_TILE(tile, 8, vectors)
#define IS_TILE(tile, height, vectors)                                                           \
    (tile) == 4 * height + vectors ? panel_##height##_by_##vectors:

enum { DEEPEST = 512 };  /* so many rows of a panel of b stay in the first cache */

static const real ALIGNED zeros[4 * LANES];  /* as many vectors as are begun with at once */

FUNCTION side_by_side(panel_function *panel, int vectors, int count, const struct matrices *all) {
    /* So many panels. Deep ones are done in parts, each of which is added to the sums before. */
    struct matrices m = *all;
    for (int at = 0; at < count * vectors * LANES; at += vectors * LANES) {
        m.a = all->a, m.b = all->b + at, m.y = all->y + at, m.depth = DEEPEST;
        m.start = all->start == zeros ? zeros : all->start + at, m.add = all->add;
        int left = all->depth;
        for (; left > DEEPEST; left -= DEEPEST) {
            panel(&m);
            m.a += DEEPEST * m.a_step, m.b += DEEPEST * m.b_row;
            m.start = zeros, m.add = 1;
        }
        m.depth = left;
        panel(&m);
    }
}

enum { SHALLOW = 4 };  /* sums of so few that a tile takes longer to begin and to end */

INLINE void shallow(int rows, int vectors, int depth, const struct matrices *m) {
    for (int r = 0; r < rows; r++)
        for (int v = 0; v < vectors; v++) {
            vector sum = load((m->add ? m->y + r * m->y_row : m->start) + v * LANES);
#pragma GCC unroll 4
            for (int k = 0; k < depth; k++)
                sum += m->a[r * m->a_row + k * m->a_step] * load(m->b + k * m->b_row + v * LANES);
            store(m->y + r * m->y_row + v * LANES, sum);
        }
}

/* Panels are of three vectors, and of two where that leaves no single one; a lone vector is one.
   Tiles have the same height, and are no more than if they had the tallest. */

#define PAIRS(vectors) ((vectors) % 3 == 0 ? 0 : (vectors) % 3 == 2 ? 1 : (vectors) >= 4 ? 2 : 0)
#define TRIPLES(vectors) (((vectors) - 2 * PAIRS(vectors)) / 3)
#define TILES(rows, tallest) (((rows) + (tallest) - 1) / (tallest))
#define HEIGHT(rows, tallest) (((rows) + TILES(rows, tallest) - 1) / TILES(rows, tallest))

INLINE void product_by(panel_function *by_1, panel_function *by_2, panel_function *by_3, int rows,
                       int columns, int depth, const real *a, int a_row, int a_step, const real *b,
                       int b_row, real *y, int y_row, const real *start, int add) {
    const int vectors = PAD(columns) / LANES, pairs = PAIRS(vectors), triples = TRIPLES(vectors);
    const int behind = 3 * triples * LANES;
    struct matrices m = {.rows = rows, .depth = depth, .a = a, .a_row = a_row, .a_step = a_step,
                         .b = b, .b_row = b_row, .y = y, .y_row = y_row,
                         .start = !add && start ? start : zeros, .add = add};
    if (__builtin_constant_p(depth) && depth <= SHALLOW && vectors <= 4) {
        shallow(rows, vectors, depth, &m);
    } else if (depth <= DEEPEST && vectors <= 3) {
        (vectors == 1 ? by_1 : vectors == 2 ? by_2 : by_3)(&m);
    } else if (vectors == 1) {
        side_by_side(by_1, 1, 1, &m);
    } else {
        if (triples) side_by_side(by_3, 3, triples, &m);
        m.b += behind, m.y += behind, m.start += m.start == zeros ? 0 : behind;
        if (pairs) side_by_side(by_2, 2, pairs, &m);
    }
}

/* Rows are a multiple of ``each``. This and ``columns`` are constants, and for small products better
   the depth, too. */

#define product_of(each, rows, columns, ...)                                                     \
    do {                                                                                         \
        enum {                                                                                   \
            VECTORS_ = PAD(columns) / LANES,                                                     \
            TILE_1 = VECTORS_ == 1 ? 4 * HEIGHT(each, TALL_1) + 1 : 0,                           \
            TILE_2 = VECTORS_ > 1 && PAIRS(VECTORS_) ? 4 * HEIGHT(each, TALL_2) + 2 : 0,         \
            TILE_3 = TRIPLES(VECTORS_) ? 4 * HEIGHT(each, TALL_3) + 3 : 0                        \
        };                                                                                       \
        product_by(PANEL_OF(TILE_1), PANEL_OF(TILE_2), PANEL_OF(TILE_3), rows, columns,          \
                   __VA_ARGS__);                                                                 \
    } while (0)

#define product(rows, columns, ...) product_of(rows, rows, columns, __VA_ARGS__)

typedef real vector_32 __attribute__((vector_size(32), may_alias));
typedef real vector_16 __attribute__((vector_size(16), may_alias));

/* Halves are added to halves: a sum of one number after the other would have to wait for each. */

INLINE vector_16 quarter(vector sum) {
#if VECTOR_BYTES == 64
    const vector_32 half = ((vector_32 *)&sum)[0] + ((vector_32 *)&sum)[1];
    return ((vector_16 *)&half)[0] + ((vector_16 *)&half)[1];
#elif VECTOR_BYTES == 32
    return ((vector_16 *)&sum)[0] + ((vector_16 *)&sum)[1];
#else
    return sum;
#endif
}

INLINE real of_quarter(const real *part) {
#ifdef REAL_IS_DOUBLE
    return part[0] + part[1];
#else
    return (part[0] + part[2]) + (part[1] + part[3]);
#endif
}

INLINE real total(vector sum) {
    const vector_16 part = quarter(sum);
    return of_quarter((const real *)&part);
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
