# C types of runs.py.
cimport cython

cdef Py_ssize_t _put(long long value, unsigned char[::1] out, Py_ssize_t at) noexcept nogil

@cython.locals(n=Py_ssize_t, at=Py_ssize_t, start=Py_ssize_t, i=Py_ssize_t)
cdef Py_ssize_t _pack(const int[::1] labels, unsigned char[::1] out) noexcept nogil

@cython.locals(n=Py_ssize_t, filled=Py_ssize_t, greatest="long long", at=Py_ssize_t,
               label="long long", length="long long", part=int, value="long long",
               weight="long long", i=Py_ssize_t)
cdef long long _unpack(const unsigned char[::1] packed, int[::1] out) noexcept nogil

@cython.locals(width="long long", x="long long", y="long long", first="long long",
               second="long long")
cdef bint _next_pair(const int[::1] a, Py_ssize_t a_width, const int[::1] b, Py_ssize_t b_width,
                     const long long[::1] box, long long[::1] pair) noexcept nogil
