/* Windows of 3 x 3 next to each other: 16 products make 2 x 2 places, and not 36 (Winograd 1980;
   Lavin and Gray 2015). With d the 4 x 4 numbers that they see, and g the weights of a channel,

       y = A' [(G g G') * (B' d B)] A,    B' = 1  0 -1  0    G = 1    0   0     A' = 1  1  1  0
                                               0  1  1  0        1/2  1/2 1/2        0  1 -1 -1
                                               0 -1  1  0        1/2 -1/2 1/2
                                               0  1  0 -1        0    0   1

   where * multiplies number by number: each of these 16 is summed over channels as a product of
   matrices. Four at a time, those of row i of B', go through the cache, for some rows of tiles. */

struct winograd {
    int groups, channels, outputs;  /* of a group */
    int height, width;              /* of x */
    int top, left;                  /* zeros around it */
    int rows, columns;              /* of y */
};

INLINE int tiles_along(int places) {
    return (places + 1) / 2;
}

/* Some rows of tiles go through the cache together, and so many tiles that sweeps are full. */

INLINE int rows_of_tiles(int channels, int across) {
    return most(2048 / (channels * across), up(12, across));
}

/* Places that are a power of two apart push each other out of the cache. So there is a cache line
   between one of the 16 numbers of all weights and the next, and an odd number of tiles, or of what
   stands for one more, from channel to channel. */
#define BETWEEN(inputs, outputs) ((inputs) * (outputs) + 16)

INLINE ptrdiff_t odd(int tiles) {
    return tiles | 1;
}

/* How many vectors there are in between, for so many channels and outputs together. */
#define TRANSFORMED(channels, across)                                                            \
    (4 * (channels) * ((across) + 12 > 2048 / (channels) + 1 ? (across) + 12                     \
                                                             : 2048 / (channels) + 1))

/* Row i of B' d is row `one` of d, and the `other` times `sign`; that of A is `upper` of the upper
   row and `lower` of the lower one. */

static const struct {
    int one, other;
    real sign, upper, lower;
} row_of[] = {{0, 2, -1, 1, 0}, {1, 2, 1, 1, 1}, {2, 1, -1, 1, -1}, {1, 3, -1, 0, -1}};

ONCE transform_inputs(int i, int channels, int rows, int across, const vector *x,
                      ptrdiff_t picture, ptrdiff_t width, vector *to) {
    /* to[j][c][tile] = (B' d B)[i][j] */
    const ptrdiff_t apart = odd(rows * across), each = channels * apart;
    const ptrdiff_t one = row_of[i].one * width, other = row_of[i].other * width;
    const real sign = row_of[i].sign;
    for (int c = 0; c < channels; c++)
        for (int r = 0; r < rows; r++) {
            const vector *d = x + c * picture + 2 * r * width;
            vector *v = to + c * apart + r * across;
            vector first = d[one] + sign * d[other];
            vector second = d[one + 1] + sign * d[other + 1];
            for (int t = 0; t < across; t++, d += 2, v++) {
                const vector third = d[one + 2] + sign * d[other + 2];
                const vector fourth = d[one + 3] + sign * d[other + 3];
                v[0] = first - third, v[each] = second + third;
                v[2 * each] = third - second, v[3 * each] = second - fourth;
                first = third, second = fourth;
            }
        }
}

INLINE void unite(int is_first, int add, real start, real sign, vector value, vector *y) {
    *y = (is_first && !add ? all(start) : *y) + sign * value;
}

ONCE transform_outputs(int i, const struct winograd *q, int first, int rows,
                       const vector *from, const real *start, vector *y, int add) {
    /* what row i gives of A' m A, where m[j][o][tile] comes */
    const int across = tiles_along(q->columns);
    const ptrdiff_t apart = odd(rows * across), each = q->outputs * apart;
    for (int o = 0; o < q->outputs; o++, y += q->rows * q->columns)
        for (int r = 0; r < rows; r++) {
            const int row = 2 * (first + r);
            const vector *m = from + o * apart + r * across;
            vector *const upper = y + row * q->columns, *const lower = upper + q->columns;
            const real begin = start ? start[o] : 0;
            for (int t = 0; t < across; t++, m++) {
                const vector left = m[0] + m[each] + m[2 * each];
                const vector right = m[each] - m[2 * each] - m[3 * each];
                const int is_two = 2 * t + 1 < q->columns;
                if (i < 3) {
                    const real sign = row_of[i].upper;
                    unite(i == 0, add, begin, sign, left, upper + 2 * t);
                    if (is_two) unite(i == 0, add, begin, sign, right, upper + 2 * t + 1);
                }
                if (i > 0 && row + 1 < q->rows) {
                    const real sign = row_of[i].lower;
                    unite(i == 1, add, begin, sign, left, lower + 2 * t);
                    if (is_two) unite(i == 1, add, begin, sign, right, lower + 2 * t + 1);
                }
            }
        }
}

ONCE by_winograd(const struct winograd *q, struct sweeps sweeps, int blocks, const vector *x,
                 const real *w, const real *start, vector *y, int add, vector *room,
                 vector *transformed) {
    const int down = tiles_along(q->rows), across = tiles_along(q->columns);
    const int height = 2 * down + 2, width = 2 * across + 2, channels = q->channels;
    const int strip = rows_of_tiles(channels + q->outputs, across), begin = 0;
    const ptrdiff_t picture = (ptrdiff_t)height * width;
    int offsets[channels];
    struct sweep s = {.blocks = 1, .rows = 1, .x = {.column = 1}, .y_column = 1, .channels = 1,
                      .taps = channels, .offsets = offsets, .begin = &begin, .end = &channels};
    for (int b = 0; b < blocks; b++) {
        surround(q->groups * channels, q->height, q->width, x, q->top, q->left, height, width,
                 room);
        x += (ptrdiff_t)q->groups * channels * q->height * q->width;
        for (int g = 0; g < q->groups; g++) {
            for (int first = 0; first < down; first += strip) {
                const int rows = least(strip, down - first), tiles = rows * across;
                const vector *const from = room + g * channels * picture + 2 * first * width;
                const ptrdiff_t apart = odd(tiles);
                vector *const products = transformed + 4 * channels * apart;
                for (int c = 0; c < channels; c++) offsets[c] = c * apart;
                s.columns = tiles, s.y_channel = apart;
                s.w = w + (ptrdiff_t)g * 16 * BETWEEN(channels, q->outputs);
                for (int i = 0; i < 4; i++) {
                    transform_inputs(i, channels, rows, across, from, picture, width, transformed);
                    for (int j = 0; j < 4; j++) {
                        s.x.at = transformed + j * channels * apart;
                        s.y = products + j * q->outputs * apart;
                        sweep_all(&sweeps, s);
                        s.w += BETWEEN(channels, q->outputs);
                    }
                    transform_outputs(i, q, first, rows, products,
                                   start ? start + g * q->outputs : NULL, y, add);
                }
            }
            y += (ptrdiff_t)q->outputs * q->rows * q->columns;
        }
    }
}

INLINE void narrow_by_winograd(const struct convolution *m, struct sweeps sweeps, int blocks,
                               const vector *wide, const real *w, const real *start, vector *y,
                               int add, vector *room, vector *transformed) {
    const struct winograd q = {m->groups, m->wide, m->narrow, m->down.wide, m->across.wide,
                              m->down.padding, m->across.padding, m->down.narrow, m->across.narrow};
    by_winograd(&q, sweeps, blocks, wide, w, start, y, add, room, transformed);
}

INLINE void widen_by_winograd(const struct convolution *m, struct sweeps sweeps, int blocks,
                              const vector *narrow, const real *w, const real *start, vector *y,
                              int add, vector *room, vector *transformed) {
    const struct winograd q = {m->groups, m->narrow, m->wide, m->down.narrow, m->across.narrow,
                              2 - m->down.padding, 2 - m->across.padding, m->down.wide,
                              m->across.wide};
    by_winograd(&q, sweeps, blocks, narrow, w, start, y, add, room, transformed);
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
