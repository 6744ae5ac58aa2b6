/* How fast this machine's memory is, after STREAM: a read and a triad over arrays larger than the caches. */
#include <stdint.h>

/* Sum of `n` doubles by `threads` threads. */
double read_all(const double *a, int64_t n, int threads) {
    double total = 0.0;
#pragma omp parallel for simd reduction(+ : total) num_threads(threads)
    for (int64_t i = 0; i < n; i++) total += a[i];
    return total;
}

/* a = b + s * c. */
void triad(double *a, const double *b, const double *c, double s, int64_t n, int threads) {
#pragma omp parallel for simd num_threads(threads)
    for (int64_t i = 0; i < n; i++) a[i] = b[i] + s * c[i];
}
