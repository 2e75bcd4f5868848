/* Windows of 3 x 3 next to each other: 36 products make 4 x 4 places, and not 144 (Winograd 1980;
   Lavin and Gray 2015). With d the 6 x 6 numbers that they see, and g the weights of a channel,

       y = A' [(G g G') * (B' d B)] A

   where * multiplies number by number: each of these 36 is summed over channels as a product of
   matrices. Such 4 x 4 places are a tile, and two or three tiles go through the cache together.

   B' d, G g and A are the values of polynomials in 0, p, -p, q, -q and infinity. The points p = 5/8
   and q = 3/2 were found by trying: the largest error of floats is then twice to three times that
   of a plain sum, and eight times with 1 and 2, which are mostly taken. It is relative to the
   largest numbers that a tile sees, not a window: an infinite one makes a whole tile NaN. */

#define P ((real)0.625)
#define Q ((real)1.5)
#define P2 (P * P)
#define Q2 (Q * Q)

enum { SEEN = 6, TILE = 4, POINTS = SEEN * SEEN, MOST_TILES = 3 };

struct winograd {
    int groups, channels, outputs;  /* of a group */
    int height, width;              /* of x */
    int top, left;                  /* zeros around it */
    int rows, columns;              /* of y */
};

INLINE int tiles_along(int places) {
    return (places + TILE - 1) / TILE;
}

/* Numbers that are a power of two apart push each other out of the cache: so there is a cache line
   between one of the 36 of all weights and the next, and 36 vectors are an odd number apart. */
#define BETWEEN(inputs, outputs) ((inputs) * (outputs) + 16)

INLINE ptrdiff_t odd(int count) {
    return count | 1;
}

/* How many tiles go through the cache together for gradients of weights, and how many vectors
   there are in between, an odd number of them from channel to channel: that is enough for maps. */
#define TILES_AT_ONCE(both) (1024 / (both) > 12 ? 1024 / (both) : 12)
#define TRANSFORMED(both) (2 * SEEN * (both) * (TILES_AT_ONCE(both) + 1))

/* What a tile sees of the first channel, from row 0 and column 0 of 6 x 6 on: rows from top on to
   bottom are there, and columns from left on to right. It is `down` by `across` places from
   y[place] on. */

struct tile {
    const vector *d;
    ptrdiff_t row, channel;
    int top, bottom, left, right;
    int place, down, across;
};

INLINE struct tile tile_at(const struct winograd *w, int number, const vector *x) {
    const int tiles = tiles_along(w->columns);
    const int row = number / tiles * TILE, column = number % tiles * TILE;
    const int above = row - w->top, before = column - w->left;
    return (struct tile){
        x + above * w->width + before, w->width, (ptrdiff_t)w->height * w->width,
        most(-above, 0), least(w->height - above, SEEN),
        most(-before, 0), least(w->width - before, SEEN),
        row * w->columns + column, least(w->rows - row, TILE), least(w->columns - column, TILE),
    };
}

INLINE int is_within(const struct tile *t) {
    return t->top == 0 && t->bottom == SEEN && t->left == 0 && t->right == SEEN;
}

INLINE int is_whole(const struct tile *t) {
    return t->down == TILE && t->across == TILE;
}

/* Row r of the 6 x 6 numbers, with zeros around x. */

INLINE void see(const struct tile *t, int is_inside, int r, int channel, vector *row) {
    const vector *const d = t->d + channel * t->channel + r * t->row;
    const int is_there = is_inside || (r >= t->top && r < t->bottom);
#pragma GCC unroll 6
    for (int k = 0; k < SEEN; k++)
        row[k] = is_inside || (is_there && k >= t->left && k < t->right) ? d[k] : all(0);
}

/* v = B' d */

INLINE void at_points(const vector *d, int step, vector *v, ptrdiff_t each) {
    const vector d1 = d[step], d2 = d[2 * step], d3 = d[3 * step], d4 = d[4 * step];
    const vector even_p = d4 - Q2 * d2, odd_p = d3 - Q2 * d1;
    const vector even_q = d4 - P2 * d2, odd_q = d3 - P2 * d1;
    v[0] = P2 * Q2 * d[0] - (P2 + Q2) * d2 + d4;
    v[each] = even_p + P * odd_p, v[2 * each] = even_p - P * odd_p;
    v[3 * each] = even_q + Q * odd_q, v[4 * each] = even_q - Q * odd_q;
    v[5 * each] = P2 * Q2 * d1 - (P2 + Q2) * d3 + d[5 * step];
}

/* y = A' m */

INLINE void of_points(const vector *m, ptrdiff_t each, vector *y, int step) {
    const vector sum_p = m[each] + m[2 * each], apart_p = m[each] - m[2 * each];
    const vector sum_q = m[3 * each] + m[4 * each], apart_q = m[3 * each] - m[4 * each];
    y[0] = m[0] + (sum_p + sum_q), y[step] = P * apart_p + Q * apart_q;
    y[2 * step] = P2 * sum_p + Q2 * sum_q;
    y[3 * step] = P2 * P * apart_p + Q2 * Q * apart_q + m[5 * each];
}

/* What a tile sees of a channel, and how far its rows are apart: in a copy if not all is there. */

INLINE const vector *seen_by_tile(const struct tile *t, int channel, vector *copy, ptrdiff_t *row) {
    *row = is_within(t) ? t->row : SEEN;
    if (is_within(t)) return t->d + channel * t->channel;
    for (int r = 0; r < SEEN; r++) see(t, 0, r, channel, copy + SEEN * r);
    return copy;
}

/* to[6 i + j] = (B' d B)[i][j], for both signs of a point at a time: there are not registers for
   all rows of B' d. */

INLINE void transform_pair(real own, real other2, const vector *d, ptrdiff_t row, vector *to,
                           ptrdiff_t each) {
    vector above[SEEN], below[SEEN];
#pragma GCC unroll 6
    for (int k = 0; k < SEEN; k++, d++) {
        const vector even = d[4 * row] - other2 * d[2 * row], odd = d[3 * row] - other2 * d[row];
        above[k] = even + own * odd, below[k] = even - own * odd;
    }
    at_points(above, 1, to, each);
    at_points(below, 1, to + SEEN * each, each);
}

INLINE void transform_end(const vector *d, ptrdiff_t row, vector *to, ptrdiff_t each) {
    vector sum[SEEN];
#pragma GCC unroll 6
    for (int k = 0; k < SEEN; k++, d++)
        sum[k] = P2 * Q2 * d[0] - (P2 + Q2) * d[2 * row] + d[4 * row];
    at_points(sum, 1, to, each);
}

ONCE transform_inputs(int tiles, int channels, const struct tile *from, vector *to) {
    /* to[6 i + j][c][tile] = (B' d B)[i][j] */
    const ptrdiff_t each = odd(channels * tiles);
    vector copy[POINTS];
    for (int t = 0; t < tiles; t++)
        for (int c = 0; c < channels; c++) {
            ptrdiff_t row;
            const vector *const d = seen_by_tile(&from[t], c, copy, &row);
            vector *const v = to + c * tiles + t;
            transform_end(d, row, v, each);
            transform_pair(P, Q2, d, row, v + SEEN * each, each);
            transform_pair(Q, P2, d, row, v + 3 * SEEN * each, each);
            transform_end(d + row, row, v + 5 * SEEN * each, each);
        }
}

/* m[i][o][tile] = the sum over channels c of w[i][c][o] v[i][c][tile], for each of the 36. */

typedef void multiply_function(int channels, ptrdiff_t between, const vector *v, const real *w,
                               vector *m);

INLINE void multiply(int outputs, int tiles, int channels, ptrdiff_t between, const vector *v,
                     const real *w, vector *m) {
    for (int i = 0; i < POINTS; i++, w += between) {
        const real *factor = w;
        const vector *seen = v + i * odd(channels * tiles);
        vector *to = m + i * odd(outputs * tiles);
        vector sum[MOST_OUTPUTS][MOST_TILES];
#pragma GCC unroll 8
        for (int o = 0; o < outputs; o++)
#pragma GCC unroll 3
            for (int t = 0; t < tiles; t++) sum[o][t] = all(0);
#pragma GCC unroll 1
        for (int c = 0; c < channels; c++, seen += tiles, factor += outputs) {
            vector value[MOST_TILES];
#pragma GCC unroll 3
            for (int t = 0; t < tiles; t++) value[t] = seen[t];
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
            for (int t = 0; t < tiles; t++) *to++ = sum[o][t];
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

INLINE void put(const struct tile *t, int whole, int k, const vector *column, vector begin,
                ptrdiff_t columns, vector *y, int add) {
#pragma GCC unroll 4
    for (int r = 0; r < TILE; r++, y += columns)
        if (whole || (r < t->down && k < t->across)) y[k] = (add ? y[k] : begin) + column[r];
}

INLINE void transform_back(const struct tile *t, int whole, const vector *m, ptrdiff_t each,
                           vector begin, ptrdiff_t columns, vector *y, int add) {
    vector half[SEEN][TILE], column[TILE];
#pragma GCC unroll 6
    for (int i = 0; i < SEEN; i++) of_points(m + SEEN * i * each, each, half[i], 1);
#pragma GCC unroll 4
    for (int k = 0; k < TILE; k++) {
        of_points(&half[0][k], TILE, column, 1);
        put(t, whole, k, column, begin, columns, y, add);
    }
}

ONCE transform_outputs(int tiles, int outputs, const vector *m, int given, const struct tile *to,
                       ptrdiff_t places, ptrdiff_t columns, const real *start, vector *y, int add) {
    /* A' m A, where m[6 i + j][o][tile] comes, of those tiles that are given */
    const ptrdiff_t each = odd(outputs * tiles);
    for (int o = 0; o < outputs; o++, m += tiles, y += places) {
        const vector begin = all(start ? start[o] : 0);
        for (int t = 0; t < given; t++) {
            vector *const first = y + to[t].place;
            if (is_whole(&to[t]))
                transform_back(&to[t], 1, m + t, each, begin, columns, first, add);
            else
                transform_back(&to[t], 0, m + t, each, begin, columns, first, add);
        }
    }
}

ONCE by_winograd(const struct winograd *how, struct multiplications by, int blocks,
                 const vector *x, const real *w, const real *start, vector *y, int add,
                 vector *transformed) {
    const int all_tiles = tiles_along(how->rows) * tiles_along(how->columns);
    const int channels = how->channels;
    const ptrdiff_t between = BETWEEN(channels, how->outputs);
    const ptrdiff_t places = (ptrdiff_t)how->rows * how->columns;
    vector *const v = transformed, *const m = v + POINTS * (MOST_TILES * channels + 1);
    for (int b = 0; b < blocks * how->groups; b++) {
        const int group = b % how->groups;
        for (int first = 0, tiles; first < all_tiles; first += tiles) {
            const int left = all_tiles - first;
            tiles = left == 4 || left < 3 ? 2 : 3;
            struct tile some[MOST_TILES];
            for (int t = 0; t < tiles; t++)  /* the last again, where there is only one */
                some[t] = tile_at(how, least(first + t, all_tiles - 1), x);
            transform_inputs(tiles, channels, some, v);
            const real *own = w + group * POINTS * between;
            for (int i = 0, done = 0; i < by.outputs.count; i++) {
                const int outputs = size_of(&by.outputs, i);
                multiply_function *const multiply =
                    (i < by.outputs.larger ? by.larger : by.smaller)[tiles];
                multiply(channels, between, v, own, m);
                transform_outputs(tiles, outputs, m, least(tiles, left), some, places, how->columns,
                                  start ? start + group * how->outputs + done : NULL,
                                  y + done * places, add);
                own += channels * outputs, done += outputs;
            }
        }
        x += (ptrdiff_t)channels * how->height * how->width, y += how->outputs * places;
    }
}

INLINE void narrow_by_winograd(const struct convolution *m, struct multiplications by, int blocks,
                               const vector *wide, const real *w, const real *start, vector *y,
                               int add, vector *transformed) {
    const struct winograd how = {m->groups, m->wide, m->narrow, m->down.wide, m->across.wide,
                                 m->down.padding, m->across.padding, m->down.narrow,
                                 m->across.narrow};
    by_winograd(&how, by, blocks, wide, w, start, y, add, transformed);
}

INLINE void widen_by_winograd(const struct convolution *m, struct multiplications by, int blocks,
                              const vector *narrow, const real *w, const real *start, vector *y,
                              int add, vector *transformed) {
    const struct winograd how = {m->groups, m->narrow, m->wide, m->down.narrow, m->across.narrow,
                                 2 - m->down.padding, 2 - m->across.padding, m->down.wide,
                                 m->across.wide};
    by_winograd(&how, by, blocks, narrow, w, start, y, add, transformed);
}

/* G g, of MOST_OUTPUTS outputs side by side. */

INLINE void weights_at_points(const real *g0, const real *g1, const real *g2,
                              real (*to)[MOST_OUTPUTS]) {
    const real of_0 = 1 / (P2 * Q2);
    const real of_p = 1 / (2 * P2 * (P2 - Q2)), of_q = 1 / (2 * Q2 * (Q2 - P2));
#pragma omp simd
    for (int o = 0; o < MOST_OUTPUTS; o++) {
        const real even_p = (g0[o] + P2 * g2[o]) * of_p, odd_p = P * of_p * g1[o];
        const real even_q = (g0[o] + Q2 * g2[o]) * of_q, odd_q = Q * of_q * g1[o];
        to[0][o] = g0[o] * of_0, to[5][o] = g2[o];
        to[1][o] = even_p + odd_p, to[2][o] = even_p - odd_p;
        to[3][o] = even_q + odd_q, to[4][o] = even_q - odd_q;
    }
}

/* G g G' of some outputs, of which the next is `apart` further in g, and beside it in `to`. The
   next of 9 weights is a step further, which may be backwards. What is written behind these
   outputs is nobody's, or written again. */

INLINE void transform_weights(int outputs, const real *g, ptrdiff_t apart, int step, real *to,
                              ptrdiff_t between) {
    real own[9][MOST_OUTPUTS] = {{0}}, half[3][SEEN][MOST_OUTPUTS], whole[SEEN][MOST_OUTPUTS];
    for (int o = 0; o < outputs; o++)
        for (int k = 0; k < 9; k++) own[k][o] = g[o * apart + k * step];
    for (int j = 0; j < 3; j++) weights_at_points(own[j], own[3 + j], own[6 + j], half[j]);
    for (int i = 0; i < SEEN; i++) {
        weights_at_points(half[0][i], half[1][i], half[2][i], whole);
        for (int j = 0; j < SEEN; j++, to += between)
#pragma omp simd
            for (int o = 0; o < MOST_OUTPUTS; o++) to[o] = whole[j][o];
    }
}

/* The same for all weights, in the order in which they are multiplied: `inputs` are summed over. */

INLINE void transform_all_weights(int groups, int inputs, int outputs, const real *w, int input,
                                  int output, int step, real *to) {
    const struct tiles tiles = tiles_of(outputs, MOST_OUTPUTS);
    const ptrdiff_t between = BETWEEN(inputs, outputs);
    for (int g = 0; g < groups; g++, w += 9 * inputs * outputs, to += POINTS * between)
        for (int i = 0, first = 0; i < tiles.count; first += size_of(&tiles, i++))
            for (int c = 0; c < inputs; c++) {
                const int count = size_of(&tiles, i);
                transform_weights(count, w + c * input + first * output, output, step,
                                  to + first * inputs + c * count, between);
            }
}

ONCE lay_out_to_narrow_by_winograd(const struct convolution *m, const real *w, real *to) {
    transform_all_weights(m->groups, m->wide, m->narrow, w, 9, 9 * m->wide, 1, to);
}

ONCE lay_out_to_wide_by_winograd(const struct convolution *m, const real *w, real *to) {
    transform_all_weights(m->groups, m->narrow, m->wide, w + 8, 9 * m->wide, 9, -1, to);
}

/* The gradient of G g G' is (A dy A') * (B' d B), summed over tiles and samples, from which follows
   that of g. Those of two rows i are there at a time: of the ends, of p and -p, or of q and -q. */

enum { PAIRS = SEEN / 2 };
static const int rows_of[PAIRS][2] = {{0, 5}, {1, 2}, {3, 4}};

ONCE transform_inputs_by(int pair, int tiles, int channels, const struct tile *from, vector *to) {
    /* to[6 h + j][c][tile] = (B' d B)[i][j], where i is row h of the pair */
    const ptrdiff_t apart = odd(tiles), each = channels * apart;
    vector copy[POINTS];
    for (int c = 0; c < channels; c++, to += apart)
        for (int t = 0; t < tiles; t++) {
            ptrdiff_t row;
            const vector *const d = seen_by_tile(&from[t], c, copy, &row);
            if (pair == 0) {
                transform_end(d, row, to + t, each);
                transform_end(d + row, row, to + t + SEEN * each, each);
            } else
                transform_pair(pair == 1 ? P : Q, pair == 1 ? Q2 : P2, d, row, to + t, each);
        }
}

/* A dy, of one of its sides. */

INLINE void gradients_at_points(const vector *dy, vector *v, ptrdiff_t each) {
    const vector even_p = dy[0] + P2 * dy[2], odd_p = P * dy[1] + P2 * P * dy[3];
    const vector even_q = dy[0] + Q2 * dy[2], odd_q = Q * dy[1] + Q2 * Q * dy[3];
    v[0] = dy[0], v[5 * each] = dy[3];
    v[each] = even_p + odd_p, v[2 * each] = even_p - odd_p;
    v[3 * each] = even_q + odd_q, v[4 * each] = even_q - odd_q;
}

INLINE void transform_gradient(int pair, const struct tile *t, const vector *dy,
                               ptrdiff_t columns, vector *to, ptrdiff_t each) {
    const real x = pair == 1 ? P : Q;
    vector first[TILE], second[TILE];
#pragma GCC unroll 4
    for (int k = 0; k < TILE; k++) {
        vector own[TILE];
#pragma GCC unroll 4
        for (int r = 0; r < TILE; r++)
            own[r] = r < t->down && k < t->across ? dy[r * columns + k] : all(0);
        const vector even = own[0] + x * x * own[2], odd = x * own[1] + x * x * x * own[3];
        first[k] = pair == 0 ? own[0] : even + odd;
        second[k] = pair == 0 ? own[3] : even - odd;
    }
    gradients_at_points(first, to, each);
    gradients_at_points(second, to + SEEN * each, each);
}

ONCE transform_gradients_by(int pair, int tiles, int outputs, const struct tile *from,
                            const vector *dy, ptrdiff_t places, ptrdiff_t columns, vector *to) {
    /* to[6 h + j][o][tile] = (A dy A')[i][j], where i is row h of the pair */
    const ptrdiff_t apart = odd(tiles), each = outputs * apart;
    for (int o = 0; o < outputs; o++, dy += places, to += apart)
        for (int t = 0; t < tiles; t++)
            transform_gradient(pair, &from[t], dy + from[t].place, columns, to + t, each);
}

/* dg = G' u */

INLINE void back_from_points(const vector *u, int step, vector *dg) {
    const real of_p = 1 / (2 * P2 * (P2 - Q2)), of_q = 1 / (2 * Q2 * (Q2 - P2));
    const vector sum_p = of_p * (u[step] + u[2 * step]), sum_q = of_q * (u[3 * step] + u[4 * step]);
    dg[0] = u[0] / (P2 * Q2) + (sum_p + sum_q);
    dg[1] = P * of_p * (u[step] - u[2 * step]) + Q * of_q * (u[3 * step] - u[4 * step]);
    dg[2] = P2 * sum_p + Q2 * sum_q + u[5 * step];
}

/* A weight that meets zeros alone has a gradient of 0, as where a channel is 0 but for a border
   that this tap never sees: the transform would leave a rounding, and Adam makes whole steps of
   those. Of each channel of a side, met[channel] has a bit for each of the 9 taps: whether it meets
   a number other than 0. Tap i of an axis lies i - padding further on the wide side than on the
   narrow one. */

INLINE int has_others_than_0(int count, const vector *x) {
    mask others = {0};
    int found = 0;
    for (int i = 0; i < count; i++) others |= x[i] != 0;
    for (int lane = 0; lane < LANES; lane++) found |= others[lane] != 0;
    return found;
}

ONCE find_met(const struct convolution *m, int is_wide, int blocks, int channels, const vector *x,
              int *met) {
    const int sign = is_wide ? 1 : -1;
    const int rows = is_wide ? m->down.wide : m->down.narrow;
    const int columns = is_wide ? m->across.wide : m->across.narrow;
    const int other_rows = is_wide ? m->down.narrow : m->down.wide;
    const int other_columns = is_wide ? m->across.narrow : m->across.wide;
    const ptrdiff_t picture = (ptrdiff_t)rows * columns, block = m->groups * channels * picture;
    for (int n = 0; n < channels * 9; n++) {
        const int channel = n / 9, tap = n % 9;
        const int top = sign * (tap / 3 - m->down.padding);
        const int left = sign * (tap % 3 - m->across.padding), first = most(left, 0);
        const int count = least(left + other_columns, columns) - first;
        int is_met = 0;
        for (int b = 0; b < blocks && !is_met; b++)
            for (int r = most(top, 0); r < least(top + other_rows, rows) && !is_met; r++)
                is_met = has_others_than_0(count, x + b * block + channel * picture
                                                      + (ptrdiff_t)r * columns + first);
        met[channel] = (tap ? met[channel] : 0) | is_met << tap;
    }
}

/* dw = G' u G, of LANES weights at a time, where u comes: some numbers behind it are read, too. */

ONCE back_to_weights(int channels, int outputs, const real *from, const int *seen, const int *told,
                     real *dw, int add) {
    const ptrdiff_t count = (ptrdiff_t)channels * outputs;
    for (ptrdiff_t first = 0; first < count; first += LANES, dw += 9 * LANES) {
        vector u[SEEN], half[SEEN][3], found[9];
        for (int i = 0; i < SEEN; i++) {
            for (int j = 0; j < SEEN; j++) u[j] = load(from + (SEEN * i + j) * count + first);
            back_from_points(u, 1, half[i]);
        }
        for (int j = 0; j < 3; j++) {
            vector column[3];
            back_from_points(&half[0][j], 3, column);
            for (int i = 0; i < 3; i++) found[3 * i + j] = column[i];
        }
        for (int e = 0; e < least(LANES, (int)(count - first)); e++) {
            const int met = seen[(first + e) % channels] & told[(first + e) / channels];
            for (int k = 0; k < 9; k++)
                dw[9 * e + k] = (add ? dw[9 * e + k] : 0) + (met >> k & 1 ? found[k][e] : 0);
        }
    }
}

ONCE gradient_by_winograd(const struct convolution *m, struct weighings weighings, int blocks,
                          const vector *wide, const vector *narrow, real *dw, real *db, int add,
                          vector *transformed, vector *sums, real *united) {
    const struct winograd how = {m->groups, m->wide, m->narrow, m->down.wide, m->across.wide,
                                 m->down.padding, m->across.padding, m->down.narrow,
                                 m->across.narrow};
    const int channels = how.channels, offset = 0, at_once = TILES_AT_ONCE(channels + how.outputs);
    const int tiles = tiles_along(how.rows) * tiles_along(how.columns), parts = up(tiles, at_once);
    const ptrdiff_t picture = (ptrdiff_t)how.height * how.width;
    const ptrdiff_t places = (ptrdiff_t)how.rows * how.columns;
    const ptrdiff_t count = (ptrdiff_t)channels * how.outputs;
    const struct tiles *const outputs = &weighings.tiles;
    for (int g = 0; g < how.groups; g++, dw += 9 * count) {
        for (int n = 0; n < PAIRS * blocks * parts; n++) {
            const int pair = n / (blocks * parts), part = n % (blocks * parts);
            const int first = part % parts * at_once, some = least(at_once, tiles - first);
            const ptrdiff_t apart = odd(some), block = (ptrdiff_t)(part / parts) * how.groups + g;
            vector *const gradients = transformed + 2 * SEEN * channels * apart;
            struct tile own[at_once];
            for (int t = 0; t < some; t++)
                own[t] = tile_at(&how, first + t, wide + block * channels * picture);
            transform_inputs_by(pair, some, channels, own, transformed);
            transform_gradients_by(pair, some, how.outputs, own,
                                   narrow + block * how.outputs * places, places, how.columns,
                                   gradients);
            for (int j = 0; j < 2 * SEEN; j++) {
                struct weighing s = {
                    .rows = 1, .columns = some, .offsets = &offset, .window = 1,
                    .x = {transformed + j * channels * apart, 0, apart, 0, 1},
                    .y = {gradients + j * how.outputs * apart, 0, apart, 0, 1},
                    .channels = channels, .add = part > 0,
                    .sums = blocks * parts == 1 ? sums : sums + j * count,
                };
                const vector *const all_sums = s.sums;
                for (int k = 0; k < outputs->count; k++) {
                    (k < outputs->larger ? weighings.of_larger : weighings.of_smaller)(&s);
                    s.y.at += size_of(outputs, k) * apart;
                    s.sums += size_of(outputs, k) * channels;
                }
                if (part + 1 < blocks * parts) continue;
                const int i = rows_of[pair][j / SEEN];
                total_each((int)count, all_sums, united + (SEEN * i + j % SEEN) * count, 0);
            }
        }
        int seen[channels], told[how.outputs];
        find_met(m, 1, blocks, channels, wide + g * channels * picture, seen);
        find_met(m, 0, blocks, how.outputs, narrow + g * how.outputs * places, told);
        back_to_weights(channels, how.outputs, united, seen, told, dw, add);
    }
    if (db) gradient_of_bias(blocks, how.groups * how.outputs, places, narrow, db, add);
}

#undef P
#undef Q
#undef P2
#undef Q2
