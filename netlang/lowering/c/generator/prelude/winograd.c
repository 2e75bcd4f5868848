/* Windows of 3 x 3 next to each other: 16 products make 2 x 2 places, and not 36 (Winograd 1980;
   Lavin and Gray 2015). With d the 4 x 4 numbers that they see, and g the weights of a channel,

       y = A' [(G g G') * (B' d B)] A,    B' = 1  0 -1  0    G = 1    0   0     A' = 1  1  1  0
                                               0  1  1  0        1/2  1/2 1/2        0  1 -1 -1
                                               0 -1  1  0        1/2 -1/2 1/2
                                               0  1  0 -1        0    0   1

   where * multiplies number by number: each of these 16 is summed over channels. Such 2 x 2 places
   are a tile. Of some tiles next to each other, row i of B' d B goes through the cache at a time,
   and what it makes is added to y.

   A place takes only products of what its own window sees: zeros make zeros, and the digits of a
   place depend on no large number beside it. The gradients of weights below take more. */

struct winograd {
    int groups, channels, outputs;  /* of a group */
    int height, width;              /* of x */
    int top, left;                  /* zeros around it */
    int rows, columns;              /* of y */
};

/* So many tiles go through the cache together, of which those in registers are below, and channels.
   Of gradients of weights, as many are transformed together as most rows have. */
enum { TOGETHER = 8, IN_ROW = 16, AT_ONCE = 64, OF_OUTPUTS = 4 };

/* Sums of some outputs and tiles stay in registers, in all columns of row i, or in one where there
   are few: then two tiles share a weight, as processors load no more numbers than they multiply. */
#if FEW_REGISTERS
enum { OF_COLUMNS = 1, OF_TILES = 2 };
#else
enum { OF_COLUMNS = 4, OF_TILES = 1 };
#endif

/* How many vectors are in between, of so many channels at most. */
#define TRANSFORMED(channels) (4 * TOGETHER * ((channels) < AT_ONCE ? (channels) : AT_ONCE))

/* How many tiles are summed up at once in gradients of weights, and how many vectors are in between
   then, of the channels of both sides: an odd number of them from one to the next. */
#define TILES_AT_ONCE(both) (2048 / (both) > 12 ? 2048 / (both) : 12)
#define BOTH_TRANSFORMED(both) (4 * (both) * (TILES_AT_ONCE(both) + 2))

/* How many weights there are, with outputs that fill up the last ones. */
#define TRANSFORMED_WEIGHTS(inputs, outputs) (16 * ((inputs) + 3) * ((outputs) + 3))

/* Row i of B' d is row `one` of d, and the `other` times `sign`; that of A is `upper` of the upper
   row and `lower` of the lower one. */

static const struct {
    int one, other;
    real sign, upper, lower;
} row_of[] = {{0, 2, -1, 1, 0}, {1, 2, 1, 1, 1}, {2, 1, -1, 1, -1}, {1, 3, -1, 0, -1}};

/* What tiles next to each other see of a channel: four rows, from column `begin` on to the `end`.
   Rows above and below a picture are zeros, in each channel the same ones. */

struct sight {
    struct {
        const vector *at;
        ptrdiff_t channel;
    } rows[4];
    int begin, end;
};

enum { SEEN_TOGETHER = 2 * IN_ROW + 2 };
static const vector zeros_seen[SEEN_TOGETHER];

INLINE struct sight sight_of(const struct winograd *q, int row, int column, int tiles,
                             const vector *x) {
    const int top = row - q->top, left = column - q->left, seen = 2 * tiles + 2;
    const int begin = least(most(-left, 0), seen), end = most(least(q->width - left, seen), begin);
    struct sight s = {.begin = begin, .end = end};
    for (int k = 0; k < 4; k++) {
        const int is_there = top + k >= 0 && top + k < q->height && begin < end;
        s.rows[k].at = is_there ? x + (top + k) * q->width + left : zeros_seen;
        s.rows[k].channel = is_there ? (ptrdiff_t)q->height * q->width : 0;
    }
    return s;
}

/* How far it is to the next column of what is transformed, to the next channel, and from some tiles
   to as many behind them. */

struct steps {
    ptrdiff_t column, channel, tiles;
};

ONCE transform_inputs(int i, int channels, int tiles, struct sight s, vector *to,
                      struct steps steps) {
    /* row i of B' d B; behind the last tiles may be zeros */
    const vector *one = s.rows[row_of[i].one].at, *other = s.rows[row_of[i].other].at;
    const real sign = row_of[i].sign;
#define SEEN(p) ((p) >= s.begin && (p) < s.end ? one[p] + sign * other[p] : all(0))
    for (int c = 0; c < channels; c++, to += steps.channel) {
        vector first = SEEN(0), second = SEEN(1), *v = to;
        for (int t = 0, p = 2; t < tiles; t += OF_TILES, v += steps.tiles)
#pragma GCC unroll 2
            for (int k = 0; k < OF_TILES; k++, p += 2) {
                const vector third = SEEN(p), fourth = SEEN(p + 1);
                v[k] = first - third, v[steps.column + k] = second + third;
                v[2 * steps.column + k] = third - second;
                v[3 * steps.column + k] = second - fourth;
                first = third, second = fourth;
            }
        one += s.rows[row_of[i].one].channel, other += s.rows[row_of[i].other].channel;
    }
#undef SEEN
}

/* Where the outputs of tiles next to each other lie: so many rows of them, and columns. */

struct outputs {
    vector *at;
    ptrdiff_t output, row;
    int rows, columns;
};

INLINE void unite(int i, int tile, struct outputs y, vector left, vector right, int is_first,
                  vector start) {
    /* what row i adds to the four places of a tile */
    vector *const upper = y.at + 2 * tile, *const lower = upper + y.row;
    const int is_two = 2 * tile + 1 < y.columns;
    if (i < 3) {
        upper[0] = (is_first && i == 0 ? start : upper[0]) + left;
        if (is_two) upper[1] = (is_first && i == 0 ? start : upper[1]) + right;
    }
    if (i > 0 && y.rows == 2) {
        const real sign = row_of[i].lower;
        lower[0] = (is_first && i == 1 ? start : lower[0]) + sign * left;
        if (is_two) lower[1] = (is_first && i == 1 ? start : lower[1]) + sign * right;
    }
}

ONCE multiply(int i, int channels, int outputs, int tiles, const vector *v, const real *w,
              const real *start, int is_first, struct outputs y) {
    /* the sums over channels of w v, of which row i of m A makes two columns */
    for (int some = 0; some < outputs; some += OF_OUTPUTS, w += 4 * channels * OF_OUTPUTS) {
        const vector *from = v;
        for (int t = 0; t < tiles; t += OF_TILES) {
            vector m[4][OF_OUTPUTS][OF_TILES];
            const real *factor = w;
#pragma GCC unroll 1
            for (int first = 0; first < 4; first += OF_COLUMNS) {
                vector sum[OF_COLUMNS][OF_OUTPUTS][OF_TILES];
#pragma GCC unroll 16
                for (int e = 0; e < OF_COLUMNS * OF_OUTPUTS * OF_TILES; e++)
                    (&sum[0][0][0])[e] = all(0);
#pragma GCC unroll 1
                for (int c = 0; c < channels; c++)
#pragma GCC unroll 4
                    for (int j = 0; j < OF_COLUMNS; j++, from += OF_TILES, factor += OF_OUTPUTS) {
                        vector value[OF_TILES];
#pragma GCC unroll 2
                        for (int k = 0; k < OF_TILES; k++) value[k] = from[k];
#pragma GCC unroll 4
                        for (int o = 0; o < OF_OUTPUTS; o++) {
                            IN_ORDER;
#pragma GCC unroll 2
                            for (int k = 0; k < OF_TILES; k++) sum[j][o][k] += factor[o] * value[k];
                        }
                    }
#pragma GCC unroll 16
                for (int e = 0; e < OF_COLUMNS * OF_OUTPUTS * OF_TILES; e++)
                    (&m[first][0][0])[e] = (&sum[0][0][0])[e];
            }
#pragma GCC unroll 4
            for (int o = 0; o < OF_OUTPUTS; o++) {
                if (some + o >= outputs) break;
                const vector begin = all(start ? start[some + o] : 0);
                struct outputs own = y;
                own.at += (some + o) * y.output;
#pragma GCC unroll 2
                for (int k = 0; k < OF_TILES; k++) {
                    if (t + k >= tiles) break;
                    const vector left = m[0][o][k] + (m[1][o][k] + m[2][o][k]);
                    const vector right = (m[1][o][k] - m[2][o][k]) - m[3][o][k];
                    unite(i, t + k, own, left, right, is_first, begin);
                }
            }
        }
    }
}

INLINE int tiles_along(int places) {
    return (places + 1) / 2;
}

INLINE struct outputs outputs_of(const struct winograd *q, int row, int column, const vector *y) {
    return (struct outputs){
        (vector *)y + row * q->columns + column, (ptrdiff_t)q->rows * q->columns, q->columns,
        least(2, q->rows - row), q->columns - column,
    };
}

INLINE int filled_up(int outputs) {
    return up(outputs, OF_OUTPUTS) * OF_OUTPUTS;
}

ONCE by_winograd(const struct winograd *q, int blocks, const vector *x, const real *w,
                 const real *start, vector *y, int add, vector *transformed) {
    const int across = tiles_along(q->columns), outputs = filled_up(q->outputs);
    const ptrdiff_t picture = (ptrdiff_t)q->height * q->width;
    for (int b = 0; b < blocks * q->groups; b++) {
        const int group = b % q->groups;
        const real *const begin = start ? start + group * q->outputs : NULL;
        for (int row = 0; row < q->rows; row += 2)
            for (int first = 0; first < across; first += TOGETHER) {
                const int tiles = least(TOGETHER, across - first), column = 2 * first;
                const struct outputs to = outputs_of(q, row, column, y);
                const real *factor = w + (ptrdiff_t)group * 16 * q->channels * outputs;
                for (int c = 0; c < q->channels; c += AT_ONCE) {
                    const int channels = least(AT_ONCE, q->channels - c);
                    const struct steps steps = {
                        OF_TILES * (OF_COLUMNS == 4 ? 1 : channels), OF_TILES * OF_COLUMNS,
                        OF_TILES * channels * 4,
                    };
                    const struct sight seen = sight_of(q, row, column, tiles, x + c * picture);
                    for (int i = 0; i < 4; i++, factor += 4 * channels * outputs) {
                        transform_inputs(i, channels, tiles, seen, transformed, steps);
                        multiply(i, channels, q->outputs, tiles, transformed, factor, begin,
                                 c == 0 && !add, to);
                    }
                }
            }
        x += q->channels * picture, y += (ptrdiff_t)q->outputs * q->rows * q->columns;
    }
}

INLINE void narrow_by_winograd(const struct convolution *m, int blocks, const vector *wide,
                               const real *w, const real *start, vector *y, int add,
                               vector *transformed) {
    const struct winograd q = {m->groups, m->wide, m->narrow, m->down.wide, m->across.wide,
                              m->down.padding, m->across.padding, m->down.narrow, m->across.narrow};
    by_winograd(&q, blocks, wide, w, start, y, add, transformed);
}

INLINE void widen_by_winograd(const struct convolution *m, int blocks, const vector *narrow,
                              const real *w, const real *start, vector *y, int add,
                              vector *transformed) {
    const struct winograd q = {m->groups, m->narrow, m->wide, m->down.narrow, m->across.narrow,
                              2 - m->down.padding, 2 - m->across.padding, m->down.wide,
                              m->across.wide};
    by_winograd(&q, blocks, narrow, w, start, y, add, transformed);
}

/* G g G' of the weights of some outputs side by side, which stand where multiply() takes them. */

typedef real some_outputs __attribute__((vector_size(OF_OUTPUTS * sizeof(real))));

INLINE void transform_weights(int channels, const some_outputs *g, some_outputs *row_0,
                              ptrdiff_t next_row) {
    const ptrdiff_t next = OF_COLUMNS == 4 ? 1 : channels;
    some_outputs half[4][3];
    for (int j = 0; j < 3; j++) {
        const some_outputs a = g[j], b = g[3 + j], c = g[6 + j];
        half[0][j] = a, half[1][j] = (a + b + c) / 2;
        half[2][j] = (a - b + c) / 2, half[3][j] = c;
    }
    for (int i = 0; i < 4; i++) {
        const some_outputs a = half[i][0], b = half[i][1], c = half[i][2];
        some_outputs *const row = row_0 + i * next_row;
        row[0] = a, row[next] = (a + b + c) / 2;
        row[2 * next] = (a - b + c) / 2, row[3 * next] = c;
    }
}

/* The same for all weights, and zeros for outputs that fill up the last ones; `input` and `output`
   are steps from one to the next, and the next of 9 weights is a step further, or backwards. */

INLINE void transform_all_weights(int groups, int inputs, int outputs, const real *w, int input,
                                  int output, int step, real *to) {
    for (int g = 0; g < groups; g++, w += 9 * inputs * outputs)
        for (int first = 0; first < inputs; first += AT_ONCE) {
            const int channels = least(AT_ONCE, inputs - first), padded = filled_up(outputs);
            for (int some = 0; some < padded; some += OF_OUTPUTS)
                for (int c = 0; c < channels; c++) {
                    const int given = least(OF_OUTPUTS, outputs - some);
                    const real *const from = w + (first + c) * input + some * output;
                    some_outputs of_each[9];
                    for (int k = 0; k < 9; k++)
                        for (int o = 0; o < OF_OUTPUTS; o++)
                            of_each[k][o] = o < given ? from[o * output + k * step] : 0;
                    transform_weights(channels, of_each,
                                      (some_outputs *)to + some * channels + c * OF_COLUMNS,
                                      (ptrdiff_t)padded * channels);
                }
            to += 16 * channels * padded;
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

ONCE transform_gradients(int i, int outputs, int tiles, struct outputs dy, vector *to,
                         struct steps steps) {
    /* row i of A dy A' */
    const real above = row_of[i].upper, below = row_of[i].lower;
    for (int o = 0; o < outputs; o++, dy.at += dy.output, to += steps.channel)
        for (int t = 0; t < tiles; t++) {
            const int is_two = 2 * t + 1 < dy.columns, is_lower = dy.rows == 2;
            const vector *const upper = dy.at + 2 * t, *const lower = upper + dy.row;
            const vector first = above * upper[0] + below * (is_lower ? lower[0] : all(0));
            const vector second = above * (is_two ? upper[1] : all(0))
                                  + below * (is_two && is_lower ? lower[1] : all(0));
            vector *const v = to + t;
            v[0] = first, v[steps.column] = first + second;
            v[2 * steps.column] = first - second, v[3 * steps.column] = -second;
        }
}

ONCE transform_both(int i, const struct winograd *q, int first, int tiles, const vector *x,
                    const vector *dy, vector *to, vector *gradients, ptrdiff_t apart) {
    /* row i of both, of tiles that go on in the next row */
    const int across = tiles_along(q->columns);
    const struct steps steps = {q->channels * apart, apart, OF_TILES};
    const struct steps back = {q->outputs * apart, apart, OF_TILES};
    for (int t = 0, some; t < tiles; t += some) {
        const int row = (first + t) / across * 2, column = (first + t) % across * 2;
        some = least(least(IN_ROW, tiles - t), across - column / 2);
        transform_inputs(i, q->channels, some, sight_of(q, row, column, some, x), to + t, steps);
        transform_gradients(i, q->outputs, some, outputs_of(q, row, column, dy), gradients + t,
                            back);
    }
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

/* dw = G' u G, of LANES weights of an output at a time, where u comes: some numbers behind it are
   read, too. */

ONCE back_to_weights(int channels, int outputs, const real *from, const int *seen, const int *told,
                     real *dw, int add) {
    const ptrdiff_t count = (ptrdiff_t)channels * outputs;
    for (int o = 0; o < outputs; o++, from += channels, dw += 9 * channels)
        for (int first = 0; first < channels; first += LANES) {
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
            for (int e = 0; e < least(LANES, channels - first); e++) {
                const int met = seen[first + e] & told[o];
                real *const to = dw + 9 * (first + e);
                for (int k = 0; k < 9; k++)
                    to[k] = (add ? to[k] : 0) + (met >> k & 1 ? found[k][e] : 0);
            }
        }
}

/* The sums of a row stay in the cache if there are few, and those of a column, where they are
   complete at once. */
#define SUMS_BY_WINOGRAD(count) (4 * (count))

ONCE gradient_by_winograd(const struct convolution *m, struct weighings weighings, int blocks,
                          const vector *wide, const vector *narrow, real *dw, real *db, int add,
                          vector *transformed, vector *sums, real *united) {
    const struct winograd q = {m->groups, m->wide, m->narrow, m->down.wide, m->across.wide,
                              m->down.padding, m->across.padding, m->down.narrow, m->across.narrow};
    const int channels = q.channels, offset = 0, at_once = TILES_AT_ONCE(channels + q.outputs);
    const int tiles = tiles_along(q.rows) * tiles_along(q.columns);
    const int is_at_once = blocks == 1 && tiles <= at_once;
    const ptrdiff_t picture = (ptrdiff_t)q.height * q.width, places = (ptrdiff_t)q.rows * q.columns;
    const ptrdiff_t count = (ptrdiff_t)channels * q.outputs;
    const struct tiles *const outputs = &weighings.tiles;
    for (int g = 0; g < q.groups; g++, dw += 9 * count) {
        const vector *const x = wide + g * channels * picture;
        const vector *const dy = narrow + g * q.outputs * places;
        for (int i = 0; i < 4; i++)
            for (int b = 0; b < blocks; b++)
                for (int first = 0; first < tiles; first += at_once) {
                    const int some = least(at_once, tiles - first);
                    const int is_last = b + 1 == blocks && first + some == tiles;
                    const ptrdiff_t apart = (some + 1) | 1;
                    vector *const gradients = transformed + 4 * channels * apart;
                    transform_both(i, &q, first, some, x + b * q.groups * channels * picture,
                                   dy + b * q.groups * q.outputs * places, transformed, gradients,
                                   apart);
                    for (int j = 0; j < 4; j++) {
                        vector *const of_column = sums + (is_at_once ? 0 : j * count);
                        struct weighing s = {
                            .rows = 1, .columns = some, .offsets = &offset, .window = 1,
                            .x = {transformed + j * channels * apart, 0, apart, 0, 1},
                            .y = {gradients + j * q.outputs * apart, 0, apart, 0, 1},
                            .channels = channels, .add = b || first, .sums = of_column,
                        };
                        for (int k = 0; k < outputs->count; k++) {
                            (k < outputs->larger ? weighings.of_larger : weighings.of_smaller)(&s);
                            s.y.at += size_of(outputs, k) * apart;
                            s.sums += size_of(outputs, k) * channels;
                        }
                        if (is_last)
                            total_each((int)count, of_column, united + (4 * i + j) * count, 0);
                    }
                }
        int seen[channels], told[q.outputs];
        find_met(m, 1, blocks, channels, x, seen);
        find_met(m, 0, blocks, q.outputs, dy, told);
        back_to_weights(channels, q.outputs, united, seen, told, dw, add);
    }
    if (db) gradient_of_bias(blocks, q.groups * q.outputs, places, narrow, db, add);
}
