/* Convolutions of samples that lie innermost. A convolution looks at its wide side through windows;
   each window makes a place of the narrow side. The input of a Conv2d is the wide side, that of a
   ConvTranspose2d the narrow one. There are three maps: narrow() and widen(), each of which is the
   gradient of the other, and gradient_of_weights().

   All of them add products up in registers, in tiles of several outputs by several places or taps,
   which are the places in a window. Zeros are put around a picture before, so that the loops within
   know no borders. */

struct axis {
    int wide, narrow;  /* places on each side */
    int kernel, stride, dilation, padding;
};

struct convolution {
    int groups, wide, narrow;  /* channels of a group, on each side */
    struct axis down, across;  /* rows, and the places in them */
};

/* Where the number of a block, a channel, a row and a column lies, in vectors from the first. */

struct view {
    const vector *at;
    ptrdiff_t block, channel, row, column;
};

/* One function for all layers: gcc would copy it for the numbers of each. */

#if defined(__clang__)
#define ONCE __attribute__((unused)) FUNCTION
#else
#define ONCE __attribute__((unused, noclone)) FUNCTION
#endif

/* What is loaded stays behind this point: where compilers load much at once, registers run out. */
#define IN_ORDER __asm__ volatile("" ::: "memory")

/* y[o][p] = start[o] + the sum over channels c and taps t of w[c][t][o] x[c][p + offsets[t]], or
   that is added to y. For row r of y, taps from begin[r] on to end[r] are within the picture, and
   zeros elsewhere. */

struct sweep {
    int blocks, rows, columns;  /* of y */
    struct view x;
    vector *y;
    ptrdiff_t y_block, y_channel, y_row, y_column;
    int channels, taps;
    const int *offsets, *begin, *end;
    const real *w, *start;
    int add;
};

typedef void sweep_function(const struct sweep *);

enum { MOST_PLACES = 8, MOST_OUTPUTS = FEW_REGISTERS ? 4 : 8 };

INLINE void sweep(int outputs, int places, const struct sweep *s) {
    const int rows = s->rows, columns = s->columns, channels = s->channels, taps = s->taps;
    const int *const offsets = s->offsets;
    int left = s->blocks * rows * columns, row = 0, column = 0;
    const vector *x = s->x.at;
    vector *y = s->y;
    while (left > 0) {
        const vector *from[MOST_PLACES];
        vector *to[MOST_PLACES];
        const int first = row;
        int last = row;
#pragma GCC unroll 8
        for (int p = 0; p < places; p++) {
            from[p] = x, to[p] = y;
            if (--left <= 0) continue;  /* the last place again, to fill up the tile */
            x += s->x.column, y += s->y_column;
            if (++column < columns) continue;
            column = 0;
            x += s->x.row - columns * s->x.column, y += s->y_row - columns * s->y_column;
            if (++row < rows) continue;
            row = 0;
            x += s->x.block - rows * s->x.row, y += s->y_block - rows * s->y_row;
            last = rows;
        }
        last = most(last, row);
        const int is_within = last <= first + 1 && last < rows;
        const int begin = is_within ? least(s->begin[first], s->begin[last]) : 0;
        const int end = is_within ? most(s->end[first], s->end[last]) : taps;
        vector sum[MOST_OUTPUTS][MOST_PLACES];
#pragma GCC unroll 8
        for (int o = 0; o < outputs; o++)
#pragma GCC unroll 8
            for (int p = 0; p < places; p++)
                sum[o][p] = s->add ? to[p][o * s->y_channel] : all(s->start ? s->start[o] : 0);
#pragma GCC unroll 1
        for (int c = 0; c < channels; c++) {
            const ptrdiff_t channel = c * s->x.channel;
            const real *w = s->w + (c * taps + begin) * outputs;
#pragma GCC unroll 1
            for (int t = begin; t < end; t++, w += outputs) {
                const ptrdiff_t at = channel + offsets[t];
                if (places <= outputs) {
                    vector value[MOST_PLACES];
#pragma GCC unroll 8
                    for (int p = 0; p < places; p++) value[p] = from[p][at];
#pragma GCC unroll 8
                    for (int o = 0; o < outputs; o++) {
                        IN_ORDER;
#pragma GCC unroll 8
                        for (int p = 0; p < places; p++) sum[o][p] += w[o] * value[p];
                    }
                } else {
                    vector factor[MOST_OUTPUTS];
#pragma GCC unroll 8
                    for (int o = 0; o < outputs; o++) factor[o] = all(w[o]);
#pragma GCC unroll 8
                    for (int p = 0; p < places; p++) {
                        const vector value = from[p][at];
                        IN_ORDER;
#pragma GCC unroll 8
                        for (int o = 0; o < outputs; o++) sum[o][p] += factor[o] * value;
                    }
                }
            }
        }
#pragma GCC unroll 8
        for (int o = 0; o < outputs; o++)
#pragma GCC unroll 8
            for (int p = 0; p < places; p++) to[p][o * s->y_channel] = sum[o][p];
    }
}

/* Only those of them are compiled that some layer calls. */

#define SWEEP(outputs, places)                                                                   \
    ONCE sweep_##outputs(const struct sweep *s) {                                                \
        sweep(outputs, places, s);                                                               \
    }
#if FEW_REGISTERS
SWEEP(1, 8) SWEEP(2, 5) SWEEP(3, 3) SWEEP(4, 3)
#else
SWEEP(1, 8) SWEEP(2, 8) SWEEP(3, 8) SWEEP(4, 6) SWEEP(5, 5) SWEEP(6, 4) SWEEP(7, 3) SWEEP(8, 3)
#endif
#undef SWEEP

INLINE sweep_function *sweep_of(int outputs) {
    switch (outputs) {
#if !FEW_REGISTERS
    case 8: return sweep_8;
    case 7: return sweep_7;
    case 6: return sweep_6;
    case 5: return sweep_5;
#endif
    case 4: return sweep_4;
    case 3: return sweep_3;
    case 2: return sweep_2;
    default: return sweep_1;
    }
}

/* Outputs in tiles of about one size: `larger` of them have `size`, and the others one less. */

struct tiles {
    int count, size, larger;
};

INLINE struct tiles tiles_of(int outputs, int most_in_one) {
    const int count = (outputs + most_in_one - 1) / most_in_one;
    const int size = (outputs + count - 1) / count;
    return (struct tiles){count, size, outputs - count * (size - 1)};
}

INLINE int size_of(const struct tiles *tiles, int number) {
    return tiles->size - (number >= tiles->larger);
}

struct sweeps {
    struct tiles tiles;
    sweep_function *of_larger, *of_smaller;
};

INLINE struct sweeps sweeps_of(int outputs) {
    const struct tiles tiles = tiles_of(outputs, MOST_OUTPUTS);
    const int smaller = tiles.size - (tiles.larger < tiles.count);
    return (struct sweeps){tiles, sweep_of(tiles.size), sweep_of(smaller)};
}

INLINE void sweep_all(const struct sweeps *sweeps, struct sweep s) {
    for (int i = 0; i < sweeps->tiles.count; i++) {
        const int outputs = size_of(&sweeps->tiles, i);
        (i < sweeps->tiles.larger ? sweeps->of_larger : sweeps->of_smaller)(&s);
        s.w += s.channels * s.taps * outputs;
        s.y += outputs * s.y_channel;
        if (s.start) s.start += outputs;
    }
}

/* For each row, from which of the taps on to which the places are in a picture of so many rows: tap
   t of row r is at r step + place[t]. */

INLINE void find_taps(int rows, int step, int size, int taps, const int *place, int *begin,
                      int *end) {
    for (int r = 0; r < rows; r++) {
        begin[r] = taps, end[r] = 0;
        for (int t = 0; t < taps; t++) {
            const int at = r * step + place[t];
            if (at < 0 || at >= size) continue;
            begin[r] = least(begin[r], t), end[r] = t + 1;
        }
    }
}

/* Pictures with zeros around them: so many rows above and columns to the left, and as many below
   and to the right as `height` and `width` need. What lies beyond these is left out, which is all of
   a picture beside which the only window lies. */

ONCE surround(int pictures, int rows, int columns, const vector *from, int top, int left,
              int height, int width, vector *to) {
    const int above = least(rows, height - top), before = least(columns, width - left);
    for (int i = 0; i < pictures; i++, from += rows * columns)
        for (int r = -top; r < height - top; r++, to += width) {
            const int is_there = r >= 0 && r < above && before > 0;
            const int begin = is_there ? left : width, end = is_there ? left + before : width;
            for (int c = 0; c < begin; c++) to[c] = all(0);
            for (int c = begin; c < end; c++) to[c] = from[r * columns + c - left];
            for (int c = end; c < width; c++) to[c] = all(0);
        }
}

/* Blocks go through together where a picture has few places, so that tiles are full. */

INLINE int blocks_together(int places, int blocks) {
    return places < 64 ? blocks : 1;
}

/* What all windows see, along one axis. */

INLINE int seen(struct axis a) {
    return (a.narrow - 1) * a.stride + (a.kernel - 1) * a.dilation + 1;
}

INLINE int is_inside(struct axis a) {
    return a.padding == 0 && seen(a) <= a.wide;
}

/* The wide side of some blocks, where the next row and column are those of the next window. Where
   windows go beyond it, it is copied into the room. */

INLINE struct view in_windows(const struct convolution *m, int blocks, const vector *wide,
                              vector *room, int *width) {
    const int channels = m->groups * m->wide, is_used = is_inside(m->down) && is_inside(m->across);
    const int height = is_used ? m->down.wide : seen(m->down);
    *width = is_used ? m->across.wide : seen(m->across);
    if (!is_used)
        surround(blocks * channels, m->down.wide, m->across.wide, wide, m->down.padding,
                 m->across.padding, height, *width, room);
    const ptrdiff_t picture = (ptrdiff_t)height * *width;
    return (struct view){is_used ? wide : room, channels * picture, picture,
                         (ptrdiff_t)m->down.stride * *width, m->across.stride};
}

INLINE int seen_by(const struct convolution *m, int tap, int width) {
    const int row = tap / m->across.kernel, column = tap % m->across.kernel;
    return row * m->down.dilation * width + column * m->across.dilation;
}

ONCE narrow(const struct convolution *m, struct sweeps sweeps, int blocks, const vector *wide,
            const real *w, const real *start, vector *y, int add, vector *room) {
    const struct axis down = m->down, across = m->across;
    const int taps = down.kernel * across.kernel, places = down.narrow * across.narrow;
    int width, offsets[taps], row_of[taps], begin[down.narrow], end[down.narrow];
    struct sweep s = {
        .rows = down.narrow, .columns = across.narrow, .channels = m->wide, .taps = taps,
        .y_block = (ptrdiff_t)m->groups * m->narrow * places,
        .y_channel = places, .y_row = across.narrow, .y_column = 1,
        .offsets = offsets, .begin = begin, .end = end, .add = add,
    };
    for (int t = 0; t < taps; t++) row_of[t] = t / across.kernel * down.dilation - down.padding;
    find_taps(down.narrow, down.stride, down.wide, taps, row_of, begin, end);
    const int together = blocks_together(places, blocks);
    const ptrdiff_t wide_block = (ptrdiff_t)m->groups * m->wide * down.wide * across.wide;
    for (int b = 0; b < blocks; b += together) {
        s.blocks = together;
        s.x = in_windows(m, together, wide + b * wide_block, room, &width);
        s.y = y + b * s.y_block;
        for (int t = 0; t < taps; t++)
            offsets[t] = seen_by(m, t, width);
        for (int g = 0; g < m->groups; g++) {
            s.w = w + (ptrdiff_t)g * m->narrow * m->wide * taps;
            s.start = start ? start + g * m->narrow : NULL;
            sweep_all(&sweeps, s);
            s.x.at += m->wide * s.x.channel, s.y += m->narrow * s.y_channel;
        }
    }
}

/* A place r + stride p of the wide side is seen from the narrow side's places p + q, one for each
   tap at r + padding - stride q: pictures lie in each other, one for each r below the stride. */

INLINE int seen_from(struct axis a, int r, int tap, int *q) {
    const int distance = r + a.padding - tap * a.dilation;
    *q = distance / a.stride;
    return distance % a.stride == 0;
}

/* How many places the narrow side lacks before its first, and how many it has with all it lacks. */

INLINE int lacking(struct axis a) {
    return most((a.kernel - 1) * a.dilation - a.padding, 0) / a.stride;
}

INLINE int with_lacking(struct axis a) {
    return lacking(a) + most((a.wide - 1 + a.padding) / a.stride + 1, a.narrow);
}

ONCE widen(const struct convolution *m, struct sweeps sweeps, int blocks, const vector *narrow,
           const real *w, const real *start, vector *y, int add, vector *room) {
    const struct axis down = m->down, across = m->across;
    const int height = with_lacking(down), width = with_lacking(across);
    const int is_copied = height > down.narrow || width > across.narrow;
    const int channels = m->groups * m->narrow, most_taps = down.kernel * across.kernel;
    const ptrdiff_t picture = (ptrdiff_t)height * width;
    const ptrdiff_t places = (ptrdiff_t)down.wide * across.wide;
    int offsets[most_taps], row_of[most_taps], begin[down.wide], end[down.wide];
    struct sweep s = {
        .channels = m->narrow, .offsets = offsets, .begin = begin, .end = end, .add = add,
        .y_block = m->groups * m->wide * places, .y_channel = places,
        .y_row = (ptrdiff_t)down.stride * across.wide, .y_column = across.stride,
    };
    const int together = blocks_together(down.narrow * across.narrow, blocks);
    for (int b = 0; b < blocks; b += together) {
        const vector *from = narrow + (ptrdiff_t)b * channels * down.narrow * across.narrow;
        if (is_copied) {
            surround(together * channels, down.narrow, across.narrow, from, lacking(down),
                     lacking(across), height, width, room);
            from = room;
        }
        s.blocks = together, s.w = w;
        for (int r = 0; r < down.stride; r++)
            for (int c = 0; c < across.stride; c++) {
                s.taps = 0;
                for (int t = 0; t < most_taps; t++) {
                    int row, column;
                    if (!seen_from(down, r, t / across.kernel, &row)) continue;
                    if (!seen_from(across, c, t % across.kernel, &column)) continue;
                    offsets[s.taps] = (row + lacking(down)) * width + column + lacking(across);
                    row_of[s.taps++] = row;
                }
                s.rows = up(down.wide - r, down.stride);
                s.columns = up(across.wide - c, across.stride);
                find_taps(s.rows, 1, down.narrow, s.taps, row_of, begin, end);
                for (int g = 0; g < m->groups; g++) {
                    s.x = (struct view){from + g * m->narrow * picture, channels * picture, picture,
                                        width, 1};
                    s.y = y + b * s.y_block + g * m->wide * places + r * across.wide + c;
                    s.start = start ? start + g * m->wide : NULL;
                    if (!add || s.taps) sweep_all(&sweeps, s);
                    s.w += m->wide * m->narrow * s.taps;
                }
            }
    }
}

/* The weights w[narrow][wide][taps] of all groups in the order in which sweeps take them. */

ONCE lay_out_to_narrow(const struct convolution *m, const real *w, real *to) {
    const int depth = m->wide * m->down.kernel * m->across.kernel;
    const struct tiles tiles = tiles_of(m->narrow, MOST_OUTPUTS);
    for (int i = 0; i < m->groups * tiles.count; i++) {
        const int outputs = size_of(&tiles, i % tiles.count);
        transpose(outputs, depth, w, to, outputs);
        w += outputs * depth, to += outputs * depth;
    }
}

ONCE lay_out_to_wide(const struct convolution *m, const real *weight, real *to) {
    const struct axis down = m->down, across = m->across;
    const int taps = down.kernel * across.kernel, depth = m->wide * taps;
    const struct tiles tiles = tiles_of(m->wide, MOST_OUTPUTS);
    for (int r = 0; r < down.stride; r++)
        for (int c = 0; c < across.stride; c++)
            for (int i = 0, first = 0; i < m->groups * tiles.count; i++) {
                const int outputs = size_of(&tiles, i % tiles.count);
                const real *w = weight + (ptrdiff_t)(i / tiles.count) * m->narrow * depth;
                first = i % tiles.count ? first : 0;
                for (int n = 0; n < m->narrow; n++)
                    for (int t = 0; t < taps; t++) {
                        int row, column;
                        if (!seen_from(down, r, t / across.kernel, &row)) continue;
                        if (!seen_from(across, c, t % across.kernel, &column)) continue;
                        for (int o = first; o < first + outputs; o++)
                            *to++ = w[n * depth + o * taps + t];
                    }
                first += outputs;
            }
}

/* sums[o][t] = the sum over places p of y[o][p] x[p + the offset of t], for so many outputs o and
   all taps t of all channels, or that is added. */

struct weighing {
    int rows, columns;
    struct view x, y;
    const int *offsets;
    int channels, window;  /* taps of a channel */
    vector *sums;
    int add;
};

typedef void weigh_function(const struct weighing *);

enum { MOST_WEIGHED = 9, MOST_WEIGHED_OUTPUTS = 5 };

INLINE void weigh(int outputs, int taps, const struct weighing *s) {
    const int all_taps = s->channels * s->window, rows = s->rows, columns = s->columns;
    const ptrdiff_t channel = s->y.channel, step = s->x.column;
    const vector *seen = s->x.at;
    for (int first = 0, tap = 0; first < all_taps; first += taps) {
        const vector *from[MOST_WEIGHED];
        vector *to[MOST_WEIGHED], sum[MOST_WEIGHED_OUTPUTS][MOST_WEIGHED];
#pragma GCC unroll 9
        for (int t = 0; t < taps; t++) {
            from[t] = seen + s->offsets[tap], to[t] = s->sums + least(first + t, all_taps - 1);
            if (first + t + 1 >= all_taps) continue;  /* the last again fills up the tile */
            if (++tap == s->window) tap = 0, seen += s->x.channel;
        }
#pragma GCC unroll 5
        for (int o = 0; o < outputs; o++)
#pragma GCC unroll 9
            for (int t = 0; t < taps; t++) sum[o][t] = s->add ? to[t][o * all_taps] : all(0);
#pragma GCC unroll 1
        for (int r = 0; r < rows; r++) {
            const vector *y = s->y.at + r * s->y.row;
            ptrdiff_t at = r * s->x.row;
#pragma GCC unroll 1
            for (int c = 0; c < columns; c++, y++, at += step) {
                vector value[MOST_WEIGHED_OUTPUTS];
#pragma GCC unroll 5
                for (int o = 0; o < outputs; o++) value[o] = y[o * channel];
#pragma GCC unroll 9
                for (int t = 0; t < taps; t++) {
                    const vector other = from[t][at];
                    IN_ORDER;
#pragma GCC unroll 5
                    for (int o = 0; o < outputs; o++) sum[o][t] += value[o] * other;
                }
            }
        }
#pragma GCC unroll 5
        for (int o = 0; o < outputs; o++)
#pragma GCC unroll 9
            for (int t = 0; t < taps; t++) to[t][o * all_taps] = sum[o][t];
    }
}

/* How many taps a tile has, and how many outputs at most: tiles are full wherever that can be. */

#if FEW_REGISTERS
#define TAPS_WEIGHED(n) ((n) < 4 ? (n) : (n) % 4 == 0 ? 4 : (n) % 5 == 0 ? 5 : (n) % 6 == 0 ? 6 : 4)
#define OUTPUTS_WEIGHED(taps) ((taps) <= 3 ? 4 : (taps) == 4 ? 3 : 2)
#else
#define TAPS_WEIGHED(n)                                                                          \
    ((n) < 4 ? (n) : (n) % 6 == 0 ? 6 : (n) % 9 == 0 ? 9 : (n) % 5 == 0 ? 5 : (n) % 8 == 0 ? 8   \
     : (n) % 7 == 0 ? 7 : 6)
#define OUTPUTS_WEIGHED(taps) ((taps) <= 5 ? 5 : (taps) == 6 ? 4 : 3)
#endif

#define WEIGH(outputs, taps)                                                                     \
    ONCE weigh_##outputs##_##taps(const struct weighing *s) {                                    \
        weigh(outputs, taps, s);                                                                 \
    }
#define EACH_3(WEIGH, taps) WEIGH(1, taps) WEIGH(2, taps) WEIGH(3, taps)
#define EACH_4(WEIGH, taps) EACH_3(WEIGH, taps) WEIGH(4, taps)
#define EACH_5(WEIGH, taps) EACH_4(WEIGH, taps) WEIGH(5, taps)
#define EACH(WEIGH)                                                                              \
    EACH_5(WEIGH, 1) EACH_5(WEIGH, 2) EACH_5(WEIGH, 3) EACH_5(WEIGH, 4) EACH_5(WEIGH, 5)         \
    EACH_4(WEIGH, 6) EACH_3(WEIGH, 7) EACH_3(WEIGH, 8) EACH_3(WEIGH, 9)
EACH(WEIGH)
#undef WEIGH

struct weighings {
    struct tiles tiles;
    weigh_function *of_larger, *of_smaller;
};

/* Outputs and taps are constants: so is which of the functions they need, and a compiler reads no
   other. */

#define IF_LARGER(o, t) TAPS_ == t && LARGER_ == o ? weigh_##o##_##t :
#define IF_SMALLER(o, t) TAPS_ == t && SMALLER_ == o ? weigh_##o##_##t :
#define weighings_of(outputs, all_taps)                                                          \
    ({                                                                                           \
        enum {                                                                                   \
            TAPS_ = TAPS_WEIGHED(all_taps),                                                      \
            COUNT_ = ((outputs) - 1) / OUTPUTS_WEIGHED(TAPS_) + 1,                               \
            LARGER_ = ((outputs) - 1) / COUNT_ + 1,                                              \
            SMALLER_ = (outputs) / COUNT_                                                        \
        };                                                                                       \
        (struct weighings){tiles_of(outputs, OUTPUTS_WEIGHED(TAPS_)),                            \
                           EACH(IF_LARGER) NULL, EACH(IF_SMALLER) NULL};                         \
    })

/* The gradient of a bias: the sums of y over places. */

ONCE weigh_bias(int outputs, int count, const vector *y, ptrdiff_t channel, vector *sums,
                int add) {
    for (int o = 0; o < outputs; o++, y += channel) {
        vector part[4] = {{0}};
        int p = 0;
        for (; p + 4 <= count; p += 4)
#pragma GCC unroll 4
            for (int i = 0; i < 4; i++) part[i] += y[p + i];
        for (; p < count; p++) part[0] += y[p];
        const vector all_parts = (part[0] + part[1]) + (part[2] + part[3]);
        sums[o] = add ? sums[o] + all_parts : all_parts;
    }
}

ONCE total_each(int count, const vector *sums, real *to, int add) {
    enum { QUARTER = 16 / sizeof(real), TOGETHER = 64 };
    real parts[TOGETHER][QUARTER];
    for (int first = 0; first < count; first += TOGETHER, to += TOGETHER) {
        const int some = least(TOGETHER, count - first);
        for (int i = 0; i < some; i++) *(vector_16 *)parts[i] = quarter(sums[first + i]);
#pragma omp simd
        for (int i = 0; i < some; i++) to[i] = (add ? to[i] : 0) + of_quarter(parts[i]);
    }
}

/* dw[n][c][t] = the sum over windows p of y[n][p] wide[c][what tap t sees of p], and db[n] that of
   y[n][p], where there is a db; or that is added. Some rows of all tiles come one after the other,
   and as many outputs as KEPT(taps), whose sums stay in the cache meanwhile. */

#define KEPT(taps)                                                                               \
    (4096 / ((taps) + 1) > MOST_WEIGHED_OUTPUTS ? 4096 / ((taps) + 1) : MOST_WEIGHED_OUTPUTS)
#define SUMS(outputs, taps)                                                                      \
    (((outputs) < KEPT(taps) ? (outputs) : KEPT(taps)) * ((taps) + 1))

ONCE gradient_of_weights(const struct convolution *m, struct weighings weighings, int blocks,
                         const vector *wide, const vector *narrow, real *dw, real *db, int add,
                         vector *room, vector *sums) {
    const struct tiles *const tiles = &weighings.tiles;
    const struct axis down = m->down, across = m->across;
    const int window = down.kernel * across.kernel, taps = m->wide * window;
    const int columns = across.narrow, places = down.narrow * columns;
    const int strip = most(128 / columns, 1);
    const int kept = least(KEPT(taps) / tiles->size, tiles->count);
    int width, offsets[window];
    const struct view x = in_windows(m, blocks, wide, room, &width);
    const struct view y = {narrow, (ptrdiff_t)m->groups * m->narrow * places, places, columns, 1};
    for (int t = 0; t < window; t++)
        offsets[t] = seen_by(m, t, width);
    for (int g = 0, output = 0; g < m->groups; g++)
        for (int first = 0; first < tiles->count; first += kept) {
            const int last = least(first + kept, tiles->count);
            int outputs = 0;
            for (int i = first; i < last; i++) outputs += size_of(tiles, i);
            vector *const bias_sums = sums + outputs * taps;
            for (int b = 0; b < blocks; b++)
                for (int r = 0; r < down.narrow; r += strip) {
                    struct weighing s = {least(strip, down.narrow - r), columns, x, y, offsets,
                                         m->wide, window, sums, b || r};
                    s.x.at += b * x.block + g * m->wide * x.channel + r * x.row;
                    s.y.at += b * y.block + output * y.channel + r * y.row;
                    const int count = s.rows * columns;
                    if (db) weigh_bias(outputs, count, s.y.at, y.channel, bias_sums, s.add);
                    for (int i = first; i < last; i++) {
                        (i < tiles->larger ? weighings.of_larger : weighings.of_smaller)(&s);
                        s.y.at += size_of(tiles, i) * y.channel;
                        s.sums += size_of(tiles, i) * taps;
                    }
                }
            total_each(outputs * taps, sums, dw + output * taps, add);
            if (db) total_each(outputs, bias_sums, db + output, add);
            output += outputs;
        }
}

ONCE gradient_of_bias(int blocks, int channels, int places, const vector *dy, real *db, int add) {
    for (int c = 0; c < channels; c++) {
        vector sum;
        for (int b = 0; b < blocks; b++)
            weigh_bias(1, places, dy + ((ptrdiff_t)b * channels + c) * places, 0, &sum, b);
        total_each(1, &sum, db + c, add);
    }
}
