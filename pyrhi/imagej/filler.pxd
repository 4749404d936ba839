# C types of filler.py.
cimport cython
from pyrhi.imagej.java cimport round_long, to_int

cdef extern from "math.h" nogil:
    bint isnan(double)

cdef unsigned char _INSIDE
cdef long long _FARTHEST

@cython.locals(n=Py_ssize_t, i=Py_ssize_t, j=Py_ssize_t, start=Py_ssize_t, edges=Py_ssize_t,
               x1=double, x2=double, y1=double, y2=double, slope=double,
               top="long long", bottom="long long")
cdef Py_ssize_t _edges(const double[::1] xs, const double[::1] ys, double dx, double dy,
                       double[::1] real, long long[::1] whole) noexcept nogil

@cython.locals(n=Py_ssize_t, edges=Py_ssize_t, crossings=Py_ssize_t, following=Py_ssize_t,
               active=Py_ssize_t, heads=Py_ssize_t, row="long long", y_min="long long",
               y_max="long long", e="long long", first="long long", last="long long",
               held=Py_ssize_t, kept=Py_ssize_t, k=Py_ssize_t, at=Py_ssize_t, x=double,
               left="long long", right="long long")
cdef void _fill(const double[::1] xs, const double[::1] ys, double dx, double dy,
                unsigned char[::1] mask, long long width, long long height,
                double[::1] real, long long[::1] whole) noexcept nogil

cdef _filled(const double[::1] xs, const double[::1] ys, double dx, double dy,
             unsigned char[::1] mask, long long width, long long height,
             double[::1] real, long long[::1] whole)
