# C types of particles.py.
cimport cython

@cython.locals(count=int, x0=Py_ssize_t, y0=Py_ssize_t, top=Py_ssize_t, x=Py_ssize_t,
               y=Py_ssize_t, xx=Py_ssize_t, yy=Py_ssize_t, at=Py_ssize_t)
cdef int _label(const unsigned char[::1] mask, Py_ssize_t start, Py_ssize_t stride,
                Py_ssize_t width, Py_ssize_t height, int[::1] labels,
                long long[::1] stack) noexcept nogil

cdef int _labelled(const unsigned char[::1] mask, Py_ssize_t width, Py_ssize_t height,
                   int[::1] labels, long long[::1] stack)
