# C types of drawn.py.
cimport cython
from pyrhi.imagej.particles cimport _label
from pyrhi.imagej.polygons cimport Plane, Workspace, _measure_polygon, _place
from pyrhi.imagej.runs cimport _pack
from pyrhi.imagej.statistics cimport _measure

cdef extern from * nogil:
    """
    #include <string.h>
    static float pyrhi_float(int bits) {
        float value;
        memcpy(&value, &bits, sizeof value);
        return value;
    }
    """
    float _float "pyrhi_float" (int bits)

cdef long long _VERTICES
cdef long long _OUTLINES
cdef long long _PIXELS
cdef double _FLOAT_END
cdef double _NAN

cdef class Drawing:
    cdef Workspace w
    cdef public Py_ssize_t count
    cdef long long[::1] first
    cdef long long[::1] kinds
    cdef long long[::1] floats
    cdef long long[::1] boxes
    cdef long long[::1] mask_at
    cdef long long[::1] pixels
    cdef long long[::1] pair_of
    cdef double[::1] numbers
    cdef double[::1] rows
    cdef readonly object row_array
    cdef double[::1] x
    cdef double[::1] y
    cdef unsigned char[::1] masks
    cdef unsigned char[::1] union
    cdef int[::1] labels
    cdef long long[::1] stack
    cdef unsigned char[::1] runs
    cdef long long[::1] run_at
    cdef _make_points(self, Py_ssize_t points)
    cdef _make_masks(self, Py_ssize_t pixels, Py_ssize_t box)
    @cython.locals(last=Py_ssize_t, needed=Py_ssize_t)
    cpdef int add(self, bytes data)
    @cython.locals(needed="long long", first="long long", last="long long", left="long long",
                   right="long long", box="long long")
    cpdef place(self, long long width, long long height)
    @cython.locals(room=Py_ssize_t, i=Py_ssize_t, number=Py_ssize_t, cord=Py_ssize_t,
                   high=Py_ssize_t)
    cpdef int measure(self, Plane plane, list pairs)
    @cython.locals(at=Py_ssize_t, cord="long long", high="long long", inside="long long",
                   regions="long long")
    cpdef tuple pixel_counts(self, Py_ssize_t pair)
    cpdef double high_mean(self, Py_ssize_t pair)
    @cython.locals(at=Py_ssize_t, left="long long", top="long long", width="long long",
                   height="long long")
    cpdef tuple high_box(self, Py_ssize_t pair)
    cpdef bytes high_runs(self, Py_ssize_t pair)

@cython.locals(value="long long")
cdef long long _short(const unsigned char[::1] data, Py_ssize_t at) noexcept nogil
cdef long long _int(const unsigned char[::1] data, Py_ssize_t at) noexcept nogil
cdef long long _bounded(long long value) noexcept nogil

@cython.locals(at="long long", k=int)
cdef int _group(const unsigned char[::1] data, long long version) noexcept nogil

@cython.locals(size=Py_ssize_t, version="long long", kind=int, options="long long", group=int,
               n="long long", start=Py_ssize_t, is_float=bint, top="long long", left="long long",
               i=Py_ssize_t, x=double, y=double)
cdef int _decode(const unsigned char[::1] data, Drawing d) noexcept nogil

@cython.locals(total="long long", i=Py_ssize_t, left="long long", top="long long",
               across="long long", down="long long")
cdef long long _place_all(Drawing d, long long width, long long height) noexcept nogil

@cython.locals(first=Py_ssize_t, last=Py_ssize_t)
cdef void _bounds(Drawing d, Py_ssize_t i) noexcept nogil

@cython.locals(top="long long", bottom="long long", left="long long", right="long long",
               i=Py_ssize_t)
cdef tuple _extent(Drawing d)

cdef int _run(Drawing d, Plane plane, const long long[::1] cords, Workspace w)

@cython.locals(i=Py_ssize_t, first=Py_ssize_t, last=Py_ssize_t, k=Py_ssize_t,
               mask="unsigned char[::1]", pixels="long long")
cdef int _measure_all(Drawing d, Plane plane, const long long[::1] cords,
                      Workspace w) noexcept nogil

cdef void _set_box(Workspace w, long long x, long long y, long long width,
                   long long height) noexcept nogil

@cython.locals(left="long long", top="long long", right="long long", bottom="long long",
               highs="long long", i=Py_ssize_t, at=Py_ssize_t, k=Py_ssize_t, width="long long",
               across="long long", x="long long", y="long long", to=Py_ssize_t, source=Py_ssize_t)
cdef long long _united(Drawing d, Py_ssize_t pair) noexcept nogil

@cython.locals(at=Py_ssize_t, left="long long", top="long long", width="long long",
               height="long long", x1="long long", y1="long long", x2="long long", y2="long long",
               inside="long long", x="long long", y="long long", ours=Py_ssize_t, its=Py_ssize_t)
cdef long long _count_inside(Drawing d, Py_ssize_t pair, Py_ssize_t cord) noexcept nogil

@cython.locals(only=Py_ssize_t, i=Py_ssize_t, pixels="long long", k=Py_ssize_t,
               highs="long long", at=Py_ssize_t, width="long long", height="long long",
               start=Py_ssize_t)
cdef void _measure_pair(Drawing d, Plane plane, Py_ssize_t pair, Py_ssize_t cord,
                       Workspace w) noexcept nogil
