/* Threads: ``work`` is done by several at once, each with its number; the caller is number 0. */

#if defined(_WIN32)
#define MOST_THREADS 1
#else
#include <pthread.h>
#include <sched.h>
#define MOST_THREADS 64
#endif

typedef void work_function(void *given, int id, int threads);

#if MOST_THREADS == 1
INLINE void give_way(void) {}

INLINE void together(work_function *work, void *given, int threads) {
    (void)threads;
    work(given, 0, 1);
}
#else
struct helper {
    work_function *work;
    void *given;
    int id;
    int *threads;  /* how many there are, once that is known */
};

INLINE void give_way(void) {
    sched_yield();
}

static void *help(void *given) {
    const struct helper *const helper = given;
    int threads;
    while (!(threads = __atomic_load_n(helper->threads, __ATOMIC_ACQUIRE))) give_way();
    helper->work(helper->given, helper->id, threads);
    return NULL;
}

FUNCTION together(work_function *work, void *given, int threads) {
    pthread_t others[MOST_THREADS];
    struct helper helpers[MOST_THREADS];
    int known = 0, count = 1;
    while (count < threads && count < MOST_THREADS) {
        helpers[count] = (struct helper){work, given, count, &known};
        if (pthread_create(&others[count], NULL, help, &helpers[count])) break;
        count++;
    }
    __atomic_store_n(&known, count, __ATOMIC_RELEASE);
    work(given, 0, count);
    for (int id = 1; id < count; id++) pthread_join(others[id], NULL);
}
#endif
