/* Windows of 3 x 3 next to each other: 16 products make 2 x 2 places, and not 36 (Winograd 1980;
   Lavin and Gray 2015). With d the 4 x 4 numbers that they see, and g the weights of a channel,

       y = A' [(G g G') * (B' d B)] A,    B' = 1  0 -1  0    G = 1    0   0     A' = 1  1  1  0
                                               0  1  1  0        1/2  1/2 1/2        0  1 -1 -1
                                               0 -1  1  0        1/2 -1/2 1/2
                                               0  1  0 -1        0    0   1

   where * multiplies number by number: each of these 16 is summed over channels as a product of
   matrices. Such 2 x 2 places are a tile, and two or three tiles go through the cache together. */

struct winograd {
    int groups, channels, outputs;  /* of a group */
    int height, width;              /* of x */
    int top, left;                  /* zeros around it */
    int rows, columns;              /* of y */
};

enum { MOST_TILES = 3 };

INLINE int tiles_along(int places) {
    return (places + 1) / 2;
}

/* Numbers that are a power of two apart push each other out of the cache: so there is a cache line
   between one of the 16 of all weights and the next. */
#define BETWEEN(inputs, outputs) ((inputs) * (outputs) + 16)

/* How many vectors there are in between, of so many channels at most on each side. */
#define TRANSFORMED(channels) (16 * MOST_TILES * (2 * (channels) + MOST_OUTPUTS))

/* The numbers that a tile sees of the first channel, and the places of its first output of which so
   many rows and columns are there. */

struct tile {
    const vector *d;
    ptrdiff_t row, channel;
    int place, down, across;
};

ONCE copy_with_zeros(int channels, int height, int width, const vector *x, int top, int left,
                     vector *to) {
    const int begin = most(-left, 0), end = least(4, width - left);
    for (int c = 0; c < channels; c++, x += (ptrdiff_t)height * width)
        for (int r = top; r < top + 4; r++, to += 4) {
            const int is_there = r >= 0 && r < height;
#pragma GCC unroll 4
            for (int k = 0; k < 4; k++)
                to[k] = is_there && k >= begin && k < end ? x[r * width + left + k] : all(0);
        }
}

INLINE struct tile tile_at(const struct winograd *q, int number, const vector *x, vector *copy) {
    const int across = tiles_along(q->columns);
    const int row = number / across * 2, column = number % across * 2;
    const int top = row - q->top, left = column - q->left;
    const int is_within = least(top, left) >= 0 && top + 4 <= q->height && left + 4 <= q->width;
    if (!is_within) copy_with_zeros(q->channels, q->height, q->width, x, top, left, copy);
    return (struct tile){
        is_within ? x + top * q->width + left : copy,
        is_within ? q->width : 4, is_within ? (ptrdiff_t)q->height * q->width : 16,
        row * q->columns + column, least(2, q->rows - row), least(2, q->columns - column),
    };
}

/* Row i of B' d is row `one` of d, and the `other` times `sign`. */

static const struct {
    int one, other;
    real sign;
} row_of[] = {{0, 2, -1}, {1, 2, 1}, {2, 1, -1}, {1, 3, -1}};

ONCE transform_inputs(int tiles, int channels, const struct tile *from, vector *to) {
    /* to[4 i + j][c][tile] = (B' d B)[i][j] */
    const ptrdiff_t each = channels * tiles;
#pragma GCC unroll 1
    for (int c = 0; c < channels; c++)
#pragma GCC unroll 1
        for (int t = 0; t < tiles; t++, to++) {
            const vector *const d = from[t].d + c * from[t].channel;
#pragma GCC unroll 4
            for (int i = 0; i < 4; i++) {
                const vector *const one = d + row_of[i].one * from[t].row;
                const vector *const other = d + row_of[i].other * from[t].row;
                vector *const v = to + 4 * i * each, row[4];
#pragma GCC unroll 4
                for (int k = 0; k < 4; k++) row[k] = one[k] + row_of[i].sign * other[k];
                v[0] = row[0] - row[2], v[each] = row[1] + row[2];
                v[2 * each] = row[2] - row[1], v[3 * each] = row[1] - row[3];
            }
        }
}

/* m[i][o][tile] = the sum over channels c of w[i][c][o] v[i][c][tile], for each of the 16. */

typedef void multiply_function(int channels, ptrdiff_t between, const vector *v, const real *w,
                               vector *m);

INLINE void multiply(int outputs, int tiles, int channels, ptrdiff_t between, const vector *v,
                     const real *w, vector *m) {
    for (int i = 0; i < 16; i++, w += between) {
        const real *factor = w;
        vector sum[MOST_OUTPUTS][MOST_TILES];
#pragma GCC unroll 8
        for (int o = 0; o < outputs; o++)
#pragma GCC unroll 3
            for (int t = 0; t < tiles; t++) sum[o][t] = all(0);
#pragma GCC unroll 1
        for (int c = 0; c < channels; c++, v += tiles, factor += outputs) {
            vector value[MOST_TILES];
#pragma GCC unroll 3
            for (int t = 0; t < tiles; t++) value[t] = v[t];
#pragma GCC unroll 8
            for (int o = 0; o < outputs; o++) {
                IN_ORDER;
#pragma GCC unroll 3
                for (int t = 0; t < tiles; t++) sum[o][t] += factor[o] * value[t];
            }
        }
#pragma GCC unroll 8
        for (int o = 0; o < outputs; o++)
#pragma GCC unroll 3
            for (int t = 0; t < tiles; t++) *m++ = sum[o][t];
    }
}

#define MULTIPLY(outputs, tiles)                                                                 \
    ONCE multiply_##outputs##_##tiles(int channels, ptrdiff_t between, const vector *v,          \
                                      const real *w, vector *m) {                                \
        multiply(outputs, tiles, channels, between, v, w, m);                                    \
    }
#if FEW_REGISTERS
#define EACH_SIZE(DO, tiles) DO(3, tiles) DO(4, tiles)
#else
#define EACH_SIZE(DO, tiles) DO(5, tiles) DO(6, tiles) DO(7, tiles) DO(8, tiles)
#endif
EACH_SIZE(MULTIPLY, 2) EACH_SIZE(MULTIPLY, 3)
#undef MULTIPLY

INLINE multiply_function *multiply_of(int outputs, int tiles) {
#define IF_IT_IS(o, t) if (outputs == o && tiles == t) return multiply_##o##_##t;
    EACH_SIZE(IF_IT_IS, 2) EACH_SIZE(IF_IT_IS, 3)
#undef IF_IT_IS
    return NULL;
}
#undef EACH_SIZE

struct multiplications {
    struct tiles outputs;
    multiply_function *larger[MOST_TILES + 1], *smaller[MOST_TILES + 1];  /* by how many tiles */
};

INLINE struct multiplications multiplications_of(int outputs) {
    const struct tiles found = tiles_of(outputs, MOST_OUTPUTS);
    const int size = found.size, smaller = size - (found.larger < found.count);
    return (struct multiplications){
        found, {[2] = multiply_of(size, 2), [3] = multiply_of(size, 3)},
        {[2] = multiply_of(smaller, 2), [3] = multiply_of(smaller, 3)},
    };
}

ONCE transform_outputs(int tiles, int outputs, const vector *m, int given, const struct tile *to,
                       ptrdiff_t places, ptrdiff_t columns, const real *start, vector *y, int add) {
    /* A' m A, where m[4 i + j][o][tile] comes, of those tiles that are given */
    const ptrdiff_t each = outputs * tiles;
    for (int o = 0; o < outputs; o++, m += tiles, y += places) {
        const vector begin = all(start ? start[o] : 0);
#pragma GCC unroll 1
        for (int t = 0; t < given; t++) {
            vector *const upper = y + to[t].place, *const lower = upper + columns, half[4][2];
#pragma GCC unroll 4
            for (int i = 0; i < 4; i++) {
                const vector *const row = m + 4 * i * each + t;
                half[i][0] = row[0] + (row[each] + row[2 * each]);
                half[i][1] = (row[each] - row[2 * each]) - row[3 * each];
            }
#pragma GCC unroll 2
            for (int k = 0; k < 2; k++) {
                if (k == to[t].across) break;
                const vector first = half[0][k] + (half[1][k] + half[2][k]);
                const vector second = (half[1][k] - half[2][k]) - half[3][k];
                upper[k] = (add ? upper[k] : begin) + first;
                if (to[t].down == 2) lower[k] = (add ? lower[k] : begin) + second;
            }
        }
    }
}

ONCE by_winograd(const struct winograd *q, struct multiplications by, int blocks, const vector *x,
                 const real *w, const real *start, vector *y, int add, vector *transformed) {
    const int all_tiles = tiles_along(q->rows) * tiles_along(q->columns), channels = q->channels;
    const ptrdiff_t between = BETWEEN(channels, q->outputs);
    const ptrdiff_t places = (ptrdiff_t)q->rows * q->columns;
    vector *const copies = transformed, *const v = copies + 16 * MOST_TILES * channels;
    vector *const m = v + 16 * MOST_TILES * channels;
    for (int b = 0; b < blocks * q->groups; b++) {
        const int group = b % q->groups;
        for (int first = 0, tiles; first < all_tiles; first += tiles) {
            const int left = all_tiles - first;
            tiles = left == 4 || left < 3 ? 2 : 3;
            struct tile some[MOST_TILES];
            for (int t = 0; t < tiles; t++)  /* the last again, where there is only one */
                some[t] = tile_at(q, least(first + t, all_tiles - 1), x, copies + 16 * t * channels);
            transform_inputs(tiles, channels, some, v);
            const real *own = w + group * 16 * between;
            for (int i = 0, done = 0; i < by.outputs.count; i++) {
                const int outputs = size_of(&by.outputs, i);
                (i < by.outputs.larger ? by.larger : by.smaller)[tiles](channels, between, v, own, m);
                transform_outputs(tiles, outputs, m, least(tiles, left), some, places, q->columns,
                                  start ? start + group * q->outputs + done : NULL,
                                  y + done * places, add);
                own += channels * outputs, done += outputs;
            }
        }
        x += (ptrdiff_t)channels * q->height * q->width, y += q->outputs * places;
    }
}

INLINE void narrow_by_winograd(const struct convolution *m, struct multiplications by, int blocks,
                               const vector *wide, const real *w, const real *start, vector *y,
                               int add, vector *transformed) {
    const struct winograd q = {m->groups, m->wide, m->narrow, m->down.wide, m->across.wide,
                              m->down.padding, m->across.padding, m->down.narrow, m->across.narrow};
    by_winograd(&q, by, blocks, wide, w, start, y, add, transformed);
}

INLINE void widen_by_winograd(const struct convolution *m, struct multiplications by, int blocks,
                              const vector *narrow, const real *w, const real *start, vector *y,
                              int add, vector *transformed) {
    const struct winograd q = {m->groups, m->narrow, m->wide, m->down.narrow, m->across.narrow,
                              2 - m->down.padding, 2 - m->across.padding, m->down.wide,
                              m->across.wide};
    by_winograd(&q, by, blocks, narrow, w, start, y, add, transformed);
}

/* G g G' of several outputs, of which the next is `apart` further in g, and beside it in `to`. The
   next of 9 weights is a step further, which may be backwards. */

INLINE void transform_weights(int outputs, const real *g, ptrdiff_t apart, int step, real *to,
                              ptrdiff_t each) {
    for (int o = 0; o < outputs; o++, g += apart) {
        real half[4][3];
        for (int j = 0; j < 3; j++) {
            const real a = g[j * step], b = g[(3 + j) * step], c = g[(6 + j) * step];
            half[0][j] = a, half[1][j] = (a + b + c) / 2;
            half[2][j] = (a - b + c) / 2, half[3][j] = c;
        }
        for (int i = 0; i < 4; i++) {
            const real a = half[i][0], b = half[i][1], c = half[i][2];
            real *const row = to + 4 * i * each + o;
            row[0] = a, row[each] = (a + b + c) / 2;
            row[2 * each] = (a - b + c) / 2, row[3 * each] = c;
        }
    }
}

/* The same for all weights, in the order in which sweeps take them: `inputs` are summed over. */

INLINE void transform_all_weights(int groups, int inputs, int outputs, const real *w, int input,
                                  int output, int step, real *to) {
    const struct tiles tiles = tiles_of(outputs, MOST_OUTPUTS);
    const ptrdiff_t each = BETWEEN(inputs, outputs);
    for (int g = 0; g < groups; g++, w += 9 * inputs * outputs, to += 16 * each)
        for (int i = 0, first = 0; i < tiles.count; first += size_of(&tiles, i++))
            for (int c = 0; c < inputs; c++) {
                const int count = size_of(&tiles, i);
                transform_weights(count, w + c * input + first * output, output, step,
                               to + first * inputs + c * count, each);
            }
}

ONCE lay_out_to_narrow_by_winograd(const struct convolution *m, const real *w, real *to) {
    transform_all_weights(m->groups, m->wide, m->narrow, w, 9, 9 * m->wide, 1, to);
}

ONCE lay_out_to_wide_by_winograd(const struct convolution *m, const real *w, real *to) {
    transform_all_weights(m->groups, m->narrow, m->wide, w + 8, 9 * m->wide, 9, -1, to);
}
