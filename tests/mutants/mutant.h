/*
 * Decisions that a number changes: what mutate.py writes around expressions. The number n of a
 * macro and those that follow it are its changes, in the order in which mutate.py lists them.
 */
#ifndef SMIMEBR_TESTS_MUTANT_H
#define SMIMEBR_TESTS_MUTANT_H

/* The mutant that is switched on; 0 is the program as it was written. */
extern unsigned mutant_on;

/* Which sites were reached, by the number of their first mutant. */
extern unsigned char mutant_reached[];

#define MUTANT_IS(n) (mutant_on == (n))

/* The operands keep their types and are evaluated once. */
#define MUTANT_COMPARE(n, bound, a, b, result)                                                     \
    __extension__({                                                                                \
        __auto_type mutant_a_##n = a;                                                              \
        __auto_type mutant_b_##n = b;                                                              \
        mutant_reached[n] = 1;                                                                     \
        result(n, bound, mutant_a_##n, mutant_b_##n);                                              \
    })

/* The third change, of a constant bound, is there only if `bound` is. */
#define MUTANT_CHOOSE(n, bound, first, second, third, original)                                    \
    (MUTANT_IS(n) ? (first)                                                                        \
                  : (MUTANT_IS((n) + 1) ? (second)                                                 \
                                        : ((bound) && MUTANT_IS((n) + 2) ? (third) : (original))))

#define MUTANT_RESULT_LT(n, bound, a, b)                                                           \
    MUTANT_CHOOSE(n, bound, (a) <= (b), (a) >= (b), (a) < (b)-1, (a) < (b))
#define MUTANT_RESULT_LE(n, bound, a, b)                                                           \
    MUTANT_CHOOSE(n, bound, (a) < (b), (a) > (b), (a) <= (b) + 1, (a) <= (b))
#define MUTANT_RESULT_GT(n, bound, a, b)                                                           \
    MUTANT_CHOOSE(n, bound, (a) >= (b), (a) <= (b), (a) > (b) + 1, (a) > (b))
#define MUTANT_RESULT_GE(n, bound, a, b)                                                           \
    MUTANT_CHOOSE(n, bound, (a) > (b), (a) < (b), (a) >= (b)-1, (a) >= (b))
#define MUTANT_RESULT_EQ(n, bound, a, b) MUTANT_CHOOSE(n, 0, (a) != (b), 0, 0, (a) == (b))
#define MUTANT_RESULT_NE(n, bound, a, b) MUTANT_CHOOSE(n, 0, (a) == (b), 1, 0, (a) != (b))

#define MUTANT_LT(n, bound, a, b) MUTANT_COMPARE(n, bound, a, b, MUTANT_RESULT_LT)
#define MUTANT_LE(n, bound, a, b) MUTANT_COMPARE(n, bound, a, b, MUTANT_RESULT_LE)
#define MUTANT_GT(n, bound, a, b) MUTANT_COMPARE(n, bound, a, b, MUTANT_RESULT_GT)
#define MUTANT_GE(n, bound, a, b) MUTANT_COMPARE(n, bound, a, b, MUTANT_RESULT_GE)
#define MUTANT_EQ(n, bound, a, b) MUTANT_COMPARE(n, bound, a, b, MUTANT_RESULT_EQ)
#define MUTANT_NE(n, bound, a, b) MUTANT_COMPARE(n, bound, a, b, MUTANT_RESULT_NE)

/* b is evaluated if a is true (AND) or false (OR), and the other way round in the mutant. */
#define MUTANT_LOGIC(n, a, b, until)                                                               \
    __extension__({                                                                                \
        _Bool mutant_a_##n = (mutant_reached[n] = 1, (a) ? 1 : 0);                                 \
        if (mutant_a_##n != ((until) != MUTANT_IS(n)))                                             \
            mutant_a_##n = (b) ? 1 : 0;                                                            \
        (int)mutant_a_##n;                                                                         \
    })
#define MUTANT_AND(n, bound, a, b) MUTANT_LOGIC(n, a, b, 0)
#define MUTANT_OR(n, bound, a, b)  MUTANT_LOGIC(n, a, b, 1)

#define MUTANT_NOT(n, bound, a) ((mutant_reached[n] = 1, !(a)) == MUTANT_IS(n))

/* A constant that is handed to a function. */
#define MUTANT_BOUND(n, bound, a)                                                                  \
    ((mutant_reached[n] = 1, a) + (int)MUTANT_IS(n) - (int)MUTANT_IS((n) + 1))

#endif
