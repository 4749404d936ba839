# C types of statistics.py.
cimport cython
from pyrhi.imagej.java cimport divide, single, sqrt, to_int

cdef extern from "math.h" nogil:
    bint isnan(double)

ctypedef fused pixel:
    unsigned char
    unsigned short
    float

cdef long long _SMALL_ROI
cdef double _MAX_DOUBLE
cdef double _MAX_FLOAT
cdef double _MIN_DOUBLE
cdef double _NAN

@cython.locals(std_dev=double)
cdef double _std_dev(double n, double total, double total2) noexcept nogil

cdef void _finish(double[::1] out, double n, double mean, double total, double total2,
                  const double[::1] sums) noexcept nogil

@cython.locals(sum1=double, sum2=double, sum3=double, sum4=double, mean2=double, variance=double,
               deviation=double)
cdef void _shape(double[::1] out, double n, double mean, const double[::1] sums) noexcept nogil

@cython.locals(sum1=double, sum2=double, sum3=double, sum4=double, xsum=double, ysum=double,
               left="long long", top="long long", width="long long", height="long long",
               calibrated=bint, x="long long", y="long long", at=Py_ssize_t, masked=Py_ssize_t,
               v=double, v2=double, has_mask=bint, first="long long", mask_width="long long")
cdef void _moments(const pixel[::1] pixels, Py_ssize_t start, Py_ssize_t stride,
                   const long long[::1] box, const unsigned char[::1] mask,
                   const float[::1] table, double offset, bint limit,
                   double[::1] sums) noexcept nogil

@cython.locals(half=double, total=double, i="long long")
cdef long long _median_bin(const long long[::1] hist, long long n, long long last) noexcept nogil

@cython.locals(box_max="long long", n="long long", low="long long", high="long long",
               width="long long", height="long long", x="long long", y="long long",
               at=Py_ssize_t, masked=Py_ssize_t, v="long long", size="long long",
               calibrated=bint, total=double, total2=double, mode="long long",
               greatest="long long", c_min=double, c_max=double, median="long long",
               zeros="long long", i="long long", count="long long", value=double, has_mask=bint,
               first="long long", mask_width="long long")
cdef void _short(const unsigned short[::1] pixels, Py_ssize_t start, Py_ssize_t stride,
                 const long long[::1] box, const unsigned char[::1] mask, const float[::1] table,
                 long long[::1] hist, double[::1] sums, double[::1] out) noexcept nogil

@cython.locals(x="long long", y="long long", at=Py_ssize_t, masked=Py_ssize_t, calibrated=bint,
               has_mask=bint, width="long long", n="long long", counted="long long", total=double, total2=double,
               raw_total=double, mode="long long", greatest="long long", low=double, high=double,
               i="long long", count="long long", value=double)
cdef void _byte(const unsigned char[::1] pixels, Py_ssize_t start, Py_ssize_t stride,
                const long long[::1] box, const unsigned char[::1] mask, const float[::1] table,
                long long[::1] hist, double[::1] sums, double[::1] out) noexcept nogil

@cython.locals(low=double, high=double, n=Py_ssize_t, boxed="long long", not_zero="long long",
               x="long long", y="long long", at=Py_ssize_t, masked=Py_ssize_t, v=double,
               bin_size=double, scale=double, total=double, total2=double, k=Py_ssize_t,
               mode="long long", greatest="long long", d_mode=double)
cdef Py_ssize_t _float(const float[::1] pixels, Py_ssize_t start, Py_ssize_t stride,
                       const long long[::1] box, const unsigned char[::1] mask,
                       long long[::1] hist, float[::1] values, double[::1] sums,
                       double[::1] out) noexcept nogil

@cython.locals(left=Py_ssize_t, right=Py_ssize_t, i=Py_ssize_t, j=Py_ssize_t, pivot=float,
               swap=float)
cdef double _selected(float[::1] values, Py_ssize_t n, Py_ssize_t k) noexcept nogil

@cython.locals(middle=Py_ssize_t, upper=double)
cdef double _median(float[::1] values, Py_ssize_t n) noexcept nogil

cdef void _color(const unsigned char[::1] rounded, const float[::1] exact, Py_ssize_t start,
                 Py_ssize_t stride, const long long[::1] box, const unsigned char[::1] mask,
                 long long[::1] hist, double[::1] sums, double[::1] out) noexcept nogil

@cython.locals(n=Py_ssize_t)
cdef void _measure(int depth, const unsigned char[::1] bytes_, const unsigned short[::1] shorts,
                   const float[::1] floats, Py_ssize_t start, Py_ssize_t stride,
                   const long long[::1] box, const unsigned char[::1] mask,
                   const float[::1] table, long long[::1] hist, float[::1] values,
                   double[::1] sums, double[::1] out) noexcept nogil

cdef _measured(int depth, const unsigned char[::1] bytes_, const unsigned short[::1] shorts,
               const float[::1] floats, Py_ssize_t start, Py_ssize_t stride,
               const long long[::1] box, const unsigned char[::1] mask,
               const float[::1] table, long long[::1] hist, float[::1] values,
               double[::1] sums, double[::1] out)
