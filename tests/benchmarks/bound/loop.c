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
#define HALF 16
#define TILE (BATCH <= 20 ? BATCH : 20)
#define INLINE static inline __attribute__((always_inline))

typedef float half __attribute__((vector_size(4 * HALF), aligned(4 * HALF)));
typedef int32_t bits __attribute__((vector_size(4 * HALF), aligned(4 * HALF)));
typedef struct { half low, high; } row; /* one sample's 25 units, or one input's 25 weights */

typedef struct {
  row w1[2], b1;         /* w[in] holds the weights to all units */
  row w2[UNITS], b2;
  row w3[UNITS], b3;
  row w4[2], b4;         /* w4[out] holds those from all units, b4 two numbers */
} network;

_Static_assert(SAMPLES % BATCH == 0 && BATCH % TILE == 0, "whole batches of whole tiles");

INLINE half splat(float x) { return x - (half){0}; }
INLINE row affine1(row sum, float x, row w) {
  return (row){sum.low + x * w.low, sum.high + x * w.high};
}
INLINE half positive(half x, half where) { return (half)((bits)x & (where > 0)); }
INLINE half relu(half x) { return positive(x, x); }

INLINE float total(row a) {
  half both = a.low + a.high;
  float sum = 0;
  for (int k = 0; k < HALF; k++) sum += both[k];
  return sum;
}

/* y[r] = b + x[r] w for ROWS rows; SPLIT sums of each run beside each other, to hide latency. */
#define AFFINE(NAME, ROWS, SPLIT)                                                      \
  INLINE void NAME(const row *x, const row *w, row b, row *y) {                        \
    row sum[ROWS][SPLIT];                                                              \
    _Pragma("GCC unroll 16") for (int r = 0; r < ROWS; r++)                            \
      _Pragma("GCC unroll 16") for (int s = 0; s < SPLIT; s++)                         \
        sum[r][s] = s ? (row){{0}, {0}} : b;                                           \
    _Pragma("GCC unroll 1") for (int i = 0; i < UNITS; i += SPLIT)                     \
      _Pragma("GCC unroll 16") for (int s = 0; s < SPLIT; s++)                         \
        _Pragma("GCC unroll 16") for (int r = 0; r < ROWS; r++)                        \
          sum[r][s] = affine1(sum[r][s], ((const float *)&x[r])[i + s], w[i + s]);     \
    _Pragma("GCC unroll 16") for (int r = 0; r < ROWS; r++) {                          \
      y[r] = sum[r][0];                                                                \
      _Pragma("GCC unroll 16") for (int s = 1; s < SPLIT; s++)                         \
        y[r].low += sum[r][s].low, y[r].high += sum[r][s].high;                        \
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
  for (int i = 0; i < UNITS; i += 5) {
    row sum[5];
    _Pragma("GCC unroll 5") for (int k = 0; k < 5; k++) sum[k] = dw[i + k];
    _Pragma("GCC unroll 1") for (int r = 0; r < TILE; r++)
      _Pragma("GCC unroll 5") for (int k = 0; k < 5; k++)
        sum[k] = affine1(sum[k], ((const float *)&x[r])[i + k], dy[r]);
    _Pragma("GCC unroll 5") for (int k = 0; k < 5; k++) dw[i + k] = sum[k];
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
    affine(dy, turned, (row){{0}, {0}}, dx);
    return;
  }
  float *to = (float *)dx;
  for (int i = 0; i < UNITS; i++)
    to[i] = total((row){dy->low * w[i].low, dy->high * w[i].high});
  for (int i = UNITS; i < LANES; i++) to[i] = 0;
}

static uint64_t state;

INLINE uint64_t draw(void) { /* xorshift64* */
  state ^= state >> 12, state ^= state << 25, state ^= state >> 27;
  return state * 0x2545F4914F6CDD1Dull;
}

/* 2 in the lanes whose bit is set, else 0 */
INLINE row mask(uint32_t kept) {
  const bits lane = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  bits low = (((int32_t)(kept & 0xFFFF) - (bits){0}) >> lane) & 1;
  bits high = (((int32_t)(kept >> 16) - (bits){0}) >> lane) & 1;
  return (row){__builtin_convertvector(low, half) * 2, __builtin_convertvector(high, half) * 2};
}

INLINE void scale(row *x, row by) { x->low *= by.low, x->high *= by.high; }

/* The gradients of one tile's rows, added to those of g. */
INLINE void tile(const network *n, network *g, const row *turned2, const row *turned3,
                 const float (*x)[2], const float (*t)[2]) {
  row a1[TILE], a2[TILE], a3[TILE], d1[TILE], d2[TILE], d3[TILE], m2[TILE], m3[TILE];
  float z[TILE][2], dz[TILE][2];

  for (int r = 0; r < TILE; r++) {
    a1[r] = affine1(affine1(n->b1, x[r][0], n->w1[0]), x[r][1], n->w1[1]);
    a1[r].low = relu(a1[r].low), a1[r].high = relu(a1[r].high);
    uint64_t kept = draw();
    m2[r] = mask(kept >> 32), m3[r] = mask((uint32_t)kept);
  }
  affine(a1, n->w2, n->b2, a2);
  for (int r = 0; r < TILE && DROPOUT; r++) scale(&a2[r], m2[r]);
#if MODEL == 1
  for (int r = 0; r < TILE; r++) a2[r].low = relu(a2[r].low), a2[r].high = relu(a2[r].high);
#else
  float *elu = (float *)a2; /* and its slope, min(elu(x), 0) + 1, follows from its result */
  for (int k = 0; k < TILE * LANES; k++) {
    float curve = expf(fminf(elu[k], 0)) - 1;
    elu[k] = fmaxf(elu[k], 0) + curve;
  }
#endif
  affine(a2, n->w3, n->b3, a3);
#if MODEL == 2
  for (int r = 0; r < TILE && DROPOUT; r++) scale(&a3[r], m3[r]);
#endif
  for (int r = 0; r < TILE; r++) {
    a3[r].low = relu(a3[r].low), a3[r].high = relu(a3[r].high);
    for (int o = 0; o < 2; o++)
      z[r][o] = n->b4.low[o] + total((row){a3[r].low * n->w4[o].low, a3[r].high * n->w4[o].high});
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
      g->b4.low[o] += dz[r][o];
    }
    row d = affine1((row){dz[r][0] * n->w4[0].low, dz[r][0] * n->w4[0].high}, dz[r][1], n->w4[1]);
    d3[r] = (row){positive(d.low, a3[r].low), positive(d.high, a3[r].high)};
#if MODEL == 2
    if (DROPOUT) scale(&d3[r], m3[r]);
#endif
  }
  gradients(a2, d3, g->w3, &g->b3);
  back(d3, n->w3, turned3, d2);
  for (int r = 0; r < TILE; r++) {
#if MODEL == 1
    d2[r] = (row){positive(d2[r].low, a2[r].low), positive(d2[r].high, a2[r].high)};
#else
    scale(&d2[r], (row){1 - relu(-a2[r].low), 1 - relu(-a2[r].high)});
#endif
    if (DROPOUT) scale(&d2[r], m2[r]);
  }
  gradients(a1, d2, g->w2, &g->b2);
  back(d2, n->w2, turned2, d1);
  for (int r = 0; r < TILE; r++) {
    row d = {positive(d1[r].low, a1[r].low), positive(d1[r].high, a1[r].high)};
    for (int i = 0; i < 2; i++) g->w1[i] = affine1(g->w1[i], x[r][i], d);
    g->b1 = affine1(g->b1, 1, d);
  }
}

#define NUMBERS ((int)(sizeof(network) / sizeof(float)))

INLINE void update(network *n, const network *g, network *mean, network *square, int step) {
  float *w = (float *)n, *m = (float *)mean, *v = (float *)square;
  const float *dw = (const float *)g;
#if MODEL == 1
  for (int k = 0; k < NUMBERS; k++) w[k] -= 1e-3f * dw[k];
#else
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
