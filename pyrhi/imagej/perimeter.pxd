# C types of perimeter.py.
cimport cython
from pyrhi.imagej.java cimport single

cdef extern from "math.h" nogil:
    double sqrt(double)

cdef double _difference(double a, double b, bint is_float) noexcept nogil

@cython.locals(n=Py_ssize_t, sum_dx=double, sum_dy=double, corners="long long", dx1=double,
               dy1=double, dx2=double, dy2=double, side1=double, side2=double, corner=bint,
               i=Py_ssize_t, j=Py_ssize_t)
cdef double _traced(const double[::1] x, const double[::1] y, double pw, double ph) noexcept nogil

cdef double _third(double a, double b, double c, bint is_float) noexcept nogil

@cython.locals(n=Py_ssize_t, i=Py_ssize_t, w2=double, h2=double, length=double, dx=double,
               dy=double)
cdef double _smoothed_line(const double[::1] x, const double[::1] y, bint is_float,
                           double pw, double ph) noexcept nogil

@cython.locals(n=Py_ssize_t, dx=double, dy=double, chord=double)
cdef double _smoothed(const double[::1] x, const double[::1] y, bint is_float,
                      double pw, double ph) noexcept nogil

@cython.locals(n=Py_ssize_t, i=Py_ssize_t, length=double, dx=double, dy=double)
cdef double _sides(const double[::1] x, const double[::1] y, bint is_float, bint closed,
                   double pw, double ph) noexcept nogil

@cython.locals(n=Py_ssize_t, i=Py_ssize_t, j=Py_ssize_t)
cdef bint _axis_parallel(const double[::1] x, const double[::1] y) noexcept nogil

@cython.locals(n=Py_ssize_t, i=Py_ssize_t, j=Py_ssize_t, w2=double, h2=double, length=double,
               dx=double, dy=double)
cdef double _ellipse_sides(const double[::1] x, const double[::1] y, double pw, double ph) noexcept nogil

@cython.locals(length=double)
cdef double _length(int rule, const double[::1] x, const double[::1] y, bint is_float, double pw, double ph)
