/* A trained network. N samples go through it together, and each is computed on its own, so that
   neither the threads nor the samples beside it change a bit. */

enum {
$sizes
};

/* What lay_out() and answer() are called with. */

struct call {
    int64_t threads;
    int64_t samples;
    const real *inputs;       /* [samples, ...] */
    real *outputs;            /* [samples, ...] what the network gives for each */
    real *weights;            /* [WEIGHTS] */
    real *statistics;         /* [STATISTICS] that layers keep beside weights */
    gemm_function *gemm;      /* the BLAS's product of matrices, for large layers */
    void *prepared;           /* prepared_size() bytes, zeros at first. It begins at a multiple of 64,
                                 as does the next */
    void *work;               /* work_size() bytes for each thread */
};

/* The layers, and the loops that elementwise ones share. Layers that compute the same share a
   function. */

$functions
/* What all threads read: layouts of the weights. */

struct prepared {
$prepared
};

/* The values of a chunk, of which each thread has its own. */

struct evaluated {
$evaluated
};

$outlined
/* Lay out the weights: once, and whenever they change. */

void lay_out(const struct call *c) {
    struct prepared *const p = c->prepared;
    const int id = 0, threads = 1;
    (void)p, (void)id, (void)threads;
$before}

FUNCTION gather_inputs(const real *inputs, int n, real *x) {
    enum { INPUT = INPUT_ROWS * INPUT_ROW, PADDED = INPUT_ROWS * PAD(INPUT_ROW) };
    for (int s = 0; s < N; s++)  /* to fill up a chunk, the first again */
        move_rows(INPUT_ROWS, INPUT_ROW, inputs + (s < n ? s : 0) * INPUT, INPUT_ROW,
                  x + s * PADDED, PAD(INPUT_ROW));
}

FUNCTION hand_out(const real *y, int n, real *outputs) {
    move_rows(n * OUTPUT_ROWS, OUTPUT_ROW, y, PAD(OUTPUT_ROW), outputs, OUTPUT_ROW);
}

ONLY_CALLS answer_chunk(const struct call *c, struct evaluated *e, int64_t first, int n) {
    struct prepared *const p = c->prepared;
    (void)p;
    gather_inputs(c->inputs + first * INPUT_ROWS * INPUT_ROW, n, $x);
$evaluate    hand_out($y, n, c->outputs + first * OUTPUT_ROWS * OUTPUT_ROW);
}

static void answer_along(void *argument, int id, int threads) {
    const struct call *const c = argument;
    struct evaluated *const e = (struct evaluated *)c->work + id;
    for (int64_t first = (int64_t)id * N; first < c->samples; first += (int64_t)threads * N) {
        const int64_t left = c->samples - first;
        answer_chunk(c, e, first, left < N ? (int)left : N);
    }
}

size_t prepared_size(void) {
    return sizeof(struct prepared);
}

size_t work_size(void) {
    return sizeof(struct evaluated);
}

void answer(struct call *c) {
    const int64_t chunks = (c->samples + N - 1) / N;
    const int64_t threads = c->threads < chunks ? c->threads : chunks;
    if (threads == 1)
        answer_along(c, 0, 1);
    else
        together(answer_along, c, (int)threads);
}
