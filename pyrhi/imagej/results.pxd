# C types of results.py.
cimport cython
from pyrhi.imagej.java cimport divide

cdef double _TOLERANCE
cdef double _PI
cdef double _NAN

cdef double _place_y(const double[::1] geometry, double y) noexcept nogil

@cython.locals(pw=double, ph=double, x0=double, n=double, size=double, major=double, minor=double,
               area=double, circularity=double)
cdef void _assemble(const double[::1] stats, const double[::1] ellipse, const double[::1] feret,
                    double perimeter, double convex_area, const long long[::1] box,
                    const double[::1] geometry, long long slice_number,
                    double[::1] out) noexcept nogil
