# C types of ellipse.py.
cimport cython
from pyrhi.imagej.java cimport divide, sqrt

cdef extern from "math.h" nogil:
    double atan(double)
    double cos(double)
    double sin(double)

cdef double _HALF_PI
cdef double _PIXEL_MOMENT
cdef double _PI

@cython.locals(xsum=double, ysum=double, x2sum=double, y2sum=double, xysum=double,
               count="long long", line_count="long long", line_sum="long long", x="long long",
               y="long long", at=Py_ssize_t, ye=double, xm=double, ym=double, u20=double,
               u02=double, u11=double, n=double, m4=double, a11=double, a12=double, a22=double,
               tmp=double, theta=double, z=double, major=double, minor=double, scale=double,
               angle=double)
cdef void _fit(const unsigned char[::1] mask, Py_ssize_t start, Py_ssize_t stride,
               long long left, long long top, long long width, long long height,
               double[::1] out) noexcept nogil

cdef _fitted(const unsigned char[::1] mask, Py_ssize_t start, Py_ssize_t stride,
             long long left, long long top, long long width, long long height, double[::1] out)
