/* As many multiply-adds as the machine can do at most, of numbers that never leave its registers.

   cc -O3 -march=native -shared -fPIC */

#include <stdint.h>

#if defined(__AVX512F__) /* numbers in a vector of the machine */
#define WIDTH 16
#elif defined(__AVX__)
#define WIDTH 8
#else
#define WIDTH 4
#endif
#define CHAINS 12 /* beside each other: one takes four cycles, and two begin in each */

typedef float vector __attribute__((vector_size(4 * WIDTH)));

/* Returns a sum that no compiler can leave out. */
float multiply_adds(int64_t count) {
  vector sums[CHAINS], half = (vector){0} + 0.5f, one = (vector){0} + 1;
  for (int i = 0; i < CHAINS; i++) sums[i] = (vector){0} + (float)i;
  for (int64_t done = 0; done < count; done += CHAINS * WIDTH) {
    _Pragma("GCC unroll 12") for (int i = 0; i < CHAINS; i++) sums[i] = sums[i] * half + one;
  }
  float total = 0;
  for (int i = 0; i < CHAINS; i++)
    for (int k = 0; k < WIDTH; k++) total += sums[i][k];
  return total;
}
