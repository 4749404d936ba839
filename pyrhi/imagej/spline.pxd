# C types of spline.py.
cimport cython
from pyrhi.imagej.java cimport divide, single, sqrt

cdef Py_ssize_t _EXTEND_BY
cdef double _MIN_NODE_STEP

@cython.locals(extend=Py_ssize_t, total=Py_ssize_t, i=Py_ssize_t)
cdef Py_ssize_t _extend(const double[::1] nodes, const double[::1] values, Py_ssize_t count,
                        double[::1] x, double[::1] y) noexcept nogil

@cython.locals(new_x=double, new_y=double, cj=double, new_dj=double, j=Py_ssize_t, old_x=double,
               old_y=double, aj=double, old_dj=double, bj=double, inverse=double, dj=double)
cdef void _second_derivatives(const double[::1] x, const double[::1] y, Py_ssize_t n,
                              double[::1] y2, double[::1] c_p) noexcept nogil

@cython.locals(scale=double, i=Py_ssize_t, at=double, ls=Py_ssize_t, rs=Py_ssize_t, m=Py_ssize_t,
               ba=double, xa=double, bx=double, ba2=double, lower=double, c=double, d=double)
cdef void _evaluate(const double[::1] x, const double[::1] y, const double[::1] y2, Py_ssize_t n,
                    double last, Py_ssize_t points, double[::1] out) noexcept nogil

@cython.locals(n=Py_ssize_t, last=double, i=Py_ssize_t, j=Py_ssize_t, dx=double, dy=double,
               square=double, step=double)
cdef void _place_nodes(const double[::1] x, const double[::1] y, double[::1] nodes) noexcept nogil

@cython.locals(count=Py_ssize_t, room=Py_ssize_t, n=Py_ssize_t, nodes="double[::1]",
               values="double[::1]", x_all="double[::1]", y_all="double[::1]", y2="double[::1]")
cdef void _fit(const double[::1] x, const double[::1] y, Py_ssize_t points, double[::1] work,
               double[::1] xs, double[::1] ys) noexcept nogil

cdef _fitted(const double[::1] x, const double[::1] y, Py_ssize_t points, double[::1] work,
             double[::1] xs, double[::1] ys)
