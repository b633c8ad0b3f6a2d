/* Template: substring search for one character width and both directions.
 *
 * The including file defines CHAR (element type) and OP(x) (name of an instance).
 *
 * One character is looked for directly.  A longer pattern starts with a cheap scan: find its first
 * character, compare the rest.  Characters compared in vain are counted; when they outgrow the text
 * passed over, the rest is searched with the two-way algorithm.  So a search that ends at d costs
 * O(d + m) and constant space.
 *
 * Two-way search after M. Crochemore and D. Perrin, "Two-way string-matching" (J. ACM 38, 1991):
 * the pattern is cut at a critical position; the right part is compared forwards, then the left
 * part.  A mismatch at i of the right part allows a shift of i - cut + 1; a mismatch in the left
 * part allows a shift by the period (or, for a long period, by the longer part plus one).
 *
 * Backward search is the same text read from the other end: position i of a sequence is at
 * `base[STEP * i]`.
 */

/* A start of the maximal suffix of p[:m] under < (order 0) or > (order 1), and its period. */
#define DEFINE_TWO_WAY(STEP, SUFFIX) \
static Py_ssize_t \
OP(max_suffix##SUFFIX)(const CHAR *p, Py_ssize_t m, Py_ssize_t *period, int order) \
{ \
    Py_ssize_t best = 0, cand = 1, k = 0, per = 1; \
    while (cand + k < m) { \
        CHAR a = p[(STEP) * (cand + k)]; \
        CHAR b = p[(STEP) * (best + k)]; \
        if (order ? b < a : a < b) { \
            /* the candidate is smaller: everything read so far is one period */ \
            cand += k + 1; \
            k = 0; \
            per = cand - best; \
        } \
        else if (a == b) { \
            if (k + 1 == per) { \
                cand += per; \
                k = 0; \
            } \
            else { \
                k++; \
            } \
        } \
        else { \
            best = cand++; \
            k = 0; \
            per = 1; \
        } \
    } \
    *period = per; \
    return best; \
} \
\
static Py_ssize_t \
OP(two_way##SUFFIX)(const CHAR *s, Py_ssize_t n, const CHAR *p, Py_ssize_t m) \
{ \
    assert(m >= 2); \
    Py_ssize_t per0, per1; \
    Py_ssize_t cut0 = OP(max_suffix##SUFFIX)(p, m, &per0, 0); \
    Py_ssize_t cut1 = OP(max_suffix##SUFFIX)(p, m, &per1, 1); \
    Py_ssize_t cut = cut0 > cut1 ? cut0 : cut1; \
    Py_ssize_t period = cut0 > cut1 ? per0 : per1; \
    assert(0 <= cut && cut < m && period >= 1); \
    int periodic = cut + period <= m; \
    for (Py_ssize_t i = 0; periodic && i < cut; i++) { \
        periodic = p[(STEP) * i] == p[(STEP) * (i + period)]; \
    } \
    if (!periodic) { \
        period = (cut > m - cut ? cut : m - cut) + 1; \
    } \
    Py_ssize_t pos = 0; \
    Py_ssize_t known = 0;       /* prefix of the window that is known to match */ \
    while (pos <= n - m) { \
        const CHAR *w = s + (STEP) * pos; \
        Py_ssize_t i = cut > known ? cut : known; \
        while (i < m && p[(STEP) * i] == w[(STEP) * i]) { \
            i++; \
        } \
        if (i < m) { \
            pos += i - cut + 1; \
            known = 0; \
            continue; \
        } \
        i = cut; \
        while (i > known && p[(STEP) * (i - 1)] == w[(STEP) * (i - 1)]) { \
            i--; \
        } \
        if (i <= known) { \
            return pos; \
        } \
        pos += period; \
        known = periodic ? m - period : 0; \
    } \
    return -1; \
}

DEFINE_TWO_WAY(1, )
DEFINE_TWO_WAY(-1, _back)
#undef DEFINE_TWO_WAY

Py_ssize_t
OP(FindChar)(const CHAR *s, Py_ssize_t n, CHAR c)
{
    assert(n >= 0);
    if (sizeof(CHAR) == 1) {
        const void *hit = n > 0 ? memchr(s, (int)c, (size_t)n) : NULL;
        return hit != NULL ? (const CHAR *)hit - s : -1;
    }
    if (sizeof(CHAR) == sizeof(wchar_t)) {
        const wchar_t *hit = n > 0 ? wmemchr((const wchar_t *)s, (wchar_t)c, (size_t)n) : NULL;
        return hit != NULL ? (const CHAR *)hit - s : -1;
    }
    Py_ssize_t i = 0;
    for (; i + 4 <= n; i += 4) {
        if ((s[i] == c) | (s[i + 1] == c) | (s[i + 2] == c) | (s[i + 3] == c)) {
            break;
        }
    }
    for (; i < n; i++) {
        if (s[i] == c) {
            return i;
        }
    }
    return -1;
}

Py_ssize_t
OP(RFindChar)(const CHAR *s, Py_ssize_t n, CHAR c)
{
    assert(n >= 0);
    if (sizeof(CHAR) == 1) {
        const void *hit = n > 0 ? memrchr(s, (int)c, (size_t)n) : NULL;
        return hit != NULL ? (const CHAR *)hit - s : -1;
    }
    while (n > 0) {
        n--;
        if (s[n] == c) {
            return n;
        }
    }
    return -1;
}

Py_ssize_t
OP(Find)(const CHAR *s, Py_ssize_t n, const CHAR *p, Py_ssize_t m)
{
    assert(n >= 0 && m >= 0);
    if (m > n) {
        return -1;
    }
    if (m <= 1) {
        return m == 0 ? 0 : OP(FindChar)(s, n, p[0]);
    }
    Py_ssize_t last = n - m;
    Py_ssize_t wasted = -64;
    CHAR tail = p[m - 1];
    for (Py_ssize_t i = 0; i <= last; i++) {
        Py_ssize_t step = OP(FindChar)(s + i, last - i + 1, p[0]);
        if (step < 0) {
            return -1;
        }
        i += step;
        if (s[i + m - 1] != tail) {
            wasted++;
        }
        else {
            Py_ssize_t k = 1;
            while (k < m - 1 && s[i + k] == p[k]) {
                k++;
            }
            if (k >= m - 1) {
                return i;
            }
            wasted += k + 1;
        }
        if (wasted > 8 * i) {
            Py_ssize_t found = OP(two_way)(s + i + 1, n - i - 1, p, m);
            return found < 0 ? -1 : found + i + 1;
        }
    }
    return -1;
}

Py_ssize_t
OP(RFind)(const CHAR *s, Py_ssize_t n, const CHAR *p, Py_ssize_t m)
{
    assert(n >= 0 && m >= 0);
    if (m > n) {
        return -1;
    }
    if (m <= 1) {
        return m == 0 ? n : OP(RFindChar)(s, n, p[0]);
    }
    Py_ssize_t wasted = -64;
    Py_ssize_t end = n - m + 1;         /* candidates are the starts below end */
    while (end > 0) {
        Py_ssize_t i = OP(RFindChar)(s, end, p[0]);
        if (i < 0) {
            return -1;
        }
        Py_ssize_t k = m - 1;
        while (k > 0 && s[i + k] == p[k]) {
            k--;
        }
        if (k == 0) {
            return i;
        }
        wasted += m - k;
        end = i;
        if (wasted > 8 * (n - m - i)) {
            Py_ssize_t rest = i + m - 1;        /* text that can still hold a match */
            Py_ssize_t found = OP(two_way_back)(s + rest - 1, rest, p + m - 1, m);
            return found < 0 ? -1 : rest - found - m;
        }
    }
    return -1;
}

Py_ssize_t
OP(Count)(const CHAR *s, Py_ssize_t n, const CHAR *p, Py_ssize_t m, Py_ssize_t max)
{
    assert(max >= 0);
    if (m == 0) {
        return n < max ? n + 1 : max;
    }
    Py_ssize_t count = 0;
    if (m == 1 && max >= n) {
        for (Py_ssize_t i = 0; i < n; i++) {
            count += s[i] == p[0];
        }
        return count;
    }
    while (count < max) {
        Py_ssize_t i = OP(Find)(s, n, p, m);
        if (i < 0) {
            break;
        }
        count++;
        s += i + m;
        n -= i + m;
    }
    return count;
}
