# C types of drawn.py.
cimport cython
from cpython.ref cimport PyObject
from libc.stdlib cimport free, malloc
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
cdef long long _HEADER2
cdef double _FLOAT_END
cdef double _NAN

cdef class Scratch:
    cdef Workspace w
    cdef unsigned char[::1] masks
    cdef unsigned char[::1] union
    cdef int[::1] labels
    cdef long long[::1] stack
    cpdef make_masks(self, Py_ssize_t pixels, Py_ssize_t box)

cdef class Drawing:
    cdef public Py_ssize_t count
    cdef double[::1] bounds
    cdef long long total
    cdef long long box
    cdef long long height
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
    cdef readonly bint done
    cdef long long pairs
    cdef long long[::1] cords
    cdef unsigned char[::1] runs
    cdef double[::1] x
    cdef double[::1] y
    cdef long long[::1] run_at
    cdef _make_points(self, Py_ssize_t points)
    @cython.locals(last=Py_ssize_t, needed=Py_ssize_t)
    cpdef int add(self, bytes data, bint of_stack)
    @cython.locals(needed="long long", first="long long", last="long long", left="long long",
                   right="long long")
    cpdef place(self, long long width, long long height)
    @cython.locals(room=Py_ssize_t, i=Py_ssize_t, number=Py_ssize_t, cord=Py_ssize_t,
                   high=Py_ssize_t)
    cpdef pair(self, list pairs)
    @cython.locals(at=Py_ssize_t, cord="long long", high="long long", inside="long long",
                   regions="long long")
    cpdef tuple pixel_counts(self, Py_ssize_t pair)
    cpdef double high_mean(self, Py_ssize_t pair)
    @cython.locals(at=Py_ssize_t, left="long long", top="long long", width="long long",
                   height="long long")
    cpdef tuple high_box(self, Py_ssize_t pair)
    cpdef bytes high_runs(self, Py_ssize_t pair)

cdef inline bytes _bytes(unsigned char[::1] data, Py_ssize_t start, Py_ssize_t stop):
    return (<char *> &data[0])[start:stop] if stop > start else b""


@cython.locals(d=Drawing, s=Scratch)
cpdef measure_all(list drawings, list planes)

# The kernel under the types of its arguments' addresses: no reference is counted without the lock.
ctypedef void (*_measuring)(PyObject *, PyObject *, PyObject *, PyObject *) noexcept nogil

cdef inline _measure_each(list drawings, list planes, Scratch s, Workspace w):
    cdef Py_ssize_t i, n = len(drawings)
    cdef PyObject **each
    cdef _measuring measure = <_measuring> _measure_all
    if len(planes) != n:
        raise ValueError(f"{n} drawings and {len(planes)} planes")
    each = <PyObject **> malloc((2 * n + 1) * sizeof(PyObject *))
    if each == NULL:
        raise MemoryError
    try:
        for i in range(n):
            # The lists keep them alive.
            each[2 * i] = <PyObject *> (<Drawing?> drawings[i])
            each[2 * i + 1] = <PyObject *> (<Plane?> planes[i])
        with nogil:
            for i in range(n):
                measure(each[2 * i], each[2 * i + 1], <PyObject *> s, <PyObject *> w)
    finally:
        free(each)

@cython.locals(value="long long")
cdef long long _short(const unsigned char[::1] data, Py_ssize_t at) noexcept nogil
cdef long long _int(const unsigned char[::1] data, Py_ssize_t at) noexcept nogil
cdef long long _bounded(long long value) noexcept nogil

@cython.locals(at="long long", k=int)
cdef int _group(const unsigned char[::1] data, long long version, bint of_stack) noexcept nogil

@cython.locals(position="long long", at="long long")
cpdef long long slice_of(bytes data)

@cython.locals(size=Py_ssize_t, version="long long", kind=int, options="long long", group=int,
               n="long long", start=Py_ssize_t, is_float=bint, top="long long", left="long long",
               i=Py_ssize_t, x=double, y=double)
cdef int _decode(const unsigned char[::1] data, Drawing d, bint of_stack) noexcept nogil

@cython.locals(total="long long", i=Py_ssize_t, left="long long", top="long long",
               across="long long", down="long long")
cdef long long _place_all(Drawing d, long long width, long long height) noexcept nogil

@cython.locals(first=Py_ssize_t, last=Py_ssize_t)
cdef void _bounds(Drawing d, Py_ssize_t i, double[::1] bounds) noexcept nogil

@cython.locals(top="long long", bottom="long long", left="long long", right="long long",
               i=Py_ssize_t)
cdef tuple _extent(Drawing d)

@cython.locals(i=Py_ssize_t, first=Py_ssize_t, last=Py_ssize_t, k=Py_ssize_t,
               mask="unsigned char[::1]", pixels="long long")
cdef void _measure_all(Drawing d, Plane plane, Scratch s, Workspace w) noexcept nogil

@cython.locals(total="long long", pair=Py_ssize_t, left="long long", top="long long",
               right="long long", bottom="long long", i=Py_ssize_t)
cdef long long _high_pixels(Drawing d) noexcept

cdef void _set_box(Workspace w, long long x, long long y, long long width,
                   long long height) noexcept nogil

@cython.locals(left="long long", top="long long", right="long long", bottom="long long",
               highs="long long", i=Py_ssize_t, at=Py_ssize_t, k=Py_ssize_t, width="long long",
               across="long long", x="long long", y="long long", to=Py_ssize_t, source=Py_ssize_t)
cdef long long _united(Drawing d, Py_ssize_t pair, Scratch s) noexcept nogil

@cython.locals(at=Py_ssize_t, left="long long", top="long long", width="long long",
               height="long long", x1="long long", y1="long long", x2="long long", y2="long long",
               inside="long long", x="long long", y="long long", ours=Py_ssize_t, its=Py_ssize_t)
cdef long long _count_inside(Drawing d, Py_ssize_t pair, Py_ssize_t cord,
                             Scratch s) noexcept nogil

@cython.locals(only=Py_ssize_t, i=Py_ssize_t, pixels="long long", k=Py_ssize_t,
               highs="long long", at=Py_ssize_t, width="long long", height="long long",
               start=Py_ssize_t)
cdef void _measure_pair(Drawing d, Plane plane, Py_ssize_t pair, Py_ssize_t cord,
                        Scratch s, Workspace w) noexcept nogil
