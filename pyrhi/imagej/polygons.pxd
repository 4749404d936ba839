# C types of polygons.py.
cimport cython
from pyrhi.imagej.ellipse cimport _fit
from pyrhi.imagej.filler cimport _fill
from pyrhi.imagej.hull cimport _area, _feret, _wrap, _wrap_rows
from pyrhi.imagej.java cimport single
from pyrhi.imagej.perimeter cimport _axis_parallel, _sides, _smoothed, _traced
from pyrhi.imagej.results cimport _assemble
from pyrhi.imagej.statistics cimport _measure

cdef extern from "math.h" nogil:
    double ceil(double)
    double floor(double)
    double trunc(double)

cdef double _NAN
cdef double _FLOAT_MIN

cdef class Workspace:
    cdef Py_ssize_t vertices
    cdef Py_ssize_t rows
    cdef long long[::1] hist
    cdef float[::1] values
    cdef double[::1] sums
    cdef double[::1] stats
    cdef double[::1] ellipse
    cdef double[::1] feret
    cdef double[::1] bounds
    cdef long long[::1] box
    cdef double[::1] out
    cdef double[::1] x
    cdef double[::1] y
    cdef double[::1] x_absolute
    cdef double[::1] y_absolute
    cdef double[::1] x_hull
    cdef double[::1] y_hull
    cdef long long[::1] hull
    cdef double[::1] real
    cdef long long[::1] whole
    cpdef make_room(self, Py_ssize_t vertices, Py_ssize_t rows, Py_ssize_t pixels)
    @cython.locals(i=Py_ssize_t)
    cpdef set_box(self, tuple box)
    @cython.locals(i=Py_ssize_t)
    cpdef list row(self)

cdef class Plane:
    cdef readonly long long first_row
    cdef readonly long long rows
    cdef readonly long long width
    cdef readonly long long height
    cdef readonly long long number
    cdef readonly int depth
    cdef readonly object calibration
    cdef const double[::1] geometry
    cdef const float[::1] table
    cdef const unsigned char[::1] bytes
    cdef const unsigned short[::1] shorts
    cdef const float[::1] floats

@cython.locals(n=Py_ssize_t, i=Py_ssize_t, x1=double, x2=double, y1=double, y2=double)
cdef void _place(const double[::1] x, const double[::1] y, bint is_float,
                 double[::1] bounds) noexcept nogil

@cython.locals(x="double[::1]", y="double[::1]", traced=bint, i=Py_ssize_t)
cdef double _perimeter(Workspace w, Py_ssize_t n, bint is_float, int kind, double pw,
                       double ph) noexcept nogil

@cython.locals(x="double[::1]", y="double[::1]", count=Py_ssize_t, i=Py_ssize_t)
cdef double _hull_of(Workspace w, Py_ssize_t n, bint is_float, double pw,
                     double ph) noexcept nogil

@cython.locals(n=Py_ssize_t, i=Py_ssize_t, pw=double, ph=double, x_base=double, y_base=double,
               start=Py_ssize_t, dx=double, dy=double, perimeter=double, area=double)
cdef void _measure_polygon(const double[::1] x, const double[::1] y, bint is_float, int kind,
                           Plane plane, unsigned char[::1] mask, long long mask_height,
                           Workspace w) noexcept nogil

cdef _run(const double[::1] x, const double[::1] y, bint is_float, int kind, Plane plane,
          unsigned char[::1] mask, long long mask_height, Workspace w)

@cython.locals(left="long long", top="long long", width="long long", height="long long")
cdef tuple _find_bounds(const double[::1] x, const double[::1] y, bint is_float, Workspace w)

@cython.locals(start=Py_ssize_t)
cdef double _mean(object region, Plane plane, const unsigned char[::1] mask, Workspace w)
