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

/* How many tiles go through the cache together for gradients of weights, and how many vectors
   there are in between: an odd number of them from channel to channel. Maps need fewer. */
#define TILES_AT_ONCE(both) (2048 / (both) > 12 ? 2048 / (both) : 12)
#define TRANSFORMED(both) (4 * (both) * (TILES_AT_ONCE(both) + 1))

/* What a tile sees of the first channel, from row 0 and column 0 of 4 x 4 on: rows from top on to
   bottom are there, and columns from left on to right. It is `down` by `across` places from
   y[place] on. */

struct tile {
    const vector *d;
    ptrdiff_t row, channel;
    int top, bottom, left, right;
    int place, down, across;
};

INLINE struct tile tile_at(const struct winograd *q, int number, const vector *x) {
    const int tiles = tiles_along(q->columns);
    const int row = number / tiles * 2, column = number % tiles * 2;
    const int above = row - q->top, before = column - q->left;
    return (struct tile){
        x + above * q->width + before, q->width, (ptrdiff_t)q->height * q->width,
        most(-above, 0), least(q->height - above, 4), most(-before, 0), least(q->width - before, 4),
        row * q->columns + column, least(q->rows - row, 2), least(q->columns - column, 2),
    };
}

INLINE int is_within(const struct tile *t) {
    return t->top == 0 && t->bottom == 4 && t->left == 0 && t->right == 4;
}

/* Row r of the 4 x 4 numbers, with zeros around x. */

INLINE void see(const struct tile *t, int is_inside, int r, int channel, vector *row) {
    const vector *const d = t->d + channel * t->channel + r * t->row;
    const int is_there = is_inside || (r >= t->top && r < t->bottom);
#pragma GCC unroll 4
    for (int k = 0; k < 4; k++)
        row[k] = is_inside || (is_there && k >= t->left && k < t->right) ? d[k] : all(0);
}

/* Row i of B' d is row `one` of d, and the `other` times `sign`; that of A is `upper` of the upper
   row and `lower` of the lower one. */

static const struct {
    int one, other;
    real sign, upper, lower;
} row_of[] = {{0, 2, -1, 1, 0}, {1, 2, 1, 1, 1}, {2, 1, -1, 1, -1}, {1, 3, -1, 0, -1}};

/* v[j] = (B' d B)[i][j], where the two rows of d come. */

INLINE void transform_row(int i, const vector *one, const vector *other, vector *v,
                          ptrdiff_t each) {
    vector row[4];
#pragma GCC unroll 4
    for (int k = 0; k < 4; k++) row[k] = one[k] + row_of[i].sign * other[k];
    v[0] = row[0] - row[2], v[each] = row[1] + row[2];
    v[2 * each] = row[2] - row[1], v[3 * each] = row[1] - row[3];
}

INLINE void transform_tile(int tiles, int channels, const struct tile *t, int is_inside,
                           vector *to) {
    for (int c = 0; c < channels; c++, to += tiles) {
        vector d[4][4];
#pragma GCC unroll 4
        for (int r = 0; r < 4; r++) see(t, is_inside, r, c, d[r]);
#pragma GCC unroll 4
        for (int i = 0; i < 4; i++)
            transform_row(i, d[row_of[i].one], d[row_of[i].other], to + 4 * i * channels * tiles,
                          channels * tiles);
    }
}

ONCE transform_inputs(int tiles, int channels, const struct tile *from, vector *to) {
    /* to[4 i + j][c][tile] = (B' d B)[i][j] */
    for (int t = 0; t < tiles; t++)
        if (is_within(&from[t]))
            transform_tile(tiles, channels, &from[t], 1, to + t);
        else
            transform_tile(tiles, channels, &from[t], 0, to + t);
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
    vector *const v = transformed, *const m = v + 16 * MOST_TILES * channels;
    for (int b = 0; b < blocks * q->groups; b++) {
        const int group = b % q->groups;
        for (int first = 0, tiles; first < all_tiles; first += tiles) {
            const int left = all_tiles - first;
            tiles = left == 4 || left < 3 ? 2 : 3;
            struct tile some[MOST_TILES];
            for (int t = 0; t < tiles; t++)  /* the last again, where there is only one */
                some[t] = tile_at(q, least(first + t, all_tiles - 1), x);
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

/* The gradient of G g G' is (A dy A') * (B' d B), summed over tiles and samples, from which follows
   that of g. Those of row i are there at a time. */

INLINE void transform_seen(int i, int channel, const struct tile *t, int is_inside, vector *to,
                           ptrdiff_t each) {
    vector one[4], other[4];
    see(t, is_inside, row_of[i].one, channel, one);
    see(t, is_inside, row_of[i].other, channel, other);
    transform_row(i, one, other, to, each);
}

ONCE transform_inputs_by(int i, int tiles, int channels, const struct tile *from, vector *to) {
    /* to[j][c][tile] = (B' d B)[i][j] */
    const ptrdiff_t apart = tiles | 1, each = channels * apart;
    for (int c = 0; c < channels; c++, to += apart)
        for (int t = 0; t < tiles; t++)
            if (is_within(&from[t]))
                transform_seen(i, c, &from[t], 1, to + t, each);
            else
                transform_seen(i, c, &from[t], 0, to + t, each);
}

ONCE transform_gradients_by(int i, int tiles, int outputs, const struct tile *from,
                            const vector *dy, ptrdiff_t places, ptrdiff_t columns, vector *to) {
    /* to[j][o][tile] = (A dy A')[i][j] */
    const ptrdiff_t apart = tiles | 1, each = outputs * apart;
    const real above = row_of[i].upper, below = row_of[i].lower;
    for (int o = 0; o < outputs; o++, dy += places, to += apart)
        for (int t = 0; t < tiles; t++) {
            const int is_two = from[t].across == 2, is_lower = from[t].down == 2;
            const vector *const upper = dy + from[t].place, *const lower = upper + columns;
            const vector first = above * upper[0] + below * (is_lower ? lower[0] : all(0));
            const vector second = above * (is_two ? upper[1] : all(0))
                                  + below * (is_two && is_lower ? lower[1] : all(0));
            vector *const v = to + t;
            v[0] = first, v[each] = first + second;
            v[2 * each] = first - second, v[3 * each] = -second;
        }
}

/* dw = G' u G, of LANES weights at a time, where u comes: some numbers behind it are read, too. */

ONCE back_to_weights(ptrdiff_t count, const real *from, real *dw, int add) {
    for (ptrdiff_t first = 0; first < count; first += LANES, dw += 9 * LANES) {
        vector half[3][4];
        real found[9][LANES];
#pragma GCC unroll 4
        for (int j = 0; j < 4; j++) {
            const real *const u = from + j * count + first;
            const vector a = load(u), d = load(u + 12 * count);
            const vector b = load(u + 4 * count) / 2, c = load(u + 8 * count) / 2;
            half[0][j] = a + (b + c), half[1][j] = b - c, half[2][j] = (b + c) + d;
        }
#pragma GCC unroll 3
        for (int i = 0; i < 3; i++) {
            const vector b = half[i][1] / 2, c = half[i][2] / 2;
            store(found[3 * i], half[i][0] + (b + c)), store(found[3 * i + 1], b - c);
            store(found[3 * i + 2], (b + c) + half[i][3]);
        }
        for (int e = 0; e < least(LANES, (int)(count - first)); e++)
            for (int k = 0; k < 9; k++) dw[9 * e + k] = (add ? dw[9 * e + k] : 0) + found[k][e];
    }
}

/* The sums of all 16 stay in the cache if there are few; otherwise those of a row do. */
#define KEEPS_ALL(count) ((count) <= 512)
#define SUMS_BY_WINOGRAD(count) ((KEEPS_ALL(count) ? 16 : 4) * (count))

ONCE gradient_by_winograd(const struct convolution *m, struct weighings weighings, int blocks,
                          const vector *wide, const vector *narrow, real *dw, real *db, int add,
                          vector *transformed, vector *sums, real *united) {
    const struct winograd q = {m->groups, m->wide, m->narrow, m->down.wide, m->across.wide,
                              m->down.padding, m->across.padding, m->down.narrow, m->across.narrow};
    const int channels = q.channels, offset = 0, at_once = TILES_AT_ONCE(channels + q.outputs);
    const int tiles = tiles_along(q.rows) * tiles_along(q.columns), parts = up(tiles, at_once);
    const ptrdiff_t picture = (ptrdiff_t)q.height * q.width, places = (ptrdiff_t)q.rows * q.columns;
    const ptrdiff_t count = (ptrdiff_t)channels * q.outputs;
    const struct tiles *const outputs = &weighings.tiles;
    for (int g = 0; g < q.groups; g++, dw += 9 * count) {
        for (int n = 0; n < 4 * blocks * parts; n++) {
            const int i = KEEPS_ALL(count) ? n % 4 : n / (blocks * parts);
            const int part = KEEPS_ALL(count) ? n / 4 : n % (blocks * parts);
            const int first = part % parts * at_once, some = least(at_once, tiles - first);
            const ptrdiff_t apart = some | 1, block = (ptrdiff_t)(part / parts) * q.groups + g;
            vector *const gradients = transformed + 4 * channels * apart;
            struct tile own[at_once];
            for (int t = 0; t < some; t++)
                own[t] = tile_at(&q, first + t, wide + block * channels * picture);
            transform_inputs_by(i, some, channels, own, transformed);
            transform_gradients_by(i, some, q.outputs, own, narrow + block * q.outputs * places,
                                   places, q.columns, gradients);
            for (int j = 0; j < 4; j++) {
                struct weighing s = {
                    .rows = 1, .columns = some, .offsets = &offset, .window = 1,
                    .x = {transformed + j * channels * apart, 0, apart, 0, 1},
                    .y = {gradients + j * q.outputs * apart, 0, apart, 0, 1},
                    .channels = channels, .add = part > 0,
                    .sums = sums + (KEEPS_ALL(count) ? 4 * i + j : j) * count,
                };
                if (blocks * parts == 1) s.sums = sums;
                const vector *const all_sums = s.sums;
                for (int k = 0; k < outputs->count; k++) {
                    (k < outputs->larger ? weighings.of_larger : weighings.of_smaller)(&s);
                    s.y.at += size_of(outputs, k) * apart;
                    s.sums += size_of(outputs, k) * channels;
                }
                if (part + 1 == blocks * parts)
                    total_each((int)count, all_sums, united + (4 * i + j) * count, 0);
            }
        }
        back_to_weights(count, united, dw, add);
    }
    if (db) gradient_of_bias(blocks, q.groups * q.outputs, places, narrow, db, add);
}
