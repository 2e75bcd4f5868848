/* Recurrent layers: the sums of their gates, W x + U h, for some rows of x and h, and for LANES
   numbers of each gate. ``weights`` has a row for each number of x and then of h, with those LANES of
   all gates. The sums with x and those with h are one from the first gate on up to ``shared``; behind
   them are those with h, and last those with x. All of them stay in registers. Every size is a
   constant where it is called. */

INLINE void gate_sums(int rows, int gates, int shared, int x_size, int h_size, const real *x,
                      int x_row, const real *h, int h_row, const real *weights, const real *start,
                      real *to) {
    const int sums = gates + gates - shared;
    vector sum[TALLEST][4];
#pragma GCC unroll 12
    for (int r = 0; r < rows; r++)
#pragma GCC unroll 4
        for (int g = 0; g < sums; g++) sum[r][g] = start ? load(start + g * LANES) : (vector){0};
#pragma GCC unroll 1
    for (int k = 0; k < x_size; k++, weights += gates * LANES)
#pragma GCC unroll 12
        for (int r = 0; r < rows; r++) {
            const real factor = x[r * x_row + k];
#pragma GCC unroll 4
            for (int g = 0; g < gates; g++)
                sum[r][g < shared ? g : g + gates - shared] += factor * load(weights + g * LANES);
        }
#pragma GCC unroll 1
    for (int k = 0; k < h_size; k++, weights += gates * LANES)
#pragma GCC unroll 12
        for (int r = 0; r < rows; r++) {
            const real factor = h[r * h_row + k];
#pragma GCC unroll 4
            for (int g = 0; g < gates; g++) sum[r][g] += factor * load(weights + g * LANES);
        }
#pragma GCC unroll 12
    for (int r = 0; r < rows; r++)
#pragma GCC unroll 4
        for (int g = 0; g < sums; g++) store(to + (r * sums + g) * LANES, sum[r][g]);
}
