/* Where windows begin and end. */

INLINE int most(int a, int b) {
    return a > b ? a : b;
}

INLINE int least(int a, int b) {
    return a < b ? a : b;
}

INLINE int up(int a, int b) {  /* a / b, rounded up; b is above 0 */
    return a > 0 ? (a + b - 1) / b : a / b;
}

INLINE int mirrored(int place, int size) {  /* what a mirror in the outermost place shows */
    const int beyond = place < 0 ? -place : place;
    return beyond < size ? beyond : 2 * (size - 1) - beyond;
}
