/* N samples go through the network together. A batch is cut in SLICES of up to CHUNKS times N
   samples, whose gradients are summed apart: threads share the slices, and however many threads
   there are, numbers are added in the same order. */

enum {
$sizes,
    PHASES = $meetings + 1
};

/* What train(), find_gradients(), update_weights() and evaluate() are called with. */

struct call {
    int64_t threads;          /* 1 to SLICES */
    int64_t samples;          /* in all steps together; the last step may have fewer */
    int64_t laid_out;         /* whether inputs lie in that order, and not as in the data set */
    const int64_t *order;     /* [samples] their numbers, in the order they are taken */
    const real *inputs;       /* the whole data set's; laid out, and to evaluate, [samples, ...] in
                                 that order */
    const real *targets;      /* [samples, ...] those of each, in that order; or else */
    const int64_t *classes;   /* [samples, rows of the targets] the class number of each row */
    const real *sample_weights;  /* [samples] how much each counts in the loss; NULL if all count 1 */
    real *outputs;            /* [samples, ...] what the network gave for each */
    real *weights;            /* [WEIGHTS] */
    real *statistics;         /* [STATISTICS] that layers keep beside weights */
    real *gradients;          /* [WEIGHTS], which find_gradients() leaves, and update_weights()
                                 reads and may change */
    real *const *state;       /* the optimizer's vectors, each [WEIGHTS] */
    real *average;            /* [WEIGHTS] that follows the weights; NULL if none does */
    real *average_statistics; /* [STATISTICS] that follow the statistics with it */
    int64_t steps_before;     /* the optimizer's, before this call */
    const double *arguments;  /* in the first step: the optimizer's, those of what changes gradients,
                                 and how far the average goes */
    int64_t next_arguments;   /* from there to those of the next; 0 if all steps have the same */
    int64_t batch_samples;    /* to find gradients: samples of the batch that these are a part of */
    int64_t first_slice;      /* the slices of the batch that these samples fill, */
    int64_t last_slice;       /* up to this one, without it */
    int64_t first_counted;    /* the samples whose targets stand for the whole batch where a loss is
                                 a mean over them: 0 to samples, or more that lie around these */
    int64_t last_counted;
    int64_t phase;            /* which one of PHASES, the last of which leaves gradients */
    const uint64_t *keys;     /* one for each layer that draws */
    gemm_function *gemm;      /* the BLAS's product of matrices, for large layers */
    void *prepared;           /* prepared_size() bytes, zeros at first: padding stays so. It begins
                                 at a multiple of 64, as do the next two */
    void *slices;             /* slices_size() bytes: real [SLICES][WEIGHTS], zeros at first */
    void *work;               /* work_parts() of work_size() bytes, zeros at first; to evaluate,
                                 evaluated_size() for each thread */
};

/* The layers, the loops that elementwise ones share, and the loss. Layers that compute the same
   share a function. */

$functions
/* What all threads read: layouts of the weights, and each unit's part of what is drawn; and what is
   measured of the gradients of each piece. */

struct prepared {
$prepared$measured
};

/* What each thread has of its own: the values and gradients of a chunk, and sums over its slice. */

struct work {
$work
};

/* The same to evaluate: the values of a chunk alone. */

struct evaluated {
$evaluated
};

${outlined}ONLY_CALLS draw(const struct call *c, struct prepared *p) {
    (void)c, (void)p;
$draw}

ONLY_CALLS prepare(const struct call *c, struct prepared *p, int id, int threads) {
    (void)c, (void)p, (void)id, (void)threads;
$before}

INLINE void put_class(int class, real *row) {
    /* With one output, two classes are 0 and 1 in it. */
    for (int i = 0; i < TARGET_ROW; i++) row[i] = TARGET_ROW == 1 ? class == 1 : class == i;
}

/* Where a sample is as many rows as a network has members, they have the same target. */

INLINE void spread_out(char *targets, size_t size) {
    for (int n = N * MEMBERS - 1; n > 0; n--)
        memmove(targets + n * size, targets + n / MEMBERS * size, size);
}

/* The n samples of the call from the first on. */

FUNCTION gather(const struct call *c, struct work *w, int64_t first, int n) {
    enum {
        INPUTS = INPUT_ROWS * PAD(INPUT_ROW),
        TARGETS = TARGET_ROWS * PAD(TARGET_ROW)
    };
    for (int s = 0; s < N; s++) {
        const int64_t at = s < n ? first + s : first;  /* to fill up a chunk, the first again */
        const int64_t row = c->laid_out ? at : c->order[at];
        real *const t = $t + s * TARGETS;
        w->samples[s] = (uint32_t)c->order[at];
        move_rows(INPUT_ROWS, INPUT_ROW, c->inputs + row * INPUT_ROWS * INPUT_ROW, INPUT_ROW,
                  $x + s * INPUTS, PAD(INPUT_ROW));
        if (c->classes)
            for (int r = 0; r < TARGET_ROWS; r++) {
                const int class = (int)c->classes[at * TARGET_ROWS + r];
                w->classes[s * TARGET_ROWS + r] = class;
                if (TAKES_VALUES) put_class(class, t + r * PAD(TARGET_ROW));
            }
        else
            move_rows(TARGET_ROWS, TARGET_ROW, c->targets + at * TARGET_ROWS * TARGET_ROW,
                      TARGET_ROW, t, PAD(TARGET_ROW));
    }
$for_members}

FUNCTION hand_out(const real *y, int n, real *outputs) {
    move_rows(n * OUTPUT_ROWS, OUTPUT_ROW, y, PAD(OUTPUT_ROW), outputs, OUTPUT_ROW);
}

FUNCTION weigh_rows(const real *weights, int n, real *gradients) {
    const int length = MEMBERS * OUTPUT_ROWS * PAD(OUTPUT_ROW);
    for (int s = 0; s < n; s++)
        for (int i = 0; i < length; i++) gradients[s * length + i] *= weights[s];
}

FUNCTION clear_rows(int n, real *gradients) {
    /* Samples that fill up a chunk say nothing. */
    const int length = MEMBERS * OUTPUT_ROWS * PAD(OUTPUT_ROW);
    if (n < N) memset(gradients + n * length, 0, (N - n) * length * sizeof(real));
}

/* How much the targets of a batch count in each term of the loss that is a mean over them, 1 if
   none does. Those of a part of the batch, which is from first to last of the call, stand for all. */

INLINE real of_batch(double counted, int64_t samples, int batch) {
    return counted ? (real)(counted * batch / (double)samples) : 1;
}

${counting}static void count_targets(const struct call *c, int64_t first, int64_t last, int batch,
                          real *rows) {
    (void)c, (void)first, (void)last, (void)batch, (void)rows;
$counted}

ONLY_CALLS lose(const struct call *c, struct work *w, int64_t first, int n, int batch,
                const real *rows) {
    (void)batch, (void)rows;
    hand_out($y, n, c->outputs + first * OUTPUT_ROWS * OUTPUT_ROW);
$loss    clear_rows(n, $dy);
    if (c->sample_weights) weigh_rows(c->sample_weights + first, n, $dy);
}

/* The gradients dw of slice s: of count samples from begin on, of a batch of so many samples, in
   which so many rows of targets count. Layers may measure the whole batch: then a slice is one
   chunk, all slices meet after each phase, and one without samples takes any sample, of which none
   counts. */

ONLY_CALLS slice(const struct call *c, struct prepared *p, struct work *w, int phase, int s,
                 int64_t begin, int64_t count, int batch, const real *rows, real *dw) {
    (void)p, (void)s, (void)phase;
    if (PHASES == 1 && count == 0) {
        memset(dw, 0, WEIGHTS * sizeof(real));
        return;
    }
    for (int64_t done = 0; done == 0 || done < count; done += N) {
        const int64_t first = begin + done;
        const int n = count - done < N ? (int)(count - done) : N;
        const int add = done > 0;
        (void)add;
$phases    }
    if (phase < PHASES - 1) return;
$after}

/* Threads meet in a step when the weights are laid out, after each phase of all slices, at whose
   end their gradients are there, where these are measured, and when all weights are changed. */

struct team {
    const struct call *call;
    int arrived, phase;
};

static void meet(struct team *team, int threads) {
    if (threads == 1) return;
    const int phase = __atomic_load_n(&team->phase, __ATOMIC_RELAXED);
    if (__atomic_add_fetch(&team->arrived, 1, __ATOMIC_ACQ_REL) == threads) {
        __atomic_store_n(&team->arrived, 0, __ATOMIC_RELAXED);
        __atomic_store_n(&team->phase, phase + 1, __ATOMIC_RELEASE);
        return;
    }
    for (int turns = 0; __atomic_load_n(&team->phase, __ATOMIC_ACQUIRE) == phase; turns++)
        if (turns > 2000) give_way();
}

/* The weights are shared out in pieces, and what is measured of each is added in their order, however
   many threads there are. */

enum {
$steps
};

/* The gradient of weight i, summed over all slices, or that of the only one. Neighbours are added
   first, then the sums of neighbours: so 2, 4 or 8 of them may be summed elsewhere. */

INLINE real summed(const real *gradients, int slices, int i) {
    const real *const of = gradients + i;
    const int64_t next = WEIGHTS;
    (void)next;
    return slices == 1 ? of[0] : $tree;
}

/* The same sum of all slices, or of so many as one of several processes has. */

FUNCTION sum_up(const real *gradients, int slices, int begin, int end, real *to) {
    const int64_t next = WEIGHTS;
    (void)next;
    switch (slices) {
$sums    }
}

/* The optimizer's step number t, and what is around it. */

FUNCTION follow(const real *restrict own, real *restrict average, real share, int begin, int end) {
#pragma omp simd
    for (int i = begin; i < end; i++)
        average[i] = share < 1 ? average[i] + share * (own[i] - average[i]) : own[i];
}

$step
/* A phase of the slices from begin to end, which samples first to last of the call fill. */

ONLY_CALLS go_through(const struct call *c, int phase, int begin, int end, int64_t first,
                      int64_t last, int batch, const real *rows, int id, int threads) {
    struct work *const work = c->work;
    real *const slices = c->slices;
    for (int s = begin + id; s < end; s += threads) {
        const int64_t from = first + (s - begin) * CHUNKS * N, to = from + CHUNKS * N;
        const int64_t count = (to < last ? to : last) - from;
        slice(c, c->prepared, work + (PHASES == 1 ? id : s), phase, s, count > 0 ? from : first,
              count > 0 ? count : 0, batch, rows, slices + s * (int64_t)WEIGHTS);
    }
}

ONLY_CALLS train_along(void *argument, int id, int threads) {
    struct team *const team = argument;
    const struct call *const c = team->call;
    const double *arguments = c->arguments;
    int64_t steps = c->steps_before;
    for (int64_t first = 0; first < c->samples; first += BATCH) {
        const int64_t last = c->samples - first < BATCH ? c->samples : first + BATCH;
        const int batch = (int)(last - first);
        real rows[TERMS];
        count_targets(c, first, last, batch, rows);
        prepare(c, c->prepared, id, threads);
        meet(team, threads);
        for (int phase = 0; phase < PHASES; phase++) {
            go_through(c, phase, 0, SLICES, first, last, batch, rows, id, threads);
            meet(team, threads);
        }
        step(c, c->prepared, team, id, threads, c->slices, SLICES, arguments, (double)++steps);
        arguments += c->next_arguments;
        meet(team, threads);
    }
}

/* Some slices of a batch, whose others may be elsewhere: then what is measured in a phase has to be
   brought together before the next. */

ONLY_CALLS find_along(void *argument, int id, int threads) {
    struct team *const team = argument;
    const struct call *const c = team->call;
    const int phase = (int)c->phase, begin = (int)c->first_slice, end = (int)c->last_slice;
    const int batch = (int)c->batch_samples;
    real *const slices = (real *)c->slices + begin * (int64_t)WEIGHTS;
    real rows[TERMS];
    count_targets(c, c->first_counted, c->last_counted, batch, rows);
    if (phase == 0) {
        prepare(c, c->prepared, id, threads);
        meet(team, threads);
    }
    go_through(c, phase, begin, end, 0, c->samples, batch, rows, id, threads);
    if (phase < PHASES - 1) return;
    meet(team, threads);
    for (int piece = id; piece < PIECES; piece += threads) {
        const int first = piece * PIECE, last = first + PIECE < WEIGHTS ? first + PIECE : WEIGHTS;
        sum_up(slices, end - begin, first, last, c->gradients);
    }
}

size_t work_size(void) {
    return sizeof(struct work);
}

int64_t work_parts(int64_t threads) {  /* of that size each */
    return PHASES == 1 ? threads : SLICES;
}

size_t prepared_size(void) {
    return sizeof(struct prepared);
}

size_t slices_size(void) {
    return (size_t)SLICES * WEIGHTS * sizeof(real);
}

void update_weights(const struct call *c) {
    struct team alone = {c, 0, 0};
    step(c, c->prepared, &alone, 0, 1, c->gradients, 1, c->arguments,
         (double)(c->steps_before + 1));
}

/* Evaluation: each sample is computed on its own, so that neither the threads nor the samples
   beside it change a bit. */

FUNCTION gather_inputs(const real *inputs, int n, real *x) {
    enum { INPUT = INPUT_ROWS * INPUT_ROW, PADDED = INPUT_ROWS * PAD(INPUT_ROW) };
    for (int s = 0; s < N; s++)  /* to fill up a chunk, the first again */
        move_rows(INPUT_ROWS, INPUT_ROW, inputs + (s < n ? s : 0) * INPUT, INPUT_ROW,
                  x + s * PADDED, PAD(INPUT_ROW));
}

${evaluate_outlined}ONLY_CALLS evaluate_chunk(const struct call *c, struct prepared *p, struct evaluated *e,
                          int64_t first, int n) {
    (void)p;
    gather_inputs(c->inputs + first * INPUT_ROWS * INPUT_ROW, n, $evaluated_x);
$evaluate    hand_out($evaluated_y, n, c->outputs + first * OUTPUT_ROWS * OUTPUT_ROW);
}

ONLY_CALLS evaluate_along(void *argument, int id, int threads) {
    const struct call *const c = argument;
    struct evaluated *const e = (struct evaluated *)c->work + id;
    for (int64_t first = (int64_t)id * N; first < c->samples; first += (int64_t)threads * N) {
        const int64_t left = c->samples - first;
        evaluate_chunk(c, c->prepared, e, first, left < N ? (int)left : N);
    }
}

size_t evaluated_size(void) {
    return sizeof(struct evaluated);
}

void evaluate(struct call *c) {
    const int64_t chunks = (c->samples + N - 1) / N;
    prepare(c, c->prepared, 0, 1);
    together(evaluate_along, c, (int)(c->threads < chunks ? c->threads : chunks));
}

void train(const struct call *c) {
    struct team team = {c, 0, 0};
    draw(c, c->prepared);
    together(train_along, &team, (int)c->threads);
}

void find_gradients(const struct call *c) {
    struct team team = {c, 0, 0};
    if (c->phase == 0) draw(c, c->prepared);
    together(find_along, &team, (int)c->threads);
}

/* What slices measure of the batch: the phase in which they do, where it is in struct prepared, and
   how many bytes are one slice's. */

const int64_t measured_of_slices[][3] = {
$measuring    {-1, 0, 0}
};
