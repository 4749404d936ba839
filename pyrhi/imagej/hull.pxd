# C types of hull.py.
cimport cython
from pyrhi.imagej.java cimport _whole, divide, single

cdef extern from "math.h" nogil:
    double atan2(double, double)
    double floor(double)
    double sqrt(double)

cdef double _INFINITY
cdef double _EXACT
cdef double _DEGREES
cdef double _MAX_DOUBLE
cdef long long _INT_MAX
cdef long long _UNSIGNED

@cython.locals(n=Py_ssize_t, n2=Py_ssize_t, start=Py_ssize_t, smallest_x=double,
               smallest_y=double, i=Py_ssize_t, p1=Py_ssize_t, p2=Py_ssize_t, x1=double,
               y1=double)
cdef Py_ssize_t _wrap(const double[::1] x, const double[::1] y, long long[::1] hull) noexcept nogil

@cython.locals(n=Py_ssize_t, x1=double, y1=double, x2=double, y2=double, x3=double, y3=double,
               p3=Py_ssize_t, _=Py_ssize_t, determinate=double)
cdef Py_ssize_t _outermost(const double[::1] x, const double[::1] y, Py_ssize_t p1,
                           Py_ssize_t p2) noexcept nogil

@cython.locals(n=Py_ssize_t, top=double, bottom=double, i=Py_ssize_t, at=Py_ssize_t,
               rows=Py_ssize_t, row=Py_ssize_t, count=Py_ssize_t, base=Py_ssize_t,
               vertex=Py_ssize_t, is_alone=bint)
cdef Py_ssize_t _wrap_rows(const double[::1] x, const double[::1] y, long long[::1] ends,
                           long long[::1] hull) noexcept nogil

@cython.locals(a=Py_ssize_t, b=Py_ssize_t, turn=double)
cdef Py_ssize_t _before(const double[::1] x, const double[::1] y, Py_ssize_t vertex,
                        Py_ssize_t base, Py_ssize_t count, long long[::1] hull) noexcept nogil

@cython.locals(n=Py_ssize_t, p1=Py_ssize_t, p2=Py_ssize_t, square=double, i=Py_ssize_t,
               j=Py_ssize_t, dx=double, dy=double, d=double, x1=double, y1=double, angle=double,
               x0=double, y0=double, minimum=double, x_norm=double, y_norm=double,
               factor=double, greatest=double)
cdef void _feret(const double[::1] x, const double[::1] y, double pw, double ph,
                 double[::1] out) noexcept nogil

cdef long long _rounded(double value) noexcept nogil

@cython.locals(n=Py_ssize_t, i=Py_ssize_t, j=Py_ssize_t, total="long long")
cdef double _area(const double[::1] x, const double[::1] y) noexcept nogil

cdef Py_ssize_t _wrapped(const double[::1] x, const double[::1] y, long long[::1] hull)

cdef _measured(const double[::1] x, const double[::1] y, double pw, double ph, double[::1] out)
