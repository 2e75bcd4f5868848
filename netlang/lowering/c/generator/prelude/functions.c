/* Functions. In float they are branch-free, so that loops over them become vectors: e^x is 2^n e^r,
   with e^r a polynomial in r = x - n log 2, which is at most (log 2)/2. */

#ifdef REAL_IS_DOUBLE
#define EXP exp
#define EXP_BELOW_0 exp
#define EXPM1 expm1
#define TANH tanh
#define ERF erf
#define LOG log
#define LOG1P log1p
#define SIN sin
#define COS cos
#define SQRT sqrt
#define REAL_MIN DBL_MIN
#define REAL_MAX DBL_MAX

INLINE double NORMAL_CDF(double x, double bell) {
    (void)bell;
    return 0.5 * (1 + erf(0.70710678118654752 * x));
}
#else
#define SQRT sqrtf
#define REAL_MIN FLT_MIN
#define REAL_MAX FLT_MAX

/* 2^n, 0 or infinity at the ends, from a float whose last 9 bits are n + 127. */
INLINE float power_of_two(float shifted) {
    uint32_t bits;
    memcpy(&bits, &shifted, sizeof bits);
    bits <<= 23;
    float power;
    memcpy(&power, &bits, sizeof power);
    return power;
}

/* x - n log 2, where log 2 has two parts: n times the first is exact. */
INLINE float reduced(float x, float n) {
    return (x - n * 0.693359375f) + n * 2.12194440e-4f;
}

INLINE float EXP_BELOW_0(float x) {  /* and a little above: it need not look for infinity */
    x = x < -88.0f ? -88.0f : x;
    const float shifted = x * 1.44269504f + 12583039.0f, n = shifted - 12583039.0f;
    const float r = reduced(x, n);
    float sum = 1.3843664e-3f;
    sum = sum * r + 8.3741582e-3f;
    sum = sum * r + 4.1668002e-2f;
    sum = sum * r + 1.6666431e-1f;
    sum = sum * r + 4.9999994e-1f;
    sum = sum * r + 1.0f;
    sum = sum * r + 1.0f;
    return sum * power_of_two(shifted);
}

INLINE float EXPM1_BELOW_0(float x) {  /* p is e^r - 1 */
    x = x < -88.0f ? -88.0f : x;
    const float shifted = x * 1.44269504f + 12583039.0f, n = shifted - 12583039.0f;
    const float r = reduced(x, n);
    float sum = 1.9841270e-4f;
    sum = sum * r + 1.3888889e-3f;
    sum = sum * r + 8.3333333e-3f;
    sum = sum * r + 4.1666667e-2f;
    sum = sum * r + 1.6666667e-1f;
    sum = sum * r + 0.5f;
    const float p = sum * r * r + r, power = power_of_two(shifted);
    return p * power + (power - 1.0f);
}

INLINE float EXP(float x) {
    return EXP_BELOW_0(x > 88.5f ? 88.5f : x);
}

INLINE float EXPM1(float x) {  /* of x up to 88 */
    return EXPM1_BELOW_0(x > 88.5f ? 88.5f : x);
}

INLINE float TANH(float x) {
    const float t = EXPM1_BELOW_0(-2.0f * fabsf(x));
    return copysignf(t / (t + 2.0f), x);
}

INLINE float ERF(float x) {  /* two polynomials, those of Eigen; from 3.83 on, a float is 1 */
    const float t = fabsf(x) > 3.8325069f ? copysignf(3.8325069f, x) : x, s = t * t;
    float above = 2.1237322e-6f;
    above = above * s + 2.8619796e-4f;
    above = above * s + 3.6580483e-3f;
    above = above * s + 5.2433021e-2f;
    above = above * s + 1.8741608e-1f;
    above = above * s + 1.1283791f;
    float below = 3.8918573e-5f;
    below = below * s + 1.1432960e-3f;
    below = below * s + 1.4752088e-2f;
    below = below * s + 1.1294568e-1f;
    below = below * s + 4.9942580e-1f;
    below = below * s + 1.0f;
    return t * above / below;
}

INLINE float NORMAL_CDF(float x, float bell) {
    /* Below -a it is bell times a polynomial in a, which is off by 3e-8 at most. */
    const float a = fabsf(x) > 13.0f ? 13.0f : fabsf(x);
    float sum = -2.5099911e-7f;
    sum = sum * a + 6.4360197e-6f;
    sum = sum * a - 7.4158915e-5f;
    sum = sum * a + 5.1477145e-4f;
    sum = sum * a - 2.4537241e-3f;
    sum = sum * a + 8.7662880e-3f;
    sum = sum * a - 2.5214887e-2f;
    sum = sum * a + 6.1758169e-2f;
    sum = sum * a - 1.3274743e-1f;
    sum = sum * a + 2.4996338e-1f;
    sum = sum * a - 3.9894029e-1f;
    sum = sum * a + 0.5f;
    const float below = bell * sum;
    return x < 0 ? below : 1.0f - below;
}

INLINE float LOG(float x) {  /* n log 2 + log(1 + r), where 1 + r = x / 2^n is around 1 */
    const float normal = x < FLT_MIN ? x * 8388608.0f : x;  /* 2^23 */
    uint32_t bits;
    memcpy(&bits, &normal, sizeof bits);
    const uint32_t root = 0x3F3504F3u;  /* of 1/2 */
    const int32_t places = (int32_t)(bits - root) >> 23;
    bits -= (uint32_t)places << 23;
    float r;
    memcpy(&r, &bits, sizeof r);
    r -= 1.0f;
    const float n = (float)places - (x < FLT_MIN ? 23.0f : 0.0f), s = r * r;
    float sum = 7.0376836292e-2f;
    sum = sum * r - 1.1514610310e-1f;
    sum = sum * r + 1.1676998740e-1f;
    sum = sum * r - 1.2420140846e-1f;
    sum = sum * r + 1.4249322787e-1f;
    sum = sum * r - 1.6668057665e-1f;
    sum = sum * r + 2.0000714765e-1f;
    sum = sum * r - 2.4999993993e-1f;
    sum = sum * r + 3.3333331174e-1f;
    const float rest = sum * r * s + (n * -2.12194440e-4f - 0.5f * s);
    const float value = (r + rest) + n * 0.693359375f;
    return x > 0 ? (x > FLT_MAX ? x : value) : x == 0 ? -INFINITY : NAN;
}

INLINE float LOG1P(float x) {  /* of x from 0 to 1: 2 artanh(s), where s is at most 1/3 */
    const float s = x / (x + 2.0f), q = s * s;
    float sum = 0.28191538f;
    sum = sum * q + 0.27957668f;
    sum = sum * q + 0.40025114f;
    sum = sum * q + 0.66666310f;
    return (sum * q + 2.0f) * s;
}

INLINE float sine(float x, uint32_t quarters) {
    /* Of x and so many right angles: of r = x - n pi/2, which is at most pi/4, it is the sine or the
       cosine, as n says. Both are polynomials. */
    const float shifted = x * 0.636619772f + 12582912.0f;  /* its last bits are n, rounded */
    const float n = shifted - 12582912.0f;
    float r = ((x - n * 1.5703125f) - n * 4.8375130e-4f) - n * 7.5497900e-8f;
    r = r > 0.8f ? 0.8f : r;  /* of numbers so large that they have no places behind the point */
    r = r < -0.8f ? -0.8f : r;
    const float s = r * r;
    float odd = -1.9515296e-4f;
    odd = odd * s + 8.3321609e-3f;
    odd = odd * s - 1.6666655e-1f;
    float even = 2.4433157e-5f;
    even = even * s - 1.3887316e-3f;
    even = even * s + 4.1666646e-2f;
    uint32_t bits;
    memcpy(&bits, &shifted, sizeof bits);
    bits += quarters;
    const float value = bits & 1 ? (even * s - 0.5f) * s + 1.0f : odd * s * r + r;
    return bits & 2 ? -value : value;
}

INLINE float SIN(float x) {
    return sine(x, 0);
}

INLINE float COS(float x) {
    return sine(x, 1);
}
#endif

INLINE real SIGMOID(real x) {
    return 1 / (1 + EXP(-x));
}
