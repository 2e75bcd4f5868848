/* Random draws: the integer hash triple32 (Chris Wellons, 2018). */

INLINE uint32_t hash(uint32_t x) {
    x ^= x >> 17;
    x *= 0xed5ad4bbu;
    x ^= x >> 11;
    x *= 0xac4c1b51u;
    x ^= x >> 15;
    x *= 0x31848babu;
    x ^= x >> 14;
    return x;
}

INLINE uint32_t drawn(uint32_t sample, uint32_t key, uint32_t unit) {
    return hash(hash(sample ^ key) ^ unit) >> 1;
}

static __attribute__((noinline, unused)) void hash_units(int rows, int size, uint64_t key,
                                                         uint32_t *units) {
    /* a unit's part of what is drawn; a sample makes its own number of it */
    for (int r = 0; r < rows; r++)
        for (int i = 0; i < size; i++)
            units[r * PAD(size) + i] = hash((uint32_t)(r * size + i) ^ (uint32_t)(key >> 32));
}
