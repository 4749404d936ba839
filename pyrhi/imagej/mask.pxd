# C types of mask.py.
cimport cython

cdef unsigned char _INSIDE

@cython.locals(a=double, b=double, a2=double, b2=double, x="long long", y="long long", xx=double,
               yy=double)
cdef void _oval(unsigned char[::1] mask, long long width, long long height) noexcept nogil

cdef _oval_mask(unsigned char[::1] mask, long long width, long long height)
