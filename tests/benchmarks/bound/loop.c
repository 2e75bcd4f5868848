/* The paper's two models, trained by a loop that is written for them and nothing else.

   2 -> 25 -> 25 -> 25 -> 2, with one dropout of 1/2 (MODEL 1) or two (MODEL 2). Sizes are known at
   compile time: MODEL, BATCH, SAMPLES, and DROPOUT, which is 0 for a comparison without draws.
   The 25 units stand in 32 lanes, the last seven always 0. A batch is taken in tiles of rows that
   stay in the innermost cache from their inputs to their gradients.

   cc -O3 -march=native -ffast-math -shared -fPIC -DMODEL=2 -DBATCH=10 -DSAMPLES=1000 -DDROPOUT=1 */

#include <math.h>
#include <stdint.h>
#include <string.h>

#define UNITS 25
#define LANES 32
#define TILE (BATCH <= 20 ? BATCH : 20)
#define INLINE static inline __attribute__((always_inline))

#if defined(__AVX512F__) /* numbers in a vector of the machine */
#define WIDTH 16
#elif defined(__AVX__)
#define WIDTH 8
#else
#define WIDTH 4
#endif
#define PAIRS (LANES / (2 * WIDTH))
#define EACH_PAIR _Pragma("GCC unroll 4") for (int p = 0; p < PAIRS; p++)

typedef float vector __attribute__((vector_size(4 * WIDTH), aligned(4 * WIDTH)));
typedef int32_t bits __attribute__((vector_size(4 * WIDTH), aligned(4 * WIDTH)));
typedef struct { vector low, high; } pair; /* as much of a row as is worked on at a time */
typedef struct { pair of[PAIRS]; } row;    /* one sample's 25 units, or one input's 25 weights */

typedef struct {
  row w1[2], b1;         /* w[in] holds the weights to all units */
  row w2[UNITS], b2;
  row w3[UNITS], b3;
  row w4[2], b4;         /* w4[out] holds those from all units, b4 two numbers */
} network;

_Static_assert(SAMPLES % BATCH == 0 && BATCH % TILE == 0, "whole batches of whole tiles");

INLINE pair add_product(pair sum, float x, pair w) {
  return (pair){sum.low + x * w.low, sum.high + x * w.high};
}
INLINE vector positive(vector x, vector where) { return (vector)((bits)x & (where > 0)); }
INLINE vector relu(vector x) { return positive(x, x); }

INLINE row affine1(row sum, float x, row w) {
  EACH_PAIR sum.of[p] = add_product(sum.of[p], x, w.of[p]);
  return sum;
}
INLINE row times(row a, row b) {
  EACH_PAIR a.of[p].low *= b.of[p].low, a.of[p].high *= b.of[p].high;
  return a;
}
INLINE row where_positive(row x, row where) {
  EACH_PAIR x.of[p].low = positive(x.of[p].low, where.of[p].low),
            x.of[p].high = positive(x.of[p].high, where.of[p].high);
  return x;
}

INLINE float total(row a) {
  vector all = a.of[0].low + a.of[0].high;
  for (int p = 1; p < PAIRS; p++) all += a.of[p].low + a.of[p].high;
  float sum = 0;
  for (int k = 0; k < WIDTH; k++) sum += all[k];
  return sum;
}

/* y[r] = b + x[r] w for ROWS rows; SPLIT sums of each run beside each other, to hide latency. */
#define AFFINE(NAME, ROWS, SPLIT)                                                      \
  INLINE void NAME(const row *x, const row *w, row b, row *y) {                        \
    EACH_PAIR {                                                                        \
      pair sum[ROWS][SPLIT];                                                           \
      _Pragma("GCC unroll 16") for (int r = 0; r < ROWS; r++)                          \
        _Pragma("GCC unroll 16") for (int s = 0; s < SPLIT; s++)                       \
          sum[r][s] = s ? (pair){{0}, {0}} : b.of[p];                                  \
      _Pragma("GCC unroll 1") for (int i = 0; i < UNITS; i += SPLIT)                   \
        _Pragma("GCC unroll 16") for (int s = 0; s < SPLIT; s++)                       \
          _Pragma("GCC unroll 16") for (int r = 0; r < ROWS; r++)                      \
            sum[r][s] = add_product(sum[r][s], ((const float *)&x[r])[i + s],          \
                                    w[i + s].of[p]);                                   \
      _Pragma("GCC unroll 16") for (int r = 0; r < ROWS; r++)                          \
        _Pragma("GCC unroll 16") for (int s = 1; s < SPLIT; s++)                       \
          sum[r][0] = add_product(sum[r][0], 1, sum[r][s]);                            \
      _Pragma("GCC unroll 16") for (int r = 0; r < ROWS; r++) y[r].of[p] = sum[r][0];  \
    }                                                                                  \
  }
AFFINE(affine_of_one, 1, 5)
AFFINE(affine_of_five, 5, 1)

INLINE void affine(const row *x, const row *w, row b, row *y) {
  if (TILE % 5)
    for (int r = 0; r < TILE; r++) affine_of_one(x + r, w, b, y + r);
  else
    for (int r = 0; r < TILE; r += 5) affine_of_five(x + r, w, b, y + r);
}

/* dw += xᵀ dy, five inputs at a time in registers; db += dyᵀ 1 */
INLINE void gradients(const row *x, const row *dy, row *dw, row *db) {
  for (int i = 0; i < UNITS; i += 5) EACH_PAIR {
    pair sum[5];
    _Pragma("GCC unroll 5") for (int k = 0; k < 5; k++) sum[k] = dw[i + k].of[p];
    _Pragma("GCC unroll 1") for (int r = 0; r < TILE; r++)
      _Pragma("GCC unroll 5") for (int k = 0; k < 5; k++)
        sum[k] = add_product(sum[k], ((const float *)&x[r])[i + k], dy[r].of[p]);
    _Pragma("GCC unroll 5") for (int k = 0; k < 5; k++) dw[i + k].of[p] = sum[k];
  }
  for (int r = 0; r < TILE; r++) *db = affine1(*db, 1, dy[r]);
}

INLINE void transpose(const row *w, row *turned) {
  const float(*from)[LANES] = (const void *)w;
  float(*to)[LANES] = (void *)turned;
  for (int i = 0; i < UNITS; i++)
    for (int o = 0; o < UNITS; o++) to[o][i] = from[i][o];
}

/* dx = dy wᵀ: of one row by scalar products, of several by the transposed weights */
INLINE void back(const row *dy, const row *w, const row *turned, row *dx) {
  if (BATCH > 1) {
    affine(dy, turned, (row){0}, dx);
    return;
  }
  float *to = (float *)dx;
  for (int i = 0; i < UNITS; i++)
    to[i] = total(times(*dy, w[i]));
  for (int i = UNITS; i < LANES; i++) to[i] = 0;
}

static uint64_t state;

INLINE uint64_t draw(void) { /* xorshift64* */
  state ^= state >> 12, state ^= state << 25, state ^= state >> 27;
  return state * 0x2545F4914F6CDD1Dull;
}

/* 2 in the lanes whose bit is set, else 0 */
INLINE vector vector_mask(uint32_t kept) {
  bits bit;
  for (int k = 0; k < WIDTH; k++) bit[k] = 1 << k;
  const vector two = 2 - (vector){0};
  return (vector)((bits)two & ((((bits){0} + (int32_t)kept) & bit) != 0));
}

INLINE row mask(uint32_t kept) {
  row found;
  EACH_PAIR {
    found.of[p].low = vector_mask(kept >> 2 * p * WIDTH);
    found.of[p].high = vector_mask(kept >> (2 * p + 1) * WIDTH);
  }
  return found;
}

/* The gradients of one tile's rows, added to those of g. */
INLINE void tile(const network *n, network *g, const row *turned2, const row *turned3,
                 const float (*x)[2], const float (*t)[2]) {
  row a1[TILE], a2[TILE], a3[TILE], d1[TILE], d2[TILE], d3[TILE], m2[TILE];
#if MODEL == 2
  row m3[TILE];
#endif
  float z[TILE][2], dz[TILE][2];

  for (int r = 0; r < TILE; r++) {
    a1[r] = affine1(affine1(n->b1, x[r][0], n->w1[0]), x[r][1], n->w1[1]);
    a1[r] = where_positive(a1[r], a1[r]);
    uint64_t kept = draw();
    m2[r] = mask(kept >> 32);
#if MODEL == 2
    m3[r] = mask((uint32_t)kept);
#endif
  }
  affine(a1, n->w2, n->b2, a2);
  for (int r = 0; r < TILE && DROPOUT; r++) a2[r] = times(a2[r], m2[r]);
#if MODEL == 1
  for (int r = 0; r < TILE; r++) a2[r] = where_positive(a2[r], a2[r]);
#else
  float *elu = (float *)a2; /* and its slope, min(elu(x), 0) + 1, follows from its result */
  for (int k = 0; k < TILE * LANES; k++) {
    float curve = expf(fminf(elu[k], 0)) - 1;
    elu[k] = fmaxf(elu[k], 0) + curve;
  }
#endif
  affine(a2, n->w3, n->b3, a3);
#if MODEL == 2
  for (int r = 0; r < TILE && DROPOUT; r++) a3[r] = times(a3[r], m3[r]);
#endif
  for (int r = 0; r < TILE; r++) {
    a3[r] = where_positive(a3[r], a3[r]);
    for (int o = 0; o < 2; o++) z[r][o] = n->b4.of[0].low[o] + total(times(a3[r], n->w4[o]));
  }

#if MODEL == 1 /* tanh, and the sum of squares */
  for (int r = 0; r < TILE; r++)
    for (int o = 0; o < 2; o++) {
      float y = 1 - 2 / (expf(2 * z[r][o]) + 1);
      dz[r][o] = 2 * (y - t[r][o]) * (1 - y * y);
    }
#else /* softmax of two, and the binary cross-entropy of both, the mean over samples */
  const float eps = 1e-2f;
  for (int r = 0; r < TILE; r++) {
    float y0 = 1 / (1 + expf(z[r][1] - z[r][0])), y1 = 1 - y0;
    float d0 = (y0 - t[r][0] + eps * (1 - 2 * t[r][0])) / ((y0 + eps) * (y1 + eps) * BATCH);
    float d1 = (y1 - t[r][1] + eps * (1 - 2 * t[r][1])) / ((y1 + eps) * (y0 + eps) * BATCH);
    float sum = y0 * d0 + y1 * d1;
    dz[r][0] = y0 * (d0 - sum), dz[r][1] = y1 * (d1 - sum);
  }
#endif

  for (int r = 0; r < TILE; r++) {
    for (int o = 0; o < 2; o++) {
      g->w4[o] = affine1(g->w4[o], dz[r][o], a3[r]);
      g->b4.of[0].low[o] += dz[r][o];
    }
    row d = affine1(affine1((row){0}, dz[r][0], n->w4[0]), dz[r][1], n->w4[1]);
    d3[r] = where_positive(d, a3[r]);
#if MODEL == 2
    if (DROPOUT) d3[r] = times(d3[r], m3[r]);
#endif
  }
  gradients(a2, d3, g->w3, &g->b3);
  back(d3, n->w3, turned3, d2);
  for (int r = 0; r < TILE; r++) {
#if MODEL == 1
    d2[r] = where_positive(d2[r], a2[r]);
#else
    EACH_PAIR d2[r].of[p].low *= 1 - relu(-a2[r].of[p].low),
              d2[r].of[p].high *= 1 - relu(-a2[r].of[p].high);
#endif
    if (DROPOUT) d2[r] = times(d2[r], m2[r]);
  }
  gradients(a1, d2, g->w2, &g->b2);
  back(d2, n->w2, turned2, d1);
  for (int r = 0; r < TILE; r++) {
    row d = where_positive(d1[r], a1[r]);
    for (int i = 0; i < 2; i++) g->w1[i] = affine1(g->w1[i], x[r][i], d);
    g->b1 = affine1(g->b1, 1, d);
  }
}

#define NUMBERS ((int)(sizeof(network) / sizeof(float)))

INLINE void update(network *n, const network *g, network *mean, network *square, int step) {
  float *w = (float *)n;
  const float *dw = (const float *)g;
#if MODEL == 1
  (void)mean, (void)square, (void)step;
  for (int k = 0; k < NUMBERS; k++) w[k] -= 1e-3f * dw[k];
#else
  float *m = (float *)mean, *v = (float *)square;
  float correction = (float)sqrt(1 - pow(0.999, step));
  float size = 1e-3f * correction / (float)(1 - pow(0.9, step)), eps = 1e-8f * correction;
  for (int k = 0; k < NUMBERS; k++) {
    m[k] += 0.1f * (dw[k] - m[k]);
    v[k] = 0.999f * v[k] + 0.001f * dw[k] * dw[k];
    w[k] -= size * m[k] / (sqrtf(v[k]) + eps);
  }
#endif
}

static void shuffle(int *order) {
  for (int k = SAMPLES - 1; k > 0; k--) {
    int other = (int)(((draw() >> 32) * (uint64_t)(k + 1)) >> 32), kept = order[k];
    order[k] = order[other], order[other] = kept;
  }
}

/* Trains n in place: `epochs` passes, from optimizer step `step` + 1 on. Returns the last step. */
int train(network *n, network *mean, network *square, int step, const float (*x)[2],
          const float (*t)[2], int epochs) {
  static int order[SAMPLES];
  if (!state) {
    state = 0x9E3779B97F4A7C15ull;
    for (int k = 0; k < SAMPLES; k++) order[k] = k;
  }
  for (int epoch = 0; epoch < epochs; epoch++) {
    shuffle(order);
    for (int first = 0; first < SAMPLES; first += BATCH) {
      network g;
      memset(&g, 0, sizeof g);
      row turned2[UNITS], turned3[UNITS];
      if (BATCH > 1) {
        memset(turned2, 0, sizeof turned2), memset(turned3, 0, sizeof turned3);
        transpose(n->w2, turned2), transpose(n->w3, turned3);
      }
      for (int at = first; at < first + BATCH; at += TILE) {
        float xs[TILE][2], ts[TILE][2];
        for (int r = 0; r < TILE; r++) {
          memcpy(xs[r], x[order[at + r]], sizeof xs[r]);
          memcpy(ts[r], t[order[at + r]], sizeof ts[r]);
        }
        tile(n, &g, turned2, turned3, xs, ts);
      }
      update(n, &g, mean, square, ++step);
    }
  }
  return step;
}
