/* audioop: operations on fragments of sound (deprecated by PEP 594).
 *
 * A fragment is a bytes-like object of signed samples of 1 to 4 bytes in the machine's order.
 * Where samples of different widths meet, they are scaled to 32 bits: a narrow sample is the upper
 * part of a wide one.  Samples of u-LAW, a-LAW and ADPCM have 16 bits.
 *
 * Written from the library reference (audioop), ITU-T G.711 (u-LAW, a-LAW), the IMA's
 * recommendation for ADPCM, and observed results and messages. */
#include "Python.h"
#include "pycore_object.h"      // _Py_SHARED

#include <math.h>

#include "sig/audioop.sig.h"

typedef struct {
    PyObject *error;
} audioop_state;

/* ---- samples --------------------------------------------------------------------------------- */

static inline int32_t
get_sample(const unsigned char *p, int width)
{
    uint32_t bits = 0;
#if PY_BIG_ENDIAN
    for (int i = 0; i < width; i++) {
        bits |= (uint32_t)p[i] << (24 - 8 * i);
    }
#else
    for (int i = 0; i < width; i++) {
        bits |= (uint32_t)p[i] << (32 - 8 * (width - i));
    }
#endif
    return (int32_t)bits >> (32 - 8 * width);
}

static inline void
put_sample(unsigned char *p, int width, uint32_t value)
{
    for (int i = 0; i < width; i++) {
        p[PY_BIG_ENDIAN ? width - 1 - i : i] = (unsigned char)(value >> (8 * i));
    }
}

/* Samples as the upper part of 32 bits. */
static inline int32_t
get_wide(const unsigned char *p, int width)
{
    return (int32_t)((uint32_t)get_sample(p, width) << (32 - 8 * width));
}

static inline void
put_wide(unsigned char *p, int width, int32_t value)
{
    put_sample(p, width, (uint32_t)(value >> (32 - 8 * width)));
}

static inline int32_t
greatest(int width)
{
    return (int32_t)(UINT32_C(0x7fffffff) >> (32 - 8 * width));
}

/* The sample next to a value, rounded down.  NaN gives the lowest bits of the least C int. */
static uint32_t
nearest(double value, int width)
{
    double high = greatest(width), low = -high - 1;
    if (isnan(value)) {
        return (uint32_t)INT32_MIN;
    }
    value = floor(value);
    return (uint32_t)(int32_t)(value > high ? high : value < low ? low : value);
}

/* ---- arguments ------------------------------------------------------------------------------- */

static void
set_error(PyObject *module, const char *message)
{
    PyErr_SetString(((audioop_state *)PyModule_GetState(module))->error, message);
}

static int
check_width(PyObject *module, int width)
{
    if (width < 1 || width > 4) {
        set_error(module, "Size should be 1, 2, 3 or 4");
        return -1;
    }
    return 0;
}

/* Whole frames of samples of this width: their number, or -1 with an exception. */
static Py_ssize_t
count_frames(PyObject *module, const Py_buffer *fragment, int width, int channels)
{
    if (check_width(module, width) < 0) {
        return -1;
    }
    if (fragment->len % width != 0 || fragment->len / width % channels != 0) {
        set_error(module, "not a whole number of frames");
        return -1;
    }
    return fragment->len / width / channels;
}

static Py_ssize_t
count_samples(PyObject *module, const Py_buffer *fragment, int width)
{
    return count_frames(module, fragment, width, 1);
}

/* Room for `count` samples: new bytes, and in *out its items.  NULL with MemoryError. */
static PyObject *
new_fragment(Py_ssize_t count, int width, unsigned char **out)
{
    if (count > PY_SSIZE_T_MAX / width) {
        return PyErr_NoMemory();
    }
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, count * width);
    if (bytes != NULL) {
        *out = (unsigned char *)PyBytes_AS_STRING(bytes);
    }
    return bytes;
}

/* ---- measures -------------------------------------------------------------------------------- */

/*sig audioop.getsample(module, fragment: buffer, width: int, index: ssize, /)

Return the value of sample index from the fragment.
*/
static PyObject *
audioop_getsample_impl(PyObject *module, Py_buffer *fragment, int width, Py_ssize_t index)
{
    Py_ssize_t n = count_samples(module, fragment, width);
    if (n < 0) {
        return NULL;
    }
    if (index < 0 || index >= n) {
        set_error(module, "Index out of range");
        return NULL;
    }
    return PyLong_FromLong(get_sample((unsigned char *)fragment->buf + index * width, width));
}

struct measures {
    int32_t low, high;          /* least and greatest sample; INT32_MAX and INT32_MIN if none */
    uint32_t loudest;           /* greatest absolute value */
    int64_t sum;
    double squares;             /* sum of squares */
    Py_ssize_t crossings;       /* of zero; -1 if there is no sample */
};

static struct measures
measure(const Py_buffer *fragment, int width, Py_ssize_t n)
{
    struct measures m = {INT32_MAX, INT32_MIN, 0, 0, 0.0, -1};
    const unsigned char *p = fragment->buf;
    int before = -1;
    for (Py_ssize_t i = 0; i < n; i++, p += width) {
        int32_t value = get_sample(p, width);
        uint32_t size = value < 0 ? 0u - (uint32_t)value : (uint32_t)value;
        m.low = Py_MIN(m.low, value);
        m.high = Py_MAX(m.high, value);
        m.loudest = Py_MAX(m.loudest, size);
        m.sum += value;
        m.squares += (double)value * value;
        m.crossings += (value < 0) != before;
        before = value < 0;
    }
    return m;
}

/*sig audioop.max(module, fragment: buffer, width: int, /)

Return the maximum of the absolute value of all samples in a fragment.
*/
static PyObject *
audioop_max_impl(PyObject *module, Py_buffer *fragment, int width)
{
    Py_ssize_t n = count_samples(module, fragment, width);
    return n < 0 ? NULL : PyLong_FromUnsignedLong(measure(fragment, width, n).loudest);
}

/*sig audioop.minmax(module, fragment: buffer, width: int, /)

Return the minimum and maximum values of all samples in the sound fragment.
*/
static PyObject *
audioop_minmax_impl(PyObject *module, Py_buffer *fragment, int width)
{
    Py_ssize_t n = count_samples(module, fragment, width);
    if (n < 0) {
        return NULL;
    }
    struct measures m = measure(fragment, width, n);
    return Py_BuildValue("(ii)", (int)m.low, (int)m.high);
}

/*sig audioop.avg(module, fragment: buffer, width: int, /)

Return the average over all samples in the fragment.
*/
static PyObject *
audioop_avg_impl(PyObject *module, Py_buffer *fragment, int width)
{
    Py_ssize_t n = count_samples(module, fragment, width);
    if (n <= 0) {
        return n < 0 ? NULL : PyLong_FromLong(0);
    }
    int64_t sum = measure(fragment, width, n).sum;
    return PyLong_FromLongLong(sum / n - (sum % n < 0));
}

/*sig audioop.rms(module, fragment: buffer, width: int, /)

Return the root-mean-square of the fragment, i.e. sqrt(sum(S_i^2)/n).
*/
static PyObject *
audioop_rms_impl(PyObject *module, Py_buffer *fragment, int width)
{
    Py_ssize_t n = count_samples(module, fragment, width);
    if (n <= 0) {
        return n < 0 ? NULL : PyLong_FromLong(0);
    }
    double mean = measure(fragment, width, n).squares / (double)n;
    return PyLong_FromUnsignedLong((unsigned long)sqrt(mean));
}

/*sig audioop.cross(module, fragment: buffer, width: int, /)

Return the number of zero crossings in the fragment passed as an argument.
*/
static PyObject *
audioop_cross_impl(PyObject *module, Py_buffer *fragment, int width)
{
    Py_ssize_t n = count_samples(module, fragment, width);
    return n < 0 ? NULL : PyLong_FromSsize_t(measure(fragment, width, n).crossings);
}

struct peaks {
    uint64_t sum;               /* of the distances from each turning point to the next */
    uint32_t longest;           /* of these distances */
    Py_ssize_t count;
};

/* The first and the last sample are no turning points. */
static struct peaks
find_peaks(const Py_buffer *fragment, int width, Py_ssize_t n)
{
    struct peaks result = {0, 0, 0};
    const unsigned char *p = fragment->buf;
    int falling = -1, turned = 0;
    int32_t before = n > 0 ? get_sample(p, width) : 0, turn = 0;
    for (Py_ssize_t i = 1; i < n; i++) {
        int32_t value = get_sample(p + i * width, width);
        if (value == before) {
            continue;
        }
        int falls = value < before;
        if (falling == !falls) {
            if (turned) {
                uint32_t distance = before < turn ? (uint32_t)turn - (uint32_t)before
                                                  : (uint32_t)before - (uint32_t)turn;
                result.sum += distance;
                result.longest = Py_MAX(result.longest, distance);
                result.count++;
            }
            turned = 1;
            turn = before;
        }
        falling = falls;
        before = value;
    }
    return result;
}

/*sig audioop.avgpp(module, fragment: buffer, width: int, /)

Return the average peak-peak value over all samples in the fragment.
*/
static PyObject *
audioop_avgpp_impl(PyObject *module, Py_buffer *fragment, int width)
{
    Py_ssize_t n = count_samples(module, fragment, width);
    if (n < 0) {
        return NULL;
    }
    struct peaks peaks = find_peaks(fragment, width, n);
    return PyLong_FromUnsignedLongLong(peaks.count > 0 ? peaks.sum / (uint64_t)peaks.count : 0);
}

/*sig audioop.maxpp(module, fragment: buffer, width: int, /)

Return the maximum peak-peak value in the sound fragment.
*/
static PyObject *
audioop_maxpp_impl(PyObject *module, Py_buffer *fragment, int width)
{
    Py_ssize_t n = count_samples(module, fragment, width);
    return n < 0 ? NULL : PyLong_FromUnsignedLong(find_peaks(fragment, width, n).longest);
}

/* ---- matching of 16-bit samples -------------------------------------------------------------- */

static double
at(const Py_buffer *fragment, Py_ssize_t i)
{
    return get_sample((unsigned char *)fragment->buf + 2 * i, 2);
}

/* Sum of the products of n samples, from one of the first fragment on. */
static double
product(const Py_buffer *a, Py_ssize_t first, const Py_buffer *b, Py_ssize_t n)
{
    double sum = 0.0;
    for (Py_ssize_t i = 0; i < n; i++) {
        sum += at(a, first + i) * at(b, i);
    }
    return sum;
}

static int
check_even(PyObject *module, const Py_buffer *a, const Py_buffer *b)
{
    if (a->len % 2 != 0 || b->len % 2 != 0) {
        set_error(module, "Strings should be even-sized");
        return -1;
    }
    return 0;
}

/*sig audioop.findfit(module, fragment: buffer, reference: buffer, /)

Try to match reference as well as possible to a portion of fragment.
*/
static PyObject *
audioop_findfit_impl(PyObject *module, Py_buffer *fragment, Py_buffer *reference)
{
    if (check_even(module, fragment, reference) < 0) {
        return NULL;
    }
    Py_ssize_t n = reference->len / 2, room = fragment->len / 2 - n, best = 0;
    if (room < 0) {
        set_error(module, "First sample should be longer");
        return NULL;
    }
    /* What the best factor leaves, relative to the energy of the portion. */
    double own = product(reference, 0, reference, n), energy = 0.0, least = 0.0;
    double best_common = 0.0;
    for (Py_ssize_t i = 0; i < n; i++) {
        energy += at(fragment, i) * at(fragment, i);
    }
    for (Py_ssize_t first = 0; first <= room; first++) {
        if (first > 0) {
            double gone = at(fragment, first - 1), come = at(fragment, first + n - 1);
            energy += come * come - gone * gone;
        }
        double common = product(fragment, first, reference, n);
        double rest = (own * energy - common * common) / energy;
        if (first == 0 || rest < least) {
            least = rest;
            best = first;
            best_common = common;
        }
    }
    return Py_BuildValue("(nd)", best, best_common / own);
}

/*sig audioop.findfactor(module, fragment: buffer, reference: buffer, /)

Return a factor F such that rms(add(fragment, mul(reference, -F))) is minimal.
*/
static PyObject *
audioop_findfactor_impl(PyObject *module, Py_buffer *fragment, Py_buffer *reference)
{
    if (check_even(module, fragment, reference) < 0) {
        return NULL;
    }
    if (fragment->len != reference->len) {
        set_error(module, "Samples should be same size");
        return NULL;
    }
    Py_ssize_t n = fragment->len / 2;
    return PyFloat_FromDouble(product(fragment, 0, reference, n)
                              / product(reference, 0, reference, n));
}

/*sig audioop.findmax(module, fragment: buffer, length: ssize, /)

Search fragment for a slice of specified number of samples with maximum energy.
*/
static PyObject *
audioop_findmax_impl(PyObject *module, Py_buffer *fragment, Py_ssize_t length)
{
    if (check_even(module, fragment, fragment) < 0) {
        return NULL;
    }
    Py_ssize_t n = fragment->len / 2, best = 0;
    if (length < 0 || length > n) {
        set_error(module, "Input sample should be longer");
        return NULL;
    }
    double energy = product(fragment, 0, fragment, length), most = energy;
    for (Py_ssize_t first = 1; first <= n - length && length > 0; first++) {
        double gone = at(fragment, first - 1), come = at(fragment, first + length - 1);
        energy += come * come - gone * gone;
        if (energy > most) {
            most = energy;
            best = first;
        }
    }
    return PyLong_FromSsize_t(best);
}

/* ---- arithmetic ------------------------------------------------------------------------------ */

/*sig audioop.mul(module, fragment: buffer, width: int, factor: double, /)

Return a fragment that has all samples in the original fragment multiplied by
the floating-point value factor.
*/
static PyObject *
audioop_mul_impl(PyObject *module, Py_buffer *fragment, int width, double factor)
{
    Py_ssize_t n = count_samples(module, fragment, width);
    unsigned char *out;
    PyObject *result = n < 0 ? NULL : new_fragment(n, width, &out);
    const unsigned char *p = fragment->buf;
    for (Py_ssize_t i = 0; result != NULL && i < n * width; i += width) {
        put_sample(out + i, width, nearest(factor * get_sample(p + i, width), width));
    }
    return result;
}

/*sig audioop.tomono(module, fragment: buffer, width: int, lfactor: double, rfactor: double, /)

Convert a stereo fragment to a mono fragment.
*/
static PyObject *
audioop_tomono_impl(PyObject *module, Py_buffer *fragment, int width, double lfactor,
                    double rfactor)
{
    Py_ssize_t n = count_frames(module, fragment, width, 2);
    unsigned char *out;
    PyObject *result = n < 0 ? NULL : new_fragment(n, width, &out);
    const unsigned char *p = fragment->buf;
    for (Py_ssize_t i = 0; result != NULL && i < n * width; i += width) {
        double left = get_sample(p + 2 * i, width), right = get_sample(p + 2 * i + width, width);
        put_sample(out + i, width, nearest(left * lfactor + right * rfactor, width));
    }
    return result;
}

/*sig audioop.tostereo(module, fragment: buffer, width: int, lfactor: double, rfactor: double, /)

Generate a stereo fragment from a mono fragment.
*/
static PyObject *
audioop_tostereo_impl(PyObject *module, Py_buffer *fragment, int width, double lfactor,
                      double rfactor)
{
    Py_ssize_t n = count_samples(module, fragment, width);
    unsigned char *out;
    PyObject *result = n < 0 ? NULL : new_fragment(n, 2 * width, &out);
    const unsigned char *p = fragment->buf;
    for (Py_ssize_t i = 0; result != NULL && i < n * width; i += width) {
        double value = get_sample(p + i, width);
        put_sample(out + 2 * i, width, nearest(value * lfactor, width));
        put_sample(out + 2 * i + width, width, nearest(value * rfactor, width));
    }
    return result;
}

/*sig audioop.add(module, fragment1: buffer, fragment2: buffer, width: int, /)

Return a fragment which is the addition of the two samples passed as parameters.
*/
static PyObject *
audioop_add_impl(PyObject *module, Py_buffer *fragment1, Py_buffer *fragment2, int width)
{
    Py_ssize_t n = count_samples(module, fragment1, width);
    if (n < 0) {
        return NULL;
    }
    if (fragment1->len != fragment2->len) {
        set_error(module, "Lengths should be the same");
        return NULL;
    }
    unsigned char *out;
    PyObject *result = new_fragment(n, width, &out);
    const unsigned char *p = fragment1->buf, *q = fragment2->buf;
    for (Py_ssize_t i = 0; result != NULL && i < n * width; i += width) {
        double sum = (double)get_sample(p + i, width) + get_sample(q + i, width);
        put_sample(out + i, width, nearest(sum, width));
    }
    return result;
}

/*sig audioop.bias(module, fragment: buffer, width: int, bias: int, /)

Return a fragment that is the original fragment with a bias added to each sample.
*/
static PyObject *
audioop_bias_impl(PyObject *module, Py_buffer *fragment, int width, int bias)
{
    Py_ssize_t n = count_samples(module, fragment, width);
    unsigned char *out;
    PyObject *result = n < 0 ? NULL : new_fragment(n, width, &out);
    const unsigned char *p = fragment->buf;
    for (Py_ssize_t i = 0; result != NULL && i < n * width; i += width) {
        put_sample(out + i, width, (uint32_t)get_sample(p + i, width) + (uint32_t)bias);
    }
    return result;
}

/* ---- order and width ------------------------------------------------------------------------- */

/*sig audioop.reverse(module, fragment: buffer, width: int, /)

Reverse the samples in a fragment and returns the modified fragment.
*/
static PyObject *
audioop_reverse_impl(PyObject *module, Py_buffer *fragment, int width)
{
    Py_ssize_t n = count_samples(module, fragment, width);
    unsigned char *out;
    PyObject *result = n < 0 ? NULL : new_fragment(n, width, &out);
    const unsigned char *p = fragment->buf;
    for (Py_ssize_t i = 0; result != NULL && i < n; i++) {
        memcpy(out + i * width, p + (n - 1 - i) * width, width);
    }
    return result;
}

/*sig audioop.byteswap(module, fragment: buffer, width: int, /)

Convert big-endian samples to little-endian and vice versa.
*/
static PyObject *
audioop_byteswap_impl(PyObject *module, Py_buffer *fragment, int width)
{
    Py_ssize_t n = count_samples(module, fragment, width);
    unsigned char *out;
    PyObject *result = n < 0 ? NULL : new_fragment(n, width, &out);
    const unsigned char *p = fragment->buf;
    for (Py_ssize_t i = 0; result != NULL && i < n * width; i += width) {
        for (int j = 0; j < width; j++) {
            out[i + j] = p[i + width - 1 - j];
        }
    }
    return result;
}

/*sig audioop.lin2lin(module, fragment: buffer, width: int, newwidth: int, /)

Convert samples between 1-, 2-, 3- and 4-byte formats.
*/
static PyObject *
audioop_lin2lin_impl(PyObject *module, Py_buffer *fragment, int width, int newwidth)
{
    Py_ssize_t n = count_samples(module, fragment, width);
    if (n < 0 || check_width(module, newwidth) < 0) {
        return NULL;
    }
    unsigned char *out;
    PyObject *result = new_fragment(n, newwidth, &out);
    const unsigned char *p = fragment->buf;
    for (Py_ssize_t i = 0; result != NULL && i < n; i++) {
        put_wide(out + i * newwidth, newwidth, get_wide(p + i * width, width));
    }
    return result;
}

/* ---- frame rates ----------------------------------------------------------------------------- */

struct converter {
    int inrate, outrate;        /* without common factor */
    double weight_a, weight_b;  /* of a new sample and of the one before */
    int channels;
    /* The next frame of the result lies `phase` of `outrate` parts before the newest frame read;
       while it is negative, frames are missing. */
    int phase;
    int32_t *before, *newest;   /* a sample for each channel */
};

static int
common_factor(int a, int b)
{
    while (b > 0) {
        int rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* Take the state of an earlier call: 0, or -1 with an exception. */
static int
load_converter(PyObject *module, struct converter *c, PyObject *state)
{
    if (state == Py_None) {
        c->phase = -c->outrate;
        memset(c->before, 0, c->channels * sizeof(int32_t));
        memset(c->newest, 0, c->channels * sizeof(int32_t));
        return 0;
    }
    if (!PyTuple_Check(state)) {
        PyErr_SetString(PyExc_TypeError, "state must be a tuple or None");
        return -1;
    }
    PyObject *samples;
    if (!PyArg_ParseTuple(state, "iO!;ratecv(): illegal state argument", &c->phase, &PyTuple_Type,
                          &samples))
    {
        return -1;
    }
    if (PyTuple_GET_SIZE(samples) != c->channels) {
        set_error(module, "illegal state argument");
        return -1;
    }
    for (int i = 0; i < c->channels; i++) {
        PyObject *pair = PyTuple_GET_ITEM(samples, i);
        if (!PyTuple_Check(pair)) {
            PyErr_SetString(PyExc_TypeError, "ratecv(): illegal state argument");
            return -1;
        }
        int before, newest;
        if (!PyArg_ParseTuple(pair, "ii;ratecv(): illegal state argument", &before, &newest)) {
            return -1;
        }
        c->before[i] = before;
        c->newest[i] = newest;
    }
    return 0;
}

static PyObject *
save_converter(const struct converter *c)
{
    PyObject *samples = PyTuple_New(c->channels);
    for (int i = 0; samples != NULL && i < c->channels; i++) {
        PyObject *pair = Py_BuildValue("(ii)", (int)c->before[i], (int)c->newest[i]);
        if (pair == NULL) {
            Py_CLEAR(samples);
            break;
        }
        PyTuple_SET_ITEM(samples, i, pair);
    }
    return samples != NULL ? Py_BuildValue("(iN)", c->phase, samples) : NULL;
}

/* The frames that `frames` more frames give: their number, -1 if there are too many. */
static Py_ssize_t
count_results(const struct converter *c, Py_ssize_t frames)
{
    int64_t phase = c->phase;
    Py_ssize_t count = 0;
    for (;;) {
        if (phase >= 0) {
            int64_t more = phase / c->inrate + 1;
            if (more > PY_SSIZE_T_MAX / 4 / c->channels - count) {
                return -1;
            }
            count += (Py_ssize_t)more;
            phase -= more * c->inrate;
        }
        int64_t missing = -phase / c->outrate + (-phase % c->outrate != 0);
        if (missing > frames) {
            return count;
        }
        frames -= (Py_ssize_t)missing;
        phase += missing * c->outrate;
    }
}

static void
convert_rate(struct converter *c, const unsigned char *in, Py_ssize_t frames, int width,
             unsigned char *out)
{
    for (;;) {
        for (; c->phase >= 0; c->phase -= c->inrate) {
            for (int i = 0; i < c->channels; i++, out += width) {
                double value = ((double)c->before[i] * c->phase
                                + (double)c->newest[i] * ((double)c->outrate - c->phase))
                               / c->outrate;
                put_wide(out, width, (int32_t)Py_MAX(Py_MIN(value, INT32_MAX), INT32_MIN));
            }
        }
        if (frames-- == 0) {
            return;
        }
        for (int i = 0; i < c->channels; i++, in += width) {
            c->before[i] = c->newest[i];
            c->newest[i] = (int32_t)((c->weight_a * get_wide(in, width)
                                      + c->weight_b * c->before[i])
                                     / (c->weight_a + c->weight_b));
        }
        c->phase += c->outrate;
    }
}

/*sig audioop.ratecv(module, fragment: buffer, width: int, nchannels: int, inrate: int,
                     outrate: int, state, weightA: int = 1, weightB: int = 0, /)

Convert the frame rate of the input fragment.
*/
static PyObject *
audioop_ratecv_impl(PyObject *module, Py_buffer *fragment, int width, int nchannels, int inrate,
                    int outrate, PyObject *state, int weightA, int weightB)
{
    if (check_width(module, width) < 0) {
        return NULL;
    }
    if (nchannels < 1) {
        set_error(module, "# of channels should be >= 1");
        return NULL;
    }
    if (width > INT_MAX / nchannels) {
        PyErr_SetString(PyExc_OverflowError, "width * nchannels too big for a C int");
        return NULL;
    }
    if (weightA < 1 || weightB < 0) {
        set_error(module, "weightA should be >= 1, weightB should be >= 0");
        return NULL;
    }
    Py_ssize_t frames = count_frames(module, fragment, width, nchannels);
    if (frames < 0) {
        return NULL;
    }
    if (inrate <= 0 || outrate <= 0) {
        set_error(module, "sampling rate not > 0");
        return NULL;
    }
    int factor = common_factor(inrate, outrate);
    struct converter c = {
        .inrate = inrate / factor, .outrate = outrate / factor, .weight_a = weightA,
        .weight_b = weightB, .channels = nchannels,
        .before = PyMem_New(int32_t, nchannels), .newest = PyMem_New(int32_t, nchannels),
    };
    PyObject *bytes = NULL, *saved = NULL, *result = NULL;
    if (c.before == NULL || c.newest == NULL) {
        PyErr_NoMemory();
        goto done;
    }
    if (load_converter(module, &c, state) < 0) {
        goto done;
    }
    Py_ssize_t count = count_results(&c, frames);
    unsigned char *out;
    bytes = count >= 0 ? new_fragment(count * nchannels, width, &out) : PyErr_NoMemory();
    if (bytes != NULL) {
        convert_rate(&c, fragment->buf, frames, width, out);
        saved = save_converter(&c);
    }
    result = saved != NULL ? PyTuple_Pack(2, bytes, saved) : NULL;
done:
    Py_XDECREF(bytes);
    Py_XDECREF(saved);
    PyMem_Free(c.before);
    PyMem_Free(c.newest);
    return result;
}

/* ---- u-LAW and a-LAW ------------------------------------------------------------------------- */

/* A code: sign, segment (3 bits), place in the segment (4 bits).  A segment is twice as long as the
   one before. */
#define CODE_SIGN 0x80
#define ULAW_BIAS 33                /* of 14-bit values: what lies below the first segment */
#define ULAW_CLIP 8159

/* The position of the highest bit of a value above 0. */
static int
highest_bit(unsigned value)
{
    assert(value > 0);
    return 31 - __builtin_clz(value);
}

/* Codes have inverted bits: all in u-LAW, every second one in a-LAW. */
static unsigned char
encode_ulaw(int16_t sample)
{
    int value = sample >> 2;
    int sign = value >= 0 ? CODE_SIGN : 0;
    unsigned size = (unsigned)Py_MIN(value < 0 ? -value : value, ULAW_CLIP) + ULAW_BIAS;
    int segment = highest_bit(size) - 5;
    int code = segment > 7 ? 0x7f : segment << 4 | ((size >> (segment + 1)) & 0xf);
    return (unsigned char)(sign | (code ^ 0x7f));
}

static int16_t
decode_ulaw(unsigned char code)
{
    int bits = code ^ 0x7f;
    int size = (((bits & 0xf) * 2 + ULAW_BIAS) << ((bits >> 4) & 7)) - ULAW_BIAS;
    return (int16_t)(4 * (bits & CODE_SIGN ? size : -size));
}

static unsigned char
encode_alaw(int16_t sample)
{
    int value = sample >> 3;
    int sign = value >= 0 ? CODE_SIGN : 0;
    unsigned size = (unsigned)(value < 0 ? -value - 1 : value);
    int segment = size < 32 ? 0 : highest_bit(size) - 4;
    int code = segment << 4 | ((size >> Py_MAX(segment, 1)) & 0xf);
    return (unsigned char)((sign | code) ^ 0x55);
}

static int16_t
decode_alaw(unsigned char code)
{
    int bits = code ^ 0x55;
    int segment = (bits >> 4) & 7;
    int size = ((bits & 0xf) << 4) + 8;
    if (segment > 0) {
        size = (size + 0x100) << (segment - 1);
    }
    return (int16_t)(bits & CODE_SIGN ? size : -size);
}

static PyObject *
encode(PyObject *module, const Py_buffer *fragment, int width, unsigned char (*encoder)(int16_t))
{
    Py_ssize_t n = count_samples(module, fragment, width);
    unsigned char *out;
    PyObject *result = n < 0 ? NULL : new_fragment(n, 1, &out);
    const unsigned char *p = fragment->buf;
    for (Py_ssize_t i = 0; result != NULL && i < n; i++) {
        out[i] = encoder((int16_t)(get_wide(p + i * width, width) >> 16));
    }
    return result;
}

static PyObject *
decode(PyObject *module, const Py_buffer *fragment, int width, int16_t (*decoder)(unsigned char))
{
    if (check_width(module, width) < 0) {
        return NULL;
    }
    unsigned char *out;
    PyObject *result = new_fragment(fragment->len, width, &out);
    const unsigned char *p = fragment->buf;
    for (Py_ssize_t i = 0; result != NULL && i < fragment->len; i++) {
        put_wide(out + i * width, width, (int32_t)((uint32_t)decoder(p[i]) << 16));
    }
    return result;
}

/*sig audioop.lin2ulaw(module, fragment: buffer, width: int, /)

Convert samples in the audio fragment to u-LAW encoding.
*/
static PyObject *
audioop_lin2ulaw_impl(PyObject *module, Py_buffer *fragment, int width)
{
    return encode(module, fragment, width, encode_ulaw);
}

/*sig audioop.ulaw2lin(module, fragment: buffer, width: int, /)

Convert sound fragments in u-LAW encoding to linearly encoded sound fragments.
*/
static PyObject *
audioop_ulaw2lin_impl(PyObject *module, Py_buffer *fragment, int width)
{
    return decode(module, fragment, width, decode_ulaw);
}

/*sig audioop.lin2alaw(module, fragment: buffer, width: int, /)

Convert samples in the audio fragment to a-LAW encoding.
*/
static PyObject *
audioop_lin2alaw_impl(PyObject *module, Py_buffer *fragment, int width)
{
    return encode(module, fragment, width, encode_alaw);
}

/*sig audioop.alaw2lin(module, fragment: buffer, width: int, /)

Convert sound fragments in a-LAW encoding to linearly encoded sound fragments.
*/
static PyObject *
audioop_alaw2lin_impl(PyObject *module, Py_buffer *fragment, int width)
{
    return decode(module, fragment, width, decode_alaw);
}

/* ---- ADPCM ----------------------------------------------------------------------------------- */

/* What both sides know: the sample that the last code gave, and which step the next one counts
   in. */
struct adpcm {
    int value;
    int index;                  /* in adpcm_steps */
};

/* Each step is about a tenth above the one before. */
static const short adpcm_steps[] = {
    7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 19, 21, 23, 25, 28, 31, 34, 37, 41, 45, 50, 55, 60, 66,
    73, 80, 88, 97, 107, 118, 130, 143, 157, 173, 190, 209, 230, 253, 279, 307, 337, 371, 408, 449,
    494, 544, 598, 658, 724, 796, 876, 963, 1060, 1166, 1282, 1411, 1552, 1707, 1878, 2066, 2272,
    2499, 2749, 3024, 3327, 3660, 4026, 4428, 4871, 5358, 5894, 6484, 7132, 7845, 8630, 9493,
    10442, 11487, 12635, 13899, 15289, 16818, 18500, 20350, 22385, 24623, 27086, 29794, 32767
};
#define ADPCM_STEPS ((int)Py_ARRAY_LENGTH(adpcm_steps))

/* Small differences make the step smaller, great ones greater. */
static const signed char adpcm_moves[] = {-1, -1, -1, -1, 2, 4, 6, 8};

/* Apply a code: bit 3 is the sign, the others are a whole, a half and a quarter step; half of the
   last bit's worth is always added. */
static void
adpcm_apply(struct adpcm *state, int code)
{
    assert(state->index >= 0 && state->index < ADPCM_STEPS);
    int step = adpcm_steps[state->index], change = step >> 3;
    for (int bit = 4; bit > 0; bit >>= 1, step >>= 1) {
        change += code & bit ? step : 0;
    }
    state->value += code & 8 ? -change : change;
    state->value = Py_MIN(Py_MAX(state->value, INT16_MIN), INT16_MAX);
    state->index += adpcm_moves[code & 7];
    state->index = Py_MIN(Py_MAX(state->index, 0), ADPCM_STEPS - 1);
}

/* The code for the next sample. */
static int
adpcm_code(const struct adpcm *state, int sample)
{
    int difference = sample - state->value, step = adpcm_steps[state->index];
    int code = difference < 0 ? 8 : 0;
    difference = difference < 0 ? -difference : difference;
    for (int bit = 4; bit > 0; bit >>= 1, step >>= 1) {
        if (difference >= step) {
            code |= bit;
            difference -= step;
        }
    }
    return code;
}

static int
load_adpcm(struct adpcm *state, PyObject *saved, const char *format)
{
    *state = (struct adpcm){0, 0};
    if (saved == Py_None) {
        return 0;
    }
    if (!PyTuple_Check(saved)) {
        PyErr_SetString(PyExc_TypeError, "state must be a tuple or None");
        return -1;
    }
    if (!PyArg_ParseTuple(saved, format, &state->value, &state->index)) {
        return -1;
    }
    if (state->value < INT16_MIN || state->value > INT16_MAX || state->index < 0
        || state->index >= ADPCM_STEPS)
    {
        PyErr_SetString(PyExc_ValueError, "bad state");
        return -1;
    }
    return 0;
}

/*sig audioop.lin2adpcm(module, fragment: buffer, width: int, state, /)

Convert samples to 4 bit Intel/DVI ADPCM encoding.
*/
static PyObject *
audioop_lin2adpcm_impl(PyObject *module, Py_buffer *fragment, int width, PyObject *state)
{
    Py_ssize_t n = count_samples(module, fragment, width);
    struct adpcm coder;
    if (n < 0 || load_adpcm(&coder, state, "ii;lin2adpcm(): illegal state argument") < 0) {
        return NULL;
    }
    unsigned char *out;
    PyObject *bytes = new_fragment(n / 2, 1, &out);
    if (bytes == NULL) {
        return NULL;
    }
    const unsigned char *p = fragment->buf;
    int first = 0;
    for (Py_ssize_t i = 0; i < n; i++) {
        int code = adpcm_code(&coder, get_wide(p + i * width, width) >> 16);
        adpcm_apply(&coder, code);
        if (i % 2 == 0) {
            first = code;
        }
        else {
            out[i / 2] = (unsigned char)(first << 4 | code);
        }
    }
    return Py_BuildValue("(N(ii))", bytes, coder.value, coder.index);
}

/*sig audioop.adpcm2lin(module, fragment: buffer, width: int, state, /)

Decode an Intel/DVI ADPCM coded fragment to a linear fragment.
*/
static PyObject *
audioop_adpcm2lin_impl(PyObject *module, Py_buffer *fragment, int width, PyObject *state)
{
    struct adpcm coder;
    if (check_width(module, width) < 0
        || load_adpcm(&coder, state, "ii;adpcm2lin(): illegal state argument") < 0)
    {
        return NULL;
    }
    unsigned char *out;
    PyObject *bytes = new_fragment(fragment->len, 2 * width, &out);
    if (bytes == NULL) {
        return NULL;
    }
    const unsigned char *p = fragment->buf;
    for (Py_ssize_t i = 0; i < 2 * fragment->len; i++, out += width) {
        adpcm_apply(&coder, i % 2 == 0 ? p[i / 2] >> 4 : p[i / 2] & 0xf);
        put_wide(out, width, (int32_t)((uint32_t)coder.value << 16));
    }
    return Py_BuildValue("(N(ii))", bytes, coder.value, coder.index);
}

/* ---- the module ------------------------------------------------------------------------------ */

static _Py_SHARED PyMethodDef audioop_methods[] = {
    AUDIOOP_MAX_METHODDEF
    AUDIOOP_MINMAX_METHODDEF
    AUDIOOP_AVG_METHODDEF
    AUDIOOP_MAXPP_METHODDEF
    AUDIOOP_AVGPP_METHODDEF
    AUDIOOP_RMS_METHODDEF
    AUDIOOP_FINDFIT_METHODDEF
    AUDIOOP_FINDMAX_METHODDEF
    AUDIOOP_FINDFACTOR_METHODDEF
    AUDIOOP_CROSS_METHODDEF
    AUDIOOP_MUL_METHODDEF
    AUDIOOP_ADD_METHODDEF
    AUDIOOP_BIAS_METHODDEF
    AUDIOOP_ULAW2LIN_METHODDEF
    AUDIOOP_LIN2ULAW_METHODDEF
    AUDIOOP_ALAW2LIN_METHODDEF
    AUDIOOP_LIN2ALAW_METHODDEF
    AUDIOOP_LIN2LIN_METHODDEF
    AUDIOOP_ADPCM2LIN_METHODDEF
    AUDIOOP_LIN2ADPCM_METHODDEF
    AUDIOOP_TOMONO_METHODDEF
    AUDIOOP_TOSTEREO_METHODDEF
    AUDIOOP_GETSAMPLE_METHODDEF
    AUDIOOP_REVERSE_METHODDEF
    AUDIOOP_BYTESWAP_METHODDEF
    AUDIOOP_RATECV_METHODDEF
    {NULL, NULL, 0, NULL}
};

static int
audioop_exec(PyObject *module)
{
    /* Between the line that imports and this are five frames of importlib. */
    if (PyErr_WarnEx(PyExc_DeprecationWarning,
                     "'audioop' is deprecated and slated for removal in Python 3.13", 6) < 0)
    {
        return -1;
    }
    audioop_state *state = PyModule_GetState(module);
    state->error = PyErr_NewException("audioop.error", NULL, NULL);
    return state->error == NULL ? -1 : PyModule_AddObjectRef(module, "error", state->error);
}

static int
audioop_traverse(PyObject *module, visitproc visit, void *arg)
{
    Py_VISIT(((audioop_state *)PyModule_GetState(module))->error);
    return 0;
}

static int
audioop_clear(PyObject *module)
{
    Py_CLEAR(((audioop_state *)PyModule_GetState(module))->error);
    return 0;
}

static void
audioop_free(void *module)
{
    (void)audioop_clear(module);
}

static _Py_SHARED PyModuleDef_Slot audioop_slots[] = {
    {Py_mod_exec, audioop_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL}
};

static _Py_SHARED struct PyModuleDef audioop_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "audioop",
    .m_size = sizeof(audioop_state),
    .m_methods = audioop_methods,
    .m_slots = audioop_slots,
    .m_traverse = audioop_traverse,
    .m_clear = audioop_clear,
    .m_free = audioop_free,
};

PyMODINIT_FUNC
PyInit_audioop(void)
{
    return PyModuleDef_Init(&audioop_module);
}
