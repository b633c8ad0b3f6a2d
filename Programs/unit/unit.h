/* A tiny harness for C unit tests: CHECK() counts and reports, UNIT_MAIN() runs a table of
   tests. */
#ifndef LADON_UNIT_H
#define LADON_UNIT_H

#include <stdio.h>
#include <stdlib.h>

struct unit_result {
    int checks;
    int failures;
};

struct unit_test {
    const char *name;
    void (*run)(struct unit_result *result);
};

#define CHECK(expr) \
    do { \
        result->checks++; \
        if (!(expr)) { \
            result->failures++; \
            fprintf(stderr, "%s:%d: failed: %s\n", __FILE__, __LINE__, #expr); \
        } \
    } while (0)

static int
unit_run(const struct unit_test *tests, size_t count)
{
    struct unit_result total = {0, 0};
    for (size_t i = 0; i < count; i++) {
        struct unit_result result = {0, 0};
        tests[i].run(&result);
        printf("%-40s %6d checks %s\n", tests[i].name, result.checks,
               result.failures ? "FAILED" : "ok");
        total.checks += result.checks;
        total.failures += result.failures;
    }
    printf("%d checks, %d failures\n", total.checks, total.failures);
    return total.failures != 0;
}

#define UNIT_MAIN(TESTS) \
    int main(void) { return unit_run(TESTS, sizeof(TESTS) / sizeof(TESTS[0])); }

#endif /* !LADON_UNIT_H */
